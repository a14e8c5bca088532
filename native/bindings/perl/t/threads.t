# Interpreters of their own: what each keeps, and gives back.
use 5.036;
use Config;
use Test::More;
BEGIN { plan skip_all => 'a perl without threads' unless $Config{usethreads} }
use threads;
use File::Temp ();
use ZeroTouch 'publish';
use ZeroTouch::Clone 'clone';
use ZeroTouch::Region;

my $dir = File::Temp::tempdir(CLEANUP => 1);    # not an object, which each thread would destroy
publish("$dir/r.ztc", [{a => 1}]);
my $region = ZeroTouch::Region->open("$dir/r.ztc");
my $data   = {list => [1, {b => 2}], object => bless({}, 'Some::Class')};

my @sums = map { $_->join } map {
  threads->create(sub { clone($data)->{list}[1]{b} + ZeroTouch::Region->open("$dir/r.ztc")->copy(0)->{a} })
} 1 .. 4;
is "@sums", '3 3 3 3', 'threads clone, and open regions';
ok !threads->create(sub { eval { $region->copy(0); 1 } })->join, 'a region is not there in another thread';
is $region->copy(0)->{a}, 1, 'and still is in its own';

sub mapped { open my $file, '<', '/proc/self/statm' or return 0; (split ' ', <$file>)[0] * 4 }
my $before;
for my $round (1 .. 150) {
  threads->create(sub { clone($data) && 1 })->join;
  $before = mapped() if $round == 30;
}
cmp_ok mapped() - $before, '<', 2000, 'a thread that ends gives its memory back';

done_testing;
