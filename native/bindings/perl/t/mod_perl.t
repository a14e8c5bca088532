# A child of Apache with mod_perl copies records, and its own memory does not grow with them.
#   ZTC_MOD_PERL_RECORDS   how many it copies (40000)
use 5.036;
use Test::More;
use FindBin '$Bin';
use lib "$Bin/lib", "$Bin/../bench/lib";
use Cwd        'abs_path';
use Fcntl      'F_SETFD';
use File::Temp ();
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP ();
use Mail;
use Need  'need';
use POSIX ();
use ZeroTouch 'publish';

use constant {MEGABYTE => 1024, FEW => 1_000, ATTEMPTS => 5};
my $records = $ENV{ZTC_MOD_PERL_RECORDS} // 40_000;
my $modules = '/usr/lib/apache2/modules';
my ($apache) = grep { -x } '/usr/sbin/apache2';
need('apache', defined $apache, 'apache2 is not installed');
need('apache', -f "$modules/mod_perl.so", 'libapache2-mod-perl2 is not installed');
need('apache', -f "$modules/mod_mpm_prefork.so", 'apache2 has no prefork module');

# ---------------------------------------------------------------------------------- the server

my $dir = File::Temp->newdir;
chmod 0755, $dir or die "$dir: $!";
my $i = 0;
publish("$dir/jobs.ztc", sub { $i < $records ? Mail::job($i++) : () });
chmod 0644, "$dir/jobs.ztc" or die "$dir/jobs.ztc: $!";

open my $extra, '>', "$dir/extra.conf" or die "$dir/extra.conf: $!";
print {$extra} <<"END";
PerlPassEnv CONTROL_READY
PerlRequire $Bin/mod_perl/control.pl
PerlChildInitHandler Control::ready
<Location "/control">
  SetHandler perl-script
  PerlResponseHandler Control
</Location>
END
close $extra or die "$dir/extra.conf: $!";

sub free_port {
  my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "no port: $!";
  return $socket->sockport;
}

sub slurp ($path) {
  open my $file, '<', $path or return '';
  local $/;
  return scalar <$file> // '';
}

# The child says through a pipe that it is there. The port may be taken between the question and the
# start: then apache ends, and another one is tried.
sub start ($port) {
  pipe my $ready, my $say or die "pipe: $!";
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    close $ready;
    POSIX::setsid();    # apache ends its whole process group
    fcntl $say, F_SETFD, 0 or die "fcntl: $!";
    open STDOUT, '>', "$dir/said" or die $!;
    open STDERR, '>&', \*STDOUT or die $!;
    %ENV = (
      %ENV,
      JOBS_SERVER => "$dir", JOBS_PORT => $port, JOBS_HOME => abs_path("$Bin/../examples/mod_perl"),
      JOBS_REGION => "$dir/jobs.ztc", JOBS_WORKERS => 1, CONTROL_READY => fileno $say,
      JOBS_USER   => $> == 0 ? 'nobody' : scalar getpwuid $>,
      PERL5LIB    => join(':', map { abs_path($_) // () } grep { !ref } @INC),
    );
    exec $apache, '-f', "$ENV{JOBS_HOME}/httpd.conf", '-D', 'FOREGROUND' or POSIX::_exit(127);
  }
  close $say;
  my $child = <$ready>;
  return ($pid, $child =~ s/\n//r, $ready) if defined $child;
  waitpid $pid, 0;
  return;
}

my ($server, $child, $ready, $url);
for (1 .. ATTEMPTS) {
  my $port = free_port();
  $url = "http://127.0.0.1:$port";
  last if ($server, $child, $ready) = start($port);
  note slurp("$dir/said"), slurp("$dir/error.log");
}

END {
  my $status = $?;
  if ($server) {
    kill 'TERM', $server;
    waitpid $server, 0;
  }
  $? = $status;
}
ok $server, 'apache started' or BAIL_OUT(slurp("$dir/error.log"));

my $client = HTTP::Tiny->new(timeout => 300);

sub get ($path) {
  my $response = $client->get("$url$path");
  diag "$path: $response->{status} $response->{content}", slurp("$dir/error.log")
    if $response->{status} >= 500;
  return $response;
}

# ----------------------------------------------------------------------------------- a child

# kB of its own, without the pages of the region, which go on belonging to its file.
sub own_kb ($pid) {
  open my $smaps, '<', "/proc/$pid/smaps" or die "/proc/$pid/smaps: $!";
  my ($kb, $counts) = (0, 0);
  while (my $line = <$smaps>) {
    if ($line =~ /^[0-9a-f]+-[0-9a-f]+ /) { $counts = $line !~ m{\Q$dir\E/jobs\.ztc} }
    elsif ($counts && $line =~ /^Private_(?:Clean|Dirty):\s+(\d+)/) { $kb += $1 }
  }
  return $kb;
}

my $began = own_kb($child);

my $response = get('/jobs/7');
is $response->{status}, 200, 'a record';
my $job = JSON::PP::decode_json($response->{content});
is delete $job->{served_by}, $child, 'from the child';
is_deeply $job, Mail::job(7), 'as it was published';
is get("/jobs/$records")->{status}, 404, 'a record that is not there';
is get('/jobs/sum?first=1')->{status}, 400, 'a request that is none';

sub copied ($count) {
  my ($pid, $done) = split ' ', get("/jobs/sum?first=0&count=$count")->{content};
  die "another child answered\n" if $pid != $child;
  return $done;
}

is copied(FEW), FEW, "${\FEW} records copied";
my $few = own_kb($child);
is copied($records), $records, "$records records copied";
my $many = own_kb($child);
note "own kB of the child: $began idle, $few after ${\FEW} records, $many after $records";
cmp_ok $many - $began, '<=', MEGABYTE, 'a child grows by 1 MB at most';
cmp_ok $many - $few, '<=', MEGABYTE / 8, 'and not with the records';

is((split ' ', get('/control')->{content})[0], $child, 'control: data of the parent is read');
my $caught = own_kb($child) - $many;
note "control: $caught kB";
cmp_ok $caught, '>', 4 * MEGABYTE, 'control: which is caught';

# ----------------------------------------------------------------------------------- a reload

$i = 0;
publish("$dir/jobs.ztc", sub { $i < FEW ? {body => 'new', id => $i++} : () });
chmod 0644, "$dir/jobs.ztc" or die "$dir/jobs.ztc: $!";
is JSON::PP::decode_json(get('/jobs/7')->{content})->{to}, Mail::job(7)->{to}, 'not before a reload';
kill 'USR1', $server;
my $next = <$ready> =~ s/\n//r;
isnt $next, $child, 'a graceful reload starts a new child';
is_deeply JSON::PP::decode_json(get('/jobs/7')->{content}), {body => 'new', id => 7, served_by => $next},
  'which serves the new region';

done_testing;
