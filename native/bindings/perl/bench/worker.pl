#!/usr/bin/perl
# One forked worker, for the page-diff harness:
#   pagediff run --baseline "perl -Mblib bench/worker.pl empty" -- perl -Mblib bench/worker.pl clone
# Ways: empty, clone, read, and by modules of that name dclone, Clone, Sereal (over live data);
# region-empty, region (over the file of `make-region FILE`).
use 5.036;
use FindBin '$Bin';
use lib "$Bin/lib";
use Mail;
use POSIX ();
use ZeroTouch 'publish';
use ZeroTouch::Clone 'clone';
use ZeroTouch::Region;

my ($way, $file, $records, $times) = (shift // 'empty', $ENV{ZTC_REGION} // 'jobs.ztc',
  $ENV{ZTC_RECORDS} // 100_000, $ENV{ZTC_TIMES} // 100_000);
if ($way eq 'make-region') {
  my $i = 0;
  publish(shift // $file, sub { $i < $records ? Mail::job($i++) : () });
  exit;
}
our ($jobs, $region);
if   ($way =~ /region/) { $region = ZeroTouch::Region->open($file) }
else                    { $jobs   = Mail::jobs($records) }

my ($copy, $encoder, $decoder); # of a module that the parent loads; called without a Perl function around it
if    ($way eq 'dclone') { require Storable; $copy = \&Storable::dclone }
elsif ($way eq 'Clone')  { require Clone;    $copy = \&Clone::clone }
elsif ($way eq 'Sereal') {
  require Sereal::Encoder;
  require Sereal::Decoder;
  ($encoder, $decoder) = (Sereal::Encoder->new, Sereal::Decoder->new);
}

my %loop = (
  empty  => sub { my $sum = 0; for (my $i = 0; $i < $times; $i++) { $sum += $i } },
  clone  => sub { for (my $i = 0; $i < $times; $i++) { my $job = clone($jobs->[$i % $records]) } },
  read   => sub { for (my $i = 0; $i < $times; $i++) { my $job = $jobs->[$i % $records] } },
  region => sub { for (my $i = 0; $i < $times; $i++) { my $job = $region->copy($i % $records) } },
);
$loop{'region-empty'} = $loop{empty};
$loop{dclone} = $loop{Clone} =
  sub { for (my $i = 0; $i < $times; $i++) { my $job = $copy->($jobs->[$i % $records]) } };
$loop{Sereal} =
  sub { for (my $i = 0; $i < $times; $i++) { my $job = $decoder->decode($encoder->encode($jobs->[$i % $records])) } };
my $work = $loop{$way}
  // die "worker.pl empty|clone|read|dclone|Clone|Sereal|region-empty|region|make-region\n";

my $pid = fork // die "fork: $!";
if (!$pid) {
  $work->();
  POSIX::_exit(0);
}
waitpid $pid, 0;
exit $? >> 8;
