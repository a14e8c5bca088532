# Not one page of what a forked worker inherits is un-shared by the data that it copies, however much
# that is. Whoever reads the same data naively must be caught.
use 5.036;
use Test::More;
use FindBin '$Bin';
use lib "$Bin/lib";
use PageWatch    qw(watch frames_visible);    # forks its watcher before there is any data
use File::Temp   ();
use POSIX        ();
use Math::BigFloat;    # before the fork, as its users are told
use Scalar::Util 'weaken';
use ZeroTouch 'publish';
use ZeroTouch::Clone 'clone';
use ZeroTouch::Region;

use constant {RECORDS => 20_000, FEW => 1_000, MANY => 100_000};
# What the values of one record at a time land on: chunks of the heap, which differ with the sizes.
use constant SLACK => 10;

plan skip_all => 'no /proc/PID/pagemap here' unless -r "/proc/$$/pagemap";
diag frames_visible() ? 'by page frame numbers' : 'by the exclusive bit alone';

# Data with everything whose reading writes: numbers that were printed, strings that were computed
# with, strings long enough to be shared, hashes in the middle of each, objects, weak references.
sub record {
  my ($i) = @_;
  my $number = $i * 3;
  my $printed = "$number";
  my $text = "$i";
  my $computed = $text + 1;
  my $record = {
    id => $i, to => "user$i\@mail.example", body => "Dear customer $i, " . 'x' x 200,
    long => sprintf('%08d', $i) . 'y' x 1500, wide => "\x{263a} $i", number => $number,
    text => $text, ratio => $i / 7, none => undef, flag => $i % 2 == 0,
    tags => ["a$i", 'b' . $i % 10, $i], prefs => {html => 1, lang => 'en', score => $i % 101},
    object => bless({n => $i}, 'Some::Class'), ref => \"s$i",
  };
  $record->{object}{up} = $record;
  weaken $record->{object}{up};
  $record->{again} = $record->{tags};
  my ($key) = each %$record;
  return $record;
}

my $dir = File::Temp->newdir;
our $data = [map { record($_) } 0 .. RECORDS - 1];
publish("$dir/r.ztc", $data, key => 'to');
our $region = ZeroTouch::Region->open("$dir/r.ztc");
our $memory = ZeroTouch::Region->open("$dir/r.ztc", audit => 1);

# Loops that hold nothing of the source themselves.
sub many_times {
  my ($times, $code) = @_;
  return sub { for (my $i = 0; $i < $times; $i++) { $code->($i * 7919 % RECORDS) } };
}

my $idle = watch(many_times(MANY, sub { }));
note "idle: $idle->{pages} of $idle->{inherited} pages";

my %careful = (
  'clone'          => sub { my $copy = clone($data->[$_[0]]) },
  'clone, then use it' => sub {
    my $copy = clone($data->[$_[0]]);
    my $sum = 0;
    for my $key (keys %$copy) { $sum += length($copy->{$key} // '') }
    $copy->{number} .= 'x';
    $copy->{text}++;
    $copy->{long} .= 'z';
    my $held = $copy->{again};
  },
  'copy'           => sub { my $copy = $region->copy($_[0]) },
  'copy, then use it' => sub {
    my $copy = $region->copy($_[0]);
    my $sum = 0;
    for my $key (keys %$copy) { $sum += length($copy->{$key} // '') }
    $copy->{number} .= 'x';
  },
  'copy_path'      => sub { my $copy = $region->copy_path($_[0], 'prefs.lang') },
  'get'            => sub { my $copy = $region->get("user$_[0]\@mail.example") },
  'get, by a key that was inherited' => sub { my $copy = $memory->get($data->[$_[0]]{to}) },
  'copy from writable memory' => sub { my $copy = $memory->copy($_[0]) },
);
# 17 keys of records, objects and preferences, and a class.
my $keys = 18;
for my $name (sort keys %careful) {
  my $few  = watch(many_times(FEW,  $careful{$name}));
  my $many = watch(many_times(MANY, $careful{$name}));
  note "$name: $few->{pages} pages for ${\FEW}, $many->{pages} for ${\MANY}";
  cmp_ok $many->{pages}, '<=', $few->{pages} + SLACK, "$name: a constant";
  cmp_ok $many->{pages} - $idle->{pages}, '<=', 20 + $keys + SLACK, "$name: and a small one";
}

my $batch = sub {
  my ($times) = @_;
  return sub {
    for (my $i = 0; $i < $times; $i += 100) { my @copies = $region->copy_many($i .. $i + 99) }
  };
};
# Once all of them, since what a hundred at a time land on differs between the batches.
my ($few, $many) = map { my $passes = $_; watch(sub { $batch->(RECORDS)->() for 1 .. $passes }) } 1, 5;
note "copy_many: $few->{pages} pages for ${\RECORDS}, $many->{pages} for ${\MANY}";
cmp_ok $many->{pages}, '<=', $few->{pages} + 2 * SLACK, 'copy_many: a constant';

# In a process of its own, where no live data has the region's keys: the goal.
my $perl = join ' ', $^X, map { qq("-I$_") } @INC;
system(qq{ZTC_RECORDS=20000 $perl "$Bin/../bench/worker.pl" make-region "$dir/jobs.ztc"}) == 0 or die;
my ($own_idle, $own_few, $own_many) = split ' ', qx{$perl "$Bin/worker/copies.pl" "$dir/jobs.ztc"};
note "a worker: $own_few pages for 1,000, $own_many for 50,000; the empty loop $own_idle";
cmp_ok $own_many, '<=', $own_few + SLACK, 'a worker in a process of its own: a constant';
cmp_ok $own_many - $own_idle, '<=', 20, 'and a small one';

# Numbers of classes of their own: the pages of those classes, and no more for more of them.
my $numbers = "$dir/numbers.ztc";
# By somebody else: what is free in this heap afterwards would be looked through by one of the
# children, or by this process between them.
my $publisher = fork // die "fork: $!";
if (!$publisher) {
  my $whole = '0' x 20;
  publish($numbers,
    [map { {n => Math::BigInt->new("$_$whole"), price => Math::BigFloat->new("$_.25")} } 1 .. RECORDS]);
  POSIX::_exit(0);
}
waitpid $publisher, 0;
is $?, 0, 'numbers are published';
my $sums = ZeroTouch::Region->open($numbers);
my $with_numbers = sub { my $copy = $sums->copy($_[0]) };
my ($some, $more) = (watch(many_times(FEW, $with_numbers)), watch(many_times(20 * FEW, $with_numbers)));
note "numbers: $some->{pages} pages for ${\FEW}, $more->{pages} for @{[20 * FEW]}";
cmp_ok $more->{pages}, '<=', $some->{pages} + 3 * SLACK, 'numbers of classes of their own: a constant';
cmp_ok $more->{pages} - $idle->{pages}, '<=', 300, 'and as large as the README says';

# Hashes whose keys do not repeat: not even a page for each key.
our $dictionaries = [map { my $i = $_; +{map { ("word$i-$_" => $_) } 1 .. 20} } 1 .. 5000];
$few  = watch(sub { for (my $i = 0; $i < 50; $i++) { my $copy = clone($dictionaries->[$i]) } });
$many = watch(sub { for (my $i = 0; $i < 5000; $i++) { my $copy = clone($dictionaries->[$i]) } });
note "dictionaries: $few->{pages} pages for 50, $many->{pages} for 5000";
cmp_ok $many->{pages}, '<=', $few->{pages} + 64 + SLACK, 'keys that do not repeat are not shared';

# What a failed copy looks at, it does not touch either.
our $broken = [map { {n => $_, list => [map { {x => $_} } 1 .. 30], cb => [sub { }]} } 1 .. 3000];
$few  = watch(sub { for (my $i = 0; $i < 30;   $i++) { eval { clone($broken->[$i]) } } });
$many = watch(sub { for (my $i = 0; $i < 3000; $i++) { eval { clone($broken->[$i]) } } });
note "refused: $few->{pages} pages for 30, $many->{pages} for 3000";
cmp_ok $many->{pages}, '<=', $few->{pages} + 2 * SLACK, 'a clone that is refused';

# The controls: each habit that this module avoids is caught on the same data.
my %naive = (
  'a reference'          => sub { my $record = $data->[$_[0]] },
  'a string'             => sub { my $text = $data->[$_[0]]{long} },
  'a number as a string' => sub { my $same = $data->[$_[0]]{prefs}{score} eq 'x' },
  'keys'                 => sub { my @keys = keys %{$data->[$_[0]]{prefs}} },
  'a flat copy'          => sub { my %copy = %{$data->[$_[0]]{prefs}} },
);
for my $name (sort keys %naive) {
  my $caught = watch(many_times(RECORDS, $naive{$name}));
  note "$name: $caught->{pages} of $caught->{inherited} pages";
  cmp_ok $caught->{pages} - $idle->{pages}, '>', 1000, "control, $name: caught";
}

done_testing;
