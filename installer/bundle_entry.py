"""The start of the bundled program: the command `semioscope`, or one of the processes that it starts.

A bundle has no `python -m`, so the program asks itself for its analysis processes with the same arguments
(`core/recording/analysis_process.py`).
"""

from __future__ import annotations

import ctypes.util
import os
import runpy
import sys
from pathlib import Path

_OF_A_PROCESS = ["-P", "-m"]
_WITH_CONSOLE = "semioscope-command.exe"
"""On Windows the same program with a console, whose pipes work."""


def main() -> int:
    """The exit code."""
    _give_others_their_libraries()
    _find_own_libraries()
    _do_without_console()
    if sys.argv[1:3] == _OF_A_PROCESS:
        module = sys.argv[3]
        if not (module.startswith("app.core.") and module.endswith("_process")):
            raise SystemExit(f"{module} is not a process of Semioscope")
        del sys.argv[1:4]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return 0
    from app.cli import main as semioscope

    return semioscope()


def _give_others_their_libraries() -> None:
    """Let the programs that are started from here, as a file manager is, find the system's libraries.

    The bundle's start has put its own folder before them, for this process and what it starts. A process of
    the bundle begins as the first one did, without the notes that say that this was done.
    """
    for name in [name for name in os.environ if name.startswith("_PYI_")]:
        del os.environ[name]
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", "")
    os.environ.pop("LD_LIBRARY_PATH", None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before


def _find_own_libraries() -> None:
    """Let a library that is asked for by its name alone, as PortAudio is, be found in the bundle.

    PyInstaller lets it only on Windows; elsewhere the system is asked, which may have none.
    """
    own, of_system = Path(sys.executable).parent / "_internal", ctypes.util.find_library

    def found(name: str) -> str | None:
        return next((str(path) for path in own.glob(f"lib{name}.so*")), None) or of_system(name)

    ctypes.util.find_library = found


def _do_without_console() -> None:
    """Where there is no console (a window on Windows) what is printed goes nowhere, instead of failing, and
    processes are started by the program that has one."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the end
            setattr(sys, name, nowhere)
    beside = Path(sys.executable).with_name(_WITH_CONSOLE)
    if beside.is_file():
        sys.executable = str(beside)


if __name__ == "__main__":
    sys.exit(main())
