#!/usr/bin/env bash
# Measures a language model on this machine, from nothing to a ranking: server, engine, agent, a
# matrix, a live view, results, Pareto front, recommendation.
#   ENGINE=sim     the simulated engine; every figure is marked simulated
#   ONCE=1         leaves after printing
#   REQUESTS=N     measured requests of each configuration (default 40)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/local/common.sh
source "$here/common.sh"
cd "$root"

engine=${ENGINE:-llama.cpp}
requests=${REQUESTS:-40}
hub_model=HuggingFaceTB/SmolLM2-135M-Instruct
folder=.build/run/$engine
programs=
children=()
# Simulated results are ranked only where they are asked for.
origin=()
if [[ $engine == sim ]]; then origin=(--provenance simulated); fi

stop_children() {
  local status=$? index
  trap - EXIT INT TERM HUP
  # The last started goes first, so that the agent takes leave of a living server.
  for ((index = ${#children[@]} - 1; index >= 0; index--)); do
    kill -TERM "${children[index]}" 2>/dev/null || continue
    wait "${children[index]}" 2>/dev/null || true
  done
  exit "$status"
}

# start NAME COMMAND...: in the background, its output in a file of its own; it ends with this
# script, even when that is killed.
start() {
  local name=$1
  shift
  setpriv --pdeathsig TERM "$@" >"$folder/$name.log" 2>&1 &
  children+=($!)
}

give_up() {
  log=$folder/$1.log
  tail -n 5 "$log" >&2 || true
  fail 1 "$2 (log: $log)."
}

# wait_until NAME COMMAND...: 30 s at most for the command to succeed, while NAME, started last, lives.
wait_until() {
  local name=$1 deadline=$((SECONDS + 30))
  shift
  until "$@" >/dev/null 2>&1; do
    kill -0 "${children[-1]}" 2>/dev/null || give_up "$name" "The $name ended before it was ready"
    ((SECONDS < deadline)) || give_up "$name" "The $name was not ready within 30 s"
    sleep 0.2
  done
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The first port from $1 on that nobody listens on.
free_port() {
  local port=$1
  while listening "$port"; do port=$((port + 1)); done
  printf '%s\n' "$port"
}

title() { printf '\n== %s\n\n' "$*"; }

benchfront() { "$programs/benchfront" "$@" --server "$address"; }

prepare() {
  case $engine in
    llama.cpp)
      "$here/engine.sh" || fail 3 \
        "The real engine cannot be installed here: 'make run ENGINE=sim' shows the same on the simulated one."
      ;;
    sim) ;;
    *) fail 2 "ENGINE=$engine is neither llama.cpp (the default) nor sim." ;;
  esac
  say "Building (release; some minutes the first time)"
  make --no-print-directory build
  programs=$(swift build -c release --show-bin-path)
  mkdir -p "$folder"
}

start_server() {
  local port
  port=$(free_port 50051)
  ((port == 50051)) || say "Port 50051 is taken: the server listens on $port."
  address=127.0.0.1:$port
  start server "$programs/benchfront-server" serve --listen "$address" --data-dir "$folder/data"
  wait_until server benchfront hardware list
  say "Server: $address, data in $folder/data"
}

start_agent() {
  local command=("$programs/benchfront-agent" run --server "$address" --spool "$folder/spool")
  command+=(--hardware cpu-x1)
  if [[ $engine == sim ]]; then
    local port
    port=$(free_port 8230)
    # As fast as a small model, so that the whole matrix takes less than a minute.
    start simengine "$programs/benchfront-simengine" --listen "127.0.0.1:$port" --ttft 8 --itl 2
    wait_until simengine listening "$port"
    command+=(--engine simulated --endpoint "http://127.0.0.1:$port")
  else
    command+=(--engine llama.cpp --engine-binary "$(engine_folder)/llama-server")
    command+=(--weights "$(dirname "$(model_file q8_0)")" --model "$hub_model")
  fi
  start agent "${command[@]}"
}

# The live view ends with the run; an agent that ends before it will not finish the run.
watch_run() {
  local agent=${children[-1]} watcher ended=
  "$programs/benchfront" watch "$run" --server "$address" </dev/null &
  watcher=$!
  children+=("$watcher")
  wait -n -p ended "$agent" "$watcher" || true
  [[ $ended == "$watcher" ]] || give_up agent "The agent ended before the run did"
  wait "$watcher" || fail 1 "The run did not end well (log: $folder/agent.log)."
}

measure() {
  local matrix=$here/smollm2.yaml
  [[ $engine == sim ]] && matrix=$here/simulated.yaml
  title "The matrix"
  benchfront matrix preview "$matrix"
  run=$(benchfront run create "$matrix" --requests "$requests" --quiet)
  start_agent
  title "Run $run, live ($requests requests for each configuration)"
  watch_run
}

report() {
  title "Results, the shortest time to first token first"
  benchfront results --run "$run" --order-by ttft
  title "Pareto front"
  benchfront pareto --model "$hub_model" "${origin[@]}"
  # One workload at a time: answers to different questions are not alternatives. The order of the
  # quantizations turns over between the two concurrencies.
  local concurrency
  for concurrency in 1 4; do
    title "Recommendation for a short question, $concurrency at a time"
    benchfront recommend --model "$hub_model" --input-tokens 64 --concurrency "$concurrency" \
      "${origin[@]}"
  done
}

trap stop_children EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
prepare
start_server
measure
report
[[ -z ${ONCE:-} ]] || exit 0
title "Still serving"
say "gRPC on $address, for example: $programs/benchfront --server $address recommend --model $hub_model ${origin[*]}"
say "Ctrl-C stops it; the data stays in $folder/data."
wait "${children[0]}" || give_up server "The server has ended"
