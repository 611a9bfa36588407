"""Answers that the person changes after they have seen the others': said once of each recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.ui.session.answers import Answers
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.study.edits import Edit
    from app.core.study.saving import Saved

HOW_IT_COUNTS = "changed after unblinding: agreement and results use what you locked, exports this answer"


class UnblindedChanges(QObject):
    """Says in the status line how such a change counts, once it is on disk."""

    def __init__(
        self, study: OpenedStudy, answers: Answers, status: StatusLine, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._study = study
        self._answers = answers
        self._status = status
        self._said_of: set[tuple[object, ...]] = set()
        study.saved.connect(self._on_saved)

    def _on_saved(self, saved: Saved) -> None:
        study = self._study
        place = study.folder, study.recording_number, study.me.name
        if place in self._said_of or not self._answers.my_reading.unblinded:
            return
        if any(self._is_answer_of_mine(change.edit) for change in saved.changes):
            self._said_of.add(place)
            self._status.say(HOW_IT_COUNTS)

    def _is_answer_of_mine(self, edit: Edit | None) -> bool:
        from app.core.study.edits import ChangeSpans, SetAnswer, SetVerdict

        return (
            isinstance(edit, SetAnswer | SetVerdict | ChangeSpans)
            and edit.recording_id == self._study.recording_number
            and edit.reader.is_same(self._study.me)
        )
