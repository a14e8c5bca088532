# In the parent, before the first child is forked: what all children are to share.
use 5.036;
use Apache2::Const -compile => qw(OK NOT_FOUND HTTP_BAD_REQUEST);
use Apache2::RequestIO  ();
use Apache2::RequestRec ();
use JSON::PP            ();
use ZeroTouch::Region   ();
use Jobs                ();

my $path = $ENV{JOBS_REGION} // die "JOBS_REGION does not name a region\n";
Jobs::serve(ZeroTouch::Region->open($path));

1;
