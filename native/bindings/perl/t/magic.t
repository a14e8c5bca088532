# Arguments whose value is made when somebody asks for it: $1, tied scalars.
use 5.036;
use Test::More;
use B           ();
use File::Temp  ();
use POSIX       ();
use Tie::Scalar ();
use ZeroTouch 'publish';
use ZeroTouch::Region;

my $dir = File::Temp->newdir;
publish("$dir/r.ztc", [map { {name => "u$_", n => $_} } 0 .. 9], key => 'name');
publish("$dir/b.ztc", [map { {n => $_} } 0 .. 9], key => sub { \"b$_[0]{n}" });
my $region = ZeroTouch::Region->open("$dir/r.ztc");
my $bytes  = ZeroTouch::Region->open("$dir/b.ztc");

subtest 'what a pattern matched' => sub {
  for my $n (3, 5, 7) {
    "n=$n" =~ /n=(\d)/ or die;
    is $region->copy($1)->{n}, $n, "copy of $n";
    is $region->copy_path($1, 'n'), $n, 'of a part';
    is_deeply [map { $_->{n} } $region->copy_many($1, 0, $1)], [$n, 0, $n], 'of many';
    "n=u$n" =~ /n=(u.)/ or die;
    is $region->get($1)->{n}, $n, 'get';
    is $region->index_of($1), $n, 'index_of';
    "n=b$n" =~ /n=(b.)/ or die;
    is $bytes->index_of(\$1), $n, 'by bytes';
    'path n' =~ /(\w)$/ or die;
    is $region->copy_path($n, $1), $n, 'a path';
  }
};

subtest 'tied scalars' => sub {
  tie my $tied, 'Tie::StdScalar', 4;
  is $region->copy($tied)->{n}, 4, 'copy';
  $tied = 6;
  is $region->copy($tied)->{n}, 6, 'of its new value';
  $tied = 'u8';
  is $region->index_of($tied), 8, 'index_of';
  $tied = 'no number';
  ok !eval { $region->copy($tied); 1 };
  like $@, qr/not by 'no number'/, 'in errors';
};

our ($last, $value);
package LetsGo { sub TIESCALAR { bless [] } sub FETCH { undef $main::last; $main::value } }

# In a child, which may not come back.
sub survives ($name, $code) {
  my $child = fork // die "fork: $!";
  if (!$child) {
    my $right = eval { $code->() };
    print STDERR "# $name: $@" if $@;
    POSIX::_exit($right ? 0 : 1);
  }
  waitpid $child, 0;
  is $?, 0, $name;
}

subtest 'an argument whose value lets go of the region' => sub {
  my %calls = (
    copy      => [3,    sub { $last->copy($_[0])->{n} == 3 }],
    copy_path => ['n',  sub { $last->copy_path(3, $_[0]) == 3 }],
    copy_many => [3,    sub { join(' ', map { $_->{n} } $last->copy_many(1, $_[0], 2)) eq '1 3 2' }],
    get       => ['u3', sub { $last->get($_[0])->{n} == 3 }],
    index_of  => ['u3', sub { $last->index_of($_[0]) == 3 }],
    'index_of bytes' => ['b3', sub { $last->index_of(\$_[0]) == 3 }, 'b'],
  );
  for my $name (sort keys %calls) {
    my ($is, $call, $file) = $calls{$name}->@*;
    survives($name, sub {
      $last  = ZeroTouch::Region->open("$dir/" . ($file // 'r') . '.ztc');
      $value = $is;
      tie my $tied, 'LetsGo';
      my $right = $call->($tied);
      return $right && !defined $last;
    });
  }
};

subtest 'an index is left as it is' => sub {
  for my $index (3, '3', 3.0) {
    my $before = B::svref_2object(\$index)->FLAGS;
    $region->copy($index);
    is B::svref_2object(\$index)->FLAGS, $before, "the flags of $before";
  }
};

done_testing;
