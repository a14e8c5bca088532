package ZeroTouch::Number;
use 5.036;
use strict;
use warnings;

our $VERSION = '0.1.0';

# Between digits and the objects of Math::BigInt and Math::BigFloat, which are loaded by the first that is
# met. The texts are DIGITS of an integer and DIGITSeEXPONENT of a decimal.

my %loaded;

sub _load {
  my ($class) = @_;
  local ($@, $SIG{__DIE__});
  my $file = $class =~ s{::}{/}gr . '.pm';
  return $loaded{$class} = eval { require $file };
}

# Makes the hashes into numbers: [hash, text, hash, text, ...]. Returns the class that cannot be loaded.
sub fill {
  my ($pending) = @_;
  while (@$pending) {
    my ($number, $text) = splice @$pending, 0, 2;
    my $class = $text =~ /e/ ? 'Math::BigFloat' : 'Math::BigInt';
    $loaded{$class} || _load($class) or return $class;
    my $made = $class->new($text, undef, undef);    # whatever accuracy the program has asked for
    %$number = %$made;
    bless $number, ref $made;
  }
  return undef;
}

# undef of what is no finite number.
sub text {
  my ($number) = @_;
  local ($@, $SIG{__DIE__});
  local $SIG{__WARN__} = sub { };    # of an object that is none
  my $text = eval {
    my $class = ref $number;
    $loaded{$class} || _load($class) or die;
    return undef if $number->is_nan || $number->is_inf;
    return $class eq 'Math::BigInt' ? $number->bstr : $number->bsstr;
  };
  die $@ if $@ =~ /^Maximal count of pending signals/;    # which says nothing of the number
  return $text;
}

1;
