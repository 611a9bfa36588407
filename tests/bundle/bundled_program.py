"""The bundle in the bare system as a person has it: commands, and a window driven by keys."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.bundle.bare_system import HOME, LONGEST, USER, BareSystem

PROGRAM = "/opt/semioscope/semioscope"
PATIENT, EEG, STUDY = f"{HOME}/patient.mp4", f"{HOME}/patient.edf", f"{HOME}/patient.semioscope"

_CLIPBOARD = """
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
application = QGuiApplication([])
QTimer.singleShot(500, application.quit)
application.exec()
print(application.clipboard().text())
"""


def semioscope(bare: BareSystem, *words: str, **more: Any) -> str:
    """What a finished command printed; anything but success fails the test with what it said."""
    done = bare.run(PROGRAM, *words, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(bare: BareSystem, *words: str, program: Sequence[str] = (PROGRAM,), **more: Any) -> str:
    """What a command said that ended by the input's fault, in words."""
    done = bare.run(*program, *words, **more)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def until(condition: Callable[[], Any], what: str) -> Any:
    """What the condition gives once it holds."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    pytest.fail(f"never: {what}")


def process_with(words: str) -> int | None:
    """The number of a process of the user with these words in its command, outside of its namespace."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if place.stat().st_uid == USER and words in (place / "cmdline").read_text():
                return int(place.name)
        except OSError:
            continue
    return None


class Window:
    """A window of the bundle on a virtual screen, opened by `words`; `name` is in its title."""

    def __init__(
        self,
        bare: BareSystem,
        screen: str,
        *words: str,
        name: str = "patient",
        before: Sequence[str] = (),
        program: Sequence[str] = (PROGRAM,),
        **more: str,
    ) -> None:
        self._bare, self._display = bare, {**os.environ, "DISPLAY": screen}
        self.process = subprocess.Popen(
            [*before, *bare.command(*program, *words)], env=bare.environment(DISPLAY=screen, **more)
        )
        self._name, self._home = name, more.get("SEMIOSCOPE_HOME", HOME)
        until(lambda: self.process.poll() is not None or self.shown(name), f"the window “{name}”")
        assert self.process.poll() is None, f"it ended with {self.process.returncode}"

    def shown(self, name: str) -> str:
        """The number of the visible window with this in its title, "" without one."""
        found = self._tool("search", "--onlyvisible", "--name", name).split()
        return found[0] if found else ""

    def _tool(self, *words: str) -> str:
        """What xdotool prints."""
        done = subprocess.run(
            ["xdotool", *words], env=self._display, capture_output=True, text=True, check=False
        )
        return done.stdout

    def keys(self, *keys: str, name: str = "") -> None:
        """Press keys one after the other, in the window with `name` in its title instead of the first."""
        number = until(lambda: self.shown(name or self._name), f"the window “{name or self._name}”")
        self._tool("windowfocus", "--sync", number)
        if keys:
            self._tool("key", "--clearmodifiers", "--delay", "60", *keys)

    def type(self, text: str, name: str = "") -> None:
        """Type a text, as `keys` presses keys."""
        self.keys(name=name)
        self._tool("type", "--delay", "60", text)

    def log(self) -> str:
        """What the windows that keep things in the same place have logged."""
        logs = sorted(self._bare.inside(self._home).rglob("window.log"))
        return "".join(one.read_text(encoding="utf-8") for one in logs)

    def clipboard(self) -> str:
        """The text that was copied, as another program gets it."""
        done = subprocess.run(
            [sys.executable, "-c", _CLIPBOARD],
            env={**self._display, "QT_QPA_PLATFORM": "xcb"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def answer(self) -> None:
        """Press Y until the study holds an answer of the person."""
        everything = f"{HOME}/all.json"
        export = ("export", STUDY, "--format", "json", "--out", everything, "--replace", "--unsealed")

        def answered() -> bool:
            self.keys("y")
            done = self._bare.run(PROGRAM, *export)
            return done.returncode == 0 and '"reviewer"' in self._bare.inside(everything).read_text()

        until(answered, "an answer of the reviewer on disk")

    def quit(self) -> None:
        """Close it as a person does; it ends without an error."""
        self.keys("ctrl+q")
        assert self.process.wait(LONGEST) == 0

    def wait_until_gone(self) -> None:
        """Return when it is no longer shown, of a program that another one has started."""
        until(lambda: not self.shown(self._name), "the end of the window")

    def end(self) -> None:
        """End it whatever it does."""
        self.process.kill()
        self.process.wait()
