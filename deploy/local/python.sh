#!/usr/bin/env bash
# Makes .venv-test with what tests and benchmarks need of Python, unless it is there.
# Its stamp is the list of what is in it: when the list changes, the environment is made anew.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/local/common.sh
source "$here/common.sh"

python_environment=$root/.venv-test

prepare() {
  python3 -m venv --clear "$python_environment" &&
    "$python_environment/bin/pip" install --disable-pip-version-check --no-deps \
      --requirement "$here/test-requirements.txt" &&
    cp "$here/test-requirements.txt" "$python_environment/stamp"
}

if cmp --silent "$here/test-requirements.txt" "$python_environment/stamp"; then exit; fi
mkdir -p "$root/.build"
log=$root/.build/test-setup.log
: >"$log"
step "Preparing Python for the tests" prepare ||
  fail 1 "The Python packages of the tests cannot be installed (log: $log)."
