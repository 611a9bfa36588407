"""Unexpected errors: each is logged, the first is shown, and a crash is reported at the next start."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from app.core.program_log import OwnText, log_to_file

log = logging.getLogger(__name__)

UNEXPECTED = "Something unexpected happened; your answers are saved and the log holds the details."
CRASHED = (
    "The program ended unexpectedly the last time; your answers were saved. The log folder holds {name}."
)

_DAY = 86400.0

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_window_to_file() -> None:
    """Log to the log folder; Qt's own messages too."""
    log_to_file("window.log")
    qInstallMessageHandler(_log_qt)


def _log_qt(kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    logging.getLogger("qt").log(_LEVELS.get(kind, logging.WARNING), "%s", message)


class FaultFile:
    """The file into which the interpreter writes the stacks when the process dies; empty otherwise."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"fault-{os.getpid()}.log"
        self.previous = _previous_crash(folder)
        self._file: TextIO = self._path.open("w", encoding="utf-8")
        faulthandler.enable(self._file)

    def close(self) -> None:
        """Remove the file, at a regular end."""
        faulthandler.disable()
        self._file.close()
        self._path.unlink(missing_ok=True)


def _previous_crash(folder: Path) -> str | None:
    """The name of the last crash's file, which is moved away so that it is reported once."""
    told = None
    for path in sorted(folder.glob("fault-*.log")):
        try:
            written = path.stat()
            if written.st_size > 0:
                told = f"crash-{time.strftime('%Y%m%d-%H%M%S', time.localtime(written.st_mtime))}.log"
                path.replace(path.with_name(told))
            elif time.time() - written.st_mtime > _DAY:
                path.unlink()
        except OSError as error:
            # Another window may hold its own, or have put this one away already.
            log.info("%s stays: %s", OwnText(path.name), error)
    return told


class UnexpectedErrors(QObject):
    """Handles uncaught exceptions of all threads: logs each and reports the first."""

    happened = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told = False

    def install(self) -> None:
        sys.excepthook = self._take
        threading.excepthook = self._take_thread

    def uninstall(self) -> None:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.critical("unexpected", exc_info=(kind, error, trace))
        if not self._told:
            self._told = True
            self.happened.emit(UNEXPECTED)

    def _take_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._take(args.exc_type, args.exc_value, args.exc_traceback)
