package ZeroTouch::Region;
use 5.036;
use strict;
use warnings;

our $VERSION = '0.1.0';

use Carp 'croak';
use ZeroTouch ();

my %VERIFY = (header => 0, none => 1, record => 2, all => 3);

sub open {    ## no critic (ProhibitBuiltinHomonyms)
  my ($class, $path, %option) = @_;
  croak 'usage: ZeroTouch::Region->open($path, verify => ..., bless => ...)' unless defined $path;
  my $verify = delete $option{verify} // 'header';
  my $bless  = delete $option{bless}  // 1;
  my $flags  = delete $option{audit} ? 0x100 : 0;
  croak "ZeroTouch::Region->open: no such option: @{[sort keys %option]}" if %option;
  croak "ZeroTouch::Region->open: verify is header, none, record or all, not '$verify'"
    unless exists $VERIFY{$verify};
  my $region = eval { _open($class, $path, $VERIFY{$verify} | $flags, !$bless) };
  croak $@ =~ s/ at \S+ line \d+(?:, <.*> line \d+)?\.?\n\z//r unless defined $region;
  return $region;
}

sub iterator {
  my ($self, %option) = @_;
  my $next  = delete $option{from} // 0;
  my $end   = delete $option{to}   // $self->count;
  my $batch = delete $option{batch} // 64;
  croak "ZeroTouch::Region->iterator: no such option: @{[sort keys %option]}" if %option;
  my @ready;
  return sub {
    if (!@ready && $next < $end) {
      my $last = $next + $batch < $end ? $next + $batch : $end;
      @ready = $self->copy_many($next .. $last - 1);
      $next  = $last;
    }
    return @ready ? shift @ready : ();
  };
}

# A region belongs to the interpreter that opened it.
sub CLONE_SKIP { 1 }

1;
