#!/usr/bin/env bash
# Builds dist/semioscope-VERSION-offline-SYSTEM.zip: the locked wheels of this system, uv and one script, for
# computers with Python and without a network. Unpack it there and run `python install.py`.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -1)
system=$("$python" -c 'import platform as p, sys; print(f"{p.system()}-{p.machine()}-py{sys.version_info[0]}{sys.version_info[1]}".lower())')
work=build/offline/semioscope-$version
rm -rf build/offline
mkdir -p "$work/wheels" dist
for lock in requirements.lock installer/uv.lock; do
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --requirement "$lock" --dest "$work/wheels"
  cp "$lock" "$work/"
done
"$python" -m pip wheel --quiet --disable-pip-version-check --no-index --find-links "$work/wheels" --no-deps \
  --wheel-dir "$work/wheels" .
cp installer/offline_install.py "$work/install.py"
cp LICENSE README.md "$work/"
"$python" -c 'import shutil, sys; shutil.make_archive(sys.argv[1], "zip", "build/offline")' \
  "dist/semioscope-$version-offline-$system"
ls -l dist/*offline*
