#!/usr/bin/env bash
# Builds the fuzz targets with libFuzzer and AddressSanitizer and runs each for some seconds on its
# corpus (Tests/Fuzz/corpus/TARGET), one on each processor. What it finds new is kept below
# .build-fuzz; a crash ends its target and fails the whole.
# usage: fuzz.sh [build | SECONDS [TARGET...]]; `build` runs nothing
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
seconds=${1:-20}
shift || true
targets=("$@")
((${#targets[@]})) ||
  mapfile -t targets < <(sed -n 's/^  "\([a-z0-9-]*\)": fuzz.*/\1/p' Tests/Fuzz/FuzzTarget.swift)

export BENCHFRONT_PART=fuzz
flags=(--scratch-path .build-fuzz -Xswiftc -sanitize=fuzzer,address)
swift build "${flags[@]}" --product fuzz
[[ $seconds != build ]] || exit 0
program=$(swift build "${flags[@]}" --show-bin-path)/fuzz

# Swift's own handler of crashes would hide the input from libFuzzer.
export SWIFT_BACKTRACE=enable=no

# fuzz TARGET: runs it and says in a line how many inputs it had.
fuzz() {
  local target=$1 found=.build-fuzz/found/$1
  mkdir -p "$found" "Tests/Fuzz/corpus/$target"
  BENCHFRONT_FUZZ_TARGET=$target "$program" -max_total_time="$seconds" -max_len=8192 -rss_limit_mb=2048 \
    -timeout=10 -print_final_stats=1 -artifact_prefix=".build-fuzz/crash-$target-" \
    "$found" "Tests/Fuzz/corpus/$target" 2>"$found.log" || {
    tail -n 60 "$found.log" >&2
    echo "$target failed: its input is .build-fuzz/crash-$target-*" >&2
    return 1
  }
  sed -n "s/^stat::number_of_executed_units: */$target, $seconds seconds, inputs: /p" "$found.log"
}

failures=0
for target in "${targets[@]}"; do
  while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n || failures=$((failures + 1)); done
  fuzz "$target" &
done
while [[ -n $(jobs -p) ]]; do wait -n || failures=$((failures + 1)); done
exit $((failures > 0))
