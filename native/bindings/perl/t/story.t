# The story's program: its naive workers un-share more and more, those that copy without a write do not.
use 5.036;
use Test::More;
use FindBin '$Bin';
use lib "$Bin/../examples/story", "$Bin/lib";
use Cwd        'abs_path';
use File::Temp ();
use Need       'need';
use Story;

need('pagediff', defined Story::pagediff(), 'pagediff was not built (libjansson-dev), see ZTC_BUILD');
need('pagediff', eval { require Parallel::Iterator }, 'libparallel-iterator-perl is not installed');
need('pagediff', eval { require XML::Parser },        'libxml-parser-perl is not installed');

use constant {FEW => 2_000, MANY => 8_000};
# Pages of its heap by which a worker differs from another one: how many batches it gets, and when, is chance.
use constant SLACK => 60;

# The lines of the plot: way to {unshared, inherited, heights}; SVG counts from the top.
sub draw ($records) {
  my $svg = File::Temp->new(SUFFIX => '.svg');
  local $ENV{PERL5LIB} = join ':', map { abs_path($_) // () } grep { !ref } @INC;
  my $said = qx{$^X $Bin/../examples/story/story --records $records --samples 5 --out $svg 2>&1};
  is $?, 0, "$records records" or BAIL_OUT($said);
  note $said;
  my (%line, @open);
  my $parser = XML::Parser->new(Handlers => {Start => sub ($expat, $element, %attribute) {
    push @open, $element;
    return unless $element eq 'polyline';
    $line{$attribute{'data-way'}} = {
      unshared  => $attribute{'data-unshared'},
      inherited => $attribute{'data-inherited'},
      heights   => [map { -(split /,/)[1] } split ' ', $attribute{points}],
    };
  }});
  ok eval { $parser->parsefile("$svg"); 1 }, 'the plot is well-formed XML' or diag $@;
  is $open[0], 'svg', 'an SVG';
  is_deeply [sort keys %line], [qw(clone empty hand naive region)], 'with a line for each way';
  return \%line;
}

my ($few, $many) = (draw(FEW), draw(MANY));
my %grown = map { $_ => $many->{$_}{unshared} - $few->{$_}{unshared} } keys %$many;

for my $way (qw(naive hand)) {
  cmp_ok $grown{$way}, '>', 4 * SLACK, "$way: un-shares more with more records";
  my $heights = $many->{$way}{heights};
  cmp_ok $heights->[-1], '>', $heights->[0], "$way: its line rises";
  cmp_ok $heights->[-1], '>', $many->{region}{heights}[-1], "$way: and ends above that of a region";
}
for my $way (qw(clone region)) {
  cmp_ok $grown{$way}, '<=', SLACK, "$way: does not";
  cmp_ok $many->{$way}{unshared} - $many->{empty}{unshared}, '<=', 2 * SLACK, "$way: nearly as the empty loop";
}

done_testing;
