package Plot;

# Draws the memory of the workers against time, with the table of un-shared pages below, as one SVG that
# needs nothing else and follows the reader's light or dark scheme.
use 5.036;

use constant {WIDTH => 860, LEFT => 70, RIGHT => 690, TOP => 64, BOTTOM => 364, ROW => 22};

my %look = (
  empty  => ['empty loop',             '#8a8a8a', '2 4'],
  naive  => ['$ref->[$i]',             '#d9822b', '8 3'],
  hand   => ['fields copied by hand',  '#c8457a', '2 2'],
  clone  => ['ZeroTouch::Clone',       '#2b8fd9', ''],
  region => ['ZeroTouch::Region copy', '#2aa876', ''],
);

sub title ($way) { $look{$way}[0] }

sub escape ($text) {
  return $text =~ s/([&<>"])/'&#' . ord($1) . ';'/ger;
}

sub text ($x, $y, $class, $content) {
  return sprintf '<text x="%.1f" y="%.1f" class="%s">%s</text>', $x, $y, $class, escape($content);
}

# A step of 1, 2 or 5 times a power of ten that gives three to eight of them up to $most.
sub step ($most) {
  my $power = 10**int(log($most) / log(10) - 1);
  my ($step) = grep { $most / $_ <= 8 } map { $_ * $power } 1, 2, 5, 10, 20, 50, 100;
  return $step;
}

sub axes ($seconds, $mb) {
  my @out;
  my ($dx, $dy) = (step($seconds), step($mb));
  for (my $y = 0; $y <= $mb; $y += $dy) {
    my $at = BOTTOM - (BOTTOM - TOP) * $y / $mb;
    push @out, sprintf('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" class="grid"/>', LEFT, RIGHT, $at, $at),
      text(LEFT - 8, $at + 4, 'end', 0 + sprintf '%.6g', $y);
  }
  for (my $x = 0; $x <= $seconds; $x += $dx) {
    my $at = LEFT + (RIGHT - LEFT) * $x / $seconds;
    push @out, text($at, BOTTOM + 20, 'middle', 0 + sprintf '%.6g', $x);
  }
  return @out, text((LEFT + RIGHT) / 2, BOTTOM + 40, 'middle', 'seconds since the first worker started'),
    text(LEFT - 50, TOP - 14, '', 'MB of their own, all workers together');
}

# Names at the ends of the lines, moved apart.
sub names (@ends) {
  my ($last, @out) = (-ROW);
  for my $end (sort { $a->[1] <=> $b->[1] } @ends) {
    my ($way, $y) = @$end;
    $y = $last + 16 if $y < $last + 16;
    $last = $y;
    push @out, sprintf '<text x="%d" y="%.1f" style="fill:%s">%s</text>', RIGHT + 8, $y + 4,
      $look{$way}[1], escape($look{$way}[0]);
  }
  return @out;
}

sub table ($y, @results) {
  my @column = (LEFT, 400, 520, 640, 780);
  my @out = (text($column[0], $y, 'strong', 'pages, mean of a worker'));
  my @head = ('inherited', 'un-shared', 'of them', 'MB of its own');
  push @out, text($column[$_ + 1], $y, 'end strong', $head[$_]) for 0 .. $#head;
  for my $result (@results) {
    $y += ROW;
    my $share = $result->{inherited} ? 100 * $result->{unshared} / $result->{inherited} : 0;
    my @cells = (
      sprintf('%.0f', $result->{inherited}), sprintf('%.0f', $result->{unshared}),
      sprintf('%.1f %%', $share), sprintf('%.1f', $result->{private_kb} / 1024),
    );
    push @out, text($column[0], $y, '', $look{$result->{way}}[0]);
    push @out, text($column[$_ + 1], $y, 'end', $cells[$_]) for 0 .. $#cells;
  }
  return @out;
}

# @results as Story::run gives them.
sub svg ($heading, @results) {
  my ($seconds, $mb) = (0.001, 1);
  for my $point (map { @{$_->{points}} } @results) {
    $seconds = $point->[0] if $point->[0] > $seconds;
    $mb = $point->[1] / 1024 if $point->[1] / 1024 > $mb;
  }
  my (@lines, @ends);
  for my $result (@results) {
    my ($way, @points) = ($result->{way}, @{$result->{points}});
    my @at = map {
      [LEFT + (RIGHT - LEFT) * $_->[0] / $seconds, BOTTOM - (BOTTOM - TOP) * $_->[1] / 1024 / $mb]
    } @points;
    push @lines, sprintf '<polyline data-way="%s" data-inherited="%.0f" data-unshared="%.2f" points="%s" '
      . 'style="stroke:%s;stroke-dasharray:%s"/>', $way, @$result{qw(inherited unshared)},
      join(' ', map { sprintf '%.2f,%.2f', @$_ } @at), $look{$way}[1], $look{$way}[2] || 'none';
    push @lines, sprintf '<circle cx="%.2f" cy="%.2f" r="3.5" style="fill:%s"/>', @{$at[-1]}, $look{$way}[1];
    push @ends, [$way, $at[-1][1]];
  }
  my $height = BOTTOM + 80 + ROW * (@results + 1);
  return join "\n",
    sprintf('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">',
    WIDTH, $height, WIDTH, $height),
    '<title>' . escape($heading) . '</title>',
    <<~'END',
    <style>
    svg { color: #1d1d1f; background: #ffffff; font: 13px system-ui, sans-serif; }
    @media (prefers-color-scheme: dark) { svg { color: #ececf1; background: #17181c; } }
    .paper { fill: #ffffff; }
    @media (prefers-color-scheme: dark) { .paper { fill: #17181c; } }
    text { fill: currentColor; }
    polyline { fill: none; stroke-width: 2; }
    .grid { stroke: currentColor; stroke-opacity: .18; }
    .end { text-anchor: end; }
    .middle { text-anchor: middle; }
    .strong { font-weight: 600; }
    .heading { font-size: 16px; font-weight: 600; }
    </style>
    END
    '<rect class="paper" width="100%" height="100%"/>',
    text(LEFT - 50, 28, 'heading', $heading), axes($seconds, $mb), @lines, names(@ends),
    table(BOTTOM + 74, @results), '</svg>', '';
}

1;
