# copies.pl REGION: prints the pages that three workers un-share: one with an empty loop, one that copies a
# little, one that copies a lot. Nothing is loaded that a parent of workers would not have.
use 5.036;
use FindBin '$Bin';
use lib "$Bin/../lib";
use PageWatch 'watch';    # forks its watcher before there is any data
use ZeroTouch::Region;

our $region = ZeroTouch::Region->open($ARGV[0]);
my $count = $region->count;
my $copies = sub ($times) {
  return sub { for (my $i = 0; $i < $times; $i++) { my $copy = $region->copy($i * 7919 % $count) } };
};
my $idle = watch(sub { for (my $i = 0; $i < 50_000; $i++) { my $copy = $i * 7919 % $count } })->{pages};
say join ' ', $idle, map { watch($copies->($_))->{pages} } 1_000, 50_000;
