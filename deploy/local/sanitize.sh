#!/usr/bin/env bash
# The transport's tests under AddressSanitizer and ThreadSanitizer, then a short run of each fuzz
# target. Each has a build folder of its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
"$here/packages.sh" build test

export BENCHFRONT_PART=transport
# XCTest itself never frees a little.
export LSAN_OPTIONS=suppressions=$here/leaks.txt
export TSAN_OPTIONS=suppressions=$here/races.txt:halt_on_error=1
for sanitizer in address thread; do
  echo "== The transport under the $sanitizer sanitizer"
  flags=(--sanitize="$sanitizer" --scratch-path ".build-$sanitizer")
  swift build --build-tests "${flags[@]}"
  swift test --skip-build --no-parallel "${flags[@]}"
done
Tests/Fuzz/fuzz.sh "${FUZZ_SECONDS:-10}"
