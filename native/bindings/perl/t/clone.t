# What a deep copy must do: the behaviours that the tests of the CPAN modules Clone and Storable
# (dclone) hold a deep copy to, where they have a meaning here.
use 5.036;
no warnings 'experimental::builtin';
use Test::More;
use B            ();
use Hash::Util   qw(lock_keys lock_hash lock_hash_recurse legal_keys hidden_keys unlock_keys unlock_value);
use Hash::Util::FieldHash qw(fieldhash id);
use Storable     'dclone';
use Scalar::Util qw(blessed dualvar isdual isweak looks_like_number refaddr reftype weaken);
use Tie::Hash    ();
use Tie::Array   ();
use Tie::Scalar  ();
use ZeroTouch::Clone 'clone';

sub flags { B::svref_2object(\$_[0])->FLAGS }

subtest 'plain values' => sub {
  is clone(undef), undef, 'undef';
  is clone(''),    '',    'the empty string';
  is clone('0'),   '0',   'a zero';
  is clone(-7),    -7,    'an integer';
  is clone(~0),    ~0,    'the largest unsigned integer';
  is clone(1e300), 1e300, 'a number';
  is clone("a\0b"), "a\0b", 'a string with a NUL';
  my $long = 'x' x 1e6;
  is clone($long), $long, 'a long string';
};

subtest 'a number stays a number and a string a string' => sub {
  my $copy = clone([42, '42', 1.5, '1.5']);
  ok flags($copy->[0]) & B::SVf_IOK && !(flags($copy->[0]) & B::SVf_POK), 'integer';
  ok flags($copy->[1]) & B::SVf_POK && !(flags($copy->[1]) & B::SVf_IOK), 'string of digits';
  ok flags($copy->[2]) & B::SVf_NOK && !(flags($copy->[2]) & B::SVf_POK), 'float';
  ok flags($copy->[3]) & B::SVf_POK && !(flags($copy->[3]) & B::SVf_NOK), 'string of a float';
};

subtest 'values with two faces' => sub {
  my $copy = clone([dualvar(5, 'five'), 1 == 1, 1 == 0]);
  is $copy->[0] + 0, 5, 'the number of a dual value';
  is "$copy->[0]", 'five', 'and its string';
  ok builtin::is_bool($copy->[1]) && $copy->[1], 'true' if $] >= 5.036;
  ok builtin::is_bool($copy->[2]) && !$copy->[2], 'false' if $] >= 5.036;
  my $number = 7;
  my $text   = "$number";
  $copy = clone([$number]);
  is $copy->[0], 7, 'a number that was printed';
  my $string = '12';
  my $sum    = $string + 1;
  is_deeply clone([$string]), ['12'], 'a string that was computed with';
  my $version = v1.22.333;
  is sprintf('%vd', clone($version)), '1.22.333', 'a version string';
  is reftype(\clone($version)), 'VSTRING', 'remains one';
};

subtest 'strings and their encoding' => sub {
  my $bytes = "J\xfcrgen";
  my $wide  = "\x{263a} smile";
  my $flagged = $bytes;
  utf8::upgrade($flagged);
  my $copy = clone([$bytes, $wide, $flagged]);
  is_deeply $copy, [$bytes, $wide, $flagged], 'same characters';
  ok !utf8::is_utf8($copy->[0]), 'bytes stay bytes';
  ok utf8::is_utf8($copy->[2]),  'the flag stays';
  is_deeply clone({$wide => 1, "\xe9" => 2, '' => 3}), {$wide => 1, "\xe9" => 2, '' => 3}, 'keys';
  my ($key) = keys %{clone({$wide => 1})};
  is $key, $wide, 'a wide key comes out of keys';
};

subtest 'the copy is independent of its source, both ways' => sub {
  my $source = {list => [1, 2, [3]], map => {a => {b => 'c'}}, text => 'x' x 2000};
  my $copy   = clone($source);
  is_deeply $copy, $source, 'equal';
  isnt refaddr($copy), refaddr($source), 'but another hash';
  isnt refaddr($copy->{list}[2]), refaddr($source->{list}[2]), 'at every level';
  push $copy->{list}[2]->@*, 4;
  $copy->{map}{a}{b} = 'd';
  substr($copy->{text}, 0, 1) = 'y';
  delete $copy->{map};
  is_deeply $source, {list => [1, 2, [3]], map => {a => {b => 'c'}}, text => 'x' x 2000},
    'changes of the copy stay there';
  $source->{list}[0] = 9;
  is $copy->{list}[0], 1, 'and changes of the source';
};

subtest 'the copy outlives its source' => sub {
  my $copy;
  { my $source = {a => [map { {n => $_} } 1 .. 50]}; $copy = clone($source) }
  my @noise = map { {n => -$_} } 1 .. 200;
  is $copy->{a}[49]{n}, 50;
};

subtest 'arrays' => sub {
  is_deeply clone([]), [], 'empty';
  my @holes;
  $holes[3] = 'x';
  my $copy = clone(\@holes);
  is scalar @$copy, 4, 'with holes: the length';
  ok !exists $copy->[1], 'and the holes';
  $copy->[1] = 5;
  is $copy->[1], 5, 'which can be filled';
  my @shifted = (1 .. 10);
  shift @shifted for 1 .. 5;
  is_deeply clone(\@shifted), [6 .. 10], 'shifted';
  sub arguments { clone(\@_) }
  is_deeply arguments(1, 'a'), [1, 'a'], 'the arguments of a function';
  my $grown = clone([1]);
  push @$grown, 2 .. 100;
  is scalar @$grown, 100, 'can grow';
};

subtest 'hashes' => sub {
  is_deeply clone({}), {}, 'empty';
  my %big = map { ("key$_" => $_) } 1 .. 5000;
  my $copy = clone(\%big);
  is_deeply $copy, \%big, '5000 keys';
  delete $copy->{"key$_"} for 1 .. 4990;
  is keys %$copy, 10, 'can be deleted from';
  $copy->{"new$_"} = $_ for 1 .. 5000;
  is keys %$copy, 5010, 'and grow';
  my %shrunk = map { ($_ => 1) } 1 .. 5000;
  delete @shrunk{6 .. 5000};
  is_deeply clone(\%shrunk), {map { ($_ => 1) } 1 .. 5}, 'one that was much larger';
  my %walked = (a => 1, b => 2, c => 3);
  my ($first) = each %walked;
  is_deeply clone(\%walked), {a => 1, b => 2, c => 3}, 'in the middle of each';
  my @rest;
  while (my ($key) = each %walked) { push @rest, $key }
  is @rest, 2, 'which goes on where it was';
};

subtest 'restricted hashes' => sub {
  my %locked = (a => 1, b => [2]);
  lock_keys(%locked, qw(a b c));
  my $copy = clone(\%locked);
  is_deeply $copy, {a => 1, b => [2]}, 'content';
  ok !eval { $copy->{d} = 1; 1 }, 'no other key';
  $copy->{c} = 3;
  is $copy->{c}, 3, 'but those that are legal';
  is_deeply [sort(legal_keys(%$copy))], [qw(a b c)], 'legal keys';
  my $deep = {x => {y => 1}};
  lock_hash_recurse(%$deep);
  ok !eval { clone($deep)->{x}{y} = 2; 1 }, 'locked values stay locked';
  my $constant = \'constant';
  my $free     = clone($constant);
  $$free = 'changed';
  is $$free, 'changed', 'other read-only values become ordinary ones';
};

# Whether a copy shares the keys of its source depends on how many the process shares already, and on
# how large the hash once was.
subtest 'restricted hashes with many legal keys' => sub {
  clone({map { ("shared$_" => 1) } 1 .. 100});
  for my $legal (1 .. 100, 1000) {
    for my $shrunk (0, 1) {
      my %locked = map { ("slot$_" => $_) } 1 .. ($shrunk ? 20 * $legal : 1);
      delete @locked{grep { $_ ne 'slot1' } keys %locked};
      my @legal = map { "slot$_" } 1 .. $legal;
      lock_keys(%locked, @legal);
      my $copy = clone(\%locked);
      my $case = "$legal legal keys" . ($shrunk ? ' of a hash that was larger' : '');
      my $same = keys %$copy == 1 && "@{[%$copy]}" eq 'slot1 1'
        && "@{[sort(legal_keys(%$copy))]}" eq "@{[sort @legal]}"
        && "@{[sort(hidden_keys(%$copy))]}" eq "@{[sort @legal[1 .. $#legal]]}";
      ok $same, "$case: the same";
      ok eval { $copy->{$_} = 'there' for @legal; 1 }, "$case: all can be stored" or diag $@;
      is keys %$copy, $legal, "$case: and are there then";
      ok !eval { $copy->{other} = 1; 1 }, "$case: and no others";
      unlock_keys(%$copy);
      $copy->{"more$_"} = $_ for 1 .. 50;
      is keys %$copy, $legal + 50, "$case: until it is unlocked";
    }
  }
  my %locked = (question => '?', answer => 42, extra => 'junk', undef => undef);
  lock_hash(%locked);
  unlock_value(%locked, $_) for qw(answer extra);
  delete $locked{extra};
  my $copy = clone(\%locked);
  is "@{[sort keys %$copy]}", 'answer question undef', 'a deleted key is gone';
  ok !eval { $copy->{question} = 1; 1 }, 'a locked value is locked';
  ok eval { $copy->{answer}++; $copy->{extra} = 15; 1 }, 'others are not';
  ok !eval { $copy->{more} = 1; 1 }, 'no other key';
};

subtest 'weak references in locked hashes' => sub {
  my $parent = {name => 'parent'};
  weaken($parent->{kid}{up} = $parent);
  lock_hash(%$_) for $parent, $parent->{kid};
  my $copy = clone($parent);
  is refaddr($copy->{kid}{up}), refaddr($copy), 'lead to the copy';
  ok isweak($copy->{kid}{up}), 'and are weak';
  ok !eval { $copy->{kid}{up} = 1; 1 }, 'and locked';
  my $alone = clone($parent->{kid});
  is $alone->{up}, undef, 'to nothing where nothing holds it';
};

subtest 'shared references' => sub {
  my $shared = {n => 1};
  my $copy   = clone([$shared, $shared, {deep => $shared}]);
  is refaddr($copy->[0]), refaddr($copy->[1]), 'stay shared';
  is refaddr($copy->[0]), refaddr($copy->[2]{deep}), 'at any depth';
  isnt refaddr($copy->[0]), refaddr($shared), 'with the copy';
  my $scalar = 'x';
  my ($one, $two) = clone([\$scalar, \$scalar])->@*;
  $$one = 'y';
  is $$two, 'y', 'a shared scalar';
  my @array = (1, 2);
  my $alias = clone([\@array, \$array[0]]);
  ${$alias->[1]} = 9;
  is $alias->[0][0], 9, 'a reference to an element, after the array';
  $alias = clone([\$array[1], \@array]);
  ${$alias->[0]} = 8;
  is $alias->[1][1], 8, 'and before';
  my %hash = (a => 1);
  $alias = clone([\%hash, \$hash{a}]);
  ${$alias->[1]} = 7;
  is $alias->[0]{a}, 7, 'to a value of a hash';
  is scalar(grep { ref } clone([map { \undef } 1 .. 3])->@*), 3, 'references to undef';
};

subtest 'cycles' => sub {
  my $self = {name => 'self'};
  $self->{self} = $self;
  my $copy = clone($self);
  is refaddr($copy->{self}), refaddr($copy), 'a hash that holds itself';
  isnt refaddr($copy), refaddr($self), 'is a new one';
  my @ring = map { {n => $_} } 0 .. 9;
  $ring[$_]{next} = $ring[($_ + 1) % 10] for 0 .. 9;
  my $at = clone($ring[3]);
  my $start = $at;
  $at = $at->{next} for 1 .. 10;
  is refaddr($at), refaddr($start), 'a ring';
  my $loop;
  $loop = \$loop;
  my $twin = clone($loop);
  is refaddr($$twin), refaddr($$$twin), 'a reference to itself';
  delete $_->{next} for @ring;
  delete $self->{self};
  delete $copy->{self};
  undef $loop;
};

subtest 'references to references' => sub {
  is $${clone(\\'x')}, 'x', 'to a string';
  is_deeply ${clone(\[1, 2])}, [1, 2], 'to an array';
  my $chain = 'end';
  for (1 .. 100_000) { my $inner = $chain; $chain = \$inner }
  my $copy = clone($chain);
  my $depth = 0;
  while (ref $copy) { $copy = $$copy; $depth++ }
  is $depth, 100_000, 'a hundred thousand deep';
  while (ref $chain) { $chain = $$chain }
};

subtest 'depth costs no stack' => sub {
  my $deep = [];
  $deep = [$deep] for 1 .. 200_000;
  my $copy = clone($deep);
  my $depth = 0;
  while ($copy && @$copy) { $copy = $copy->[0]; $depth++ }
  is $depth, 200_000;
  while (@$deep) { $deep = $deep->[0] }
};

package Animal { sub new ($class, %f) { bless {%f}, $class } sub name { $_[0]{name} } }
package Destroyed { our $count = 0; sub DESTROY { $count++ } }
package Text { use overload '""' => sub { "text:$_[0]{t}" }, '==' => sub { die 'called' }; }

subtest 'objects' => sub {
  my $dog = Animal->new(name => 'Rex', friends => [Animal->new(name => 'Tom')]);
  my $copy = clone($dog);
  isa_ok $copy, 'Animal';
  is $copy->name, 'Rex', 'methods work';
  is blessed($copy->{friends}[0]), 'Animal', 'inner objects, too';
  is blessed(clone(bless [], 'An::Array')), 'An::Array', 'an array';
  my $scalar = clone(bless \(my $s = 5), 'A::Scalar');
  is blessed($scalar), 'A::Scalar', 'a scalar';
  is $$scalar, 5, 'and what it holds';
  is blessed(clone(bless \\'x', 'A::Ref')), 'A::Ref', 'a reference';
  is "@{[clone(bless {t => 1}, 'Text')]}", 'text:1', 'overloading works, and is not called';
  is blessed(clone(bless {}, '0')), '0', 'the class called 0';
  { my $source = bless [], 'Destroyed'; my $twin = clone($source) }
  is $Destroyed::count, 2, 'each is destroyed once';
  my $both = bless {}, 'Animal';
  $both->{me} = $both;
  $copy = clone($both);
  is blessed($copy->{me}), 'Animal', 'an object in a cycle';
  delete $_->{me} for $both, $copy;
};

subtest 'weak references' => sub {
  my $tree = {name => 'root', children => []};
  for (1 .. 3) {
    my $child = {name => $_, parent => $tree};
    weaken $child->{parent};
    push $tree->{children}->@*, $child;
  }
  my $copy = clone($tree);
  ok isweak($copy->{children}[2]{parent}), 'stay weak';
  is refaddr($copy->{children}[0]{parent}), refaddr($copy), 'and lead to the copy';
  my $child = clone($tree->{children}[0]);
  is $child->{parent}, undef, 'and to nothing where nothing else holds the copy of the target';
  my $data = {strong => [1]};
  weaken($data->{weak} = $data->{strong});
  $copy = clone($data);
  ok isweak($copy->{weak}), 'beside a strong one';
  is refaddr($copy->{weak}), refaddr($copy->{strong}), 'to the same array';
  undef $copy->{strong};
  is $copy->{weak}, undef, 'which goes with the strong one';
  is_deeply $data, {strong => [1], weak => [1]}, 'the source is as it was';
};

subtest 'what is held weakly, by others than what is cloned' => sub {
  my $held  = {list => [1, 2]};
  my @cases = (
    {weak => $held}, {weak => $held, again => $held}, {weak => $held, inner => $held->{list}},
    {weak => $held->{list}, strong => $held},
  );
  weaken($_->{weak}) for @cases;
  weaken($cases[$_->[0]]{$_->[1]}) for [1, 'again'], [2, 'inner'];
  for my $case (@cases) {
    my ($copy, $storable) = (clone($case), dclone($case));
    my $name = join ' and ', sort keys %$case;
    is_deeply $copy, $storable, "$name: as Storable leaves it";
    is !!isweak($copy->{$_}), !!isweak($storable->{$_}), "$name: $_" for sort keys %$case;
  }
  my $argument = $held;
  weaken($argument);
  is_deeply clone($argument), $held, 'but what is handed over is copied';
};

subtest 'what a fieldhash knows' => sub {
  fieldhash my %name;
  for my $source (bless({n => 1}, 'Inside'), bless([1], 'Inside'), bless(\(my $text = 'x'), 'Inside'), {n => 1}) {
    $name{$source} = 'known';
    my $copy = clone([$source])->[0];
    is_deeply $copy, $source, reftype($source) . ': copied';
    is blessed($copy), blessed($source), 'with its class';
    ok !exists $name{$copy}, 'into one that it does not know';
    $name{$copy} = 'new';
    is $name{$source}, 'known', 'until it is told';
    isnt id($copy), id($source), 'by an id of its own';
    undef $copy;
    is_deeply [values %name], ['known'], 'and only while it lives';
    delete $name{$source};
  }
  my $object = {};
  $name{$object} = 1;
  ok !eval { clone(\%name); 1 }, 'the fieldhash itself, whose keys are addresses of others, is not copied';
  like $@, qr/\$: a magical value cannot be cloned/, 'as it says';
};

subtest 'patterns' => sub {
  my $copy = clone({re => qr/a(b+)\x{263a}?c/ix});
  is ref $copy->{re}, 'Regexp';
  ok 'xABBCx' =~ $copy->{re}, 'match';
  is $1, 'BB';
  is "$copy->{re}", '' . qr/a(b+)\x{263a}?c/ix, 'print the same';
};

package Properties {
  sub IsMine { "61\n" }
  our $bare = qr/^\p{IsMine}$/;
  our $full = qr/^\p{Properties::IsMine}$/;
}

subtest 'patterns are compiled as they were' => sub {
  my $source;
  { no warnings; $source = qr/[a-\d]\p{IsUpper}\P{ InGreek }\\\p{^IsLower}/ }
  my @warned;
  local $SIG{__WARN__} = sub { push @warned, @_ };
  eval { die "before\n" };
  my $copy = clone([$source]);
  is "@warned", '', 'without warnings';
  ok "aAa\\A" =~ $copy->[0] && "aaa\\A" !~ $copy->[0], "with perl's own properties";
  is $@, "before\n", 'and without a trace';
  ok 'a' =~ clone($Properties::full) && 'b' !~ clone($Properties::full), 'with those of a package that is named';
  ok !eval { clone({re => [$Properties::bare]}); 1 };
  like $@, qr/^ZeroTouch::Clone: \$\.re\[0\]: a pattern with a character property that a package defines cannot/,
    'and not with those of one that is not';
};

subtest 'what cannot be copied is named, with its place' => sub {
  tie my %tied, 'Tie::StdHash';
  tie my @tied, 'Tie::StdArray';
  tie my $tied, 'Tie::StdScalar';
  my @cases = (
    [{a => {'a b' => [0, sub { 1 }]}},   qr/\$\.a\["a b"\]\[1\]: a code reference/],
    [[\*STDOUT],                         qr/\$\[0\]: a glob/],
    [[*STDOUT],                          qr/\$\[0\]: a glob/],
    [[*STDOUT{IO}],                      qr/\$\[0\]: a file handle/],
    [{t => \%tied},                      qr/\$\.t: a tied value/],
    [{t => \@tied},                      qr/\$\.t: a tied value/],
    [{t => \$tied},                      qr/\$\.t: a tied value/],
    [\%ENV,                              qr/\$: a magical value/],
    [\%main::,                           qr/\$: a symbol table/],
    [{re => [qr/(?{ 1 })/]},             qr/\$\.re\[0\]: a pattern that runs code/],
    [{"\x{263a}" => sub { }},            qr/\$\["\x{263a}"\]: a code reference/],
    [{'quo"te' => sub { }},              qr/\$\["quo\\"te"\]: a code reference/],
    [sub { },                            qr/\$: a code reference/],
  );
  for my $case (@cases) {
    my $copy = eval { clone($case->[0]) };
    like $@, qr/^ZeroTouch::Clone: $case->[1] cannot be cloned at \Q$0\E line/, $case->[1];
  }
  is_deeply clone({after => 'an error'}), {after => 'an error'}, 'and it goes on working';
};

subtest 'usage' => sub {
  ok !eval { ZeroTouch::Clone::clone(); 1 }, 'nothing to copy';
  ok !eval { ZeroTouch::Clone::clone(1, 2); 1 }, 'no depth: that would share the source';
};

package Counted { our $freed = 0; sub DESTROY { $freed++ } }

subtest 'nothing is leaked' => sub {
  my $source = {a => bless([{}, []], 'Counted'), b => \'x', c => {map { ($_ => [$_]) } 1 .. 20}};
  my $broken = {a => bless([], 'Counted'), b => sub { }};
  my $pages  = sub { open my $f, '<', '/proc/self/statm' or return 0; (split ' ', <$f>)[1] };
  my $before;
  for my $round (1 .. 4000) {
    my $copy = clone($source);
    eval { clone($broken) };
    $before = $pages->() if $round == 400;
  }
  is $Counted::freed, 4000, 'objects, and a refused clone has none';
  cmp_ok $pages->() - $before, '<', 100, 'pages';
};

subtest 'a refused clone leaks no cycle and destroys no object' => sub {
  my $tree = {name => 'root', kids => []};
  for (1 .. 5) {
    my $kid = bless {up => $tree, data => 'y' x 2000}, 'Counted';
    weaken $kid->{up};
    push $tree->{kids}->@*, $kid;
  }
  my $ring = {data => 'z' x 2000};
  $ring->{self} = [\$ring];
  my $cycles = [{code => sub { }}, $tree, $ring];    # the first one is the last to be filled
  my $object = bless {a => {b => sub { }}}, 'Counted';
  my $pages  = sub { open my $f, '<', '/proc/self/statm' or return 0; (split ' ', <$f>)[1] };
  my ($before, $freed) = (0, $Counted::freed);
  for my $round (1 .. 2000) {
    eval { clone($_) } for $cycles, $object;
    $before = $pages->() if $round == 200;
  }
  cmp_ok $pages->() - $before, '<', 200, 'pages';
  is $Counted::freed, $freed, 'objects';
  delete $ring->{self};
};

subtest 'objects in locked hashes' => sub {
  my $source = bless {inner => bless({n => 1}, 'Animal')}, 'Animal';
  lock_hash_recurse(%$source);
  my $copy = clone($source);
  is join(' ', map { blessed $_ } $copy, $copy->{inner}), 'Animal Animal', 'keep their classes';
  ok !eval { $copy->{inner}{n} = 2; 1 }, 'and locks';
};

sub type_of_magic { my $sv = B::svref_2object(\$_[0]); $sv->can('MAGIC') && $sv->MAGIC ? $sv->MAGIC->TYPE : '' }
use constant NEEDLE => 'needle';

subtest 'what perl notes on ordinary values is no magic' => sub {
  my @holes;
  $holes[2] = 'x';
  my $arguments = sub { clone(\@_) };
  my $copy = $arguments->(@holes);
  is_deeply $copy, [undef, undef, 'x'], 'missing elements as arguments';
  ok !exists $copy->[1], 'are missing in the copy';
  my %hash = (there => 1);
  is_deeply $arguments->($hash{there}, $hash{missing}, $holes[9]), [1, undef, undef], 'and those of a hash';
  is clone($hash{missing}), undef, 'or handed over alone';
  is clone($holes[99]), undef, 'of an array, too';
  is_deeply [sort keys %hash], ['there'], 'and do not begin to exist';
  sub late { $_[1]{late} = [7]; clone($_[0]) }
  is_deeply late($hash{late}, \%hash), [7], 'unless they do';
  'abc' =~ /(b)/ or die;
  is clone($1), 'b', 'what a pattern matched';
  is clone($ENV{PATH}), $ENV{PATH}, 'a variable of the environment';
  is index('xxneedle', NEEDLE), 2;
  is ${clone([\NEEDLE])->[0]}, 'needle', 'a string that was searched for';
  SKIP: {
    require POSIX;
    my $old = POSIX::setlocale(POSIX::LC_COLLATE());
    POSIX::setlocale(POSIX::LC_COLLATE(), 'C.UTF-8') or skip 'no locale', 1;
    my @names = map { "name $_" } 1 .. 3;
    { use locale; my @sorted = sort @names }
    POSIX::setlocale(POSIX::LC_COLLATE(), $old);
    skip 'sorted without notes', 1 if type_of_magic($names[0]) ne 'o';
    is_deeply clone(\@names), ['name 1', 'name 2', 'name 3'], 'strings that were sorted by a locale';
  }
};

done_testing;
