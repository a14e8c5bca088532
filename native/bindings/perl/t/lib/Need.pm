package Need;

# A test whose means are missing is skipped, with the reason; where ZTC_REQUIRE (a list with commas) has
# the word for it, it fails.
use 5.036;
use Test::More ();
use parent 'Exporter';
our @EXPORT_OK = ('need');

sub need ($word, $there, $reason) {
  return if $there;
  Test::More::BAIL_OUT("required, but $reason")
    if grep { $_ eq $word } split /,/, $ENV{ZTC_REQUIRE} // '';
  Test::More::plan(skip_all => $reason);
}

1;
