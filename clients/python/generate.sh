#!/usr/bin/env bash
# Generates the Python stubs from proto/. With --check, says whether what is checked in is fresh.
# The Python with grpcio-tools is BENCHFRONT_PYTHON, else .venv-test/bin/python3.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${BENCHFRONT_PYTHON:-$root/.venv-test/bin/python3}
"$python" -c 'import grpc_tools' 2>/dev/null ||
  { echo "grpcio-tools is missing: pip install -r proto/requirements.txt" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root/proto"
mapfile -t files < <(find benchfront -name '*.proto' | LC_ALL=C sort)
"$python" -m grpc_tools.protoc -I . --python_out="$work" --pyi_out="$work" \
  --grpc_python_out="$work" "${files[@]}"
# Files without services need no gRPC module.
for file in "$work"/benchfront/v1/*_pb2_grpc.py; do
  grep -q 'Stub(object)' "$file" || rm "$file"
done
printf '"""Generated messages and stubs of benchfront.v1."""\n' >"$work/benchfront/v1/__init__.py"
target=$here/src/benchfront/v1
if [[ ${1:-} == --check ]]; then
  diff -r -x __pycache__ "$target" "$work/benchfront/v1" >&2 ||
    { echo "clients/python is stale: run make proto" >&2; exit 1; }
  exit
fi
rm -rf "$target"
cp -r "$work/benchfront/v1" "$target"
