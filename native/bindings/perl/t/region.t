# What comes back from a region, and what is said when nothing can.
use 5.036;
no warnings 'experimental::builtin';
use Test::More;
use File::Temp   ();
use Hash::Util::FieldHash 'fieldhash';
use POSIX        ();
use Scalar::Util qw(blessed isweak refaddr weaken);
use ZeroTouch 'publish';
use ZeroTouch::Region;

my $dir = File::Temp->newdir;

sub region { my $path = "$dir/r.ztc"; publish($path, [@_]); ZeroTouch::Region->open($path) }
sub through { region(@_)->copy(0) }

subtest 'plain values' => sub {
  my @values = (undef, 0, 1, -1, 42, 9223372036854775807, -9223372036854775807 - 1, ~0,
    9223372036854775808, 1.5, -0.25, 1e300, '', 'a', 'seven77', 'eight888', "a\0b", 'x' x 100_000,
    "J\xfcrgen", "\xff" x 10, "\x{263a}", "\x{10ffff}", "\x{263a}" x 1000);
  my $region = region(@values);
  is $region->count, @values, 'count';
  is $region->copy($_), $values[$_], "record $_" for 0 .. $#values;
  my $copies = through([@values]);
  is_deeply $copies, \@values, 'in a list';
  is_deeply through({map { ("key $_" => $values[$_]) } 0 .. $#values}),
    {map { ("key $_" => $values[$_]) } 0 .. $#values}, 'in a map';
  ok builtin::is_bool(through(1 == 1)), 'true is a boolean';
  is through(1 == 0), '', 'and so is false';
  is through(9**9**9), 9**9**9, 'infinity';
  my $nan = through(-sin(9**9**9));
  ok $nan != $nan, 'not a number';
};

subtest 'strings' => sub {
  my $upgraded = "J\xfcrgen";
  utf8::upgrade($upgraded);
  is through($upgraded), "J\xfcrgen", 'flagged or not: the same characters';
  ok !utf8::is_utf8(through($upgraded)), 'bytes, when they do';
  ok utf8::is_utf8(through("\x{263a}")), 'flagged, when not';
  no warnings 'surrogate';
  is through("a\x{d800}b\x{1f600}"), "a\x{d800}b\x{1f600}", 'unpaired surrogates';
  my $number = 7;
  my $text   = "$number";
  is through($number), 7, 'a number that was printed';
  is through(v1.2.3), v1.2.3, 'a version string';
};

subtest 'containers' => sub {
  my $case = 0;
  for my $data ([], {}, [[]], [{}], {a => {}}, {a => []}, [1, 'a', [2, ['b']]],
    {a => {b => {c => [1, 2, 3]}}}, [map { {id => $_, name => "n$_", tags => ["t$_"]} } 1 .. 50],
    {map { ("key$_" => {n => $_}) } 1 .. 500}, {"\xe9" => 1, "\x{263a}" => 2, '' => 3},
    {map { ("\x{263a}$_" => $_) } 1 .. 300}) {
    is_deeply through($data), $data, 'case ' . $case++;
  }
  my @holes;
  $holes[2] = 1;
  is_deeply through(\@holes), [undef, undef, 1], 'holes are undef';
  my %map = %{through({map { ("k$_" => $_) } 1 .. 11})};
  delete $map{k3};
  $map{"new$_"} = $_ for 1 .. 50;
  is keys %map, 60, 'a map is an ordinary hash';
  my @seen = sort keys %{through({"\xe9" => 1, "\x{263a}" => 2})};
  is_deeply \@seen, ["\xe9", "\x{263a}"], 'its keys come out as they went in';
};

subtest 'every copy is private' => sub {
  my $region = region({a => [1, 2], t => 'x' x 5000});
  my ($one, $two) = ($region->copy(0), $region->copy(0));
  $one->{a}[0] = 9;
  $one->{t} .= 'y';
  $one->{new} = 1;
  is_deeply $two, {a => [1, 2], t => 'x' x 5000}, 'from another one';
  is_deeply $region->copy(0), $two, 'and from the next one';
  $region->close;
  undef $region;
  is $two->{a}[1], 2, 'and outlives the region';
};

subtest 'identity' => sub {
  my $shared = {n => 1};
  my $copy   = through([$shared, $shared, {deep => $shared}]);
  is refaddr($copy->[0]), refaddr($copy->[2]{deep}), 'a shared hash';
  my $self = [1];
  push @$self, $self;
  $copy = through($self);
  is refaddr($copy->[1]), refaddr($copy), 'a cycle';
  my $x = 'x';
  $copy = through([\$x, \$x]);
  ${$copy->[0]} = 'y';
  is ${$copy->[1]}, 'y', 'a shared scalar';
  my $loop;
  $loop = \$loop;
  $copy = through($loop);
  is refaddr($$copy), refaddr($copy), 'a reference to itself';
  is $$${through(\\\'x')}, 'x', 'references to references';
  my @rows = map { {id => $_} } 1 .. 3;
  $copy = through({all => \@rows, first => $rows[0]});
  is refaddr($copy->{first}), refaddr($copy->{all}[0]), 'an element of a list of like maps';
  my $tree = {name => 'root', list => []};
  weaken((push $tree->{list}->@*, {up => $tree}) && $tree->{list}[-1]{up});
  $copy = through($tree);
  ok isweak($copy->{list}[0]{up}), 'a weak reference';
  is refaddr($copy->{list}[0]{up}), refaddr($copy), 'leads to the copy';
  pop @$self;
  undef $loop;
};

package Animal { sub name { $_[0]{name} } }

subtest 'objects' => sub {
  my $copy = through(bless {name => 'Rex', friend => bless([1], 'An::Array')}, 'Animal');
  is $copy->name, 'Rex', 'methods work';
  is blessed($copy->{friend}), 'An::Array', 'an array';
  publish("$dir/s.ztc", [[bless(\(my $s = 5), 'A::Scalar'), bless({}, 'Animal'), bless(\\7, "A::R\x{e9}f")]]);
  my $scalars = sub { ZeroTouch::Region->open("$dir/s.ztc", @_)->copy(0) };
  $copy = $scalars->();
  is ref $copy->[0], 'SCALAR', 'a scalar is not blessed';
  is ${$copy->[0]}, 5, 'and keeps its value';
  is ref $copy->[1], 'Animal', 'a hash beside it is';
  $copy = $scalars->(bless => ['A::Scalar', "A::R\x{e9}f"]);
  is join(' ', map { ref } @$copy), "A::Scalar HASH A::R\x{e9}f", 'unless it is in a list, and only what is in it';
  is_deeply [map { ref } $scalars->(bless => [])->@*], ['SCALAR', 'HASH', 'REF'], 'or in an empty one';
  for my $bad ({}, \1, [undef], [[]]) {
    ok !eval { $scalars->(bless => $bad); 1 };
    like $@, qr/bless is true, false, or a reference to an array of class names at \Q$0\E/;
  }
  my $object = bless {}, 'Animal';
  $object->{me} = $object;
  $copy = through($object);
  is refaddr($copy->{me}), refaddr($copy), 'in a cycle';
  publish("$dir/o.ztc", [bless {n => 1}, 'Animal']);
  $copy = ZeroTouch::Region->open("$dir/o.ztc", bless => 0)->copy(0);
  is ref $copy, 'HASH', 'not blessed where that is not wanted';
  is_deeply $copy, {n => 1}, 'with the same content';
  delete $object->{me};
};

subtest 'copy_path' => sub {
  my $region = region({a => {b => [10, {c => 'x'}]}, rows => [{id => 1}, {id => 2}], 'k y' => 3});
  is $region->copy_path(0, 'a.b[0]'), 10;
  is_deeply $region->copy_path(0, '$.a.b[1]'), {c => 'x'};
  is_deeply $region->copy_path(0, 'rows[1]'), {id => 2};
  is $region->copy_path(0, '["k y"]'), 3;
  is_deeply $region->copy_path(0, '$'), $region->copy(0);
  ok !eval { $region->copy_path(0, 'a.x'); 1 };
  like $@, qr/record 0, a\.x: .*\(NO_SUCH_KEY\) at \Q$0\E/;
  ok !eval { $region->copy_path(0, 'a..x'); 1 };
  like $@, qr/\(BAD_PATH\)/;
  my $shared = [map { {id => $_} } 1 .. 3];
  my $graph  = region({list => $shared, again => $shared});
  is_deeply $graph->copy_path(0, 'list[1]'), {id => 2}, 'a row of a shared list';
};

package Freed { our @seen; sub DESTROY { push @seen, $_[0]{id} } }

subtest 'a row of a shared list comes with what hangs on it, and nothing else' => sub {
  my $rows = sub { [map { {id => $_, object => bless({id => $_}, 'Freed')} } 1 .. 3] };
  my $list = $rows->();
  my $region = region({list => $list, again => $list});
  undef $list;
  @Freed::seen = ();
  my $row = $region->copy_path(0, 'list[1]');
  is blessed($row->{object}), 'Freed', 'its object';
  is_deeply \@Freed::seen, [], 'no destructor of an object of another row';
  undef $row;
  is_deeply \@Freed::seen, [2], 'no object but its own was ever there';
  my $all = [];
  push @$all, map { {id => $_, all => $all} } 1 .. 3;
  $row = region({list => $all, again => $all})->copy_path(0, 'list[1]');
  is refaddr($row->{all}[1]), refaddr($row), 'a list that it leads to has this very row';
  is refaddr($row->{all}[2]{all}), refaddr($row->{all}), 'and others, which lead to the same list';
  is_deeply [map { $_->{id} } @{$row->{all}}], [1 .. 3], 'in order';
  @$_ = () for $all, $row->{all};
};

subtest 'many at once' => sub {
  my @records = map { {id => $_, text => 'x' x ($_ % 700)} } 0 .. 499;
  my $region  = region(@records);
  is_deeply [$region->copy_many(reverse 0 .. 499)], [reverse @records], 'in the order asked for';
  is_deeply [$region->copy_many], [], 'none';
  is_deeply [$region->copy_many(7, 7)], [@records[7, 7]], 'the same one twice';
  my ($next, @all) = $region->iterator;
  while (my ($record) = $next->()) { push @all, $record }
  is_deeply \@all, \@records, 'iterator';
  $next = $region->iterator(from => 10, to => 13, batch => 2);
  is_deeply [$next->(), $next->(), $next->(), $next->()], [@records[10 .. 12]], 'a part';
  my $big = region({t => 'x' x 1e6}, {t => 'y' x 3e6}, {n => 1});
  is length(join '', map { $_->{t} // '' } $big->copy_many(0, 1, 2, 0)), 5e6, 'large ones';
};

subtest 'many shared nodes' => sub {
  my @shared = map { {n => $_} } 1 .. 1000;
  my $copy   = through([@shared, @shared]);
  is refaddr($copy->[999]), refaddr($copy->[1999]);
};

subtest 'publish from an iterator' => sub {
  my $n = 0;
  is publish("$dir/i.ztc", sub { $n < 1000 ? {n => $n++} : () }), 1000, 'returns how many';
  is ZeroTouch::Region->open("$dir/i.ztc")->copy(999)->{n}, 999;
  my $source = ZeroTouch::Region->open("$dir/i.ztc");
  publish("$dir/j.ztc", $source->iterator);
  is_deeply(ZeroTouch::Region->open("$dir/j.ztc")->copy(5), {n => 5}, 'from another region');
  is publish("$dir/u.ztc", do { my $m = 3; sub { $m-- > 0 ? undef : () } }), 3, 'undef is a record';
  is publish("$dir/e.ztc", []), 0, 'no record at all';
  is(ZeroTouch::Region->open("$dir/e.ztc")->count, 0);
};

subtest 'the same data gives the same file' => sub {
  my @data = map { my $n = $_; +{map { ("k$_" => $n) } 1 .. 20} } 1 .. 20;
  publish("$dir/a.ztc", \@data);
  my @other = map { my $n = $_; +{map { ("k$_" => $n) } reverse 1 .. 20} } 1 .. 20;
  publish("$dir/b.ztc", \@other);
  my ($one, $two) = map { local (@ARGV, $/) = $_; <> } "$dir/a.ztc", "$dir/b.ztc";
  ok $one eq $two, 'whatever the order of the keys';
};

subtest 'what cannot be published is named, with its place' => sub {
  publish("$dir/old.ztc", ['old']);
  my $deep = [];
  $deep = [$deep] for 1 .. 600;
  tie my %tied, 'Tie::StdHash' if require Tie::Hash;
  for my $case (
    [[{ok => 1}, {a => [0, {cb => sub { }}]}], qr/record 1: \$\.a\[1\]\.cb: a code reference/],
    [[\*STDOUT],            qr/record 0: \$: a glob/],
    [[[qr/x/]],             qr/record 0: \$\[0\]: a compiled pattern/],
    [[{t => \%tied}],       qr/record 0: \$\.t: a tied value/],
    [[$deep],               qr/record 0: \$(?:\[0\]){512}: data nested more than 512 levels deep/],
    [["\x{7fffffff}"],      qr/record 0: \$: a string with characters above U\+10FFFF/],
    [[{o => bless {}, "A\x{d800}"}], qr/record 0: \$\.o: an object whose class name is no Unicode/],
  ) {
    ok !eval { publish("$dir/old.ztc", $case->[0]); 1 }, "$case->[1]";
    like $@, qr/^ZeroTouch: $case->[1] cannot be published \(UNSTORABLE\) at \Q$0\E line/;
  }
  ok !eval { publish("$dir/old.ztc", sub { die "from within\n" }); 1 };
  is $@, "from within\n", 'an iterator that dies';
  is(ZeroTouch::Region->open("$dir/old.ztc")->copy(0), 'old', 'the old file is as it was');
  is_deeply [grep { !/\.ztc$/ } map { s{.*/}{}r } glob("$dir/* $dir/.[a-z]*")], [], 'nothing is left behind';
  for my $bad (undef, 'x', {}, \1) {
    ok !eval { publish("$dir/x.ztc", $bad); 1 };
    like $@, qr/must be an array reference or a code reference/;
  }
  ok !eval { publish("$dir/no/such/x.ztc", []); 1 };
  like $@, qr/\(NOT_FOUND\)/;
};

subtest 'records by key' => sub {
  my $path  = "$dir/keys.ztc";
  my @users = map { {name => $_, id => {n => 0 + length}, tags => ["t$_"]} } 'a', "J\xfcrgen", "\x{263a} smile", '', '0042';
  publish($path, \@users, key => 'name');
  my $region = ZeroTouch::Region->open($path, verify => 'all');
  is $region->key_count, 5, 'all have one';
  for my $i (0 .. $#users) {
    my $key = $users[$i]{name};
    is_deeply $region->get($key), $users[$i], "record $i";
    is $region->index_of($key), $i, 'its number';
    my $other = $key;
    utf8::upgrade($other);
    is $region->index_of($other), $i, 'flagged or not';
  }
  is $region->get('b'), undef, 'no such key';
  is $region->index_of(42), undef, '42 is not 0042';
  is $region->index_of(\'a'), undef, 'bytes are no string';

  publish($path, \@users, key => '$.id.n');
  $region = ZeroTouch::Region->open($path);
  is $region->index_of(6), 1, 'an integer';
  is $region->index_of('6'), 1, 'as a string';
  is $region->index_of(6.0), 1, 'as a float';
  is $region->index_of($_), undef, "$_ is not 6" for '06', '6.0', ' 6', '+6', '6x', 99, -6, 6.5 * 2;
  publish($path, [map { {k => $_} } -5, '17'], key => 'k');
  $region = ZeroTouch::Region->open($path);
  is $region->index_of($_), 0, 'a negative integer' for -5, '-5', -5.0;
  is $region->index_of($_), 1, 'a string of digits' for 17, '17';

  publish($path, [map { {k => $_} } 1 .. 9], key => sub ($r) { $r->{k} % 3 ? undef : \"\0k$r->{k}" });
  $region = ZeroTouch::Region->open($path);
  is $region->key_count, 3, 'code may give a key or not';
  is_deeply $region->get(\"\0k6"), {k => 6}, 'of bytes';
  is $region->get("\0k6"), undef, 'and no string';

  publish($path, [1]);
  $region = ZeroTouch::Region->open($path);
  is $region->key_count, 0, 'without keys';
  is $region->get('x'), undef, 'there are none';
  for my $case (
    [[{k => 'x'}, {k => 'y'}, {k => 'x'}], 'k', qr/records 0 and 2 have the same key, "x"; .*\(DUPLICATE_KEY\)/],
    [[{k => 'x'}, {}],                     'k', qr/record 1: it has no value where its key should be.*\(UNSTORABLE\)/],
    [[['x'], 'y'],                       '[0]', qr/record 1: it has no value where its key should be.*\(UNSTORABLE\)/],
    [[{k => 1.5}],                         'k', qr/record 0: its key is no string, no integer.*\(UNSTORABLE\)/],
    [[{k => undef}],                       'k', qr/record 0: its key is no string, no integer.*\(UNSTORABLE\)/],
    [[{k => 'x' x 70_000}],                'k', qr/record 0: its key has more than 65535 bytes \(TOO_LARGE\)/],
    [[{k => 1}],                        'a..b', qr/malformed path at byte 2: a\.\.b \(BAD_PATH\)/],
    [[{k => 1}],        sub { die "from within\n" }, qr/^from within$/],
  ) {
    ok !eval { publish($path, $case->[0], key => $case->[1]); 1 }, "$case->[2]";
    like $@, $case->[2];
  }
  ok !eval { publish($path, [1], kye => 'k'); 1 };
  like $@, qr/no such option: kye/;
  is $region->get('x'), undef, 'the old file is as it was';
  no warnings 'uninitialized';
  ok !eval { $region->get(undef); 1 };
  like $@, qr/a key is a string, an integer or a reference to bytes/;
  $region->close;
  ok !eval { $region->get('x'); 1 };
  like $@, qr/looking up a key: .*\(CLOSED\)/;
};

subtest 'code that is asked for keys may do what it likes' => sub {
  my $path = "$dir/asked.ztc";
  my @holes;
  $holes[2] = {id => 7};
  publish($path, \@holes, key => sub { $_[0] && $_[0]{id} });
  my $region = ZeroTouch::Region->open($path);
  is_deeply [map { $region->copy($_) } 0 .. 2], [undef, undef, {id => 7}], 'it gets undef for a missing element';
  is $region->index_of(7), 2, 'and its keys count';

  my @data = map { {id => $_, text => "record $_ " . 'x' x 100} } 1 .. 3;
  my $first = {%{$data[0]}};
  my @noise;
  publish($path, \@data, key => sub { my $id = $_[0]{id}; @data = (); push @noise, {n => $_} for 1 .. 100; $id });
  is_deeply(ZeroTouch::Region->open($path)->get(1), $first, 'it may empty the array');

  my $source = [map { {id => $_} } 1 .. 50];
  my $code;
  $code = sub { undef $source; undef $code; push @noise, [1 .. 5]; $_[0]{id} };
  is publish($path, $source, key => $code), 50, 'and let go of array and code';
  publish($path, [map { {t => "id=$_"} } 3, 5], key => sub { $_[0]{t} =~ /(\d)/; $1 });
  is(ZeroTouch::Region->open($path)->index_of('5'), 1, 'and return $1');
};

subtest 'a look-up leaves its key as it is' => sub {
  my $path = "$dir/flags.ztc";
  publish($path, [{k => 42}, {k => 'x'}], key => 'k');
  my $region = ZeroTouch::Region->open($path);
  require B;
  for my $key (42, '42', 'x', 1.0, '7') {
    my $before = B::svref_2object(\$key)->FLAGS;
    $region->get($key);
    is B::svref_2object(\$key)->FLAGS, $before, "the flags of $before";
  }
};

subtest 'errors of reading' => sub {
  my $region = region(map { {n => $_} } 1 .. 3);
  for my $case (
    [3,      qr/record 3: index out of range \(there are 3 records\) \(OUT_OF_RANGE\)/],
    [~0,     qr/record 18446744073709551615: index out of range .*/],
    [-1,     qr/named by a whole number from 0, not by '-1'/],
    [1.5,    qr/not by '1\.5'/],
    ['two',  qr/not by 'two'/],
    [undef,  qr/not by ''/],
  ) {
    no warnings 'uninitialized';
    ok !eval { $region->copy($case->[0]); 1 };
    like $@, qr/^ZeroTouch: .*$case->[1] at \Q$0\E line/;
    ok !eval { $region->copy_many(0, $case->[0]); 1 };
    like $@, $case->[1];
  }
  is $region->copy('2')->{n}, 3, 'a number in a string is one';
  is $region->copy(2.0)->{n}, 3, 'so is a float without a fraction';
  $region->close;
  ok !eval { $region->copy(0); 1 };
  like $@, qr/\(CLOSED\)/;
  is $region->count, 3, 'a closed region still knows how many there were';
  ok !eval { ZeroTouch::Region::copy(bless(\(my $x = 1), 'ZeroTouch::Region'), 0); 1 };
  like $@, qr/not an open region/;
  my %files = (empty => '', text => 'not a region', short => "\x89ZTC\r\n\x1a\n");
  for my $name (sort keys %files) {
    open my $file, '>:raw', "$dir/$name";
    print $file $files{$name};
    close $file;
    ok !eval { ZeroTouch::Region->open("$dir/$name"); 1 };
    like $@, qr/^ZeroTouch: \Q$dir\E.* at \Q$0\E line/, $name;
  }
  ok !eval { ZeroTouch::Region->open("$dir/none"); 1 };
  like $@, qr/\(NOT_FOUND\) at \Q$0\E/;
  eval { die "before\n" };
  region(1);
  is $@, "before\n", 'a region that is opened leaves $@ alone';
  for my $case (
    ['open',      sub { ZeroTouch::Region->open("$dir/r.ztc\0.other") }],
    ['publish',   sub { publish("$dir/r.ztc\0.other", [2]) }],
    ['publish',   sub { publish("$dir/r.ztc", [{k => 2}], key => "k\0.other") }],
    ['copy_path', sub { region({a => 1})->copy_path(0, "a\0.other") }],
  ) {
    ok !eval { $case->[1]->(); 1 }, "a NUL in a path: $case->[0]";
    like $@, qr/^ZeroTouch::.*$case->[0]: a path cannot have a NUL byte, and this one has one behind '.*' at \Q$0\E/;
  }
  ok !eval { ZeroTouch::Region->open("$dir/none", verfy => 'all'); 1 };
  like $@, qr/no such option: verfy/;
  ok !eval { ZeroTouch::Region->open("$dir/none", verify => 'most'); 1 };
  like $@, qr/verify is header, none, record or all/;
};

subtest 'a file that is cut short kills no reader' => sub {
  my $region = region(map { {text => 'x' x 200} } 1 .. 200);
  my $lost   = sub {
    my $pid = fork // die "fork: $!";
    if (!$pid) {
      $_[0]->();
      my $survived = !eval { $region->copy(199); 1 };
      POSIX::_exit($survived && $@ =~ /\(LOST\)/ ? POSIX::SIGBUS() + 100 : 1);
    }
    waitpid $pid, 0;
    return $? & 127 || $? >> 8;
  };
  truncate "$dir/r.ztc", 4096 or die "truncate: $!";
  is $lost->(sub { }), POSIX::SIGBUS() + 100, 'opening a region turns the signal into an error';
  is $lost->(sub { $SIG{BUS} = 'DEFAULT' }), POSIX::SIGBUS(), 'until somebody installs a handler of his own';
  is $lost->(sub { ZeroTouch::guard_regions() for 1 .. 2 }), POSIX::SIGBUS() + 100, 'it may be asked for again';
};

# What only weak references lead to goes when the copy is whole; its end may use the region, or end it.
{
  package Doomed;
  our $end;
  sub DESTROY { $end->() if $end && $_[0]{name} }
}
{
  my @held = map { bless {name => "held $_", n => $_}, 'Doomed' } 1 .. 3;
  my @records = map { {n => $_} } 0 .. 8;
  weaken($records[3]{weak} = $held[0]);
  weaken($records[4]{weak} = $held[1]);
  publish("$dir/doomed.ztc", \@records);
  my $region = ZeroTouch::Region->open("$dir/doomed.ztc", bless => ['Doomed']);
  my ($ended, @inner) = 0;
  local $Doomed::end = sub { $ended++; @inner = map { $_->{n} } $region->copy_many((6, 7, 8) x 20) };
  is_deeply [map { $_->{n} } $region->copy_many(0, 3, 4, 5)], [0, 3, 4, 5], 'copies are not those of what ended';
  is $ended, 2, 'which are made';
  is_deeply \@inner, [(6, 7, 8) x 20], 'and are right';
  my $copy = $region->copy(3);
  is $copy->{weak}, undef, 'nothing is left of it behind the statement';
  local $Doomed::end = sub { undef $region };
  is $region->copy(4)->{n}, 4, 'a region may end with what ended';
  is $region, undef, 'and did';
  undef $Doomed::end;
}

subtest 'objects that a fieldhash knows' => sub {
  fieldhash my %name;
  my $object = bless {n => 1}, 'Inside';
  $name{$object} = 'known';
  my $copy = through([$object])->[0];
  is_deeply $copy, $object, 'are stored as others';
  is blessed($copy), 'Inside', 'with their class';
  ok !exists $name{$copy}, 'and come back as ones that it does not know';
};

done_testing;
