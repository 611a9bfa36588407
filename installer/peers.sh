#!/usr/bin/env bash
# Installs programs beside which this one is measured, as requirements-NAME-peers.lock has them, into
# build/NAME-peers: `eeg` (readers of EDF, python -m benchmarks eeg_peers) or `text` (a reader of text that tries
# to read what was covered, python -m benchmarks deidentify). The program itself uses none of them.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  eeg | text) ;;
  *) echo "usage: installer/peers.sh eeg|text" >&2; exit 2 ;;
esac
lock="requirements-$1-peers.lock"
place="$PWD/build/$1-peers"
installer/setup.sh test
key=$(cksum < "$lock")
[ "$(cat "$place/key.txt" 2>/dev/null || true)" != "$key" ] || exit 0
mkdir -p "$place"
.venv/bin/uv venv --quiet --clear --python .venv/bin/python "$place/venv"
.venv/bin/uv pip install --quiet --no-config --python "$place/venv/bin/python" --no-deps --require-hashes -r "$lock"
echo "$key" > "$place/key.txt"
