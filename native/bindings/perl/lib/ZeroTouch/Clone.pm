package ZeroTouch::Clone;
use 5.036;
use strict;
use warnings;

our $VERSION = '0.1.0';

use Exporter 'import';
our @EXPORT_OK = ('clone');

use ZeroTouch ();

1;
