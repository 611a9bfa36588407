"""The open study kept safe beside the window: copied once a day, read again when somebody else changes it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core.errors import UserError
from app.ui.answers import Answers
from app.ui.background import Background
from app.ui.state import Changed
from app.ui.study_look import StudyLook

if TYPE_CHECKING:
    from app.ui.session import Session

log = logging.getLogger(__name__)

LOOK_EVERY = 1000
"""Milliseconds between two looks whether somebody else has changed the study; one number is read."""
FIRST_COPY_AFTER = 5000
"""Milliseconds after opening; the picture and the analysis come first."""
COPY_EVERY = 60 * 60 * 1000
"""Milliseconds between two looks whether today's copy is due, in a window that stays open overnight."""

CHANGED_ELSEWHERE = "changed elsewhere, and read again"


class Safekeeping(QObject):
    """Looks after the study of the open recording; nothing here keeps the window waiting."""

    def __init__(self, session: Session, answers: Answers) -> None:
        super().__init__(session)
        self._session = session
        self._answers = answers
        self._lost = False
        self.resting = False
        """Whether the study is being put back to a copy, so that it must not be read meanwhile."""
        self._copying = Background("daily copy", self)
        self._copying.failed.connect(session.show_message)
        self._asking = Background("look at the study", self)
        self._asking.done.connect(self._on_asked)
        self._asking.failed.connect(self._on_lost)
        self._looking = _timer(self, LOOK_EVERY, self.ask)
        self._due = _timer(self, COPY_EVERY, self.copy)
        session.closing.connect(self._close)
        session.changed.connect(self._on_changed)

    def _on_changed(self, changed: Changed) -> None:
        if changed & Changed.RECORDING and self._session.recording is not None:
            QTimer.singleShot(FIRST_COPY_AFTER, self, self.copy)
            self._looking.start()
            self._due.start()

    def _close(self) -> None:
        self._looking.stop()
        self._due.stop()
        self._asking.close()
        self._copying.close()

    def copy(self) -> None:
        """Make today's copy in the background unless there is one."""
        if self._session.recording is None or self._answers.read_only or self._copying.running:
            return
        look = self._session.readers.look()
        if look is not None:
            self._copying.start(lambda _task: _copied(look))

    def ask(self) -> None:
        """Ask beside the window whether the study was changed: a share that does not answer keeps a thread
        waiting, and nobody else."""
        question = self._answers.question_of_changes()
        if question is not None and not self.resting and not self._asking.running:
            self._asking.start(lambda _task: question())

    def _on_asked(self, changed: object) -> None:
        if changed:
            self.look()
        else:
            self._lost = False

    def look(self) -> None:
        """Show what another window or program has changed in the study since it was read."""
        if self._session.recording is None or self.resting:
            return
        try:
            if not self._answers.changed_elsewhere():
                return
            self._answers.load()
        except UserError as error:
            self._on_lost(str(error))
            return
        self._session.changed.emit(Changed.ANSWERS | Changed.STUDY | Changed.PATIENT)
        self._session.tell(CHANGED_ELSEWHERE)

    def _on_lost(self, why: str) -> None:
        if self._lost:
            return
        self._lost = True
        self._session.show_message(why)
        if not self._session.readers.recording_number:
            # It is not in the study any more: what is shown of it is not true.
            self._session.changed.emit(Changed.ANSWERS | Changed.STUDY | Changed.PATIENT)

    def take_up_again(self) -> None:
        """The study was put back to a copy: go on with what it says now."""
        self.resting = False
        recording = self._session.recording
        if recording is None:
            return
        try:
            self._answers.take_up_again(recording)
        except UserError as error:
            self._session.show_message(str(error))
        self._session.changed.emit(Changed.ANSWERS | Changed.STUDY | Changed.PATIENT)
        self._session.tell("the study was read again")


def _timer(parent: QObject, milliseconds: int, slot: object) -> QTimer:
    timer = QTimer(parent)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer


def _copied(look: StudyLook) -> None:
    with look.open() as study:
        made = study.back_up_if_due()
    if made is not None:
        log.info("today's copy of the study was made")
