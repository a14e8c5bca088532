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
  if (ref $bless) {
    croak 'ZeroTouch::Region->open: bless is true, false, or a reference to an array of class names'
      if ref $bless ne 'ARRAY' || grep { !defined || ref } @$bless;
    $bless = {map { ($_ => 1) } @$bless};
  }
  my $flags  = delete $option{audit} ? 0x100 : 0;
  croak "ZeroTouch::Region->open: no such option: @{[sort keys %option]}" if %option;
  croak "ZeroTouch::Region->open: verify is header, none, record or all, not '$verify'"
    unless exists $VERIFY{$verify};
  my ($region, $error);
  {
    local $@;
    $region = eval { _open($class, $path, $VERIFY{$verify} | $flags, $bless) };
    $error  = $@;
  }
  croak $error =~ s/ at \S+ line \d+(?:, <.*> line \d+)?\.?\n\z//r unless defined $region;
  return $region;
}

sub iterator {
  my ($self, %option) = @_;
  my $next  = delete $option{from} // 0;
  my $end   = delete $option{to}   // $self->count;
  my $batch = delete $option{batch} // 64;
  croak "ZeroTouch::Region->iterator: no such option: @{[sort keys %option]}" if %option;
  my $alone = $next;    # up to here the records are copied one by one
  my @ready;
  return sub {
    return shift @ready if @ready;
    return              if $next >= $end;
    if ($next >= $alone) {
      my $last = $next + $batch < $end ? $next + $batch : $end;
      local $@;
      if   (eval { @ready = $self->copy_many($next .. $last - 1); 1 }) { $next  = $last }
      else                                                            { $alone = $last }
      return shift @ready if @ready;
    }
    return $self->copy($next++);    # which may die, and is behind then
  };
}

# A region belongs to the interpreter that opened it.
sub CLONE_SKIP { 1 }

1;

__END__

=encoding utf8

=head1 NAME

ZeroTouch::Region - private copies of the records of a region

=head1 SYNOPSIS

  use ZeroTouch::Region;

  my $region = ZeroTouch::Region->open('jobs.ztc');                    # hashes and arrays are blessed
  $region = ZeroTouch::Region->open('jobs.ztc', bless => 0);           # nothing is
  $region = ZeroTouch::Region->open('jobs.ztc', bless => ['My::Job']); # this class alone

  my $job    = $region->copy(42);                   # fresh data
  my @jobs   = $region->copy_many(7, 99, 100_000);  # cheaper for random records
  my $lang   = $region->copy_path(42, 'prefs.lang');
  my $user   = $region->get('user:42');             # if it was published with keys
  say $region->count;

  my $next = $region->iterator;
  while (my ($job) = $next->()) { ... }

=head1 METHODS

=head2 open($path, %options)

Maps the file; a few pages are read, whatever its size. A handler for SIGBUS is installed, so that a copy
from a file that somebody cuts short is an error (C<LOST>), see L<ZeroTouch/guard_regions>.

=over

=item verify => 'header' (default), 'none', 'record' or 'all'

C<record> checks the checksum of each copy, C<all> the whole file before C<open> returns. With C<none>
even the header is taken as it is. Damaged bytes never lead to a crash, but without checksums they may
lead to wrong data.

=item bless => 1 (default), 0, or ['Some::Class', ...]

Which objects come back as objects of their class, and not as plain data. The file says which class that
is, and destroying an object runs a method of its class.

By default hashes and arrays are blessed, and scalars never: classes that are written in C keep addresses
in scalars, and a file that names one of them would make it free any address. That is enough for files
that your own programs wrote. With a list exactly those classes are blessed, scalars too; name classes there
whose objects hold nothing but data. With 0 nothing is blessed; use that or a list for files that somebody
else wrote.

=back

=head2 copy($index)

Record number C<$index>, from 0, as fresh Perl data: nothing in it is shared with the region or with
another copy, and it may be changed at will.

=head2 copy_many(@indices)

The same for several records, in the order asked for. The records are fetched ahead of their turn, so
that random records of a large region cost less. A dozen or two at a time is best.

=head2 copy_path($index, $path)

A part of a record, for instance C<prefs.lang>, C<items[3].sku> or C<["any key"][0]>. A missing key is
an error.

=head2 get($key)

A copy of the record with this key, or C<undef> if no record has it (and if that record is C<undef>;
C<index_of> tells them apart). L<ZeroTouch/publish> says how records get keys.

A string and an integer are different keys to other languages, and Perl does not always know which of them
it has. So the key is looked up as what it is first, and then, if it is an integer or the text of one, as the
other. A reference to a string of bytes is a key made of bytes.

=head2 index_of($key)

The number of that record, or C<undef>.

=head2 key_count

The number of records that have a key.

=head2 count

The number of records.

=head2 iterator(from => $first, to => $end, batch => 64)

A function that returns the next record, and an empty list at the end. Ask for it in list
context: C<while (my ($record) = $next-E<gt>())>. It dies once for a record that cannot be copied, and goes
on behind it when it is called again. All options may be omitted; C<to> is exclusive.

=head2 close

Lets go of the file; copies made before stay. The region is closed anyway when the last
reference to it goes.

=head1 WHAT COMES BACK

What L<ZeroTouch/publish> took. Regions written by other languages may hold more: a 64-bit unsigned
integer, a character, a set, a tuple, a UUID, an enum constant, a symbol and a URI come as the Perl value
nearest to them; typed arrays as arrays of numbers; byte strings as strings; dates, durations and
unknown extensions as objects of the class C<ZeroTouch::Ext>, C<[$id, $payload]>.

=over

=item integers that were stored as such of any size

are objects of L<Math::BigInt>, and decimals of L<Math::BigFloat>, whatever C<bless> says. They have no
accuracy or precision of their own, and a decimal keeps no zeros at its end. A number of more than 4,096 bytes
(9,863 digits), or with an exponent beyond 10,000, comes as it is stored: C<ZeroTouch::Ext>, with the id 2 and the
integer's bytes, or the id 3 and scale and bytes.

The classes are loaded by the first copy that needs them. Where workers are forked, load them before:
C<use Math::BigFloat;> in the parent loads both. Without it each child loads its own, some 6 MB. What their code
writes un-shares some 140 pages of a child, however many numbers it makes.

=item maps whose keys are no strings

are objects of L<ZeroTouch::Map>: keys and values by turns, in their order. (One whose list of entries something
else in the record refers to comes as C<ZeroTouch::Ext> with the id 7 and that list.)

=back

All of these can be published again. Zeros at the end of a decimal are not kept, nor is the type of an
array in a C<ZeroTouch::Ext> of an id that this module does not know, which becomes a list.

=head1 OWNERSHIP AND FORKS

Open a region before forking, or after; both work. The file is mapped read-only and shared, so that
the kernel refuses writes.

A child un-shares a number of pages of its interpreter that does not depend on how many records it
copies, about 20 for small records. To keep it that way the first copy in a child makes perl forget the free
slots in memory that it inherited: filling them would un-share the pages around them. Some hundred
kilobytes of new memory take their place.

A region belongs to the thread that opened it: a new thread does not see it.

=head1 ERRORS

Every method dies with one line that names file, record and path, and in parentheses the status of the C
library:

  ZeroTouch: jobs.ztc: record 99: index out of range (there are 8 records) (OUT_OF_RANGE) at ...

=head1 SEE ALSO

L<ZeroTouch>, L<ZeroTouch::Clone>

=cut
