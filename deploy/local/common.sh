# Shared by the scripts of this folder: sourced, never run.
# shellcheck shell=bash

# shellcheck disable=SC2034  # used by those who source it
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Kept between runs and between clones: the engine takes four minutes to build.
cache=${BENCHFRONT_CACHE:-$HOME/.cache/benchfront}
# The shell that loads this file has opened it already when it needs a log of its own.
log=${log:-/dev/null}

llama_version=0.3.36    # of the source distribution that carries llama.cpp
# shellcheck disable=SC2034
llama_commit=0c1e57098  # llama.cpp's own commit in it
model=smollm2-135m-instruct

say() { printf '%s\n' "$*"; }

# fail CODE SENTENCE: the last words of a script.
fail() {
  local code=$1
  shift
  # On a build machine nobody can open the log afterwards.
  if [[ ${CI:-} == true && -s $log ]]; then tail -n 40 "$log" >&2; fi
  printf '%s\n' "$*" >&2
  exit "$code"
}

# step WHAT COMMAND...: runs it, its output in the log; one line with how long it took.
step() {
  local what=$1 start=$SECONDS status=0
  shift
  printf '%s ... ' "$what"
  "$@" >>"$log" 2>&1 || status=$?
  if ((status == 0)); then
    printf 'done in %d s\n' $((SECONDS - start))
  else
    printf 'failed after %d s\n' $((SECONDS - start))
  fi
  return "$status"
}

# The engine is built for the very processor it runs on, so the folder is named for it too.
engine_folder() {
  local processor
  processor=$({ uname -m; grep -m 1 '^flags' /proc/cpuinfo || true; } | sha256sum)
  printf '%s/llama.cpp-%s-%s\n' "$cache" "$llama_version" "${processor:0:8}"
}

# model_file QUANTIZATION: where the weights of that quantization lie.
model_file() { printf '%s/models/%s-%s.gguf\n' "$cache" "$model" "$1"; }
