#!/bin/sh
# Rules about the source that a compiler cannot hold. Usage: source_rules.sh NATIVE_DIRECTORY
set -eu
cd "$1"
failed=0

complain() {
  echo "$1" >&2
  failed=1
}

found=$(grep -rln 'ztc__raw' src jni bindings 2>/dev/null | grep -v '^src/load.h$' || true)
[ -z "$found" ] || complain "only load.h may name the raw member of a source address: $found"

# Those that hand addresses of a copy or a region out; break.h is for tests that break the promise.
found=$(grep -rln 'ztc__address' src jni bindings 2>/dev/null |
  grep -vE '^src/(load\.h|node\.c|value\.c|typed_text\.c|region\.c|preload\.c|break\.h)$' || true)
[ -z "$found" ] || complain "a source address is for load.h to read, not for: $found"

found=$(grep -rnE '\b(printf|fprintf|puts|perror|exit|abort|assert) *\(' src jni --include='*.[ch]' |
  grep -vE 'snprintf|format\(printf|_exit' || true)
[ -z "$found" ] || complain "library code never prints, exits or aborts: $found"

# What imports.sh cannot see, because it is no function of the system's, or one that has other uses.
found=$(grep -rnE '__builtin_(trap|abort)|STD(OUT|ERR)_FILENO|\bwrite *\( *[012] *,|SYS_(exit|kill|tgkill|write)|FatalError|ExceptionDescribe' \
  src jni --include='*.[ch]' || true)
[ -z "$found" ] || complain "library code never prints, exits or aborts: $found"

exit "$failed"
