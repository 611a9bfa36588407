"""What is asked before the program, a study or a recording is closed: one question after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from app.ui.session.session import Session

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox

    from app.core.study.saving import Unsaved
    from app.ui.dialogs.form import StandingQuestion

Then = Callable[[], object]
Question = Callable[[Then], bool]
"""Asks if there is something to ask, and calls what it is given once the answer is yes; whether it asked."""


class ClosingQuestions:
    """Asks of unsaved changes first, which closing loses in no case.

    Each question is answered before the next one is put, and nothing is closed until all are answered with
    yes. So only the last question may give something up itself; the others leave that to the closing.
    """

    def __init__(self, window: QWidget, session: Session) -> None:
        self._window, self._session = window, session
        self._questions: tuple[Question, ...] = ()
        self._standing: StandingQuestion | None = None

    def add(self, *questions: Question) -> None:
        """Further questions, in the order in which they are put."""
        self._questions += questions

    def asks_before_recording(self, close: Then) -> bool:
        """Ask before the recording alone is closed; whether there was a question."""
        return _ask(self._questions, close)

    def asks_before_study(self, close: Then) -> bool:
        """Ask before the open study is closed; whether there was a question."""
        from app.ui.dialogs.closing import ask_before_closing_study

        return _ask((partial(self._asks_of_unsaved, ask_before_closing_study), *self._questions), close)

    def asks_before_program(self, close: Then) -> bool:
        """Ask before the window is closed; whether there was a question."""
        from app.ui.dialogs.closing import ask_before_closing

        return _ask((partial(self._asks_of_unsaved, ask_before_closing), *self._questions), close)

    def _asks_of_unsaved(self, ask: Callable[[QWidget, Unsaved, Then], QMessageBox], then: Then) -> bool:
        unsaved = self._session.study.settle()
        if not unsaved.requests:
            return False
        from app.ui.dialogs.form import StandingQuestion

        standing = self._standing = self._standing or StandingQuestion()
        # Below a dialog that is in front, the question would hardly be seen.
        standing.put(lambda: ask(QApplication.activeModalWidget() or self._window, unsaved, then))
        return True


def _ask(questions: Sequence[Question], then: Then) -> bool:
    """Put the first question that there is; the others follow once it is answered with yes, `then` last."""
    asked, left = False, questions
    while left and not asked:
        asks, left = left[0], left[1:]
        asked = asks(partial(_go_on, left, then))
    return asked


def _go_on(questions: Sequence[Question], then: Then) -> None:
    if not _ask(questions, then):
        then()
