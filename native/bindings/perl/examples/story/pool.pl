#!/usr/bin/perl
# The program that this project began with: workers of Parallel::Iterator over a large array, which
# ate all memory. Before, and after.
#   perl -Mblib examples/story/pool.pl --way empty|naive|hand|clone|region [--records N] [--workers N]
use 5.036;
use FindBin '$Bin';
use lib "$Bin/../../bench/lib";
use File::Temp   ();
use Getopt::Long 'GetOptions';
use Mail;
use Parallel::Iterator 'iterate';
use ZeroTouch 'publish';
use ZeroTouch::Clone 'clone';
use ZeroTouch::Region;

my ($way, $records, $workers) = ('naive', 200_000, 4);
GetOptions('way=s' => \$way, 'records=i' => \$records, 'workers=i' => \$workers)
  or die "usage: --way empty|naive|hand|clone|region --records N --workers N\n";

our ($large_array_ref, $region);
if ($way eq 'region') {
  # The large array is never there: its elements go to the region one by one.
  my $dir = File::Temp->newdir;
  my $i   = 0;
  publish("$dir/jobs.ztc", sub { $i < $records ? Mail::job($i++) : () });
  $region = ZeroTouch::Region->open("$dir/jobs.ztc");    # the file may go, the mapping stays
  # The parent reads it once: a page that one worker alone has mapped would be counted as its own.
  my $next = $region->iterator;
  1 while $next->();
} else {
  $large_array_ref = Mail::jobs($records);
}

my $nothing = {body => ''};
my %element = (
  empty => sub ($i) { $nothing },
  # Before: the reference that is taken is counted, in the page where the data lies.
  naive => sub ($i) { my $element = $large_array_ref->[$i]; $element },
  # The attempt to do better: each copied string counts who shares its buffer. Worse.
  hand => sub ($i) {
    my %copy;
    $copy{$_} = $large_array_ref->[$i]{$_} for qw(id to name subject body created);
    \%copy;
  },
  # After.
  clone  => sub ($i) { clone($large_array_ref->[$i]) },
  region => sub ($i) { $region->copy($i) },
);
my $get = $element{$way} // die "--way: empty, naive, hand, clone or region\n";

my $work = sub ($position, $i) {
  my $element = $get->($i);
  return length $element->{body};
};

my $done = 0;
my $next = iterate({workers => $workers, batch => 100}, $work, [0 .. $records - 1]);
while (my ($i, $length) = $next->()) { $done++ }
die "$way: $done of $records elements\n" unless $done == $records;
say "$way: $done elements";
