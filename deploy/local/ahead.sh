#!/usr/bin/env bash
# Builds what is needed behind the tests while they wait for something: the sanitizers' programs,
# the engine and the release programs. It has the processors only while nobody else wants them, so
# that no test is slower for it. Whoever needs a build then waits for this one, or makes it and says
# what failed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
chrt --all-tasks --idle --pid 0 $$
"$here/sanitize.sh" build
"$here/engine.sh"
make --no-print-directory build
