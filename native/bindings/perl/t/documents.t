# The example of the README, run as it stands there.
use 5.036;
use Test::More;
use Cwd        ();
use File::Temp ();

open my $file, '<', 'README.md' or die "README.md: $!";
my @examples = do { local $/; <$file> } =~ /```perl\n(.*?)```/gs;
is @examples, 1, 'the README has one example';

my $jobs = [map { +{id => "user:$_", prefs => {lang => 'de'}} } 0 .. 199];
my $dir  = File::Temp->newdir;
my $here = Cwd::getcwd();
chdir $dir or die "$dir: $!";
my ($job, $batch, $user, $mine)
  = eval "use warnings FATAL => 'all'; $examples[0]; (\$job, \\\@batch, \$user, \$mine)";
is $@, '', 'it runs without a warning';
chdir $here or die "$here: $!";
is_deeply $job,   $jobs->[42],          'a copy';
is_deeply $batch, [@$jobs[7, 99, 100]], 'several';
is_deeply $user,  $jobs->[42],          'by key';
is_deeply $mine,  $jobs->[42],          'a clone';
isnt $mine, $jobs->[42], 'which is another hash';
done_testing;
