#!/usr/bin/env bash
# Builds the program for computers without Python and without a network, from the lock, for the system it runs on:
#   Linux    dist/semioscope-VERSION-linux-ARCH.tar.xz, a folder to unpack anywhere, and dist/semioscope_VERSION_ARCH.deb,
#            the same below /opt with menu entry, manual page and file types
#   macOS    dist/Semioscope-VERSION-ARCH.dmg, signed and notarised where APPLE_IDENTITY and its kin are set
#   Windows  dist/Semioscope-VERSION-setup.exe (Inno Setup, for one account; /VERYSILENT installs without questions)
# Libraries are not stripped: strip breaks those whose paths were changed when their wheel was made.
# Everything is made in build/bundle; the parts that take minutes are made once for a version of the program.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE

work=build/bundle
environment=$work/environment
uv=${UV:-.venv/bin/uv}
python=$environment/bin/python
case "$(uname -s)" in MINGW* | MSYS*) python=$environment/Scripts/python.exe ;; esac
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -1)
machine=$(uname -m)

packages() {  # the locked packages
  [ -x "$python" ] || "$uv" venv --quiet --seed --python "${PYTHON:-.venv/bin/python}" "$environment"
  "$uv" pip sync --quiet --python "$python" --require-hashes requirements-bundle.lock
}

parts() {  # the analysed demonstration and the models of poses, into resources/
  local state
  state=$(git ls-files -s app/core/phantom app/core/enhance app/core/eeg requirements.lock 2>/dev/null | git hash-object --stdin)
  [ -d resources/demonstration ] && [ "$(cat "$work/parts" 2>/dev/null)" = "$state" ] && return
  rm -rf resources/demonstration resources/several_people.task "${work:?}/home"
  PYTHONPATH=. SEMIOSCOPE_HOME=$PWD/$work/home LOGNAME=semioscope "$python" installer/bundle_parts.py resources
  echo "$state" >"$work/parts"
}

bundle() {
  "$uv" pip install --quiet --python "$python" --no-deps --no-build-isolation --reinstall .
  rm -rf "$work/dist"
  "$python" installer/program_icon.py "$work/semioscope.png"
  "$python" -m PyInstaller --noconfirm --log-level ERROR --distpath "$work/dist" --workpath "$work/pyinstaller" \
    installer/semioscope.spec
  "$python" installer/licences.py "$work/dist/semioscope" "$work/dist/semioscope/licences"
  cp LICENSE "$work/dist/semioscope/licences/Semioscope"
}

disk_image() {  # macOS
  local app=$work/dist/Semioscope.app image=dist/Semioscope-$version-$machine.dmg
  cp -R "$work/dist/semioscope/licences" "$app/Contents/Resources/"
  codesign --force --deep --options runtime --sign "${APPLE_IDENTITY:--}" "$app"
  hdiutil create -quiet -ov -volname Semioscope -srcfolder "$app" "$image"
  if [ -n "${APPLE_IDENTITY:-}" ]; then
    codesign --sign "$APPLE_IDENTITY" "$image"
    xcrun notarytool submit "$image" --wait --apple-id "$APPLE_ACCOUNT" --team-id "$APPLE_TEAM" --password "$APPLE_PASSWORD"
    xcrun stapler staple "$image"
  fi
}

archive() {
  local name=semioscope-$version-linux-$machine
  tar --create --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w --mtime="@$(git log -1 --format=%ct)" \
    --transform "s,^semioscope,$name," -C "$work/dist" semioscope | xz -9 --threads=0 --memlimit-compress=50% >"dist/$name.tar.xz"
}

package() {
  local root=$work/deb architecture
  architecture=$(dpkg --print-architecture)
  rm -rf "$root"
  mkdir -p "$root"/{DEBIAN,opt,usr/bin} \
    "$root"/usr/share/{applications,mime/packages,icons/hicolor/scalable/apps,man/man1,doc/semioscope}
  cp -r "$work/dist/semioscope" "$root/opt/"
  ln -s /opt/semioscope/semioscope "$root/usr/bin/semioscope"
  cp installer/linux/semioscope.desktop "$root/usr/share/applications/"
  cp installer/linux/semioscope.xml "$root/usr/share/mime/packages/"
  cp resources/semioscope.svg "$root/usr/share/icons/hicolor/scalable/apps/"
  ln -s /opt/semioscope/licences "$root/usr/share/doc/semioscope/licences"
  cp LICENSE "$root/usr/share/doc/semioscope/copyright"
  PYTHONPATH=. "$python" installer/manual_page.py | gzip -9n >"$root/usr/share/man/man1/semioscope.1.gz"
  cat >"$root/DEBIAN/control" <<EOF
Package: semioscope
Version: $version
Architecture: $architecture
Maintainer: The Semioscope authors <semioscope@localhost>
Installed-Size: $(du -sk "$root" | cut -f1)
Depends: libc6 (>= $(getconf GNU_LIBC_VERSION | cut -d' ' -f2)), libegl1, libgl1, libasound2t64 | libasound2, fontconfig
Recommends: pulseaudio | pipewire-alsa, gnome-keyring | kwalletmanager
Section: science
Priority: optional
Description: review of seizure videos with their EEG
 Picture, pose, sound, EEG and the 20 ILAE semiology features, yours beside a
 reader's. Everything is in the package; nothing is downloaded. Research use,
 not a medical device.
EOF
  chmod -R u+rwX,go+rX,go-w "$root"
  dpkg-deb --root-owner-group -Zxz -z6 --build "$root" "dist/semioscope_${version}_${architecture}.deb" >/dev/null
}

mkdir -p "$work" dist
packages
parts
bundle
case "$(uname -s)" in
  Linux)
    archive
    if command -v dpkg-deb >/dev/null; then package; fi
    ;;
  Darwin) disk_image ;;
  *) MSYS_NO_PATHCONV=1 iscc "/DVersion=$version" installer/windows/semioscope.iss ;;
esac
ls -l dist | awk 'NR > 1 { printf "%s  %.0f MB\n", $9, $5 / 1e6 }'
