#!/usr/bin/env bash
# Installs the reader of text that tries to read what was covered (python -m benchmarks deidentify), as
# requirements-text-peers.lock has it, into build/text-peers. The program itself does not use it.
set -euo pipefail
cd "$(dirname "$0")/.."

installer/setup.sh test
place="$PWD/build/text-peers"
key=$(cksum < requirements-text-peers.lock)
[ "$(cat "$place/key.txt" 2>/dev/null || true)" != "$key" ] || exit 0
mkdir -p "$place"
.venv/bin/uv venv --quiet --clear --python .venv/bin/python "$place/venv"
.venv/bin/uv pip install --quiet --python "$place/venv/bin/python" --no-deps --require-hashes \
  -r requirements-text-peers.lock
echo "$key" > "$place/key.txt"
