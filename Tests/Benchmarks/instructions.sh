#!/usr/bin/env bash
# Instructions of a unary call in user space, by valgrind's callgrind: they hardly depend on what
# else the machine does. Usage: instructions.sh SERVER [guarded]; SERVER is bench-rpc-server.
# Leaves callgrind's file in .build/bench, for callgrind_annotate. Environment: REQUESTS (20000).
set -euo pipefail
cd "$(dirname "$0")/../.."
server=$1
mode=${2:-plain}
requests=${REQUESTS:-20000}
work=$(mktemp -d)
pid=
stop() { [ -z "$pid" ] || kill -9 "$pid" 2> /dev/null || true; rm -rf "$work"; }
trap stop EXIT
mkdir -p .build/bench
out=$PWD/.build/bench/callgrind.$mode
rm -f "$out"*

# valgrind 3.19 cannot read what Swift writes for debuggers.
strip -g -o "$work/server" "$server"
# A google.protobuf.BytesValue that takes 256 bytes, behind its prefix.
printf '\0\0\0\1\0\x0a\xfd\x01' > "$work/body"
head -c 253 /dev/zero >> "$work/body"
valgrind --tool=callgrind --callgrind-out-file="$out" "$work/server" 1 "$mode" \
  > "$work/address" 2> "$work/log" &
pid=$!
for _ in $(seq 300); do [ -s "$work/address" ] && break; sleep 0.1; done
headers=(-H 'content-type: application/grpc' -H 'te: trailers')
method=Unary
if [ "$mode" = guarded ]; then
  method=Message
  headers+=(-H 'authorization: Bearer benchmark-token-0123456789abcdef0123456789abcdef')
fi
h2load -c4 -m32 -n "$requests" -d "$work/body" "${headers[@]}" \
  "http://$(cat "$work/address")/bench.Echo/$method" | grep "$requests succeeded"
callgrind_control -d "$pid" > /dev/null
for _ in $(seq 50); do grep -q '^totals' "$out.1" 2> /dev/null && break; sleep 0.1; done
awk -v n="$requests" '/^totals/ { printf "%d instructions a call\n", $2 / n }' "$out.1"
callgrind_annotate "$out.1" | head -60
