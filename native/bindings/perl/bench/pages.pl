#!/usr/bin/perl
# Pages that a forked worker un-shares beyond an empty loop, for 10^3 to 10^6 mail jobs.
#   perl -Mblib bench/pages.pl [--records 200000]
use 5.036;
use FindBin '$Bin';
use lib "$Bin/lib", "$Bin/../t/lib";
use PageWatch 'watch';
use File::Temp   ();
use Getopt::Long 'GetOptions';
use Mail;
use ZeroTouch 'publish';
use ZeroTouch::Clone 'clone';
use ZeroTouch::Region;

my $records = 200_000;
GetOptions('records=i' => \$records) or die "usage: --records N\n";
my $dir = File::Temp->newdir;

# By somebody else: a worker pool opens a region, it does not make it.
my $pid = fork // die $!;
if (!$pid) {
  my $i = 0;
  publish("$dir/jobs.ztc", sub { $i < $records ? Mail::job($i++) : () });
  require POSIX;
  POSIX::_exit(0);
}
waitpid $pid, 0;
our $region = ZeroTouch::Region->open("$dir/jobs.ztc");
our $jobs;

sub show ($name, $code) {
  my $idle = watch(sub { my $sum = 0; for (my $i = 0; $i < 1000; $i++) { $sum += $i } })->{pages};
  for my $times (map { 10**$_ } 3 .. 6) {
    my $found = watch(sub { for (my $i = 0; $i < $times; $i++) { $code->($i * 7919 % $records) } });
    printf "%-22s %8d records: %6d pages beyond the empty loop's %d, of %d inherited\n", $name, $times,
      $found->{pages} - $idle, $idle, $found->{inherited};
    last if $found->{pages} > 1000;
  }
}

sub use_it ($job) { return $job->{id} + length($job->{body}) + length $job->{tags}[1] }

show('region copy', sub { my $job = $region->copy($_[0]); use_it($job) });
$jobs = Mail::jobs($records);
show('clone of live data', sub { my $job = clone($jobs->[$_[0]]); use_it($job) });
show('reading live data', sub { my $job = $jobs->[$_[0]]; use_it($job) });
