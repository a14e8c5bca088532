# Integers of any size, decimals, and maps whose keys are no strings: there and back.
use 5.036;
use Test::More;
use File::Temp   ();
use Scalar::Util qw(blessed refaddr);
use ZeroTouch 'publish';
use ZeroTouch::Region;

my $dir = File::Temp->newdir;
my $path = "$dir/r.ztc";

# A copy from a region that was made of these records alone.
sub there_and_back {
  publish($path, [@_]);
  my $region = ZeroTouch::Region->open($path, bless => 0);
  return map { $region->copy($_) } 0 .. $region->count - 1;
}

# As a language that has such values writes them.
sub ext { my ($id, $payload) = @_; return bless [$id, $payload], 'ZeroTouch::Ext' }

ok !$INC{'Math/BigInt.pm'} && !$INC{'Math/BigFloat.pm'}, 'loading the modules loads neither class of numbers';
there_and_back(1, 2.5, ~0, {id => 7});
ok !$INC{'Math/BigInt.pm'}, 'and neither do ordinary numbers';
there_and_back(ext(2, "\1\0\0\0\0\0\0\0\0"));
ok $INC{'Math/BigInt.pm'} && !$INC{'Math/BigFloat.pm'}, 'an integer loads the class of integers';
there_and_back(ext(3, [2, "\x7b"]));
ok $INC{'Math/BigFloat.pm'}, 'a decimal that of decimals';

# -------------------------------------------------------------------------------- integers

my @integers = qw(0 1 -1 127 128 -128 -129 255 256 -256 32767 32768 999999999 1000000000 18446744073709551616
  -18446744073709551616 340282366920938463463374607431768211455 -170141183460469231731687303715884105728);
push @integers, '1' . '0' x 9863, '1' . '2' x 9863, '9' x 9863, '-' . '9' x 9863, '-' . '1234567890' x 900;
push @integers, map { "1$_" . '0' x 9, "-1$_" . '0' x 18, "$_" . '1' x (27 - $_) } 1 .. 9;
my $seed = $ENV{ZTC_SEED} // 20_240_229;
note "ZTC_SEED=$seed";
srand $seed;
push @integers, map { ('', '-')[rand 2] . (1 + int rand 9) . join '', map { int rand 10 } 1 .. rand 200 } 1 .. 300;
my @back = there_and_back(map { Math::BigInt->new($_) } @integers);
is_deeply [map { ref } @back], [map { 'Math::BigInt' } @back], 'integers come as objects of Math::BigInt';
is_deeply [map { $_->bstr } @back], \@integers, 'with the same digits';
is $back[0] + 5, 5, 'one can be computed with';

is_deeply [map { $_->bstr } there_and_back(ext(2, "\0\0\0\5"), ext(2, "\xff\xff\xfb"), ext(2, "\x80\0"))],
  [5, -5, -32768], 'bytes that are not the fewest are read, too';
my ($odd) = eval { there_and_back(ext(2, '')) };
like $@, qr/record 0: .*\(CORRUPT\)/, 'no bytes at all are no integer';

# -------------------------------------------------------------------------------- decimals

my @decimals = ('123e-2', '-1e+50', '0e+0', '1e-10000', '-7e+10000', '9' x 9863 . 'e-9864', '15e+2', '-5e-1');
@back = there_and_back(map { Math::BigFloat->new($_) } @decimals);
is_deeply [map { ref } @back], [map { 'Math::BigFloat' } @back], 'decimals come as objects of Math::BigFloat';
is_deeply [map { $_->bsstr } @back], \@decimals, 'with the same digits';
is_deeply [map { $_->bsstr } there_and_back(ext(3, [4, "\x2e\xe0"]), ext(3, [-3, "\xff"]))], ['12e-1', '-1e+3'],
  'zeros at the end have no meaning';

{
  Math::BigInt->accuracy(3);
  Math::BigFloat->accuracy(3);
  my @exact = there_and_back(ext(2, "\x12\x34\x56\x78\x9a"), ext(3, [2, "\x12\x34\x56\x78\x9a"]));
  is_deeply [$exact[0]->bstr, $exact[1]->bsstr], ['78187493530', '7818749353e-1'],
    'what accuracy the program computes with rounds nothing that is read';
  @exact = there_and_back(@exact);
  is_deeply [$exact[0]->bstr, $exact[1]->bsstr], ['78187493530', '7818749353e-1'], 'or published';
  Math::BigInt->accuracy(undef);
  Math::BigFloat->accuracy(undef);
}

# ----------------------------------------------------------------------------- what is too large

my @large = (ext(2, "\1" . "\0" x 4096), ext(3, [2, "\xfe" . "\0" x 4096]), ext(3, [10_001, "\1"]),
  ext(3, [-10_001, "\1"]), ext(3, [-(1 << 31), "\1"]));
@back = there_and_back(@large);
is_deeply \@back, \@large, 'numbers of more digits than can be had in time come as they are stored, and go back';
is blessed $_, 'ZeroTouch::Ext', 'as ZeroTouch::Ext' for @back;
ok Math::BigInt->new(2)->bpow(32_766) == (there_and_back(ext(2, "\x40" . "\0" x 4095)))[0], 'the largest is a number';

for my $number (Math::BigInt->new('1' . '0' x 9864), Math::BigInt->new('9' x 9864), Math::BigFloat->new('-' . '9' x 9864), Math::BigFloat->new('1e10001'), Math::BigFloat->new('1e-10001')) {
  eval { publish($path, [[1, $number]]) };
  like $@, qr/record 0: \$\[1\]: a number of more than 9,863 digits, or .* cannot be published/, 'no larger one is published';
}
for my $number (Math::BigInt->bnan, Math::BigInt->binf, Math::BigFloat->bnan, Math::BigFloat->binf('-')) {
  eval { publish($path, [{x => $number}]) };
  like $@, qr/record 0: \$\.x: a number without digits cannot be published/, "nor is $number";
}
eval { publish($path, [bless {}, 'Math::BigInt']) };
like $@, qr/a number without digits/, 'nor an object that is none';

# ------------------------------------------------------------------------------------ identity

my $number = Math::BigInt->new(42);
my ($shared) = there_and_back([$number, $number, {n => $number}, Math::BigInt->new(42)]);
is refaddr $shared->[1], refaddr $shared->[0], 'a number that is referred to twice is one number';
is refaddr $shared->[2]{n}, refaddr $shared->[0], 'wherever';
isnt refaddr $shared->[3], refaddr $shared->[0], 'and an equal one another';
$shared->[0]->badd(1);
is "$shared->[2]{n}", 43, 'so that both are changed at once';

{
  my $named = bless [18, ['Some::Class', ext(2, "\7")]], 'ZeroTouch::Ext';
  publish($path, [$named]);
  my $plain = ZeroTouch::Region->open($path, bless => 0)->copy(0);
  is "$plain", 7, 'a number is a number, if somebody says that it is of another class';
  eval { ZeroTouch::Region->open($path)->copy(0) };
  like $@, qr/\(CORRUPT\)/, 'it cannot be of both';
}

# ------------------------------------------------------------------------------------------ maps

my $map = ZeroTouch::Map->new(1 => 'one', [2, 3] => 'list', undef, {x => 1}, 2.5, Math::BigInt->new(7));
@back = there_and_back($map, ZeroTouch::Map->new, [$map, $map]);
is ref $back[0], 'ZeroTouch::Map', 'a map with other keys comes as an object of a class of its own';
is_deeply [@{$back[0]}[0 .. 6]], [@$map[0 .. 6]], 'of keys and values by turns';
is "$back[0][7]", 7, 'and their order is kept';
is $back[0]->count, 4, 'count';
is_deeply [($back[0]->keys)[0, 1, 2, 3]], [1, [2, 3], undef, 2.5], 'keys';
is_deeply [($back[0]->values)[0, 1, 2]], ['one', 'list', {x => 1}], 'values';
is_deeply [($back[0]->pairs)[1]], [[[2, 3], 'list']], 'pairs';
is_deeply [$back[1]->count, $back[1]->keys, $back[1]->pairs], [0], 'an empty one';
is refaddr $back[2][0], refaddr $back[2][1], 'a map that is referred to twice is one map';

my $cycle = ZeroTouch::Map->new(1 => 2);
push @$cycle, me => $cycle;
($cycle->[3]) = ($cycle);
my ($round) = there_and_back($cycle);
is refaddr $round->[3], refaddr $round, 'a map in itself';
$_->[3] = undef for $round, $cycle;

my $list = [1, 2];
my ($both) = there_and_back([$list, ext(7, $list)]);
is ref $both->[0], 'ARRAY', 'a list stays a list if a map has the same one';
is_deeply [ref $both->[1], $both->[1][0], refaddr $both->[1][1]], ['ZeroTouch::Ext', 7, refaddr $both->[0]],
  'which then comes as it is stored';
($both) = there_and_back([ext(7, $list), $list]);
is_deeply [ref $both->[1], refaddr $both->[0][1]], ['ARRAY', refaddr $both->[1]], 'whichever is first';

my ($rows) = there_and_back(ext(7, [map { {a => $_, b => "text $_"} } 1 .. 6]));
is_deeply [ref $rows, $rows->pairs], ['ZeroTouch::Map', map { [{a => $_, b => "text $_"}, {a => $_ + 1, b => "text @{[$_ + 1]}"}] } 1, 3, 5],
  'keys that are hashes';

eval { there_and_back(ext(7, [1, 2, 3])) };
like $@, qr/\(CORRUPT\)/, 'a key without a value is an error';
eval { there_and_back(bless [1], 'ZeroTouch::Map') };
like $@, qr/a ZeroTouch::Map with a key that has no value cannot be published/, 'also when it is published';
eval { ZeroTouch::Map->new(1) };
like $@, qr/usage/, 'or made';

# ------------------------------------------------------------------------------------------ other ext values

my @others = (ext(8, [1_577_836_800, 5000]), ext(4_000_000_000, undef), ext(4_294_967_295, [1, {a => 'b'}]), ext(27, 'Europe/Berlin'));
is_deeply [there_and_back(@others)], \@others, 'an ext value that Perl has no type for goes back as it came';
is_deeply [there_and_back(ext(16, pack 'H*', '00112233445566778899aabbccddeeff'))],
  ['00112233-4455-6677-8899-aabbccddeeff'], 'and others can be written';
for my $bad ([], [1], [1, 2, 3], ['x', 1], [-1, 1], [2**32, 1], [undef, 1]) {
  eval { publish($path, [bless $bad, 'ZeroTouch::Ext']) };
  like $@, qr/a ZeroTouch::Ext that is not \[\$id, \$payload\] cannot be published/, 'if they are well formed';
}

# ------------------------------------------------------------------------------------- many, and in between

publish($path, [map { {n => $_, big => Math::BigInt->new("1$_" . '0' x 30), price => Math::BigFloat->new("$_.25")} } 100 .. 299]);
my $region = ZeroTouch::Region->open($path);
my @many = $region->copy_many(0 .. 199);
is_deeply [map { [$_->{n}, "$_->{big}", "$_->{price}"] } @many],
  [map { [$_, "1$_" . '0' x 30, "$_.25"] } 100 .. 299], 'copy_many';
is $region->copy_path(7, 'big') . '', '1107' . '0' x 30, 'copy_path';
my $next = $region->iterator(from => 198);
is "@{[map { $_->{price} } $next->(), $next->()]}", '298.25 299.25', 'iterator';

{
  # Code that runs while numbers are made may use the region, or close it.
  no warnings 'redefine';
  my $made = Math::BigInt->can('new');
  my $times = 0;
  local *Math::BigInt::new = sub { $region->copy(50) if $times++ % 3 == 0; goto &$made };
  my @again = $region->copy_many(0 .. 99);
  is_deeply [map { [$_->{n}, "$_->{big}"] } @again], [map { [$_, "1$_" . '0' x 30] } 100 .. 199],
    'copies that are made while others are made';
  local *Math::BigInt::new = sub { undef $region; goto &$made };
  my $last = $region->copy(3);
  is "$last->{n} $last->{big}", '103 1103' . '0' x 30, 'and a region that nobody holds any more';
}

# A class that cannot be loaded, in a process of its own.
open my $program, '>', "$dir/without.pl" or die $!;
print $program <<'END';
use ZeroTouch::Region;
unshift @INC, sub { die if $_[1] =~ /Big/ };
eval { ZeroTouch::Region->open(shift)->copy(0) };
print $@;
END
close $program;
my $blib = join ' ', map { qq("-I$_") } @INC;
my $said = `$^X $blib "$dir/without.pl" "$path"`;
like $said, qr/^ZeroTouch: \Q$path\E: it holds a number for which Perl needs Math::Big\w+, which is not installed \(UNSUPPORTED\) at \S+without.pl line 3/,
  'without the class a record with a number is an error';

# Handlers of signals wait while data is published.
{
  my $hash = {map { ("key $_" => $_) } 1 .. 20};
  my $text = \&ZeroTouch::Number::text;
  local $SIG{USR1} = sub { %$hash = () };
  no warnings 'redefine';
  local *ZeroTouch::Number::text = sub { kill USR1 => $$; &$text };
  $hash->{"key $_"} = Math::BigInt->new($_) for 1 .. 20;
  my @numbers = there_and_back($hash);
  is scalar keys %{$numbers[0]}, 20, 'a handler of a signal does not change what is being published';
  is scalar keys %$hash, 0, 'and runs behind it';
}

# An exception out of the text of a number leaves no handler of signals behind that is gone.
{
  my $number = Math::BigInt->new(7);
  {
    no warnings 'redefine';
    local *ZeroTouch::Number::text = sub { die "no text\n" };
    is eval { publish("$dir/none.ztc", [map { {n => $number} } 1 .. 3]); 1 }, undef, 'an exception ends publishing';
    is $@, "no text\n", 'and is the one that is seen';
  }
  my @filler = map { 'x' x $_ } 1 .. 200; # what was freed is used again
  my $handled = 0;
  local $SIG{USR1} = sub { $handled++ };
  kill USR1 => $$;
  is $handled, 1, 'signals are handled as before';
}

# Handlers run between records: no number of signals makes a number one without digits.
{
  my $handled = 0;
  local $SIG{USR1} = sub { $handled++ };
  no warnings 'redefine';
  my $text = \&ZeroTouch::Number::text;
  local *ZeroTouch::Number::text = sub { kill USR1 => $$; &$text };
  publish("$dir/many.ztc", [map { Math::BigInt->new($_) } 1 .. 300]);
  is $handled, 300, 'signals are handled between records';
}

# Numbers of copies that failed are not made into those of the next one.
{
  publish("$dir/some.ztc", [Math::BigInt->new(1), {plain => 1}]);
  my $region = ZeroTouch::Region->open("$dir/some.ztc");
  my $made = 0;
  no warnings 'redefine';
  my $fill = \&ZeroTouch::Number::fill;
  local *ZeroTouch::Number::fill = sub { $made += @{$_[0]} / 2; &$fill };
  is eval { $region->copy_many(0, 99); 1 }, undef, 'a batch that fails';
  is $region->copy(1)->{plain}, 1, 'and a copy without a number';
  is $made, 0, 'which makes none';
}

done_testing;
