"""Which edit an undo or a redo comes to next, as far as that is known without asking the disk."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.study.change_requests import ApplyEdits, StepHistory
from app.core.study.edits import Edit, Operation, SetSavedFilter

_UNDONE, _REDONE = "undone", "brought back"


class EditsMade:
    """The author's edits of a recording and of the study's filters since it was opened, in order.

    The study itself knows which edit of a recording comes next, also of an earlier day; what lies between
    edits of the filters, and what to show before the disk has answered, has to be known here.
    """

    def __init__(self) -> None:
        self._done: list[Edit] = []
        self._undone: list[Edit] = []

    def clear(self) -> None:
        """Nothing is known any more: another recording is open, or an edit was refused."""
        self._done.clear()
        self._undone.clear()

    def add(self, edits: Iterable[Edit]) -> None:
        """New edits; what was undone before cannot be brought back any more."""
        for edit in edits:
            if isinstance(edit, SetSavedFilter) or hasattr(edit, "recording_id"):
                self._done.append(edit)
                self._undone.clear()

    def undo(self, recording_id: int) -> ApplyEdits | StepHistory:
        """What to ask for to take back the last edit."""
        edit = _moved(self._done, self._undone)
        back = None if edit is None else edit.inverse()
        return _step(recording_id, Operation.UNDO, back, _UNDONE)

    def redo(self, recording_id: int) -> ApplyEdits | StepHistory:
        """What to ask for to bring back what was undone last."""
        return _step(recording_id, Operation.REDO, _moved(self._undone, self._done), _REDONE)


def _step(recording_id: int, operation: Operation, edit: Edit | None, why: str) -> ApplyEdits | StepHistory:
    if isinstance(edit, SetSavedFilter):
        return ApplyEdits((edit,), why)
    return StepHistory(operation, recording_id, () if edit is None else (edit,))


def _moved(one: list[Edit], other: list[Edit]) -> Edit | None:
    if not one:
        return None
    other.append(one.pop())
    return other[-1]
