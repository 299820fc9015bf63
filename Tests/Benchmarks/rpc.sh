#!/bin/bash
# CPU of a unary call, 256 bytes each way, 4 connections x 32 streams, against nghttpd that answers
# the same requests with a file of 256 bytes; guarded-4x32 is a call with all that the product does
# for one: a protobuf message decoded and encoded, a bearer token, roles, tracing and metrics;
# get-4x32 are requests without a body, task-4x32 is a handler that answers from a task. CPU is that of the whole server process, from /proc/PID/stat,
# per request; the servers take turns. Prints a table and writes .build/bench/rpc.json.
# Environment: RUNS (5), REQUESTS (400000), SERVER (path of bench-rpc-server, built if unset).
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${RUNS:-5}
requests=${REQUESTS:-400000}
for tool in h2load nghttpd; do
  command -v "$tool" > /dev/null || { echo "$tool is missing: apt-get install nghttp2"; exit 1; }
done
if [ -z "${SERVER:-}" ]; then
  BENCHFRONT_BENCH=1 swift build -c release --product bench-rpc-server \
    --scratch-path .build/bench/build
  SERVER=.build/bench/build/release/bench-rpc-server
fi
mkdir -p .build/bench
work=$(mktemp -d)
pids=()
stop() { kill "${pids[@]}" 2> /dev/null || true; rm -rf "$work"; }
trap stop EXIT

python3 - "$work" <<'PYTHON'
import sys
payload = bytes(range(256))
open(sys.argv[1] + "/file", "wb").write(payload)
open(sys.argv[1] + "/request", "wb").write(b"\0" + len(payload).to_bytes(4, "big") + payload)
# A google.protobuf.BytesValue that takes 256 bytes.
message = b"\x0a\xfd\x01" + payload[:253]
open(sys.argv[1] + "/message", "wb").write(b"\0" + len(message).to_bytes(4, "big") + message)
PYTHON

"$SERVER" 1 > "$work/address" &
ours=$!
pids+=("$ours")
"$SERVER" 1 guarded > "$work/guarded" &
guarded=$!
pids+=("$guarded")
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
nghttpd --no-tls -d "$work" -a 127.0.0.1 "$port" > /dev/null &
theirs=$!
pids+=("$theirs")
for _ in $(seq 100); do [ -s "$work/address" ] && [ -s "$work/guarded" ] && break; sleep 0.05; done
address=$(cat "$work/address")
guarded_address=$(cat "$work/guarded")
for _ in $(seq 100); do (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.05; done

cpu_us() { # PID: user + system time so far, in microseconds
  awk -v hertz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1e6 / hertz }' \
    "/proc/$1/stat"
}

load() { # URL [h2load options]: all requests must succeed
  h2load -c4 -m32 -n "$requests" "${@:2}" "$1" > "$work/log" 2>&1 || true
  grep -q "requests: $requests total, .* $requests done, $requests succeeded" "$work/log" ||
    { echo "requests failed:"; grep -E "requests:|status" "$work/log"; exit 1; }
}

measure() { # CASE SUBJECT PID URL [options]
  local before after
  before=$(cpu_us "$3")
  load "${@:4}"
  after=$(cpu_us "$3")
  echo "$1 $2 $(awk -v a="$after" -v b="$before" -v n="$requests" 'BEGIN { print (a - b) / n }')" \
    >> "$work/rows"
}

headers=(-H 'content-type: application/grpc' -H 'te: trailers')
grpc=(-d "$work/request" "${headers[@]}")
token='authorization: Bearer benchmark-token-0123456789abcdef0123456789abcdef'
for _ in $(seq "$runs"); do
  measure unary-4x32 nghttpd "$theirs" "http://127.0.0.1:$port/file" -d "$work/request"
  measure unary-4x32 benchfront "$ours" "http://$address/bench.Echo/Unary" "${grpc[@]}"
  measure guarded-4x32 benchfront "$guarded" "http://$guarded_address/bench.Echo/Message" \
    -d "$work/message" "${headers[@]}" -H "$token"
  measure get-4x32 nghttpd "$theirs" "http://127.0.0.1:$port/file"
  measure task-4x32 benchfront "$ours" "http://$address/bench.Echo/Task" "${grpc[@]}"
done

python3 - "$work/rows" .build/bench/rpc.json <<'PYTHON'
import json, platform, statistics, subprocess, sys
values = {}
for line in open(sys.argv[1]):
    case, subject, value = line.split()
    values.setdefault((case, subject), []).append(float(value))
commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
rows = [
    {"case": case, "subject": subject, "metric": "cpu_us", "value": statistics.median(v),
     "runs": len(v), "min": min(v), "max": max(v)}
    for (case, subject), v in values.items()
]
base = statistics.median(values["unary-4x32", "nghttpd"])
print(f"{'case':<18}{'subject':<12}{'CPU us':>8}{'min':>8}{'max':>8}{'x nghttpd':>11}")
for row in rows:
    print(f"{row['case']:<18}{row['subject']:<12}{row['value']:>8.2f}{row['min']:>8.2f}"
          f"{row['max']:>8.2f}{row['value'] / base:>11.2f}")
json.dump({"machine": platform.processor() or platform.machine(), "commit": commit, "rows": rows},
          open(sys.argv[2], "w"), indent=1)
PYTHON
