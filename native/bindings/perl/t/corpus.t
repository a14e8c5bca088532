# The regions that every reader in every language reads, beside their typed text (the format document,
# section 7). ZTC_CORPUS says where they are.
use 5.036;
use Test::More;
use FindBin '$Bin';
use Math::BigFloat;
use Scalar::Util qw(blessed reftype refaddr);
use ZeroTouch::Region;

my ($corpus) = grep { defined && -d } $ENV{ZTC_CORPUS}, "$Bin/../../../test/corpus";
plan skip_all => 'the corpus is not here' unless defined $corpus;

# A small parser of typed text, to the data that the binding should deliver.
my ($text, %named);

sub string {
  $text =~ /\G"((?:[^"\\]|\\.)*)"/gc or die 'a string expected at ' . pos $text;
  my $string = $1 =~ s/\\(?:u(....)|(.))/defined $1 ? chr hex $1 : $2/egr;
  return $string;
}

sub number {
  my ($digits) = @_;
  return {nan => -sin(9**9**9), inf => 9**9**9, '-inf' => -9**9**9}->{$digits} // 0 + $digits;
}

sub list {
  my ($into) = @_;
  $text =~ /\G\[/gc or die;
  until ($text =~ /\G\]/gc) { push @$into, value(); $text =~ /\G,/gc }
  return $into;
}

# Two's complement.
sub integer {
  my ($bytes) = @_;
  my $number = Math::BigInt->from_hex(unpack 'H*', $bytes);
  return ord $bytes < 128 ? $number : $number - Math::BigInt->new(256)->bpow(length $bytes);
}

sub ext {
  my ($id, $name) = @_;
  if ($id == 18) {
    $text =~ /\G\[/gc or die;
    my $class = string();
    my $object = bless {}, $class;
    $named{$name} = $object if $name;
    $text =~ /\G,\{/gc or die;
    until ($text =~ /\G\}/gc) { my $key = string(); $text =~ /\G:/gc; $object->{$key} = value(); $text =~ /\G,/gc }
    $text =~ /\G\]/gc or die;
    return $object;
  }
  my $payload = value();
  return unpack 'Q', pack 'q', $payload if $id == 1;
  return chr $payload                   if $id == 4;
  return $payload                       if $id == 5 || $id == 6 || $id == 19 || $id == 20 || $id == 22;
  return join '-', unpack 'A8A4A4A4A12', unpack 'H*', $payload if $id == 16;
  return $payload->[1] if $id == 17;
  no warnings 'surrogate';
  return join '', map { chr($_ & 0xffff) } @$payload if $id == 21;
  return integer($payload)            if $id == 2;
  return Math::BigFloat->new(integer($payload->[1])->bstr . 'e' . -$payload->[0]) if $id == 3;
  return bless $payload, 'ZeroTouch::Map' if $id == 7;
  return bless [$id, $payload], 'ZeroTouch::Ext';
}

sub value {
  my $name = $text =~ /\G&(\d+)/gc ? $1 : undef;
  return $named{$1} if $text =~ /\G\*(\d+)/gc;
  return undef if $text =~ /\Gnull/gc;
  return 1 == 1 if $text =~ /\Gtrue/gc;
  return 1 == 0 if $text =~ /\Gfalse/gc;
  return pack 'H*', $1 if $text =~ /\Gx"([0-9a-f]*)"/gc;
  return string() if $text =~ /\G(?=")/gc;
  if ($text =~ /\Gext\((\d+),/gc) {
    my $value = ext($1, $name);
    $text =~ /\G\)/gc or die;
    $named{$name} = $value if $name;
    return $value;
  }
  if ($text =~ /\G\[/gc) {
    pos($text)--;
    return list($named{$name // ''} = []);
  }
  if ($text =~ /\G\{/gc) {
    my $map = $named{$name // ''} = {};
    until ($text =~ /\G\}/gc) { my $key = string(); $text =~ /\G:/gc; $map->{$key} = value(); $text =~ /\G,/gc }
    return $map;
  }
  if ($text =~ /\G[if](?:8|16|32|64)\[/gc) {
    my $array = $named{$name // ''} = [];
    until ($text =~ /\G\]/gc) { $text =~ /\G([^,\]]+),?/gc; push @$array, number($1) }
    return $array;
  }
  return number($1) if $text =~ /\G(-?(?:[\d.]+(?:e-?\d+)?|nan|inf))[if]\d+/gc;
  die 'not understood: ' . substr($text, pos($text) // 0, 40);
}

# Same values, same classes, same identities; the difference, or ''.
sub difference {
  my ($got, $want, $known, $at) = @_;
  return "$at: undef" if defined $got != defined $want;
  return '' unless defined $want;
  return "$at: " . (ref $got || 'plain') . ' for ' . (ref $want || 'plain') if ref $got ne ref $want;
  if (!ref $want) {
    return '' if $got eq $want || "$got$want" =~ /\A-?nan-?nan\z/i;
    # An f32 has more digits as a double than its shortest text says.
    return '' if $want =~ /\A-?\d.*\.|e/ && $got =~ /\A-?\d/ && abs($got - $want) <= 1e-7 * abs($want) + 1e-45;
    return "$at: '$got' for '$want'";
  }
  return $got == $want ? '' : "$at: $got for $want" if blessed $want && $want->isa('Math::BigInt');
  my $before = $known->{refaddr $want};
  return $before == refaddr $got ? '' : "$at: another one" if defined $before;
  $known->{refaddr $want} = refaddr $got;
  if (reftype $want eq 'ARRAY') {
    return "$at: " . @$got . ' elements for ' . @$want if @$got != @$want;
    for (0 .. $#$want) {
      my $inside = difference($got->[$_], $want->[$_], $known, "$at\[$_]");
      return $inside if length $inside;
    }
    return '';
  }
  return "$at: other keys" if join("\0", sort keys %$got) ne join "\0", sort keys %$want;
  for (sort keys %$want) {
    my $inside = difference($got->{$_}, $want->{$_}, $known, "$at.$_");
    return $inside if length $inside;
  }
  return '';
}

for my $file (glob "$corpus/*.ztc") {
  my ($name) = $file =~ m{([^/]+)\.ztc\z};
  open my $in, '<:raw', $file =~ s/ztc\z/txt/r or die "$file: $!";
  chomp(my @lines = <$in>);
  my $region = eval { ZeroTouch::Region->open($file, verify => 'all') };
  if ($name =~ /^bad-/) {
    like $@, qr/\($lines[0]\) at \Q$0\E/, $name;
    next;
  }
  is $region && $region->count, @lines, "$name: records" or diag $@;
  my @wrong;
  for my $i (0 .. $#lines) {
    ($text, %named) = ($lines[$i]);
    utf8::decode($text);
    pos($text) = 0;
    my $want = value();
    my $got  = eval { $region->copy($i) };
    if ($@) {
      push @wrong, "$i: $@";
    } else {
      my $difference = difference($got, $want, {}, '$');
      push @wrong, "$i: $difference" if length $difference;
    }
  }
  is_deeply \@wrong, [], "$name: content";
}

done_testing;
