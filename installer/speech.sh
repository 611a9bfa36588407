#!/usr/bin/env bash
# Installs the program with the extra `transcript`, as requirements-transcript.lock has it, into build/speech,
# and makes a tiny speech model of random numbers there, for `make test-servers`.
# Where that cannot be done, build/speech/why-not.txt says why, and the tests skip with that.
set -euo pipefail
cd "$(dirname "$0")/.."

place="$PWD/build/speech"
log="$place/install.log"
mkdir -p "$place"

cannot() {
  echo "$1" > "$place/why-not.txt"
  echo "No transcripts: $1 (see $log)" >&2
  exit 0
}

rm -f "$place/why-not.txt"
python="$place/venv/bin/python"
key=$(cksum < requirements-transcript.lock)
if [ "$(cat "$place/key.txt" 2>/dev/null)" != "$key" ]; then
  .venv/bin/uv venv --quiet --clear --python .venv/bin/python "$place/venv" >> "$log" 2>&1 \
    || cannot "its folder could not be made"
  .venv/bin/uv pip install --quiet --python "$python" --no-deps --require-hashes \
    -r requirements-transcript.lock >> "$log" 2>&1 || cannot "the extra could not be installed"
  echo "$key" > "$place/key.txt"
fi
"$python" tests/servers/tiny_speech.py "$place/model" >> "$log" 2>&1 \
  || cannot "the tiny speech model could not be made"
