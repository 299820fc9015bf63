#!/usr/bin/env bash
# All tests: Swift's, then the Python client's and those with other people's programs,
# against real servers of the build just made.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/local/common.sh
source "$here/common.sh"
cd "$root"

"$here/packages.sh" build test
"$here/python.sh"
# Swift's tests drive a stock gRPC client and Python's protobuf through it.
export BENCHFRONT_PYTHON=$root/.venv-test/bin/python
# The benchmark's server comes along, so that a test can look whether the benchmark still runs.
export BENCHFRONT_BENCH=1

swift build --build-tests
# Asked for now: later somebody else may be building here.
BENCHFRONT_BIN=$(swift build --show-bin-path)
export BENCHFRONT_BIN
# One test at a time: many of them start processes and threads of their own.
swift test --skip-build --no-parallel

export PYTHONPATH=$root/clients/python/src
"$BENCHFRONT_PYTHON" -m pytest clients/python/tests
"$BENCHFRONT_PYTHON" -m pytest Tests/Interop
