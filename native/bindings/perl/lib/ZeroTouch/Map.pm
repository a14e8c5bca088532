package ZeroTouch::Map;
use 5.036;
use strict;
use warnings;

our $VERSION = '0.1.0';

use Carp 'croak';

sub new {
  my ($class, @flat) = @_;
  croak 'usage: ZeroTouch::Map->new($key, $value, ...)' if @flat % 2;
  return bless [@flat], $class;
}

sub count { my ($self) = @_; return @$self / 2 }

sub keys   { my ($self) = @_; return @$self[map { 2 * $_ } 0 .. @$self / 2 - 1] }        ## no critic (ProhibitBuiltinHomonyms)
sub values { my ($self) = @_; return @$self[map { 2 * $_ + 1 } 0 .. @$self / 2 - 1] }    ## no critic (ProhibitBuiltinHomonyms)

sub pairs { my ($self) = @_; return map { [@$self[2 * $_, 2 * $_ + 1]] } 0 .. @$self / 2 - 1 }

1;

__END__

=encoding utf8

=head1 NAME

ZeroTouch::Map - a map whose keys are no strings

=head1 SYNOPSIS

  use ZeroTouch::Map;

  my $map = ZeroTouch::Map->new(1 => 'one', [2, 3] => 'two');
  for my $pair ($map->pairs) {
    my ($key, $value) = @$pair;
    ...
  }
  my %by_number = @$map;    # where the keys are plain values

=head1 DESCRIPTION

A hash of Perl has keys that are strings. Other languages have maps whose keys are numbers, lists or anything,
and a region keeps them as that. In Perl they come as an object of this class: a reference to an array of
keys and values by turns, in the order that they have in the region. C<ZeroTouch::publish> stores such an object
as a map again.

=head1 METHODS

=head2 new($key, $value, ...)

Dies if a key has no value.

=head2 keys, values, pairs

Lists, in order; C<pairs> has an array C<[$key, $value]> for each.

=head2 count

How many keys it has.

=head1 SEE ALSO

L<ZeroTouch>, L<ZeroTouch::Region>

=cut
