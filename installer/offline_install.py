"""Installs Semioscope from the files next to this script, without a network.

    python install.py [FOLDER]      (Python 3.11 or 3.12; FOLDER: "semioscope" in the home folder)

Every package is checked against the hash in the lock. To remove the program, delete the folder.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """The exit code."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 12):
        sys.stderr.write("Semioscope needs Python 3.11 or 3.12.\n")
        return 1
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.home() / "semioscope"
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if folder.exists() and any(folder.iterdir()) and not list(programs.glob("semioscope*")):
        sys.stderr.write(f"{folder} holds something else; name an empty folder.\n")
        return 1
    venv.create(folder, with_pip=True, clear=True)
    python = programs / ("python.exe" if sys.platform == "win32" else "python")
    offline = ["--quiet", "--no-index", "--find-links", str(HERE / "wheels")]
    locked = ["--require-hashes", "--requirement"]
    run(
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        *offline,
        *locked,
        str(HERE / "uv.lock"),
    )
    uv = [str(python), "-m", "uv", "pip", "install", "--offline", "--python", str(python), *offline]
    run(*uv, "--no-deps", *locked, str(HERE / "requirements.lock"))
    run(*uv, "--no-deps", *(str(path) for path in (HERE / "wheels").glob("semioscope-*.whl")))
    sys.stdout.write(f"Start it with {programs / 'semioscope'}\n")
    return 0


def run(*command: object) -> None:
    """Run a command; one that fails ends the installation with what it said."""
    subprocess.run([str(word) for word in command], check=True)


if __name__ == "__main__":
    sys.exit(main())
