package ZeroTouch;
use 5.036;
use strict;
use warnings;

our $VERSION = '0.1.0';

use Exporter 'import';
our @EXPORT_OK = ('publish', 'guard_regions');

use ZeroTouch::Map    ();
use ZeroTouch::Number ();

require XSLoader;
XSLoader::load('ZeroTouch', $VERSION);

1;

__END__

=encoding utf8

=head1 NAME

ZeroTouch - publish data once, and copy records from it in any number of workers

=head1 SYNOPSIS

  use ZeroTouch 'publish';
  use ZeroTouch::Region;

  publish('jobs.ztc', \@jobs);                           # an array, or ...
  publish('jobs.ztc', sub { $sth->fetchrow_hashref // () });    # ... one record after the other

  publish('users.ztc', \@users, key => 'name');          # and find them by key

  my $region = ZeroTouch::Region->open('jobs.ztc');
  for (1 .. 4) {
    next if fork;
    while (defined(my $i = next_index())) {
      my $job = $region->copy($i);                       # a fresh hash, all yours
      ...
    }
    exit;
  }

=head1 DESCRIPTION

A worker that was forked shares its parent's memory until somebody writes to it. Perl writes while it
reads: taking a reference counts it, copying a string counts who shares its buffer, C<each> and
C<keys> set an iterator, printing a number keeps its text. So page by page every worker gets its own
copy of the data that was to be shared.

A I<region> is a file with records that no process writes to. L<ZeroTouch::Region> gives a worker
ordinary Perl data, made from its own copy of a record. L<ZeroTouch::Clone> does the same for data
that lives in the parent's memory, without a file.

=head1 FUNCTIONS

=head2 publish($path, $source, key => $where)

Writes the records of C<$source> to a region at C<$path> and returns their number. C<$source> is a
reference to an array of records, or to a function that returns the next record or records, and at the
end an empty list (an C<undef> is a record). The iterator of a region is such a function.

Readers see the old file or the new one, whole. When anything fails, the old file is as it was, and
nothing is left behind.

With C<key> records can be found by a key, with L<ZeroTouch::Region/get>. It is the path of the key inside
a record, as C<id> or C<user.name>; or a function that gets a record and returns its key, C<undef> for none.
A key is a string, an integer, or a reference to a string of bytes. Two records with the same key are an
error that names both.

A record is any value:

=over

=item undef, booleans, integers and numbers

as they are. A value that is both a string and a number is stored as the string, one that is a number
and was merely printed as the number.

=item strings

as sequences of characters. A string comes back without the UTF-8 flag if it can be had without;
C<eq> sees no difference. Characters above U+10FFFF cannot be stored; unpaired surrogates can.

=item arrays and hashes

A missing element of an array comes back as C<undef>.

=item references

Several references to one array, hash or scalar lead to one again in each copy, and cycles are
cycles. A cycle keeps itself alive, as always in Perl: weaken one of its references in the source, and it
is weak in the copies. A reference to an I<element> of an array or hash comes back as one to a scalar of
its own.

=item numbers of any size, and maps with any keys

Objects of L<Math::BigInt> are stored as integers, those of L<Math::BigFloat> as decimals (neither as infinity or
no number, nor with more than 9,863 digits or an exponent beyond 10,000), those of L<ZeroTouch::Map> as maps, and
C<ZeroTouch::Ext>, C<[$id, $payload]>, as the extension that it is. Objects of subclasses are objects. While the
digits of a number are asked for, handlers of signals wait.

=item other objects

by the name of their class: arrays, hashes and scalars that are referred to; an I<element> that was blessed
itself comes back without its class. L<ZeroTouch::Region/open> says which of them are
blessed again; scalars are not unless their class is asked for.

=back

Code references, globs, file handles, compiled patterns, and tied or otherwise magical values cannot be
stored. They are named with their place:

  ZeroTouch: record 17: $.prefs.callback: a code reference cannot be published (UNSTORABLE) at ...

Not stored are restrictions of hashes, which values are read-only, C<pos>, taint, and what makes a version
string (C<v1.2.3>) one: it comes back as the string.

Data may be nested 512 levels deep. What two records have in common is stored with each of them.

The keys of hashes are stored sorted, so the same data gives the same file. Perl's own iteration order
stays random.

=head2 guard_regions()

A region that somebody cuts short under its readers, instead of publishing another one, would kill the
process that reads what is gone, by SIGBUS. So the first C<open> of a region installs a handler for that
signal, once for the process and the children that it forks, and such a reader dies with a C<LOST> error,
which C<eval> catches. What is not about regions goes to the handler that was there before; a C<$SIG{BUS}>
that is set later takes its place. This function
does the same without a region. Both die if the handler cannot be installed.

=head1 SEE ALSO

L<ZeroTouch::Region>, L<ZeroTouch::Clone>

=cut
