# Perl code that may run while data is cloned, and changes that data: handlers of signals, and what
# compiles a pattern. Each case in a child, which may not come back.
use 5.036;
use Test::More;
use Hash::Util   ();
use POSIX        ();
use Scalar::Util ();
use ZeroTouch::Clone 'clone';

our ($data, $ran);

sub in_child ($name, $code) {
  my $child = fork // die "fork: $!";
  if (!$child) {
    my $wrong = eval { $code->() } // $@;
    print STDERR "# $name: $wrong\n" if $wrong ne '';
    POSIX::_exit($wrong eq '' ? 0 : 1);
  }
  waitpid $child, 0;
  is $?, 0, $name;
}

sub records { return map { {key => ["v$_"]} } 1 .. 50 }

# Frees what the list of things to do points to, and fills the holes with other values.
sub wreck {
  $ran++;
  @$data = ();
  my @noise = map { [$_, 'x' x 40] } 1 .. 300;
  return scalar @noise;
}

# '' if the copy is what the data was, and the data changed meanwhile.
sub judge ($copy) {
  return 'the code did not run' unless $ran;
  return 'the data is still there' if @$data;
  return "@{[scalar @$copy]} elements" unless @$copy == 51;
  for my $i (1 .. 50) { return "record $i" unless $copy->[$i - 1]{key}[0] eq "v$i" }
  return '';
}

in_child('a signal that arrives while a pattern is looked at', sub {
  $data = [records(), qr/\p{IsUpper}a/];
  local $SIG{USR1} = \&wreck;
  no warnings 'redefine';
  my $knows = \&ZeroTouch::Clone::Nowhere::knows;
  local *ZeroTouch::Clone::Nowhere::knows = sub { kill USR1 => $$; $knows->(@_) };
  my $copy = clone($data);
  return judge($copy) || ('Aa' =~ $copy->[50] && 'aa' !~ $copy->[50] ? '' : 'the pattern');
});

package Late { our $pattern; { no warnings; $pattern = qr/^\p{Late::IsLate}$/ } }
# Not defined when the pattern was compiled, so it is asked for when the copy's is.
eval 'sub Late::IsLate { main::wreck(); return "61\n" } 1' or die;

sub late {
  undef $ran;
  $data = [records(), $Late::pattern];
  undef $Late::pattern;
}

in_child('a property that its package defines late', sub {
  late();
  my $copy = clone($data);
  return judge($copy)
    || (ref $copy->[50] eq 'Regexp' && 'a' =~ $copy->[50] && 'b' !~ $copy->[50] ? '' : 'the pattern');
});

in_child('one that is no copy of its own, but blessed, locked, shared and held weakly', sub {
  late();
  my $pattern = pop @$data;
  push @$data, {one => bless($pattern, 'Own'), two => $pattern, weak => $pattern, value => $$pattern};
  Scalar::Util::weaken($data->[50]{weak});
  Hash::Util::lock_hash($data->[50]->%*);
  undef $pattern;
  my $copy = clone($data);
  my $all  = $copy->[50];
  return judge($copy)
    || (ref $all->{one} eq 'Own' && $all->{one} == $all->{two} && $all->{one} == $all->{weak} ? '' : 'one pattern')
    || ('a' =~ $all->{one} && 'b' !~ $all->{weak} ? '' : 'matches')
    || (Scalar::Util::isweak($all->{weak}) ? '' : 'weak')
    || ('a' =~ $all->{value} && 'b' !~ $all->{value} ? '' : 'matches as a value')
    || (eval { $all->{value} = 1; 1 } ? 'not locked' : '');
});

in_child('a property that dies', sub {
  my $pattern;
  { no warnings; $pattern = qr/\p{Late::IsBroken}/ }
  eval 'sub Late::IsBroken { die "broken\n" } 1' or die;
  for (1 .. 3) { return 'no error' if eval { clone([{deep => [$pattern]}]); 1 } }
  return $@ =~ /broken/ && clone([5])->[0] == 5 ? '' : "error $@";
});

in_child('a refused clone has not compiled it', sub {
  late();
  my $refused = !eval { clone([sub { }, $data, sub { }]); 1 };
  return $refused && !$ran && $@ =~ /\$\[[02]\]: a code reference/ ? '' : "refused: $refused, ran: $ran";
});

{
  my @died;
  local $SIG{__DIE__} = sub { push @died, @_ };
  my $pattern = do { no warnings; qr/\p{IsUpper}\p{IsNothing}/ };
  is eval { clone([$pattern]); 1 }, undef, 'a pattern with a name that perl does not know';
  is @died, 1, 'calls the handler of errors with its refusal alone';
  like $died[0], qr/^ZeroTouch::Clone: \$\[0\]: a pattern with/, 'which this is';
}

done_testing;
