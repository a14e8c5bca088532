#!/usr/bin/perl
# host.pl read REGION | host.pl write REGION < tagged JSON (see typed.py) | host.pl keys|find REGION < keys.
use 5.036;
use utf8;
no warnings qw(surrogate experimental::builtin);
use B ();
use JSON::PP ();
use Scalar::Util qw(blessed reftype refaddr);
use ZeroTouch 'publish';
use ZeroTouch::Region;
# Neither Math::BigInt nor Math::BigFloat: who copies a number of theirs gets them.

my $json = JSON::PP->new->ascii->allow_nonref->max_depth(4096);
my ($true, $false) = (JSON::PP::true, JSON::PP::false);

sub bits   ($value) { $value != $value ? 'nan' : unpack 'H*', pack 'd>', $value }
sub unbits ($text) { $text eq 'nan' ? -sin(9**9**9) : unpack 'd>', pack 'H*', $text }

sub tagged ($value, $ids) {
  return undef unless defined $value;
  if (!ref $value) {
    return $value ? $true : $false if builtin::is_bool($value);
    my $flags = B::svref_2object(\$value)->FLAGS;
    return ['s', "$value"] if $flags & B::SVf_POK;
    return ['i', "$value"] if $flags & B::SVf_IOK;
    return ['f', bits($value)];
  }
  my $class = blessed $value // '';
  return ['i', $value->bstr] if $class eq 'Math::BigInt';
  if ($class eq 'Math::BigFloat') {
    my ($digits, $exponent) = split /e/, $value->bsstr;
    return ['e', 3, -$exponent . ",$digits"];
  }
  my $known = $ids->{refaddr $value};
  return ['*', $known] if defined $known;
  my $number = $ids->{refaddr $value} = 1 + keys %$ids;
  return ['x', $number, 0 + $value->[0], tagged($value->[1], $ids)] if $class eq 'ZeroTouch::Ext';
  if ($class eq 'ZeroTouch::Map') {
    return ['o', $number, [map { [map { tagged($_, $ids) } @$_] } $value->pairs]];
  }
  return ['l', $number, [map { tagged($_, $ids) } @$value]] if reftype $value eq 'ARRAY';
  return ['m', $number, [map { [$_, tagged($value->{$_}, $ids)] } sort keys %$value]];
}

# From the digits of its bytes.
sub integer ($hex) {
  my $number = Math::BigInt->from_hex($hex);
  return $hex =~ /^[89a-f]/ ? $number - Math::BigInt->new(256)->bpow(length($hex) / 2) : $number;
}

sub build ($value, $made) {
  return undef unless defined $value;
  return $value ? 1 == 1 : 1 == 0 if JSON::PP::is_bool($value);
  my ($tag, $id, $rest, $payload) = @$value;
  return 0 + $id      if $tag =~ /^i/;
  return unbits($id)  if $tag =~ /^f/;
  return $id          if $tag eq 's';
  return $made->{$id} if $tag eq '*';
  return pack 'H*', $id if $tag eq 'b';
  if ($tag eq 'l') {
    my $list = $made->{$id} = [];
    push @$list, build($_, $made) for @$rest;
    return $list;
  }
  if ($tag eq 'm') {
    my $map = $made->{$id} = {};
    $map->{$_->[0]} = build($_->[1], $made) for @$rest;
    return $map;
  }
  return unpack 'Q', pack 'q', $payload->[1] if $rest == 1;
  return join '', map { chr($_ & 0xffff) } @{$payload->[3]} if $rest == 21;
  return $made->{$id} = integer($payload->[1]) if $rest == 2;
  if ($rest == 3) {
    my ($scale, $unscaled) = @{$payload->[2]};
    return $made->{$id} = Math::BigFloat->new(integer($unscaled->[1])->bstr . 'e' . -$scale->[1]);
  }
  if ($rest == 7) {
    my $map = $made->{$id} = ZeroTouch::Map->new;
    push @$map, build($_, $made) for @{$payload->[2]};
    return $map;
  }
  if ($rest != 18) {
    my $ext = $made->{$id} = bless [$rest, undef], 'ZeroTouch::Ext';
    $ext->[1] = build($payload, $made);
    return $ext;
  }
  my ($class, $fields) = @{$payload->[2]};
  my $object = $made->{$id} = bless {}, $class->[1];
  $object->{$_->[0]} = build($_->[1], $made) for @{$fields->[2]};
  return $object;
}

# A key, from "i DIGITS", "s HEX" or "b HEX".
sub key_of ($line) {
  chomp $line;
  my ($type, $text) = split / /, $line, 2;
  return 0 + $text if $type eq 'i';
  my $bytes = pack 'H*', $text;
  return \$bytes if $type eq 'b';
  utf8::decode($bytes);
  return $bytes;
}

my ($mode, $path) = @ARGV;
if ($mode eq 'keys') {
  my @keys = map { key_of($_) } <STDIN>;
  publish($path, [map { [$_] } 0 .. $#keys], key => sub ($record) { $keys[$record->[0]] });
  exit;
}
if ($mode eq 'find') {
  my $region = ZeroTouch::Region->open($path);
  say $region->index_of(key_of($_)) // 'null' for <STDIN>;
  exit;
}
if ($mode eq 'write') {
  require Math::BigFloat;
  publish($path, sub { my $line = <STDIN>; defined $line ? build($json->decode($line), {}) : () });
  exit;
}
my $region = ZeroTouch::Region->open($path, verify => 'all', bless => 0);
for my $i (0 .. $region->count - 1) {
  say $json->encode(tagged($region->copy($i), {}));
}
