# Files that are cut short, or made to do harm: an error, in bounded memory, and the process goes on.
use 5.036;
use Test::More;
use File::Temp  ();
use POSIX       ();
use ZeroTouch 'publish';
use ZeroTouch::Region;

my $dir = File::Temp->newdir;

sub bytes_of { open my $file, '<:raw', $_[0] or die $!; local $/; return scalar <$file> }

sub write_file {
  my ($path, $bytes) = @_;
  open my $file, '>:raw', $path or die $!;
  print $file $bytes;
  close $file or die $!;
}

# What `code` says in a process of its own, and by how many MB its memory grew at most.
sub apart {
  my ($code) = @_;
  pipe(my $out, my $in) or die $!;
  my $pid = fork // die $!;
  if ($pid == 0) {
    my $peak = sub { open my $f, '<', '/proc/self/status'; (map { /^VmHWM:\s*(\d+)/ ? $1 : () } <$f>)[0] };
    if (open my $reset, '>', '/proc/self/clear_refs') { print $reset 5; close $reset }
    my $before = $peak->();
    my $said = eval { $code->() } // $@;
    syswrite $in, sprintf "%d %s", ($peak->() - $before) / 1024, $said;
    POSIX::_exit(0);
  }
  close $in;
  my ($grown, $said) = do { local $/; <$out> // '' } =~ /^(\d+) (.*)/s;
  waitpid $pid, 0;
  is $?, 0, 'it ends by itself';
  return ($grown, $said);
}

subtest 'a file that is cut short underneath' => sub {
  my (undef, $said) = apart(sub {
    publish("$dir/cut.ztc", [map { {text => 'x' x 5000} } 1 .. 100]);
    my $region = ZeroTouch::Region->open("$dir/cut.ztc");
    truncate "$dir/cut.ztc", 4096;
    $region->copy(99);
    'copied';
  });
  like $said, qr/^ZeroTouch: \Q$dir\E\/cut\.ztc: record 99: .*\(LOST\)/, 'an error';
};

# A reference to a scalar, made a URI: a value that is shared by all that refer to it.
sub one_uri {
  my ($path, $size, $times) = @_;
  my $text = 'x' x $size;
  publish($path, [[map { \$text } 1 .. $times]]);
  my $bytes = bytes_of($path);
  my $count = $bytes =~ s/\Q${\pack 'V', 0x80500001}\E/pack 'V', 22/eg;
  die "there are $count scalars" if $count != 1;
  write_file($path, $bytes);
}

subtest 'a long string that is referred to thousands of times' => sub {
  one_uri("$dir/uri.ztc", 1_000_000, 60_000);
  my ($grown, $said) = apart(sub {
    scalar ZeroTouch::Region->open("$dir/uri.ztc", verify => 'none')->copy(0)->@*;
  });
  like $said, qr/refers to a long string too often \(UNSUPPORTED\)/, 'is refused';
  cmp_ok $grown, '<', 200, 'before it takes much memory';
  one_uri("$dir/uri.ztc", 20_000, 5_000);
  ($grown, $said) = apart(sub {
    my $copy = ZeroTouch::Region->open("$dir/uri.ztc", verify => 'none')->copy(0);
    my $wrong = grep { $_ ne 'x' x 20_000 } @$copy;
    @$copy . " of them, $wrong wrong";
  });
  is $said, '5000 of them, 0 wrong', 'unless it is not that long';
  cmp_ok $grown, '<', 20, 'and most share their bytes';
};

subtest 'one long array under many strings' => sub {
  my $count = 2000;
  no warnings 'surrogate';
  publish("$dir/utf16.ztc", [["a\x{d800}" . 'b' x 500_000, map { "a\x{d800}" } 1 .. $count]]);
  my $bytes = bytes_of("$dir/utf16.ztc");
  my $at = 0;
  $at += 8 until $at >= length $bytes or substr($bytes, $at, 1) eq "\3" && unpack('V', substr $bytes, $at + 4) == $count + 1;
  die 'there is no such list' if $at >= length $bytes;
  substr($bytes, $at + 8 + 8 * $_, 8) = substr $bytes, $at + 8, 8 for 1 .. $count;
  write_file("$dir/utf16.ztc", $bytes);
  my ($grown, $said) = apart(sub {
    scalar ZeroTouch::Region->open("$dir/utf16.ztc", verify => 'none')->copy(0)->@*;
  });
  like $said, qr/its bytes are not well formed \(CORRUPT\)/, 'are refused';
  cmp_ok $grown, '<', 50, 'before they take much memory';
};

subtest 'an iterator gets past what is damaged' => sub {
  publish("$dir/some.ztc", [map { "record number $_ of them" } 0 .. 199]);
  my $bytes = bytes_of("$dir/some.ztc");
  $bytes =~ s/number $_ /bumber $_ / or die for 70, 71, 199;
  write_file("$dir/some.ztc", $bytes);
  my $next = ZeroTouch::Region->open("$dir/some.ztc", verify => 'record')->iterator;
  my (@read, @refused);
  for (0 .. 199) {
    my ($record) = eval { $next->() };
    if ($@) { push @refused, $@ =~ /: record (\d+): .*\(CHECKSUM\)/ }
    else    { push @read, $record =~ /(\d+)/ }
  }
  is_deeply \@refused, [70, 71, 199], 'which it says once each';
  is_deeply \@read, [0 .. 69, 72 .. 198], 'and returns all others';
  is_deeply [$next->()], [], 'before it ends';
};

# What a class that is written in C keeps in its objects is an address.
subtest 'a file does not make objects of scalars' => sub {
  plan skip_all => 'no Compress::Raw::Zlib' unless eval { require Compress::Raw::Zlib; 1 };
  my (undef, $said) = apart(sub {
    my $stream = bless \(my $number = 4096), 'Compress::Raw::Zlib::inflateStream';
    publish("$dir/xs.ztc", [[$stream]]);
    bless $stream, 'Some::Class';
    ref ZeroTouch::Region->open("$dir/xs.ztc")->copy(0)->[0];
  });
  is $said, 'SCALAR', 'whose destructor would free an address from the file';
};

package Whole {
  our @seen;
  sub DESTROY { push @seen, $_[0]{name} // 'nothing' }
}

subtest 'no destructor sees what was not completed' => sub {
  my @records = map { [bless({name => "the $_"}, 'Whole'), "\x{263a} of $_"] } qw(first second);
  publish("$dir/objects.ztc", \@records);
  undef @records;
  @Whole::seen = ();
  my $bytes = bytes_of("$dir/objects.ztc");
  $bytes =~ s/\xe2\x98\xba of first/\xff\xff\xff of first/ or die;
  write_file("$dir/objects.ztc", $bytes);
  my $region = ZeroTouch::Region->open("$dir/objects.ztc", verify => 'none');
  is eval { $region->copy(0) }, undef, 'a damaged record is refused';
  like $@, qr/\(CORRUPT\)/, 'with an error';
  is_deeply \@Whole::seen, [], 'and has made no object';
  { is ref $region->copy(1)->[0], 'Whole', 'another has one' }
  is_deeply \@Whole::seen, ['the second'], 'which is destroyed';
};

subtest 'one thing is not made two objects' => sub {
  publish("$dir/twice.ztc", [[bless({name => 'outer'}, 'Whole'), \['Some::Class', bless({name => 'inner'}, 'Whole')]]]);
  my $bytes = bytes_of("$dir/twice.ztc");
  $bytes =~ s/\Q${\pack 'V', 0x80500001}\E/pack 'V', 18/e or die;    # a class and an object that has one
  write_file("$dir/twice.ztc", $bytes);
  @Whole::seen = ();
  is eval { ZeroTouch::Region->open("$dir/twice.ztc", verify => 'none')->copy(0) }, undef, 'a record that asks for it is refused';
  like $@, qr/\(CORRUPT\)/, 'with an error';
  is_deeply \@Whole::seen, [], 'before it has made any object';
};

done_testing;
