package ZeroTouch::Clone;
use 5.036;
use strict;
use warnings;

our $VERSION = '0.1.0';

use Exporter 'import';
our @EXPORT_OK = ('clone');

use ZeroTouch ();

# A package without subroutines of its own: a property that it knows is one of perl's.
package    ## no critic (ProhibitMultiplePackages)
  ZeroTouch::Clone::Nowhere {
  sub knows {
    my ($name) = @_;
    local ($@, $SIG{__DIE__});
    return eval { my $match = 'a' =~ /\p{$name}/; 1 };
  }
}

1;

__END__

=encoding utf8

=head1 NAME

ZeroTouch::Clone - deep copies of live data, without one write to the original

=head1 SYNOPSIS

  use ZeroTouch::Clone 'clone';

  our $jobs = load_a_million_jobs();

  for (1 .. 4) {
    next if fork;
    while (defined(my $i = next_index())) {
      my $job = clone($jobs->[$i]);     # not: my $job = $jobs->[$i]
      ...
    }
    exit;
  }

=head1 FUNCTIONS

=head2 clone($data)

Returns a deep copy. The original is only looked at: no reference is counted, no string buffer
shared, no hash iterator set, no number remembered as a string or the other way round, no code called
(but see L</PATTERNS>). So
a forked worker that clones what it needs goes on sharing its parent's pages.

Hand the element over in the call, as above. C<my $job = $jobs-E<gt>[$i]> and C<for my $job (@$jobs)> write
to the original before C<clone> sees it.

The copy has the same values, classes, shared references, cycles, weak references, missing elements,
and restrictions of hashes. It shares nothing with the original that can be changed. Of read-only values
only those of restricted hashes are read-only in the copy. A compiled pattern is compiled again, without warnings. A weak
reference whose target nothing in the copy holds is C<undef> in the copy: it would be so in the original,
too, if nothing else held it.

A copy is not tainted, whatever the original was.

Depth costs memory, not stack: chains of a hundred thousand references are fine.

An object that a fieldhash knows (L<Hash::Util::FieldHash>) is copied to one that it does not know. A
fieldhash itself cannot be cloned.

=head1 PATTERNS

Compiling a pattern that names a character property of a package (C<\p{My::IsMine}>) calls that
package's subroutine if nothing has called it before. This is done last, when all of the original has been
read; an exception that it throws is that of C<clone>. Handlers of signals wait while the original is read.

=head1 WHAT IS WRITTEN NEVERTHELESS

The reference counts of the classes of objects, one page for each class. And those of the keys of
hashes in perl's table of keys: a page for a key, once, for at most a thousand keys. Hashes with
further keys, such as dictionaries, get keys of their own.

Beyond that a child un-shares a number of pages of its interpreter that does not depend on how much
it clones, see L<ZeroTouch::Region/OWNERSHIP AND FORKS>.

=head1 ERRORS

C<clone> dies, with the place, on what it cannot copy: code references, globs, file handles, patterns
that run code or have a character property of their package (C<\p{IsMine}>; with the package's name, as in
C<\p{My::IsMine}>, it is fine), objects that hold data of a C library, tied and otherwise magical values.

  ZeroTouch::Clone: $.handlers["on error"][0]: a code reference cannot be cloned at ...

The original is not touched by a failed clone either.

=head1 SEE ALSO

L<ZeroTouch>, L<ZeroTouch::Region>. Clone and Storable make deep copies, too; they write to the
original.

=cut
