#!/bin/sh
# Compiles and links every C example of the documents: each is a whole program.
# Usage: documentation.sh SOURCE_DIRECTORY COMPILER LIBRARY
set -eu
source=$1 compiler=$2 library=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for document in "$source"/README.md "$source"/docs/*.md "$source"/native/doc/*.md; do
  awk -v prefix="$work/$(basename "$document" .md)" '
    /^```c$/ { file = prefix "-" NR ".c"; next }
    /^```$/ { file = "" }
    file != "" { print > file }' "$document"
done
count=0
for example in "$work"/*.c; do
  "$compiler" -std=c11 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -I"$source/native/include" "$example" "$library" \
    -o "$work/program" -pthread || { echo "$(basename "$example"), named by document and line, does not compile" >&2; exit 1; }
  count=$((count + 1))
done
[ "$count" -ge 4 ] || { echo "only $count examples were found" >&2; exit 1; }
echo "$count examples"
