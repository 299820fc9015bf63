#!/usr/bin/env bash
# Installs what the benchmark of the transport needs, and runs it; see bench_rpc.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/local/packages.sh build bench
deploy/local/python.sh
exec .venv-test/bin/python Tests/Benchmarks/bench_rpc.py
