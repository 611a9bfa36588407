"""A study that another window held: offered to be changed here once that window has gone."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.core.study.writer_lock import WriterLock
from app.ui.session.background import Background
from app.ui.session.open_recording import Opening
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.status import Offer, StatusLine

LOOK_EVERY = 2000
"""Milliseconds between two looks at whether the study is still open elsewhere."""
READ_ONLY = "read-only: what is answered here is not kept"
FREE = "The other window has closed this study, so it can be changed here now."
OPEN = "Open for writing"


class TakingOver(QObject):
    """Looks as long as the study of the open recording is open in another window; then offers to change it
    here."""

    def __init__(
        self,
        opened: OpenedRecording,
        study: OpenedStudy,
        opening: Opening,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._study = study
        self._status = status
        self._opening = opening
        self._free = False
        self._looking = Background("look at who has the study open", self)
        self._looking.done.connect(self._on_looked)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        opened.recording_changed.connect(self._on_recording)
        # Who tries to answer sees it again, also after the banner was closed.
        study.not_kept.connect(self._offer)

    def _on_recording(self) -> None:
        self._looking.drop()
        self._free = False
        if self._opened.recording is not None and self._study.of_recording.held_elsewhere:
            self._status.say(READ_ONLY)
            self._timer.start()
        else:
            self._timer.stop()

    def _look(self) -> None:
        folder = self._study.folder
        if folder is not None and not self._looking.running:
            self._looking.start(lambda _task: WriterLock.is_free(folder))

    def _on_looked(self, free: bool) -> None:
        if free:
            self._timer.stop()
            self._free = True
            self._offer()

    def _offer(self) -> None:
        if self._free:
            self._status.take_back(self._study.of_recording.note)
            self._status.make_offer(Offer(FREE, OPEN, self._opening.open_again))
