#!/usr/bin/env bash
# Builds llama.cpp's server and makes tiny models for it, for `make test-servers`. Everything lies in
# build/model-server, nothing of it in the repository: the sources come from the sdist of llama-cpp-python,
# the models are random numbers made on the spot. Some five minutes of two cores, once.
# Where it cannot be built, build/model-server/why-not.txt says why, and the tests skip with that.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.3.36
sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
place="$PWD/build/model-server"
log="$place/build.log"
mkdir -p "$place"

cannot() {
  echo "$1" > "$place/why-not.txt"
  echo "No model server: $1 (see $log)" >&2
  exit 0
}

tools() {  # a compiler is the system's; cmake, ninja and what writes models come as packages
  command -v c++ >/dev/null || cannot "there is no C++ compiler"
  [ -x "$place/tools/bin/python" ] || .venv/bin/python -m venv "$place/tools" >> "$log" 2>&1 \
    || cannot "the folder of its tools could not be made"
  "$place/tools/bin/python" -m pip install --quiet "gguf>=0.17,<1" cmake ninja >> "$log" 2>&1 \
    || cannot "gguf, cmake or ninja could not be installed"
}

sources() {
  [ -d "$place/llama_cpp_python-$version" ] && return
  echo "llama-cpp-python==$version --hash=sha256:$sha256" > "$place/sdist.txt"
  "$place/tools/bin/python" -m pip download --quiet --no-deps --no-binary llama-cpp-python \
    --require-hashes -r "$place/sdist.txt" -d "$place" >> "$log" 2>&1 \
    || cannot "the sources of llama.cpp could not be downloaded"
  tar -xzf "$place/llama_cpp_python-$version.tar.gz" -C "$place" || cannot "the sources could not be unpacked"
}

build() {
  local bin="$place/tools/bin"
  # No page of its own, which the build would download; no libraries that are not needed for a test.
  "$bin/cmake" -S "$place/llama_cpp_python-$version/vendor/llama.cpp" -B "$place/build" -G Ninja \
    -DCMAKE_MAKE_PROGRAM="$bin/ninja" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_C_FLAGS_RELEASE=-O1 -DCMAKE_CXX_FLAGS_RELEASE=-O1 -DBUILD_SHARED_LIBS=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_BUILD_UI=OFF \
    -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF \
    -DGGML_LLAMAFILE=OFF -DGGML_CCACHE=OFF >> "$log" 2>&1 || cannot "the build could not be prepared"
  echo "Building llama.cpp's server, once; this takes some minutes"
  nice -n 15 "$bin/cmake" --build "$place/build" --target llama-server --parallel 2 >> "$log" 2>&1 \
    || cannot "the server could not be compiled"
  cp "$place/build/bin/llama-server" "$place/llama-server"
  rm -rf "$place/build" "$place/llama_cpp_python-$version" "$place/llama_cpp_python-$version.tar.gz"
}

rm -f "$place/why-not.txt"
tools
if [ ! -x "$place/llama-server" ] || [ "$(cat "$place/version.txt" 2>/dev/null)" != "$version" ]; then
  sources
  build
  echo "$version" > "$place/version.txt"
fi
"$place/tools/bin/python" tests/servers/tiny_model.py "$place/models" >> "$log" 2>&1 \
  || cannot "the tiny models could not be made"
