#!/usr/bin/perl
# A pool of forked workers over one region. The parent hands out ranges of records through a pipe.
#   perl -Mblib examples/prefork.pl [--workers 4] [--records 100000]
use 5.036;
use File::Temp ();
use Getopt::Long 'GetOptions';
use ZeroTouch 'publish';
use ZeroTouch::Region;

my ($workers, $records) = (4, 100_000);
GetOptions('workers=i' => \$workers, 'records=i' => \$records) or die "usage: --workers N --records N\n";

my $dir = File::Temp->newdir;
my $i   = 0;
publish("$dir/jobs.ztc", sub {
  $i < $records ? {id => $i++, to => "user$i\@mail.example", tags => ['a', 'b'], score => $i % 101} : ();
});
my $region = ZeroTouch::Region->open("$dir/jobs.ztc");

pipe my $take, my $give or die "pipe: $!";
my %pid;
for my $worker (1 .. $workers) {
  my $pid = fork // die "fork: $!";
  if ($pid) { $pid{$pid} = $worker; next }
  close $give;
  my ($done, $score) = (0, 0);
  while (sysread $take, my $range, 16) {
    my ($from, $to) = unpack 'QQ', $range;
    for my $index ($from .. $to - 1) {
      my $job = $region->copy($index);
      $job->{sent} = 1;    # a private hash: no page of the region, or of the parent, is touched
      $score += $job->{score};
      $done++;
    }
  }
  open my $rollup, '<', "/proc/$$/smaps_rollup";
  my ($dirty) = map { /^Private_Dirty:\s+(\d+)/ ? $1 : () } <$rollup>;
  say "worker $worker: $done jobs, $dirty kB of its own";
  exit;
}
close $take;
for (my $from = 0; $from < $records; $from += 1000) {
  syswrite $give, pack 'QQ', $from, $from + 1000 < $records ? $from + 1000 : $records;
}
close $give;
waitpid $_, 0 for keys %pid;
