package Story;

# Runs pool.pl one way under `pagediff run --inherited`, and reads what that found.
use 5.036;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp ();
use JSON::PP   ();

my $here = dirname(abs_path(__FILE__));

# The harness: ZTC_PAGEDIFF, the build that ZTC_BUILD names, or the path.
sub pagediff {
  my @places = (
    $ENV{ZTC_PAGEDIFF},
    defined $ENV{ZTC_BUILD} ? map { "$ENV{ZTC_BUILD}/$_/pagediff" } 'native/harness', 'harness', 'bin' : (),
    map { "$_/pagediff" } split /:/, $ENV{PATH} // '',
  );
  my ($found) = grep { defined && -f && -x _ } @places;
  return $found;
}

# Memory of all workers, as [seconds since the first one started, kB]: at each sample the sum of what
# each worker had by then. One that has ended counts with its last sample.
sub curve (@workers) {
  my @samples;
  for my $number (0 .. $#workers) {
    push @samples, map { [$_->{seconds}, $number, $_->{private_kb}] } @{$workers[$number]{samples}};
  }
  @samples = sort { $a->[0] <=> $b->[0] } @samples;
  my ($sum, @has, @points) = (0);
  for my $sample (@samples) {
    my ($seconds, $number, $kb) = @$sample;
    $sum += $kb - ($has[$number] // 0);
    $has[$number] = $kb;
    push @points, [$seconds - $samples[0][0], $sum];
  }
  return \@points;
}

# {way, workers, inherited, unshared, private_kb, points}: means over the workers in pages and kB.
sub run ($way, %option) {
  my $report = File::Temp->new(SUFFIX => '.json');
  local $ENV{PERL5LIB} = join ':', grep { !ref } map { abs_path($_) // () } @INC;
  my @command = (
    $option{pagediff}, 'run', '--inherited', '--quiet', '--json', "$report",
    '--samples', $option{samples}, '--', $^X, "$here/pool.pl", '--way', $way,
    '--records', $option{records}, '--workers', $option{workers},
  );
  open my $output, '-|', @command or die "$option{pagediff}: $!\n";
  my @said = <$output>;
  close $output;
  my $status = $? >> 8;
  die "$way: pagediff ended with status $status:\n@said" if $? & 127 || $status == 2 || $status == 3;
  open my $file, '<', "$report" or die "$report: $!\n";
  my $found = JSON::PP::decode_json(do { local $/; <$file> });
  die "$way: $found->{end}\n" if $found->{wait_status} != 0;
  my @workers = grep { $_->{measured} } @{$found->{processes}};
  die "$way: @{[scalar @workers]} of $option{workers} workers were measured. $found->{trouble}\n"
    if @workers != $option{workers};
  my %mean;
  for my $field (qw(inherited unshared private_kb)) {
    $mean{$field} += $_->{$field} / @workers for @workers;
  }
  return {way => $way, workers => scalar @workers, %mean, points => curve(@workers)};
}

1;
