#!/usr/bin/perl
# CPU time a record, against the ways that a Perl program has without this module. In every round each
# way takes its turn; the ratios are the medians over the rounds.
#   apt-get install -y libsereal-encoder-perl libsereal-decoder-perl libclone-perl libfile-map-perl
#   perl -Mblib bench/cpu.pl [--records 200000] [--rounds 9]
use 5.036;
use utf8;
use FindBin '$Bin';
use lib "$Bin/lib";
use Clone  ();
use File::Map 'map_file';
use File::Temp   ();
use Getopt::Long 'GetOptions';
use Mail;
use Sereal::Decoder ();
use Sereal::Encoder ();
use Storable        ();
use Time::HiRes 'clock';
use ZeroTouch 'publish';
use ZeroTouch::Clone ();
use ZeroTouch::Region;

binmode STDOUT, ':utf8';
my ($records, $rounds) = (200_000, 9);
GetOptions('records=i' => \$records, 'rounds=i' => \$rounds) or die "usage: --records N --rounds N\n";

my $dir     = File::Temp->newdir;
my $encoder = Sereal::Encoder->new;
my $decoder = Sereal::Decoder->new;
our $jobs = Mail::jobs($records);
publish("$dir/jobs.ztc", $jobs);
my $region = ZeroTouch::Region->open("$dir/jobs.ztc");
{
  open my $out, '>:raw', "$dir/jobs.srl" or die $!;
  my ($index, $at) = ('', 0);
  for my $job (@$jobs) {
    my $bytes = $encoder->encode($job);
    print $out $bytes;
    $index .= pack 'Q', $at;
    $at += length $bytes;
  }
  close $out or die $!;
  open my $places, '>:raw', "$dir/jobs.idx" or die $!;
  print $places $index, pack 'Q', $at;
  close $places or die $!;
}
# Plain scalars: File::Map copies the whole file into a hash element.
our ($mapped, $places);
map_file $mapped, "$dir/jobs.srl";
map_file $places, "$dir/jobs.idx";

my $random = do {
  my $step = 7919;
  $step += 2 while $records % $step == 0;
  [map { $_ * $step % $records } 0 .. $records - 1];
};
my %order = (sequential => [0 .. $records - 1], random => $random);

my %way = (
  'region copy' => sub ($order) { for (@$order) { my $job = $region->copy($_) } },
  'region copy_many(16)' => sub ($order) {
    for (my $i = 0; $i < @$order; $i += 16) {
      my $last = $i + 15 < @$order ? $i + 15 : $#$order;
      my @jobs = $region->copy_many(@$order[$i .. $last]);
    }
  },
  'mmap + Sereal' => sub ($order) {
    for (@$order) {
      my ($from, $to) = unpack 'QQ', substr $places, 8 * $_, 16;
      my $job = $decoder->decode(substr $mapped, $from, $to - $from);
    }
  },
  'clone' => sub ($order) { for (@$order) { my $job = ZeroTouch::Clone::clone($jobs->[$_]) } },
  'Sereal encode + decode' =>
    sub ($order) { for (@$order) { my $job = $decoder->decode($encoder->encode($jobs->[$_])) } },
  'Clone' => sub ($order) { for (@$order) { my $job = Clone::clone($jobs->[$_]) } },
  'Storable dclone' => sub ($order) { for (@$order) { my $job = Storable::dclone($jobs->[$_]) } },
);
my @goals = (
  ['region copy',          'mmap + Sereal',          0.5],
  ['region copy_many(16)', 'mmap + Sereal',          0.5],
  ['clone',                'Sereal encode + decode', 0.5],
  ['clone',                'Clone',                  0.4],
  ['clone',                'Storable dclone',        undef],
);

sub median (@values) { (sort { $a <=> $b } @values)[@values / 2] }

say "$records records, $rounds rounds, perl $^V; a ratio below 1 is less CPU than the peer";
for my $name (sort keys %order) {
  my %seconds;
  my @names = sort keys %way;
  for my $round (0 .. $rounds) {
    push @names, shift @names;    # nobody always follows the same one
    for my $way (@names) {
      my $before = clock;
      $way{$way}->($order{$name});
      push $seconds{$way}->@*, clock() - $before if $round > 0;
    }
  }
  say "\n$name order";
  printf "  %-22s %5.2f µs a record\n", $_, 1e6 * median($seconds{$_}->@*) / $records for sort keys %way;
  for my $goal (@goals) {
    my ($ours, $peer, $limit) = @$goal;
    my @ratios = map { $seconds{$ours}[$_] / $seconds{$peer}[$_] } 0 .. $rounds - 1;
    my @sorted = sort { $a <=> $b } @ratios;
    printf "  %-22s / %-23s %.2f  (%.2f .. %.2f)  %s\n", $ours, $peer, median(@ratios), $sorted[0],
      $sorted[-1], !defined $limit ? '' : sprintf('goal %.1f: %s', $limit,
      median(@ratios) <= $limit ? 'met' : 'missed');
  }
}
