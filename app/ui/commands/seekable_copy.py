"""A seekable copy of the open recording: offered where it helps, written in a background thread."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.jobs import Progress, Task
from app.core.saving_places import SaveKind
from app.ui.commands.command import COPIES, Command, Menu, rows_of
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.session.status import Offer
from app.ui.views.save_dialog import ask_where
from app.ui.views.work_progress import WorkProgress

if TYPE_CHECKING:
    from app.core.recording.recording import Recording

HELPS = "A seekable copy would be whole and quick to search; the file itself stays as it is."
LABEL = "Write a copy…"


class SeekableCopies(QObject):
    """Offers a copy of what is damaged or slow to search, and writes one at a time."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._offered: set[str] = set()
        self._writing = Background("seekable copy", self)
        self._writing.done.connect(self._on_written)
        self._writing.failed.connect(session.status.show_message)
        self._progress = WorkProgress(self._writing, "Seekable copy", window)
        session.opened.recording_changed.connect(self._offer)

    def close(self) -> None:
        """Returns when the writing has ended."""
        self._writing.close()
        self._progress.close()

    def commands(self) -> tuple[Command, ...]:
        row = rows_of(Menu.FILE, COPIES)
        what = "An MP4 of the whole recording in which every place is found quickly; the file stays as it is."
        return (row("seekable_copy", "Write a seekable copy…", (), what, self.ask),)

    def ask(self) -> None:
        """Ask where to, and write."""
        if self._session.opened.recording is None:
            return
        words, places, title = (
            "(seekable).mp4",
            self._session.worklist.naming.places,
            "Write a seekable copy as",
        )
        path, _ = ask_where(self._window, places, SaveKind.COPY, title, words, kinds="Recordings (*.mp4)")
        if path is not None:
            self.write(path)

    def write(self, out: Path) -> None:
        """Write the copy in the background; the window goes on meanwhile."""
        recording = self._session.opened.recording
        if recording is None:
            return
        self._session.status.make_offer(None)
        self._writing.start(partial(_write, recording, self._session.study.folder, out))

    def _offer(self) -> None:
        recording = self._session.opened.recording
        if recording is None or recording.fingerprint in self._offered:
            return
        from app.core.recording.seekable_copy import needs_copy

        if needs_copy(recording) and self._session.status.offer is None:
            self._offered.add(recording.fingerprint)
            self._session.status.make_offer(Offer(HELPS, LABEL, self.ask))

    def _on_written(self, out: Path) -> None:
        said = f"The seekable copy “{out.name}” is written; your answers stay with the recording itself."
        self._session.status.make_offer(
            Offer(said, "Open the copy", partial(self._session.opening.open, out))
        )


def _write(recording: Recording, study: Path | None, out: Path, task: Task) -> Path:
    from app.core.recording.seekable_copy import write_seekable_copy
    from app.core.study.recording_files import recording_files

    task.report(Progress("Writing a seekable copy", 0.0))
    kept = () if study is None else recording_files(study)
    return write_seekable_copy(recording, out, task.report, task.cancel, kept=kept).path
