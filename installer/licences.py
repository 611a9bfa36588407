"""The licences of everything in a bundle, a folder for each part.

    python installer/licences.py BUNDLE OUT

Of Python's packages they are in their installed metadata; of the system's libraries (Debian) in the packages
that own them. A part without a licence ends it with an error: nothing is handed on without its terms.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

_TERMS = re.compile(r"^(licen[cs]e|copying|notice|copyright|authors)", re.IGNORECASE)
_BUNDLED = "*.dist-info"


def main(bundle: Path, out: Path) -> None:
    """Write the folder `out`; raises SystemExit naming the parts without a licence."""
    inside = {path.name for path in bundle.rglob(_BUNDLED)}
    missing = [one.name for one in distributions() if _folder_name(one) in inside and not _copy(one, out)]
    missing += _copy_of_system(bundle, out)
    if missing:
        raise SystemExit(f"No licence was found of {', '.join(sorted(missing))}")


def _folder_name(package: Distribution) -> str:
    return next((file.parts[0] for file in package.files or () if file.parts[0].endswith(".dist-info")), "")


def _copy(package: Distribution, out: Path) -> bool:
    """Copy what the package says of its terms; whether it says anything."""
    place = out / "python" / f"{package.name}-{package.version}"
    place.mkdir(parents=True, exist_ok=True)
    for file in package.files or ():
        if _TERMS.match(file.name) and not file.name.endswith((".py", ".pyc")):
            name = "-".join(part for part in file.parts if not part.endswith(".dist-info"))
            shutil.copyfile(str(file.locate()), place / name)
    about = package.metadata
    words = [word for key in ("License-Expression", "License") for word in about.get_all(key) or ()]
    words += [one for one in about.get_all("Classifier") or () if one.startswith("License")]
    if words:
        (place / "terms.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return bool(words) or any(place.iterdir())


def _copy_of_system(bundle: Path, out: Path) -> list[str]:
    """Copy the terms of the system's libraries; gives those of no known package (Debian)."""
    if shutil.which("dpkg-query") is None:
        return []
    unknown = []
    for library in sorted(bundle.glob("_internal/*.so*")):
        if library.is_symlink():
            continue  # it belongs to a package of Python
        owner = _owner(library.name)
        if owner:
            place = out / "system" / owner
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(f"/usr/share/doc/{owner}/copyright", place / "copyright")
        elif not _is_of_python(library.name):
            unknown.append(library.name)
    return unknown


def _owner(library: str) -> str:
    """The Debian package of a library; "" when none has it."""
    found = subprocess.run(
        ["dpkg-query", "-S", f"*/{library}"], capture_output=True, text=True, check=False
    ).stdout
    return found.split(":")[0].split(",")[0].strip()


def _is_of_python(library: str) -> bool:
    """Whether a library came with Python or one of its packages, whose terms are among theirs."""
    return (
        library.startswith("libpython")
        or ".cpython-" in library
        or re.search(r"-[0-9a-f]{8}", library) is not None
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
