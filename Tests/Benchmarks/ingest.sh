#!/usr/bin/env bash
# Installs what the benchmark of ingest needs, and runs it; see bench_ingest.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/local/packages.sh build ingest
deploy/local/python.sh
PYTHONPATH=clients/python/src exec .venv-test/bin/python Tests/Benchmarks/bench_ingest.py
