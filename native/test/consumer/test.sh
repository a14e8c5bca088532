#!/bin/sh
# Installs the build, moves it, and builds and runs a worker against it, once with pkg-config and
# once with CMake. Usage: test.sh CMAKE BUILD_DIRECTORY COMPILER REGION
set -eu
cmake=$1 build=$2 compiler=$3 region=$4
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/installed" >/dev/null
mv "$work/installed" "$work/moved"
library=$(dirname "$(find "$work/moved" -name libztc.so)")
soname=$(readelf -d "$library/libztc.so" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')
[ -e "$library/$soname" ] || { echo "the library calls itself $soname, which is not there" >&2; exit 1; }

PKG_CONFIG_PATH=$library/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
"$compiler" -Wall -Werror "$here/worker.c" -o "$work/worker" $(pkg-config --cflags --libs ztc)
LD_LIBRARY_PATH=$library "$work/worker" "$region"

"$cmake" -S "$here" -B "$work/build" "-DCMAKE_PREFIX_PATH=$work/moved" "-DCMAKE_C_COMPILER=$compiler" >/dev/null
"$cmake" --build "$work/build" >/dev/null
"$work/build/worker" "$region"
