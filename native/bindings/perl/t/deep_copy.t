# What the test suites of Clone and of Storable (dclone) hold deep copies to, beyond clone.t: values in
# unusual states, and that nothing of the caller's is called or moved.
use 5.036;
use utf8;
use Test::More;
use Scalar::Util qw(blessed dualvar refaddr reftype weaken isweak);
use ZeroTouch::Clone 'clone';

subtest 'version objects and vstrings' => sub {
  my $source = {version => version->parse('v1.22.333'), v => v1.22.333, old => version->parse('1.01')};
  my $copy = clone($source);
  is ref \$copy->{v}, 'VSTRING', 'a vstring';
  is sprintf('%vd', $copy->{v}), '1.22.333', 'and its numbers';
  isa_ok $copy->{version}, 'version';
  cmp_ok $copy->{version}, '==', version->parse('v1.22.333');
  cmp_ok $copy->{old}, '<', $copy->{version};
};

subtest 'strings in unusual states' => sub {
  my $cut = 'xxxx' . 'a' x 100;
  substr $cut, 0, 4, '';    # perl moves the start of the string
  my $shared = 'b' x 2000;
  my $twin   = $shared;     # one buffer for both
  my $wide   = "ä☺" x 50;
  my $length = length $wide; my $at = index $wide, '☺', 60;    # kept by magic
  my $matched = 'aXbXc';
  $matched =~ /X/g;
  my $grown = 'c';
  $grown .= 'd' for 1 .. 5000;
  chop $grown;
  my $copy = clone([\$cut, $shared, $twin, $wide, $matched, $grown, substr($cut, 1, 5), "\0\x{1}\0"]);
  is ${$copy->[0]}, 'a' x 100, 'cut off at its start';
  is $copy->[1] . $copy->[2], $shared x 2, 'sharing a buffer';
  is length $copy->[3], $length, 'with lengths that were looked up';
  is index($copy->[3], '☺', 60), $at, 'and places';
  is $copy->[4], 'aXbXc', 'in the middle of a match';
  is pos $matched, 2, 'which goes on';
  is $copy->[5], 'c' . 'd' x 4999, 'grown and cut';
  is $copy->[7], "\0\x{1}\0", 'with NULs';
  $$_ .= 'z' for \(@$copy[1, 3]);
  is $twin, 'b' x 2000, 'and private';
};

subtest 'numbers at their limits' => sub {
  my @numbers = (0, -0.0, 1, -1, 255, 256, -128, 2**31 - 1, -2**31, 2**32, 9223372036854775807,
    -9223372036854775807 - 1, 18446744073709551615, 1e308, 5e-324, 0.1, 9**9**9, -9**9**9);
  my $copy = clone(\@numbers);
  is sprintf('%s', $copy->[$_]), sprintf('%s', $numbers[$_]), "the number $numbers[$_]" for 0 .. $#numbers;
  my $nan = clone([9**9**9 - 9**9**9])->[0];
  cmp_ok $nan, '!=', $nan, 'not a number';
};

subtest 'arrays in unusual states' => sub {
  my @queue = (1 .. 50);
  shift @queue for 1 .. 20;    # its first element is not where its memory begins
  my $last = \$#queue;
  my @holes;
  $holes[7] = 'x';
  delete $holes[7];
  $#holes = 9;
  my @emptied = (1 .. 10);
  @emptied = ();
  my $copy = clone([\@queue, \@holes, \@emptied]);
  is_deeply $copy->[0], [21 .. 50], 'shifted';
  unshift $copy->[0]->@*, 20;
  is $copy->[0][1], 21, 'and shifted back';
  is scalar $copy->[1]->@*, 10, 'with holes';
  ok !exists $copy->[1][3], 'which are holes';
  is_deeply $copy->[2], [], 'emptied';
  push $copy->[2]->@*, 1;
  is $$last, 29, '$# of the source';
};

subtest 'hashes in unusual states' => sub {
  my %hash = map { ("key $_" => $_) } 1 .. 100;
  delete $hash{"key $_"} for 10 .. 100;    # more buckets than keys
  my ($first)  = each %hash;
  my $copy     = clone(\%hash);
  my ($second) = each %hash;
  isnt $second, $first, 'the iterator of the source goes on where it was';
  is scalar(() = %$copy), 18, 'and that of the copy is at the start';
  is_deeply $copy, \%hash;
  my $keys = clone({"ä" => 1, "\x{e4}☺" => 2, '' => 3, "a\0b" => 4});
  is_deeply [map { $keys->{$_} } "\x{e4}", "ä☺", '', "a\0b"], [1 .. 4], 'keys of all kinds';
  my %emptied = (a => 1);
  %emptied = ();
  is_deeply clone(\%emptied), {}, 'emptied';
};

subtest 'one scalar in several places' => sub {
  my $scalar = 'x';
  my @array;
  sub { @array = (\$_[0], \$_[1]) }->($scalar, $scalar);
  my $copy = clone([\$scalar, @array, {a => \$scalar}]);
  is refaddr($copy->[$_]), refaddr($copy->[0]), "place $_" for 1 .. 2;
  ${$copy->[0]} = 'y';
  is ${$copy->[3]{a}}, 'y', 'is one in the copy';
  is $scalar, 'x', 'and not the source';
  my $list = [1, 2];
  my $inside = clone({list => $list, second => \$list->[1]});
  ${$inside->{second}} = 3;
  is_deeply $inside->{list}, [1, 3], 'a reference to an element';
};

package Deref    { use overload '@{}' => sub { die 'called' }, 'bool' => sub { die 'called' }, '""' => sub { die 'called' }, '==' => sub { die 'called' } }
package Hooks    { sub STORABLE_freeze { die 'called' } sub STORABLE_thaw { die 'called' } sub CLONE { die 'called' } sub clone { die 'called' } }
package Loader   { sub AUTOLOAD { our $AUTOLOAD; die $AUTOLOAD unless $AUTOLOAD =~ /DESTROY/ } }
package Ünïcode  { sub new { bless {}, shift } sub hello { 'hello' } }
package Dier     { sub DESTROY { eval { die 'inside' } } }

package main;

subtest 'no method of anybody is called' => sub {
  my $plain = bless {x => 1}, 'Deref';
  is reftype(clone($plain)), 'HASH', 'overloading';
  is blessed(clone(bless [1], 'Hooks')), 'Hooks', 'hooks of Storable';
  is blessed(clone([bless {}, 'Loader'])->[0]), 'Loader', 'AUTOLOAD';
  is clone(Ünïcode->new)->hello, 'hello', 'a class with a wide name';
  my $pattern = clone(bless qr/a(b)c/, 'My::Pattern');
  is blessed($pattern), 'My::Pattern', 'an object that is a pattern';
  like 'abc', $pattern, 'matches';
};

subtest 'what surrounds a call' => sub {
  local $_ = 'kept';
  local $@ = 'kept';
  local $! = 2;
  my $died = 0;
  local $SIG{__DIE__} = sub { $died++ };
  { my $copy = clone([1, {a => [2]}]) }
  is "$_ $@ " . (0 + $!), 'kept kept 2', 'is as it was';
  is $died, 0;
  { my $copy = clone(bless [], 'Dier') }
  is eval { clone({a => sub { }}); 1 }, undef, 'an error';
  cmp_ok $died, '>', 0, 'goes through $SIG{__DIE__}';
  my @list = (clone([1]), clone({}), clone('x'));
  is scalar @list, 3, 'one value in a list';
  is_deeply [map { clone($_) } 1 .. 3], [1 .. 3], 'of temporary values, too';
  is clone(undef), undef, 'nothing';
  is_deeply clone([(undef) x 3]), [undef, undef, undef];
  is clone(clone(clone({a => [1]})))->{a}[0], 1, 'a copy of a copy';
};

subtest 'weak references in odd orders' => sub {
  my $target = {name => 'target'};
  my $first  = [$target, $target];
  weaken $first->[0];
  my $copy = clone($first);
  ok isweak($copy->[0]) && !isweak($copy->[1]), 'the weak one first';
  is refaddr($copy->[0]), refaddr($copy->[1]), 'to one target';
  my $ring = {};
  $ring->{self} = $ring;
  weaken $ring->{self};
  my $again = clone($ring);
  is refaddr($again->{self}), refaddr($again), 'to itself';
  my $many = {all => [map { {n => $_} } 1 .. 100]};
  weaken($many->{by}{$_->{n}} = $_) for $many->{all}->@*;
  my $index = clone($many);
  is $index->{by}{57}{n}, 57, 'an index of weak references';
  $index->{all} = [];
  is $index->{by}{57}, undef, 'that goes with what it leads to';
};

subtest 'deep and wide' => sub {
  my $deep = my $end = {};
  for (1 .. 20_000) { $end = $end->{next} = [{}]; $end = $end->[0] }
  $end->{bottom} = 'here';
  my $copy = clone($deep);
  my $steps = 0;
  while ($copy->{next}) { $copy = $copy->{next}[0]; $steps++ }
  is "$steps $copy->{bottom}", '20000 here', '40,000 containers in each other';
  while ($deep->{next}) { my $next = delete $deep->{next}; $deep = $next->[0] }
  my $wide = clone([map { {n => $_, list => [$_]} } 1 .. 20_000]);
  is $wide->[19_999]{list}[0], 20_000, 'many side by side';
};

done_testing;
