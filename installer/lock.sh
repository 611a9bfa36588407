#!/usr/bin/env bash
# Writes the locks anew: names, versions and hashes, never an address (docs/decisions/0002).
set -euo pipefail
cd "$(dirname "$0")/.."
uv="${UV:-uv}"
compile=("$uv" pip compile --quiet --universal --generate-hashes --no-header --no-annotate
  --no-emit-index-url --no-emit-find-links --python-version 3.11 "$@")
"${compile[@]}" pyproject.toml --group build -o requirements.lock
"${compile[@]}" pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock
"${compile[@]}" pyproject.toml --group build --extra transcript -c requirements.lock -o requirements-transcript.lock
"${compile[@]}" pyproject.toml --group build --extra eeg-formats -c requirements.lock -o requirements-eeg-formats.lock
"${compile[@]}" pyproject.toml --group build --extra cluster -c requirements.lock -o requirements-cluster.lock
"${compile[@]}" pyproject.toml --group build --group bundle --no-emit-package opencv-contrib-python \
  -c requirements.lock -o requirements-bundle.lock
"${compile[@]}" --group eeg-peers -c requirements.lock -o requirements-eeg-peers.lock
"${compile[@]}" --no-config --group text-peers -c requirements.lock -o requirements-text-peers.lock
echo "uv==0.13.9" | "${compile[@]}" - -o installer/uv.lock
if grep -n '://' requirements.lock requirements-dev.lock requirements-transcript.lock requirements-eeg-formats.lock \
  requirements-cluster.lock requirements-bundle.lock requirements-eeg-peers.lock requirements-text-peers.lock \
  installer/uv.lock; then
  echo "a lock holds an address" >&2
  exit 1
fi
