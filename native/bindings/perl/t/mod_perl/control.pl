# Live data of the parent, and a handler that reads it in the way that un-shares it.
use 5.036;

package Control;
use Apache2::Const -compile => 'OK';

our $jobs = [map { {id => $_, body => 'x' x 200, tags => ["a$_", "b$_"]} } 1 .. 20_000];

# Tells the test that a child is there, and which.
sub ready ($pool, $server) {
  open my $say, '>&=', $ENV{CONTROL_READY} or die "CONTROL_READY: $!";
  syswrite $say, "$$\n";
  return Apache2::Const::OK;
}

sub handler ($r) {
  my $length = 0;
  for my $index (0 .. $#$jobs) {
    my $job = $jobs->[$index];
    $length += length $job->{body};
  }
  $r->content_type('text/plain');
  $r->print("$$ @{[scalar @$jobs]} $length\n");
  return Apache2::Const::OK;
}

1;
