#!/bin/sh
# Installs the build, builds the prefork example against it, as a user does, and drives it.
# Usage: prefork.sh CMAKE BUILD_DIRECTORY COMPILER DRIVER PAGEDIFF BROKEN_LIBRARY
set -eu
cmake=$1 build=$2 compiler=$3 driver=$4
ZTC_PAGEDIFF=$5 ZTC_BROKEN=$6
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/installed" >/dev/null
library=$(dirname "$(find "$work/installed" -name libztc.so)")
cp -R "$here/../examples/prefork" "$work/example"
PKG_CONFIG_PATH=$library/pkgconfig make -C "$work/example" CC="$compiler" CFLAGS='-O2 -g -Werror' >/dev/null

ZTC_PREFORK=$work/example/prefork
LD_LIBRARY_PATH=$library
export ZTC_PAGEDIFF ZTC_BROKEN ZTC_PREFORK LD_LIBRARY_PATH
"$driver"
