#!/usr/bin/env bash
# Installs what the benchmark of recommendations needs, and runs it; see bench_recommend.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/local/packages.sh build recommend
deploy/local/python.sh
PYTHONPATH=clients/python/src exec .venv-test/bin/python Tests/Benchmarks/bench_recommend.py
