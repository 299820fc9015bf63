#!/usr/bin/env bash
# Which lines of our own targets all tests run, Swift's and those with other people's programs, in a
# build folder of its own. Ends with 1 where a test fails or an aim of coverage.py is missed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/local/common.sh
source "$here/common.sh"
cd "$root"
"$here/packages.sh" build test
"$here/python.sh"
export BENCHFRONT_PYTHON=$root/.venv-test/bin/python BENCHFRONT_BENCH=1
folder=$root/.build-coverage
flags=(--scratch-path "$folder")
# Those of another compiler cannot read what this one's programs write.
tools=$(dirname "$(readlink -f "$(command -v swift)")")

# Counters that can lie in a mapped file: a process that is killed has counted all the same.
swift build --build-tests "${flags[@]}" --enable-code-coverage \
  -Xswiftc -gnone -Xswiftc -Xllvm -Xswiftc -runtime-counter-relocation
BENCHFRONT_BIN=$(swift build "${flags[@]}" --show-bin-path)
export BENCHFRONT_BIN PYTHONPATH=$root/clients/python/src
rm -rf "$folder/profiles"
mkdir -p "$folder/profiles"
# All processes of a program count in one file.
export LLVM_PROFILE_FILE=$folder/profiles/%c%1m.profraw
status=0
# It would name another file for the counters, were it told that they are here.
swift test --skip-build --no-parallel "${flags[@]}" || status=$?
"$BENCHFRONT_PYTHON" -m pytest clients/python/tests Tests/Interop || status=$?

"$tools/llvm-profdata" merge --sparse --output="$folder/all.profdata" "$folder"/profiles/*.profraw
objects=()
for program in benchfront benchfront-agent benchfront-server benchfront-simengine; do
  objects+=(--object "$BENCHFRONT_BIN/$program")
done
"$tools/llvm-cov" export --summary-only --instr-profile="$folder/all.profdata" "${objects[@]}" \
  "$BENCHFRONT_BIN"/*PackageTests.xctest >"$folder/coverage.json"
"$BENCHFRONT_PYTHON" "$here/coverage.py" "$folder/coverage.json" || status=1
exit "$status"
