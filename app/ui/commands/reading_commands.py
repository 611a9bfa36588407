"""The commands from one reading to the next: locking, what is unanswered, and what contradicts itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.semiology import FEATURE, FEATURES
from app.core.study.quick_answers import ContradictedNo
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.session.session import Session

_LOCKED = (
    "This is recorded in the history and cannot be undone. You can still change answers; "
    "your locked answers stay visible next to them."
)


class ReadingDialogs(QObject):
    """Asks before a reading is locked, and which is meant of *no* with a side or a span."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        session.requests.lock.connect(self.lock)
        session.answers.contradicted.connect(self.ask_which_is_meant)

    def commands(self) -> tuple[Command, ...]:
        """The rows of the menus."""
        row, worklist = rows_of(Menu.READER), self._session.worklist
        return (
            row("lock", "Lock my reading…", (), "Lock your answers and show the others'.", self.lock),
            row(
                "lock_next",
                "Lock and next recording",
                ("Ctrl+L",),
                "Lock your answers and open the next recording that you have not locked.",
                self.lock_and_go_on,
                once=True,
            ),
            row(
                "recording_before",
                "Previous recording",
                ("F7",),
                "Open the recording of the study before this one.",
                lambda: worklist.step(-1),
                parted=True,
                once=True,
            ),
            row(
                "recording_next",
                "Next recording",
                ("F8",),
                "Open the next recording of the study.",
                lambda: worklist.step(1),
                once=True,
            ),
        )

    def lock(self) -> None:
        """Lock the reading after a confirmation, because it cannot be undone."""
        from app.ui.dialogs.form import question

        if self._session.answers.my_reading.revealed:
            self._session.status.say("your reading is already locked")
        elif not self._lists_unanswered(self._session.readers.lock_and_reveal):
            question(
                self._window,
                "Lock my reading",
                "Lock your reading and see the others' answers?",
                _LOCKED,
                yes="Lock and show",
                do=self._session.readers.lock_and_reveal,
            )

    def lock_and_go_on(self) -> None:
        """Lock a complete reading and open the next that is not locked; ask while features are unanswered."""
        if self._session.answers.my_reading.revealed:
            self._session.worklist.to_next_to_read()
        elif not self._lists_unanswered(self._go_on):
            self._go_on()

    def _go_on(self) -> None:
        if self._session.readers.lock_and_reveal():
            self._session.worklist.to_next_to_read()

    def _lists_unanswered(self, lock: Callable[[], object]) -> bool:
        """Whether features are unanswered, and listed: to be locked all the same, or the first gone to."""
        from app.ui.dialogs.form import choice

        answering = self._session.answering
        count, names = len(answering.unanswered), answering.unanswered_names
        if count:
            features = "1 feature is" if count == 1 else f"{count} of {len(FEATURES)} features are"
            choice(
                self._window,
                "Lock my reading",
                f"{features} unanswered: {names}.",
                (("Lock all the same", lock), ("Go to the first", answering.go_to_first_unanswered)),
                f"{_LOCKED} The rest can be answered with no by one key (Ctrl+Shift+N).",
            )
        return count > 0

    def ask_which_is_meant(self, found: ContradictedNo) -> None:
        """Whether *no* is meant, or the side and spans that stand against it."""
        from app.ui.dialogs.form import choice

        answers, name = self._session.answers, FEATURE[found.answer.feature].name
        choice(
            self._window,
            "Yes or no?",
            f"{name}: no, but with {found.words}. Which is meant?",
            (
                (f"&Yes, with {found.words}", lambda: answers.put(found.as_yes)),
                ("&No, without", lambda: answers.put(found.as_no)),
            ),
        )
