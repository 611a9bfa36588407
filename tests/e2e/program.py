"""The real program as a person meets it: a process with a window, driven with real keys, killed for real."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy.typing as npt
import psutil  # type: ignore[import-untyped]

import app
from app.core.errors import UserError
from app.core.reading import ReaderKind, Reading
from app.core.semiology import FEATURES
from app.core.study.store import Study

ROOT = Path(app.__file__).resolve().parent.parent
PATIENCE = 300.0
"""Seconds. The analysis has a lower priority than all else that runs on the machine."""
T = TypeVar("T")


def undrivable() -> str:
    """Why the window cannot be driven with real keys on this machine; "" when it can."""
    if sys.platform != "linux":
        return "real keys are sent with xdotool, which is for X11 only"
    missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def wait_until(found: Callable[[], T | None], what: str, patience: float = PATIENCE) -> T:
    """Ask until there is an answer that is neither None nor false."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"waited {patience:.0f} s in vain for {what}")


@dataclass
class Program:
    """One run of `python -m app FILE` on a display; `end` must be called whatever happens."""

    recording: Path
    home: Path
    display: str
    log: Path
    module: tuple[str, ...] = ("app",)
    """What is run in its place: a module and its first arguments."""
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it and wait until its window is painted."""
        ready = self.home / "ready"
        ready.unlink(missing_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("QT_")}
        environment |= {
            "SEMIOSCOPE_HOME": str(self.home),
            "SEMIOSCOPE_READY_FILE": str(ready),
            "DISPLAY": self.display,
        }
        environment.pop("WAYLAND_DISPLAY", None)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.module, str(self.recording)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: ready.exists() or self._ended(), "the window")

    def _ended(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the program ended with {self.process.returncode}: {self.said()}")
        return False

    def said(self) -> str:
        """Everything that it wrote to stdout and stderr."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def keys(self, *keys: str) -> None:
        """Press keys in its window, as xdotool names them."""
        window = wait_until(self._window, "the window's number")
        self._xdotool("windowfocus", "--sync", window)
        self._xdotool("key", "--delay", "60", *keys)

    def _window(self) -> str | None:
        self._ended()
        found = self._xdotool(
            "search", "--onlyvisible", "--pid", str(self.process.pid), "--name", "Semioscope"
        )
        return found.split()[-1] if found.split() else None

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout

    def kill(self) -> None:
        """SIGKILL, to it and to what it has started."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        _, alive = psutil.wait_procs(children, timeout=60)
        assert not alive, f"it left {[child.cmdline() for child in alive]} behind"

    def end(self) -> None:
        """End everything that still runs."""
        if not hasattr(self, "process") or self.process.poll() is not None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
        self.process.kill()
        self.process.wait()

    def screenshot(self, folder: Path) -> npt.NDArray[Any]:
        """What is on its display: (h, w, 3) uint8."""
        picture = folder / "screen.png"
        code = (
            "import sys; from PySide6.QtGui import QGuiApplication; a = QGuiApplication([]);"
            "sys.exit(not a.primaryScreen().grabWindow(0).save(sys.argv[1]))"
        )
        environment = {**os.environ, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}
        subprocess.run(
            [sys.executable, "-c", code, str(picture)], env=environment, timeout=PATIENCE, check=True
        )
        import cv2

        image = cv2.imread(str(picture))
        assert image is not None
        return image


def readings_in(study: Path) -> tuple[Reading, ...]:
    """All readings of the only recording of a study, () while there is none."""
    try:
        with Study.open(study, author="test", create=False, shared=True) as opened:
            return opened.readings(1, viewer=None)
    except (UserError, LookupError):  # not made yet, or made and still empty
        return ()


def reading_of(study: Path, kind: ReaderKind) -> Reading | None:
    """The reading of a person, or of a reader when it is complete."""
    for reading in readings_in(study):
        if reading.reader.kind is kind and (
            kind is ReaderKind.PERSON or len(reading.answers) == len(FEATURES)
        ):
            return reading
    return None
