#!/usr/bin/env bash
# Which lines of our own targets all tests run, Swift's and those with other people's programs;
# in a build folder of its own. Ends with 1 where an aim of coverage.py is missed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/local/common.sh
source "$here/common.sh"
cd "$root"
"$here/packages.sh" build test
"$here/python.sh"
export BENCHFRONT_PYTHON=$root/.venv-test/bin/python BENCHFRONT_BENCH=1
folder=$root/.build-coverage
flags=(--enable-code-coverage --scratch-path "$folder")

swift build --build-tests "${flags[@]}"
BENCHFRONT_BIN=$(swift build "${flags[@]}" --show-bin-path)
export BENCHFRONT_BIN PYTHONPATH=$root/clients/python/src
rm -rf "$folder/profiles"
mkdir -p "$folder/profiles"
# Processes that run one after the other share a file, those at once do not.
export LLVM_PROFILE_FILE=$folder/profiles/%8m.profraw
status=0
swift test --skip-build --no-parallel "${flags[@]}" || status=$?
"$BENCHFRONT_PYTHON" -m pytest clients/python/tests Tests/Interop || status=$?

find "$folder/profiles" "$BENCHFRONT_BIN/codecov" -name '*.profraw' >"$folder/profiles.txt"
llvm-profdata merge --sparse --failure-mode=all --input-files="$folder/profiles.txt" \
  --output="$folder/all.profdata"
objects=()
for program in benchfront benchfront-agent benchfront-server benchfront-simengine; do
  objects+=(--object "$BENCHFRONT_BIN/$program")
done
llvm-cov export --summary-only --instr-profile="$folder/all.profdata" "${objects[@]}" \
  "$BENCHFRONT_BIN"/*PackageTests.xctest >"$folder/coverage.json"
"$BENCHFRONT_PYTHON" "$here/coverage.py" "$folder/coverage.json" || status=1
exit "$status"
