package PageWatch;

# Which inherited pages does a forked child un-share while it runs some code? Answers from
# /proc/PID/pagemap, looked at from outside: the frame numbers before and after (root), and the bit
# that says that no other process maps the page (anybody).
use 5.036;
use strict;
use warnings;
no warnings 'portable';
use POSIX ();
use parent 'Exporter';
our @EXPORT_OK = qw(watch frames_visible);

use constant {PRESENT => 1 << 63, FILE => 1 << 61, EXCLUSIVE => 1 << 56, FRAME => (1 << 55) - 1};

# Without the right to see them all frame numbers read as 0.
sub frames_visible {
  open my $map, '<:raw', "/proc/$$/pagemap" or return 0;
  open my $maps, '<', "/proc/$$/maps" or return 0;
  while (my $line = <$maps>) {
    my ($from, $to) = $line =~ /^(\w+)-(\w+) .*\[stack\]/ or next;
    for my $page (hex($from) / 4096 .. hex($to) / 4096 - 1) {
      sysseek $map, $page * 8, 0;
      sysread $map, my $entry, 8;
      my $bits = unpack 'Q', $entry;
      return ($bits & FRAME) != 0 if $bits & PRESENT;
    }
  }
  return 0;
}

# Every page that is there of the private mappings, and every page of private mappings of files: page
# number to pagemap entry.
sub snapshot {
  my ($pid, $only) = @_;
  my %entry;
  open my $map, '<:raw', "/proc/$pid/pagemap" or die "/proc/$pid/pagemap: $!";
  open my $maps, '<', "/proc/$pid/maps" or die "/proc/$pid/maps: $!";
  while (my $line = <$maps>) {
    my ($from, $to, $shared, $inode) = $line =~ /^(\w+)-(\w+) ...(.) \S+ \S+ (\d+)/ or die;
    next if $shared eq 's' || $line =~ /\[v/;
    my ($page, $pages) = (hex($from) / 4096, (hex($to) - hex($from)) / 4096);
    sysseek $map, $page * 8, 0;
    my $got = sysread $map, my $buffer, $pages * 8;
    next unless $got;
    for my $bits (unpack 'Q*', $buffer) {
      $entry{$page} = $bits if $only ? exists $only->{$page} : $inode || $bits & PRESENT;
      $page++;
    }
  }
  return \%entry;
}

sub sleeper {
  my ($code) = @_;
  pipe my $go, my $tell_go or die $!;
  pipe my $told, my $tell or die $!;
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    close $tell_go;
    my $byte;
    my $say = sub { syswrite $tell, 'x'; sysread $go, $byte, 1 };
    $say->();
    my $ok = eval { $code->(); 1 };
    print STDERR "the watched code died: $@" unless $ok;
    $say->();
    POSIX::_exit($ok ? 0 : 1);
  }
  close $tell;
  close $go;
  sysread $told, my $ready, 1;
  return {
    pid  => $pid,
    next => sub { syswrite $tell_go, 'x'; sysread $told, my $b, 1 },
    end  => sub { syswrite $tell_go, 'x'; waitpid $pid, 0; $? },
  };
}

# Looks at other processes from a process of its own, forked before there is any data: what it
# allocates and frees would otherwise leave holes in the parent's memory.
my ($ask, $answer);

sub import {
  my ($class, @names) = @_;
  if (!$ask) {
    pipe my $asked, $ask or die $!;
    pipe $answer, my $say or die $!;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
      close $ask;
      close $answer;
      my %before;
      while (sysread $asked, my $request, 64) {
        my ($what, $worker) = unpack 'A8 L', $request;
        syswrite $say, $what eq 'before' ? before(\%before, $worker) : after(\%before, $worker);
      }
      POSIX::_exit(0);
    }
    close $asked;
    close $say;
  }
  __PACKAGE__->export_to_level(1, $class, @names);
}

sub before {
  my ($before, $pid) = @_;
  %$before = %{snapshot($pid)};
  return pack 'L3', 0, 0, 0;
}

sub after {
  my ($before, $pid) = @_;
  my $after = snapshot($pid, $before);
  my ($frames, $exclusive) = (0, 0);
  for my $page (keys %$before) {
    my ($was, $is) = ($before->{$page}, $after->{$page} // 0);
    next unless $is & PRESENT;
    if (!($was & PRESENT) || $was & FILE) {    # of a file, until it is written to
      next if $is & FILE;
      $frames++;
      $exclusive++;
      next;
    }
    $frames++ if ($was & FRAME) != ($is & FRAME);
    $exclusive++ if $is & EXCLUSIVE && !($was & EXCLUSIVE);
  }
  return pack 'L3', scalar(grep { $_ & PRESENT } values %$before), $frames, $exclusive;
}

sub ask {
  my ($what, $pid) = @_;
  syswrite $ask, pack 'A8 L', $what, $pid;
  sysread $answer, my $reply, 12;
  return unpack 'L3', $reply;
}

# Runs $code in a forked child. Returns {inherited, frames, exclusive}: pages inherited, and of those
# un-shared, by either witness (frames is undef without the right to see frame numbers). A second
# child keeps every page mapped meanwhile, so that a page written is always a page copied.
sub watch {
  my ($code) = @_;
  my $keeper = sleeper(sub { });
  my $worker = sleeper($code);
  ask('before', $worker->{pid});
  $worker->{next}->();
  my ($inherited, $frames, $exclusive) = ask('after', $worker->{pid});
  die "the worker failed\n" if $worker->{end}->();
  $keeper->{next}->();
  $keeper->{end}->();
  $frames = undef unless frames_visible();
  return {inherited => $inherited, frames => $frames, exclusive => $exclusive,
    pages => $frames // $exclusive};
}

1;
