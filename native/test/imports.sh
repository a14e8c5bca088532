#!/bin/sh
# What libraries import is what imports.txt allows. Usage: imports.sh NM LIBRARY...
set -eu
nm=$1
shift
here=$(dirname "$0")
failed=0

for library in "$@"; do
  symbols=$("$nm" -D -u "$library")
  # Without versions, and without what the C library makes of a name: checked and newer forms of it.
  unknown=$(echo "$symbols" | awk '
    NR == FNR { sub(/#.*/, ""); for (i = 1; i <= NF; i++) allowed[$i] = 1; next }
    $1 != "U" { next }
    {
      name = $2
      sub(/@.*/, "", name)
      sub(/^__isoc[0-9]+_/, "", name)
      if (name ~ /^__.*_chk$/) { sub(/^__/, "", name); sub(/_chk$/, "", name) }
      count++
      if (!(name in allowed)) print name
    }
    END { if (count < 10) print "(too few imports to be a library)" }' "$here/imports.txt" -)
  [ -z "$unknown" ] && continue
  echo "$library imports what imports.txt does not allow:" $unknown >&2
  failed=1
done

exit "$failed"
