#!/usr/bin/env bash
# Installs llama.cpp's server, as the wheel of xllamacpp has it, and makes tiny models for it, for
# `make test-servers`. Everything lies in build/model-server, nothing of it in the repository: the models are
# random numbers made on the spot.
# Where that cannot be done, build/model-server/why-not.txt says why, and the tests skip with that.
set -euo pipefail
cd "$(dirname "$0")/.."

place="$PWD/build/model-server"
log="$place/install.log"
mkdir -p "$place"

cannot() {
  echo "$1" > "$place/why-not.txt"
  echo "No model server: $1 (see $log)" >&2
  exit 0
}

rm -f "$place/why-not.txt"
python="$place/venv/bin/python"
# The wheel for Linux on x86; elsewhere the tests skip. gguf writes the models.
packages="xllamacpp==2026.10.11549 --hash=sha256:c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261
gguf==0.19.0"
if [ "$packages" != "$(cat "$place/packages.txt" 2>/dev/null)" ]; then
  .venv/bin/uv venv --quiet --clear --python .venv/bin/python "$place/venv" >> "$log" 2>&1 \
    || cannot "its folder could not be made"
  echo "$packages" > "$place/wanted.txt"
  .venv/bin/uv pip install --quiet --python "$python" --only-binary :all: -r "$place/wanted.txt" >> "$log" 2>&1 \
    || cannot "the server could not be installed"
  mv "$place/wanted.txt" "$place/packages.txt"
fi
# A real vocabulary, so that tokens can be counted as a model counts them; without it those tests skip.
words="$place/words"
if [ ! -f "$place/models/worded.gguf" ]; then
  echo "dashscope==2.0.2" > "$place/words.txt"
  if .venv/bin/uv pip install --quiet --python "$python" --target "$words" --no-deps --only-binary :all: \
    -r "$place/words.txt" >> "$log" 2>&1; then
    "$python" tests/servers/worded_model.py "$words/dashscope/resources/qwen.tiktoken" "$place/models" >> "$log" 2>&1 \
      || echo "No model with a real vocabulary (see $log)" >&2
  fi
fi
"$python" tests/servers/tiny_model.py "$place/models" >> "$log" 2>&1 || cannot "the tiny models could not be made"
