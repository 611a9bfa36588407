"""An attached EEG file in the background: opened, scanned to its last annotation, watched for changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Task
from app.ui.session.background import Background

if TYPE_CHECKING:
    from app.core.eeg.eeg_file import EegFile
    from app.core.eeg.record_scan import Scan
    from app.core.study.eeg_places import FindEeg, FoundEeg, StoredEegPlace

_PATIENCE = 0.05
"""Seconds between two attempts to begin a scan while others run."""

WATCH_SECONDS = 5.0
"""Seconds between two looks whether the file has changed."""


@dataclass(frozen=True, slots=True)
class _UnopenedPlace:
    """A place that is opened only when somebody asks; the error that follows says why."""

    place: Path | None


class EegOpening(QObject):
    """One EEG file from its place to its last annotation. Closes the file with itself."""

    opened = Signal()
    """The file is open, or it could not be opened: `file`, `problem`."""
    scanned = Signal()
    """More of the time stamps and annotations is known: `scan`."""
    progressed = Signal(object)
    """A Progress of the scan."""
    ended = Signal()
    """The file was scanned to its end, could not be, or was closed."""
    file_changed = Signal()
    """The file has grown, changed, gone away or come back since it was opened: `change`."""

    def __init__(self, turns: Semaphore, parent: QObject | None = None) -> None:
        """`turns` limits how many files are scanned at once."""
        super().__init__(parent)
        self._turns = turns
        self._found: FoundEeg | None = None
        self._handles: list[FoundEeg] = []
        self.path: Path | None = None
        """Where the file is, None while it is not known."""
        self.scan: Scan | None = None
        self.problem = ""
        """Why the file is not open or could not be read to its end, in one sentence."""
        self.offered: Path | None = None
        """A place that the study names and that is opened only when somebody asks."""
        self.change = ""
        """What has happened to the file since it was opened, in one sentence; "" for nothing."""
        self._runner = Background("reading of the EEG", self)
        self._runner.posted.connect(self._on_posted)
        self._runner.progressed.connect(self.progressed)
        self._runner.failed.connect(self._on_failed)
        self._runner.done.connect(self._watch)
        self._runner.ended.connect(self.ended)
        self._watcher = Background("watch of the EEG", self)
        self._watcher.posted.connect(self._on_news)

    @property
    def file(self) -> EegFile | None:
        """The open file, None while there is none."""
        return None if self._found is None else self._found.file

    @property
    def note(self) -> str:
        """What is different from when the file was attached, in one sentence; "" for nothing."""
        return "" if self._found is None else self._found.note

    def start(self, find: FindEeg) -> None:
        """Open what `find` gives, and scan it."""
        self.close()
        self.problem, self.change, self.offered = "", "", None
        handles = self._handles = []
        self._runner.start(lambda task: _open_and_scan(find, self._turns, handles, task))

    def close(self) -> None:
        """Stop, and close the file; the thread ends by itself."""
        self._runner.drop()
        self._watcher.drop()
        self._let_go()

    def _let_go(self) -> None:
        for found in self._handles:
            found.file.contents.close()
        self._found, self.scan = None, None

    def _on_posted(self, what: object) -> None:
        from app.core.eeg.record_scan import Scan
        from app.core.study.eeg_places import FoundEeg

        if isinstance(what, FoundEeg):
            self._found, self.path = what, what.path
            self.opened.emit()
        elif isinstance(what, Scan):
            self.scan = what
            self.scanned.emit()
        elif isinstance(what, _UnopenedPlace):
            self.offered = what.place

    def _watch(self) -> None:
        if self._found is not None:
            file = self._found.file
            self._watcher.start(lambda task: _watch(file, task))

    def _on_news(self, change: object) -> None:
        self.change = str(change)
        self.file_changed.emit()

    def _on_failed(self, why: str) -> None:
        self.problem = why
        self.opened.emit()


def _open_and_scan(
    find: FindEeg | StoredEegPlace, turns: Semaphore, handles: list[FoundEeg], task: Task
) -> None:
    """Raises UserError, Cancelled."""
    from app.core.study.eeg_places import StoredEegPlace

    try:
        found = find(task.report, task.cancel)
    except UserError:
        place = find.offered if isinstance(find, StoredEegPlace) else None
        task.post(_UnopenedPlace(place))
        raise
    handles.append(found)
    if task.cancel.cancelled:  # nobody closes it any longer
        found.file.contents.close()
        task.cancel.check()
    task.post(found)
    _wait_for_turn(turns, task.cancel)
    try:
        _scan(found.file, task)
    finally:
        turns.release()


def _wait_for_turn(turns: Semaphore, cancel: CancelToken) -> None:
    while not turns.acquire(timeout=_PATIENCE):
        cancel.check()


def _watch(file: EegFile, task: Task) -> None:
    """Post each change of the file, "" when it is as it was."""
    known = ""
    while not task.cancel.wait(WATCH_SECONDS):
        change = file.change_message() or ""
        if change != known:
            known = change
            task.post(change)


def _scan(file: EegFile, task: Task) -> None:
    from app.core.eeg.record_scan import scan_records

    for scan in scan_records(file, cancel=task.cancel):
        task.post(scan)
        task.report(Progress("Reading the time stamps of the EEG", scan.done))
