#!/usr/bin/env bash
# Installs the Debian packages that are missing, and none when all are there (then without network).
# usage: packages.sh [build] [test] [engine] [bench] [ingest] [recommend]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/local/common.sh
source "$here/common.sh"

build_packages=(
  libnghttp2-dev libssl-dev libprotobuf-c-dev libcurl4-openssl-dev libpq-dev libhiredis-dev
  libsqlite3-dev zlib1g-dev libjemalloc-dev pkg-config make git
)
test_packages=(
  postgresql-15 redis-server haproxy binutils sqlite3
  protobuf-compiler protobuf-c-compiler python3 python3-venv curl openssl prometheus
  chromium g++ libgrpc++-dev libprotobuf-dev protobuf-compiler-grpc nghttp2-client nghttp2-server
)
bench_packages=(
  nghttp2-client nghttp2-server g++ libgrpc++-dev libprotobuf-dev protobuf-compiler
  protobuf-compiler-grpc openssl python3 python3-venv
)
ingest_packages=(postgresql-15 python3 python3-venv)
recommend_packages=(postgresql-15 redis-server python3 python3-venv)
engine_packages=(cmake ninja-build gcc g++ python3 python3-venv)

wanted() {
  local set
  for set in "$@"; do
    case $set in
      build) printf '%s\n' "${build_packages[@]}" ;;
      test) printf '%s\n' "${test_packages[@]}" ;;
      bench) printf '%s\n' "${bench_packages[@]}" ;;
      ingest) printf '%s\n' "${ingest_packages[@]}" ;;
      recommend) printf '%s\n' "${recommend_packages[@]}" ;;
      engine) printf '%s\n' "${engine_packages[@]}" ;;
      *) fail 2 "packages.sh: '$set' is none of build, test, engine, bench, ingest, recommend." ;;
    esac
  done
}

present() { [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == "install ok installed" ]]; }

# A package that brings a server must not start it: what needs one starts its own.
keep_services_asleep() {
  local policy=/usr/sbin/policy-rc.d run=()
  [[ -e $policy ]] && return
  ((EUID == 0)) || run=(sudo)
  printf '#!/bin/sh\nexit 101\n' | "${run[@]}" tee "$policy" >/dev/null
  "${run[@]}" chmod 755 "$policy"
  # shellcheck disable=SC2064 # expanded now on purpose
  trap "rm -f '$log'; ${run[*]} rm -f $policy" EXIT
}

install_missing() {
  local package missing=() as_root=()
  for package in $(wanted "$@" | sort -u); do
    present "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null ||
    fail 3 "This machine has no apt-get; install the equivalents of: ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail 3 "Run this as root, without sudo: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -y -o Acquire::Retries=3)
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  step "Refreshing the package lists" "${as_root[@]}" update ||
    fail 3 "The package lists cannot be refreshed (no network?), and these packages are missing: ${missing[*]}"
  keep_services_asleep
  step "Installing ${missing[*]}" "${as_root[@]}" install --no-install-recommends "${missing[@]}" ||
    fail 3 "These Debian packages cannot be installed: ${missing[*]}"
}

check_swift() {
  command -v swift >/dev/null ||
    fail 3 "Swift 6.2 or newer is needed and no 'swift' is on the PATH."
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
  [[ $(printf '%s\n' 6.2 "${version:-0}" | sort -V | head -n 1) == 6.2 ]] ||
    fail 3 "Swift 6.2 or newer is needed; this one is ${version:-unknown}."
}

(($#)) || set -- build
install_missing "$@"
if [[ " $* " == *" build "* ]]; then check_swift; fi
