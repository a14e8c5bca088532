# A distribution (make dist) has every file that belongs to it, and no other.
use 5.036;
use Test::More;
use ExtUtils::Manifest qw(maniread maniskip);
use File::Find 'find';

local $ExtUtils::Manifest::Quiet = 1;
my $listed = maniread();
ok keys %$listed > 50, 'MANIFEST names files';
is_deeply [grep { !-f } sort keys %$listed], [], 'all are there';

my $skip = maniskip();
my @found;
find({no_chdir => 1, follow_fast => 1, wanted => sub {
  my $name = $_ =~ s{^\./}{}r;
  push @found, $name if -f && !$skip->($name);
}}, '.');
is_deeply [grep { !exists $listed->{$_} } sort @found], [], 'and none is missing (make manifest adds it)';
is_deeply [grep { $skip->($_) } sort keys %$listed], [], 'nor listed though MANIFEST.SKIP leaves it out';

done_testing;
