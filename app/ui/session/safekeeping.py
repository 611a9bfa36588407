"""The open study kept safe in the background: copied, checked, read again when somebody else changes it."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core.errors import DamagedStudyError, UserError
from app.ui.session.answers import Answers
from app.ui.session.background import Background, Task, outlive_window
from app.ui.session.state import Changed, Offer

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.ui.session.session import Session

log = logging.getLogger(__name__)

LOOK_EVERY = 1000
"""Milliseconds between two looks whether somebody else has changed the study; one number is read."""
FIRST_COPY_AFTER = 5000
"""Milliseconds after opening; the picture and the analysis come first."""
CHECK_AFTER = 15_000
"""Milliseconds after opening until the whole study is read and checked."""
COPY_EVERY = 60 * 60 * 1000
"""Milliseconds between two copies of a study that is being changed."""
CLOSING_WAITS = 2.0
"""Seconds that closing the window waits for the last copy; it is finished after that without the window."""

_MOMENT = 0.2
"""Seconds that the window waits for a look at the study which has begun."""

CHANGED_ELSEWHERE = "changed elsewhere and reloaded"
RESTORE = "Restore a copy…"
_AWAY = "A copy of the study is being restored."


class Safekeeping(QObject):
    """Looks after the study of the open recording; nothing here keeps the window waiting."""

    def __init__(self, session: Session, answers: Answers) -> None:
        super().__init__(session)
        self._session = session
        self._answers = answers
        self._lost = False
        self.resting = False
        """Whether a copy of the study is being restored, so that it must not be read meanwhile."""
        self._folder: Path | None = None
        self._last: StudyAccess | None = None
        self._checked: set[Path] = set()
        self._copying = Background("copy of the study", self, patience=CLOSING_WAITS)
        self._copying.done.connect(self._on_copied)
        self._copying.failed.connect(session.show_message)
        self._checking = Background("check of the study", self, patience=CLOSING_WAITS)
        self._checking.done.connect(self._on_checked)
        self._asking = Background("look at the study", self)
        self._asking.done.connect(self._on_asked)
        self._asking.failed.connect(self._on_lost)
        self._looking = _timer(self, LOOK_EVERY, self.ask)
        self._due = _timer(self, COPY_EVERY, lambda: self.copy(hourly=True))
        session.closing.connect(self._close)
        session.changed.connect(self._on_changed)

    def _on_changed(self, changed: Changed) -> None:
        if changed & Changed.RECORDING and self._session.recording is not None:
            self._copy_what_was_left()
            QTimer.singleShot(FIRST_COPY_AFTER, self, self.copy)
            QTimer.singleShot(CHECK_AFTER, self, self.check)
            self._looking.start()
            self._due.start()

    def _close(self) -> None:
        self._looking.stop()
        self._due.stop()
        self._asking.close()
        self._checking.close()
        self._copying.close()

    # copies

    @property
    def folder(self) -> Path | None:
        """The folder of the open recording's study, also while it is damaged or being restored."""
        return self._folder if self.resting else self._answers.folder or self._answers.damaged

    def copy(self, *, hourly: bool = False) -> None:
        """Make today's copy in the background unless there is one; `hourly` also one of what was changed."""
        look = self._look()
        if look is not None:
            self._copying.start(lambda _task: _or_damage(lambda: _copy_if_due(look, hourly=hourly)))

    def copy_now(self) -> None:
        """Copy the study at once; the status line tells when it is done."""
        look = self._look()
        if look is not None:
            self._session.tell("copying the study")
            self._copying.start(lambda task: _or_damage(lambda: _copy_now(look, task)))
        elif not self._copying.running:
            self._session.show_message("There is no study open here that could be copied.")

    def _look(self) -> StudyAccess | None:
        """The study, if it can be copied and is not being copied now."""
        if self._session.recording is None or self._answers.read_only or self._copying.running:
            return None
        return self._session.readers.look()

    def _on_copied(self, said: object) -> None:
        if isinstance(said, DamagedStudyError):
            self.tell(said)
        elif said is not None:
            self._session.tell(str(said))

    def _copy_what_was_left(self) -> None:
        """Copy the study of the recording that was open before, when this one's is another."""
        left, self._last = self._last, None if self._answers.read_only else self._session.readers.look()
        if left is not None and left.folder != self.folder:
            self._copying.start(lambda _task: _copy_on_closing(left))

    def copy_before_closing(self) -> None:
        """Copy what was changed since the last copy, while the study is still open; waits a moment for it.

        The thread goes on after that: the program ends when the copy is whole.
        """
        look = None if self._answers.read_only else self._session.readers.look()
        if look is not None:
            outlive_window(lambda: _copy_on_closing(look), "copy on closing").join(CLOSING_WAITS)

    # damage

    def check(self) -> None:
        """Read the whole study in the background, once after it was opened, and say so if it is damaged."""
        folder, look = self._answers.folder, self._session.readers.look()
        if folder is None or look is None or folder in self._checked or self.resting:
            return
        self._checked.add(folder)
        self._checking.start(lambda _task: _or_damage(lambda: _check(look)))

    def _on_checked(self, damage: object) -> None:
        if isinstance(damage, DamagedStudyError) and damage.folder == self._answers.folder:
            self.tell(damage)

    def tell(self, error: UserError) -> None:
        """Show what went wrong, and of a damaged study offer its copies."""
        self._session.show_message(str(error))
        offer = self.way_back(error)
        if offer is not None:
            self._session.make_offer(offer)

    def way_back(self, error: UserError) -> Offer | None:
        """What the window offers after this error: the copies of a damaged study that has some."""
        if not isinstance(error, DamagedStudyError) or not error.copies:
            return None
        return Offer("", RESTORE, self._show_copies)

    def _show_copies(self) -> None:
        """Open the copies; the offer stays until the study can be read, also when no copy is restored."""
        self._session.make_offer(Offer("", RESTORE, self._show_copies))
        self._session.copies_wanted.emit()

    # changed elsewhere

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
            self._on_lost(str(error), self.way_back(error))
            return
        self._session.changed.emit(Changed.ANSWERS | Changed.STUDY | Changed.PATIENT)
        self._session.tell(CHANGED_ELSEWHERE)

    def _on_lost(self, why: str, offer: Offer | None = None) -> None:
        if self._lost:
            return
        self._lost = True
        self._session.show_message(why)
        if offer is not None:
            self._session.make_offer(offer)
        if not self._session.readers.recording_number:
            # It is not in the study any more: what is shown of it is not true.
            self._session.changed.emit(Changed.ANSWERS | Changed.STUDY | Changed.PATIENT)

    # back to a copy

    def let_go(self) -> None:
        """Close the study before a copy of it is restored: its file may be exchanged."""
        self._folder, self.resting = self.folder, True
        self._checking.close(_MOMENT)
        self._asking.close(_MOMENT)
        self._answers.rest(_AWAY)

    def take_up_again(self) -> None:
        """A copy was restored, or could not be: read the study as it is now."""
        recording, folder = self._session.recording, self._folder
        self.resting, self._folder = False, None
        if recording is None or folder is None:
            return
        self._session.make_offer(None)
        try:
            self._answers.expect(recording.path, folder)
            self._answers.open(recording)
            self._checked.discard(folder)
            self._session.show_message("")
        except UserError as error:
            self.tell(error)
        self._session.changed.emit(Changed.ANSWERS | Changed.STUDY | Changed.PATIENT)
        self._session.tell("the study was reloaded")


def _timer(parent: QObject, milliseconds: int, slot: object) -> QTimer:
    timer = QTimer(parent)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer


def _or_damage(work: Callable[[], object]) -> object:
    """The result of the work, or the error that says that the study is damaged."""
    try:
        return work()
    except DamagedStudyError as error:
        return error


def _copy_if_due(access: StudyAccess, *, hourly: bool) -> None:
    from app.core.study.study_copies import copy_if_due

    copy_if_due(access, hourly=hourly)


def _copy_now(access: StudyAccess, task: Task) -> str:
    from app.core.study.study_copies import copy_now

    return copy_now(access, report=task.report)


def _copy_on_closing(access: StudyAccess) -> None:
    from app.core.study.study_copies import copy_on_closing

    copy_on_closing(access)


def _check(look: StudyAccess) -> None:
    _yield_to_others()
    with look.open() as study:
        study.check()


def _yield_to_others() -> None:
    """Let this thread run only when nothing else wants to, where threads have a priority of their own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
