#!/usr/bin/perl
# The program that this project began with: workers of Parallel::Iterator over a large array, which
# ate all memory. Before, and after.
#   apt-get install -y libparallel-iterator-perl
#   perl -Mblib examples/story.pl --way naive|hand|clone|region [--records 200000] [--workers 4]
use 5.036;
use FindBin '$Bin';
use lib "$Bin/../bench/lib";
use File::Temp   ();
use Getopt::Long 'GetOptions';
use Mail;
use Parallel::Iterator 'iterate';
use ZeroTouch 'publish';
use ZeroTouch::Clone 'clone';
use ZeroTouch::Region;

my ($way, $records, $workers) = ('naive', 200_000, 4);
GetOptions('way=s' => \$way, 'records=i' => \$records, 'workers=i' => \$workers)
  or die "usage: --way naive|hand|clone|region --records N --workers N\n";

our ($large_array_ref, $region);
if ($way eq 'region') {
  # The large array is never there: its elements go to the region one by one.
  my $dir = File::Temp->newdir;
  my $i   = 0;
  publish("$dir/jobs.ztc", sub { $i < $records ? Mail::job($i++) : () });
  $region = ZeroTouch::Region->open("$dir/jobs.ztc");    # the file may go, the mapping stays
} else {
  $large_array_ref = Mail::jobs($records);
}

my %element = (
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
my $get = $element{$way} // die "--way: naive, hand, clone or region\n";

sub private_kb {
  open my $rollup, '<', "/proc/$$/smaps_rollup" or return 0;
  my ($kb) = map { /^Private_Dirty:\s+(\d+)/ ? $1 : () } <$rollup>;
  return $kb;
}

my $work = sub ($position, $i) {
  my $element = $get->($i);
  my $sent    = length $element->{body};
  return $i % 5000 == 0 ? [$$, private_kb()] : undef;
};

my ($done, %grown) = (0);
my $next = iterate({workers => $workers, batch => 100}, $work, [0 .. $records - 1]);
while (my ($i, $report) = $next->()) {
  $done++;
  next unless $report;
  my ($pid, $kb) = @$report;
  $grown{$pid}{first} //= $kb;
  $grown{$pid}{last} = $kb if $kb > ($grown{$pid}{last} // 0);
}
say "$way: $done elements";
printf "  worker %d: %6.1f MB of its own, %6.1f MB when it began\n", $_, $grown{$_}{last} / 1024,
  $grown{$_}{first} / 1024 for sort keys %grown;
