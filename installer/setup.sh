#!/usr/bin/env bash
# Sets up what is missing and nothing else: system libraries (Debian, Ubuntu), .venv, the locked packages.
#   installer/setup.sh run     what the program needs
#   installer/setup.sh test    and what its tests, lint, benchmarks and screenshots need
set -euo pipefail
cd "$(dirname "$0")/.."

want="${1:-run}"
case "$want" in
  run) lock=requirements.lock ;;
  test) lock=requirements-dev.lock ;;
  *) echo "usage: installer/setup.sh run|test" >&2; exit 2 ;;
esac

run_packages=(
  python3 python3-venv
  # Qt's xcb platform and OpenCV on a bare system
  libegl1 libgl1 libglib2.0-0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 fonts-dejavu-core
  libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
  libxcb-shape0 libxcb-xinerama0
  # sound
  libportaudio2
)
test_packages=(xvfb xdotool pulseaudio libasound2-plugins)

provided() {  # a package, or a newer one that provides it (libglib2.0-0t64)
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
    awk -v name="$1" '$1 == "installed" { for (i = 2; i <= NF; i++) { sub(/,$/, "", $i); if ($i == name) found = 1 } } END { exit !found }'
}

system_packages() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
  local packages=("${run_packages[@]}") missing=() name
  [ "$want" = test ] && packages+=("${test_packages[@]}")
  for name in "${packages[@]}"; do provided "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      as_root=(sudo)
    else
      echo "Please install these system packages first: apt-get install ${missing[*]}" >&2
      exit 1
    fi
  fi
  echo "Installing system packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

suits() { "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; }

make_venv() {
  [ -x .venv/bin/uv ] && return 0
  local python
  for python in python3.12 python3.11 python3; do
    if command -v "$python" >/dev/null && suits "$python"; then
      echo "Creating .venv with $("$python" --version)"
      "$python" -m venv --clear .venv
      .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r installer/uv.lock
      return 0
    fi
  done
  echo "No Python 3.11 or 3.12 here; uv brings one into .venv"
  python3 -m venv --clear .tools
  .tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r installer/uv.lock
  .tools/bin/uv venv --quiet --clear --python 3.12 .venv
  .tools/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r installer/uv.lock
}

locked_packages() {
  local stamp=.venv/.setup-"$want" key
  key=$(cat "$lock" pyproject.toml | cksum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ] && return 0
  echo "Installing the locked packages ($lock)"
  .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --require-hashes -r "$lock"
  .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
  echo "$key" > "$stamp"
}

system_packages
make_venv
locked_packages
