"""The program with its window: logging, crash handling, the event loop.

`SEMIOSCOPE_READY_FILE` names a file into which `time.monotonic()` is written when the window has been
painted for the first time and takes input; benchmarks and tests wait for it.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QStyleFactory

from app.core.ending_signals import ending_signals
from app.core.folders import log_folder
from app.ui.collector import CycleCollector
from app.ui.commands.file_commands import ENDINGS
from app.ui.crash import CRASHED, FaultFile, UnexpectedErrors, log_window_to_file
from app.ui.session.account_problems import SaidProblems
from app.ui.session.session import Session
from app.ui.theme import HAS_STYLE, STYLE
from app.ui.window import Window

READY_VARIABLE = "SEMIOSCOPE_READY_FILE"


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window with the recording or study in `argv`, or with `--demo` on the demonstration."""
    parser = argparse.ArgumentParser(prog="semioscope")
    parser.add_argument("file", nargs="?", type=Path, help="the recording or study")
    parser.add_argument("--demo", action="store_true", help="open the demonstration recording")
    args = parser.parse_args(argv)
    return run_window(args.file, demonstration=args.demo)


def run_window(file: Path | None = None, *, demonstration: bool = False) -> int:
    """Run the window until it is closed, on a recording or what else `Window.take` opens; gives the exit
    code."""
    application = QApplication.instance() or Application(next(iter(sys.argv), "semioscope"))
    assert isinstance(application, QApplication)
    application.setApplicationName("Semioscope")
    application.setDesktopFileName("semioscope")
    log_window_to_file()
    fault_file = FaultFile(log_folder())
    problems = SaidProblems()
    session = Session()
    collector = CycleCollector(application, is_busy=lambda: session.playback.playing)
    errors = UnexpectedErrors()
    errors.happened.connect(session.status.show_message)
    errors.install()
    window = Window(session)
    ready = _ReadyFile(window)
    stop = _Stop(window)
    # All that Qt says at the end of a session on Windows, where the process is ended right after it.
    application.aboutToQuit.connect(stop.end)
    window.show()
    collector.pass_over_what_stays()
    if isinstance(application, Application):
        application.file_chosen.connect(lambda chosen: window.take((chosen,)))
        application.session_ends.connect(stop.end)
    if file is not None and file.suffix.lower() in ENDINGS:
        session.opening.open(file)  # without a look at what it is, for which the window would wait empty
    elif file is not None:
        window.take((file.absolute(),))
    elif demonstration:
        session.opening.open_demonstration()
    if fault_file.previous is not None:
        session.status.show_message(CRASHED.format(name=fault_file.previous))
    problems.say_in(session.status)
    try:
        return application.exec()
    finally:
        session.close()
        collector.close()
        collector.deleteLater()
        stop.close()
        ready.deleteLater()
        errors.uninstall()
        problems.close()
        fault_file.close()


class Application(QApplication):
    """Says which file the desktop hands over, on macOS by an event, at the start and later; and when the
    desktop ends the program."""

    file_chosen = Signal(object)
    """Its path."""
    session_ends = Signal()
    """The desktop ends the program, mostly together with its session; a question would hold that up."""

    def __init__(self, program: str) -> None:
        super().__init__([program, "-style", STYLE])
        # Qt takes away the arguments that it follows, and passes over a style that it does not have. To ask
        # for the style itself would make its values known to Python.
        known = QStyleFactory.keys()
        self.setProperty(HAS_STYLE, STYLE in known and STYLE not in self.arguments())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.file_chosen.emit(Path(event.file()))
            return True
        if event.type() is QEvent.Type.Quit:
            self.session_ends.emit()
        return super().event(event)


class _ReadyFile(QObject):
    """Writes the ready file once, after the first paint, when the event loop is free again."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._place = os.environ.get(READY_VARIABLE, "")
        self._window = window
        if self._place:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if event.type() is QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self._tell)
        return super().eventFilter(watched, event)

    def _tell(self) -> None:
        Path(self._place).write_text(f"{time.monotonic():.6f}\n", encoding="ascii")


class _Stop(QObject):
    """Closes the window properly, and without a question, when the system or the session ends the program.

    That a session may end (`commitDataRequest`) changes nothing yet: it may also go on, or only be saved.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._ends = socket.socketpair()
        for end in self._ends:
            end.setblocking(False)
        # Python runs its handlers between two steps of Python only; the socket wakes the event loop.
        self._wakeup_before = signal.set_wakeup_fd(self._ends[1].fileno())
        self._before = {number: signal.signal(number, _nothing) for number in ending_signals()}
        self._notifier = QSocketNotifier(self._ends[0].fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        self._window = window

    def end(self) -> None:
        """Close the window if it is open."""
        if self._window.isVisible():
            self._window.close_unasked()

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        for end in self._ends:
            end.close()

    def _woken(self) -> None:
        numbers = self._ends[0].recv(64)
        if any(number in self._before for number in numbers):
            self.end()


def _nothing(_number: int, _frame: object) -> None:
    """Nothing: it only wakes the interpreter, so that signals are handled."""


if __name__ == "__main__":
    sys.exit(main())
