"""The open study kept safe in the background: copied, checked, read again when somebody else changes it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core.errors import DamagedStudyError, UserError
from app.core.jobs import Task
from app.core.study.study_news import news
from app.ui.session.background import Background, outlive_window
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.status import StatusLine
from app.ui.session.study_errors import StudyErrors

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.core.study.study_opener import NoStudy, OpenStudy

ASK_EVERY = 1000
"""Milliseconds between two questions whether somebody else has changed the study; one number is read."""
FIRST_COPY_AFTER = 5000
"""Milliseconds after opening; the picture and the analysis come first."""
CHECK_AFTER = 15_000
"""Milliseconds after opening until the whole study is read and checked."""
COPY_EVERY = 60 * 60 * 1000
"""Milliseconds between two copies of a study that is being changed."""
CLOSING_WAITS = 2.0
"""Seconds that closing the window waits for the last copy; it is finished after that without the window."""

_MOMENT = 0.2
"""Seconds that the window waits for a question to the study that has begun."""

_AWAY = "A copy of the study is being restored."


class Safekeeping(QObject):
    """Looks after the study of the open recording; nothing here keeps the window waiting."""

    def __init__(
        self,
        opened: OpenedRecording,
        study: OpenedStudy,
        status: StatusLine,
        errors: StudyErrors,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._study = study
        self._status = status
        self._errors = errors
        self._lost = ""
        self.resting = False
        """Whether a copy of the study is being restored, so that it must not be read meanwhile."""
        self._folder: Path | None = None
        self._last: StudyAccess | None = None
        self._checked: set[Path] = set()
        self._copying = Background("copy of the study", self, patience=CLOSING_WAITS)
        self._copying.done.connect(self._on_copied)
        self._copying.failed.connect(status.show_message)
        self._checking = Background("check of the study", self, patience=CLOSING_WAITS)
        self._checking.done.connect(self._on_checked)
        self._opening = Background("opening of the study", self)
        self._opening.done.connect(self._on_opened)
        study.reread.connect(self._on_read)
        study.lost.connect(self._on_lost)
        self._asking_timer = _timer(self, ASK_EVERY, self.ask)
        self._due = _timer(self, COPY_EVERY, lambda: self.copy(hourly=True))
        opened.recording_changed.connect(self._on_recording)

    def _on_recording(self) -> None:
        if self._opened.recording is not None:
            self._copy_what_was_left()
            QTimer.singleShot(FIRST_COPY_AFTER, self, self.copy)
            QTimer.singleShot(CHECK_AFTER, self, self.check)
            self._asking_timer.start()
            self._due.start()
        elif self._study.folder is None:
            self._copy_what_was_left()

    def close(self) -> None:
        """Stop watching the study."""
        self._asking_timer.stop()
        self._due.stop()

    # copies

    @property
    def folder(self) -> Path | None:
        """The folder of the open recording's study, also while it is damaged or being restored."""
        return self._folder if self.resting else self._study.folder or self._study.of_recording.damaged

    def copy(self, *, hourly: bool = False) -> None:
        """Make today's copy in the background unless there is one; `hourly` also one of what was changed."""
        access = self._to_copy()
        if access is not None:
            self._copying.start(lambda _task: _or_damage(lambda: _copy_if_due(access, hourly=hourly)))

    def copy_now(self) -> None:
        """Copy the study at once; the status line tells when it is done."""
        access = self._to_copy()
        if access is not None:
            self._status.say("copying the study")
            self._copying.start(lambda task: _or_damage(lambda: _copy_now(access, task)))
        elif not self._copying.running:
            self._status.show_message("There is no study open here that could be copied.")

    def _to_copy(self) -> StudyAccess | None:
        """The study, if it can be copied and is not being copied now."""
        if self._opened.recording is None or self._study.read_only or self._copying.running:
            return None
        return self._study.access()

    def _on_copied(self, outcome: object) -> None:
        if isinstance(outcome, DamagedStudyError):
            self._errors.show(outcome)
        elif outcome is not None:
            self._status.say(str(outcome))

    def _copy_what_was_left(self) -> None:
        """Copy the study of the recording that was open before, when this one's is another."""
        left, self._last = self._last, None if self._study.read_only else self._study.access()
        if left is not None and left.folder != self.folder:
            self._copying.start(lambda _task: _copy_on_closing(left))

    def copy_before_closing(self) -> None:
        """Copy what was changed since the last copy, while the study is still open; waits a moment for it.

        The thread goes on after that: the program ends when the copy is whole.
        """
        access = None if self._study.read_only else self._study.access()
        if access is not None:
            outlive_window(lambda: _copy_on_closing(access), "copy on closing").join(CLOSING_WAITS)

    # damage

    def check(self) -> None:
        """Read the whole study in the background, once after it was opened, and say so if it is damaged."""
        folder, access = self._study.folder, self._study.access()
        if folder is None or access is None or folder in self._checked or self.resting:
            return
        self._checked.add(folder)
        self._checking.start(lambda _task: _or_damage(lambda: _check(access)))

    def _on_checked(self, damage: object) -> None:
        if isinstance(damage, DamagedStudyError) and damage.folder == self._study.folder:
            self._errors.show(damage)

    # changed elsewhere

    def ask(self) -> None:
        """Show what another window or program has changed in the study, as soon as the study says so."""
        if self._opened.recording is not None and not self.resting:
            self._study.of_recording.show_changes(self._on_asked)

    def _on_asked(self, changed: bool) -> None:
        self._forget_lost()
        if changed:
            before = self._study.shown
            self._study.show_again()
            if line := news(before, self._study.content):
                self._status.say(line)

    def _on_read(self) -> None:
        # What was wanted is there, unless this only shows that nothing can be read.
        if self._study.recording_number:
            self._forget_lost()

    def _forget_lost(self) -> None:
        if self._lost and self._status.message == self._lost:
            self._status.show_message("")
        self._lost = ""

    def _on_lost(self, error: UserError) -> None:
        if self._lost:
            return
        self._lost = str(error)
        self._errors.show(error)
        if not self._study.recording_number:
            # It is no longer in the study: what is shown of it is not true.
            self._study.show_again()

    # back to a copy

    def let_go(self) -> None:
        """Close the study before a copy of it is restored: its file may be exchanged."""
        self._folder, self.resting = self.folder, True
        self._checking.close(_MOMENT)
        self._study.of_recording.clear(_AWAY)

    def is_closed(self, seconds: float) -> bool:
        """Whether the study that was let go is closed, after waiting so long; for a background thread."""
        return self._study.of_recording.writers.has_ended(seconds)

    def take_up_again(self) -> None:
        """A copy was restored, or could not be: read the study as it is now."""
        recording, folder = self._opened.recording, self._folder
        if recording is None or folder is None:
            self.resting, self._folder = False, None
            return
        self._status.make_offer(None)
        self._study.of_recording.writers.expect(recording.path, folder)
        opener = self._study.of_recording.opener(recording.path)
        self._opening.start(lambda task: opener.open(recording, task.cancel))

    def _on_opened(self, study: OpenStudy | NoStudy) -> None:
        recording, folder = self._opened.recording, self._folder
        self.resting, self._folder = False, None
        if recording is None or folder is None or recording.path != study.path:
            return
        self._study.of_recording.found(study)
        try:
            self._study.of_recording.open(recording.path)
            self._checked.discard(folder)
            self._status.show_message("")
        except UserError as error:
            self._errors.show(error)
        self._study.show_again()
        self._status.say("the study was reloaded")


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


def _check(access: StudyAccess) -> None:
    _yield_to_others()
    with access.open() as study:
        study.check()


def _yield_to_others() -> None:
    """Let this thread run only when nothing else wants to, where threads have separate priorities."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
