#!/usr/bin/env bash
# All tests: Swift's, then the Python client's and those with other people's programs,
# against real servers of the build just made.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/local/common.sh
source "$here/common.sh"
cd "$root"

python_environment=$root/.venv-test

# Its stamp is the list of what is in it: when the list changes, the environment is made anew.
prepare_python() {
  cmp --silent "$here/test-requirements.txt" "$python_environment/stamp" && return
  python3 -m venv --clear "$python_environment" &&
    "$python_environment/bin/pip" install --disable-pip-version-check --no-deps \
      --requirement "$here/test-requirements.txt" &&
    cp "$here/test-requirements.txt" "$python_environment/stamp"
}

"$here/packages.sh" build test
mkdir -p .build
log=$root/.build/test-setup.log
: >"$log"
step "Preparing Python for the tests" prepare_python ||
  fail 1 "The Python packages of the tests cannot be installed (log: $log)."
# Swift's tests drive a stock gRPC client and Python's protobuf through it.
export BENCHFRONT_PYTHON=$python_environment/bin/python

# One test at a time: many of them start processes and threads of their own.
swift build --build-tests
swift test --skip-build --no-parallel

BENCHFRONT_BIN=$(swift build --show-bin-path)
export BENCHFRONT_BIN
export PYTHONPATH=$root/clients/python/src
"$BENCHFRONT_PYTHON" -m pytest clients/python/tests
"$BENCHFRONT_PYTHON" -m pytest Tests/Interop
