"""Analyse several recordings of the study: a local reader over those that are ticked, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.jobs import Task
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import form, sentence
from app.ui.dialogs.local_reader_box import LocalReaderBox
from app.ui.dialogs.ticked_recordings import TickedRecordings
from app.ui.memory import Memory
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess

_ABOUT = (
    "The chosen reader answers the ticked recordings in the background, also while you open others and after "
    "the program was closed; each is kept in the study as soon as it is done. What was done before is not "
    "done again."
)


class BatchDialog(WorkDialog):
    """The recordings of the study to be ticked, which are put into the queue."""

    def __init__(
        self, session: Session, memory: Memory, ticked: frozenset[int], parent: QWidget | None = None
    ) -> None:
        super().__init__(session, "Analyse recordings", "Add to the queue", self.choose, parent)
        self.reader = LocalReaderBox(memory)
        self.recordings = TickedRecordings("Recordings to analyse", ticked)
        self.list = self.recordings.list
        self.choices.addWidget(sentence(_ABOUT))
        self.choices.addWidget(self.recordings)
        self.choices.addLayout(form((("&Reader", self.reader),)))
        self.work.posted.connect(self.recordings.show_recordings)
        access = self._access()
        if access is not None:
            self.start(lambda task: _list(access, task))

    @property
    def ticked(self) -> frozenset[int]:
        """The numbers of the ticked recordings."""
        return self.recordings.numbers

    def choose(self) -> None:
        """Put what is ticked into the queue, and show that."""
        access, ticked = self._access(), self.ticked
        if access is None:
            return
        if not ticked:
            self.say("Tick the recordings that are to be analysed.")
            return
        self.session.analysis.queue.order(access.folder, ticked, self.reader.reader)
        self.close()
        self.session.requests.queue.emit()

    def _running(self, on: bool) -> None:
        super()._running(on)
        self.begin.setEnabled(not on and not self.session.study.read_only)


def _list(access: StudyAccess, task: Task) -> tuple[str, ...]:
    task.post(access.worklist())
    return ("",)
