# Whatever the bytes of a region are: data or an error, never a crash. The seed is printed.
use 5.036;
use Test::More;
use File::Temp ();
use Math::BigFloat;
use POSIX      ();
use ZeroTouch 'publish';
use ZeroTouch::Region;

my $dir  = File::Temp->newdir;
my $seed = $ENV{ZTC_SEED} // 20_240_229;
my $runs = $ENV{ZTC_RUNS} // 6_000;
note "ZTC_SEED=$seed ZTC_RUNS=$runs";
srand $seed;

my $shared = {name => 'shared', list => [1 .. 5]};
my $cycle  = {shared => $shared};
$cycle->{self} = $cycle;
my @records = (
  {id => 1, name => 'plain', wide => "\x{263a} and more of it", tags => ['a', 'bb', 'a longer one']},
  [map { {id => $_, text => "row number $_", n => $_ / 3} } 1 .. 10],
  {map { ("key number $_" => [$_, "v$_"]) } 1 .. 30},
  [$shared, $shared, $cycle, \'scalar', \\'reference'],
  bless({list => bless([1, 2], 'Hostile::List'), big => ~0, none => undef, yes => 1 == 1}, 'Hostile'),
  [Math::BigInt->new('-' . '123456789' x 9), Math::BigFloat->new('12345678901234567890e-7')],
  ZeroTouch::Map->new(1 => 'one', [2] => ZeroTouch::Map->new(2.5 => Math::BigInt->new(7))),
  'a string as a record', 7, undef, [], {}, [[[[[[]]]]]],
);
publish("$dir/good.ztc", \@records);
delete $cycle->{self};
open my $file, '<:raw', "$dir/good.ztc" or die $!;
my $good = do { local $/; <$file> };

# Whoever takes more memory than this does not come back, which is no refusal.
my ($mapped) = do { open my $sizes, '<', '/proc/self/statm' or die $!; <$sizes> =~ /^(\d+)/ };
my $most = $mapped * POSIX::sysconf(POSIX::_SC_PAGESIZE) + (512 << 20);
system('prlimit', "--pid=$$", "--as=$most") == 0 or die 'prlimit (of util-linux) does not limit memory';

my ($copied, $refused, $unopened) = (0, 0, 0);
for my $run (1 .. $runs) {
  my $bytes = $good;
  for (0 .. rand 4) {
    my $at = int rand length $bytes;
    my $kind = rand;
    if ($kind < .5) { vec($bytes, $at, 8) ^= 1 << rand 8 }
    elsif ($kind < .8) { vec($bytes, $at, 8) = (0, 1, 7, 8, 0x40, 0x7f, 0x80, 0xff)[rand 8] }
    else { substr($bytes, $at & ~7, 8) = substr($good, (rand length $good) & ~7, 8) }
  }
  next if length $bytes != length $good;
  open my $out, '>:raw', "$dir/bad.ztc" or die $!;
  print $out $bytes;
  close $out;
  # Without checksums, so that the damage reaches the reader.
  my $region = eval { ZeroTouch::Region->open("$dir/bad.ztc", verify => 'none', bless => $run % 2) };
  if (!$region) {
    $unopened++;
    next;
  }
  for my $i (0 .. $region->count - 1) {
    last if $i > 20;
    my $record = eval { $region->copy($i) };
    if ($@) {
      die $@ unless $@ =~ /^ZeroTouch: .*record $i: /;
      $refused++;
    } else {
      $copied++;
    }
  }
  eval { $region->copy_path($_, 'list[1]') } for 0 .. 4;
}
note "$copied copied, $refused refused, $unopened regions not opened";
cmp_ok $copied,  '>', $runs,      'most is still read';
cmp_ok $refused, '>', $runs / 10, 'damage is found';

done_testing;
