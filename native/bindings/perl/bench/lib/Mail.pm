package Mail;

# Deterministic jobs of a mailing, about 400 bytes each.
use 5.036;
use strict;
use warnings;

my @language = qw(en de fr es pt ja);
my @topic    = qw(promo order invoice digest alert news welcome survey);

sub job ($i) {
  return {
    id      => $i,
    to      => "user$i\@mail.example",
    name    => "Customer Number $i",
    subject => 'Order ' . $i * 7 % 9_999_991 . ' is on its way',
    body    => sprintf('Dear customer %07d, your order %07d of item %05d left our warehouse today. '
        . 'We hope that you like it; please write to us at any time if something is wrong, and quote '
        . 'the reference R%07d.', $i, $i * 7 % 9_999_991, $i * 13 % 99_991, $i),
    tags    => ["$topic[$i % 8]-" . $i % 100, 'batch-' . $i % 1000, 'seg-' . $i % 17],
    prefs   => {html => $i & 1, lang => $language[$i % 6], score => $i % 101},
    created => 1_330_000_000 + $i,
  };
}

sub jobs ($count) {
  my @jobs;
  $#jobs = $count - 1;
  $jobs[$_] = job($_) for 0 .. $count - 1;
  return \@jobs;
}

1;
