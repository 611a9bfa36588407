"""Start to a usable window: from the process's start until the window is painted and takes input."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.benchmark import Options, Result, machine, within
from benchmarks.screen import screen
from benchmarks.stage import ROOT, alternated, fresh_home, run_python, seconds_of

RUNS = 5
BAR = 2.5
SOURCE = (sys.executable, "-m", "app")
"""What starts the program from source."""
_PATIENCE = 120.0


def run(options: Options) -> Result:
    """Medians of alternated runs, after one of each that fills the disk's cache and compiles."""
    with screen() as drawn_on, fresh_home() as home, compiled(home / "compiled"):
        ready = home / "ready"
        seconds_to_window(SOURCE, ready)
        _empty_window()
        ours, floor = alternated(
            options.runs or RUNS,
            (lambda: seconds_to_window(SOURCE, ready), _empty_window),
            "Starting",
            options.report,
        )
    return Result(
        "start",
        machine(),
        (within("start to a usable window", ours, "s", floor, BAR),),
        ("The floor is Python and PySide6 alone: an empty main window, painted.", drawn_on),
    )


@contextmanager
def compiled(folder: Path) -> Iterator[None]:
    """Python's compiled files in this folder for a while, as every start but the first finds them.

    Where an environment forbids them, every start would compile the whole program.
    """
    before = {name: os.environ.get(name) for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")}
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_EMPTY = """
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
window.menuBar().addMenu("File")
window.statusBar()
window.resize(1440, 900)
window.show()
application.processEvents()
window.grab()
"""


def _empty_window() -> float:
    return seconds_of(lambda: run_python(["-c", _EMPTY]))


def seconds_to_window(program: Sequence[str], ready: Path) -> float:
    """Start the program, wait until it says that it is ready (in the file `ready`), end it; the seconds
    between. Raises RuntimeError."""
    ready.unlink(missing_ok=True)
    begun = time.monotonic()
    process = subprocess.Popen(
        program,
        cwd=ROOT,
        env={**os.environ, "SEMIOSCOPE_READY_FILE": str(ready)},
        stdin=subprocess.DEVNULL,
    )
    try:
        while not (ready.exists() and (text := ready.read_text(encoding="ascii"))):
            if process.poll() is not None:
                raise RuntimeError(f"the program ended with {process.returncode} before its window was ready")
            if time.monotonic() - begun > _PATIENCE:
                raise RuntimeError("the window was not ready in time")
            time.sleep(0.005)
        return float(text) - begun
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
