#!/usr/bin/env bash
# The transport's tests under AddressSanitizer and ThreadSanitizer, then a short run of each fuzz
# target. Each has a build folder of its own.
# usage: sanitize.sh [build], which builds all three and runs nothing
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
"$here/packages.sh" build test

# XCTest itself never frees a little.
export LSAN_OPTIONS=suppressions=$here/leaks.txt
export TSAN_OPTIONS=suppressions=$here/races.txt:halt_on_error=1

# transport SANITIZER: builds it with its tests.
transport() {
  flags=(--sanitize="$1" --scratch-path ".build-$1")
  BENCHFRONT_PART=transport swift build --build-tests "${flags[@]}"
}

if [[ ${1:-} == build ]]; then
  transport address
  transport thread
  exec Tests/Fuzz/fuzz.sh build
fi
for sanitizer in address thread; do
  echo "== The transport under the $sanitizer sanitizer"
  transport "$sanitizer"
  BENCHFRONT_PART=transport swift test --skip-build --no-parallel "${flags[@]}"
done
Tests/Fuzz/fuzz.sh "${FUZZ_SECONDS:-10}"
