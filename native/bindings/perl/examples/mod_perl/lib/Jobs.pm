package Jobs;

# A handler over the region that startup.pl opened in the parent.
#   /jobs/42                   record 42, as JSON
#   /jobs/sum?first=0&count=9  copies that many records, and says what they come to
use 5.036;
use Apache2::Const -compile => qw(OK NOT_FOUND HTTP_BAD_REQUEST);
use Apache2::RequestIO  ();
use Apache2::RequestRec ();
use JSON::PP            ();

my $region;
my $json = JSON::PP->new->canonical->utf8;

sub serve ($opened) { $region = $opened }

sub handler ($r) {
  my $what = $r->path_info =~ s{\A/}{}r;
  return record($r, $what) if $what =~ /\A[0-9]{1,18}\z/;
  return sum($r, $r->args // '') if $what eq 'sum';
  return Apache2::Const::NOT_FOUND;
}

sub record ($r, $index) {
  return Apache2::Const::NOT_FOUND if $index >= $region->count;
  my $job = $region->copy($index);
  $job->{served_by} = $$;    # the copy belongs to this request
  $r->content_type('application/json');
  $r->print($json->encode($job), "\n");
  return Apache2::Const::OK;
}

sub sum ($r, $query) {
  my ($first, $count) = $query =~ /\Afirst=([0-9]{1,18})&count=([0-9]{1,18})\z/
    or return Apache2::Const::HTTP_BAD_REQUEST;
  my $end = $first + $count;
  return Apache2::Const::HTTP_BAD_REQUEST if $end > $region->count;
  my ($records, $length) = (0, 0);
  for (my $index = $first; $index < $end; $index++) {
    my $job = $region->copy($index);
    $length += length $job->{body};
    $records++;
  }
  $r->content_type('text/plain');
  $r->print("$$ $records $length\n");
  return Apache2::Const::OK;
}

1;
