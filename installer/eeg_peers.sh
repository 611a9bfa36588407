#!/usr/bin/env bash
# Installs the readers of EDF beside which the EEG reader is measured (python -m benchmarks eeg_peers), as
# requirements-eeg-peers.lock has them, into build/eeg-peers. The program itself uses none of them.
set -euo pipefail
cd "$(dirname "$0")/.."

installer/setup.sh test
place="$PWD/build/eeg-peers"
key=$(cksum < requirements-eeg-peers.lock)
[ "$(cat "$place/key.txt" 2>/dev/null || true)" != "$key" ] || exit 0
mkdir -p "$place"
.venv/bin/uv venv --quiet --clear --python .venv/bin/python "$place/venv"
.venv/bin/uv pip install --quiet --python "$place/venv/bin/python" --no-deps --require-hashes \
  -r requirements-eeg-peers.lock
echo "$key" > "$place/key.txt"
