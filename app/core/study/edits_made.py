"""Which edits an undo or a redo comes to next, as far as that is known without asking the disk."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.study.change_requests import ApplyEdits, StepHistory
from app.core.study.edits import Edit, SetSavedFilter, SetStudyName
from app.core.study.history import Operation

_UNDONE, _REDONE = "undone", "brought back"

_Group = tuple[Edit, ...]
_OF_STUDY = (SetSavedFilter, SetStudyName)
"""The edits of the whole study that an undo takes back with those of the recording."""


class EditsMade:
    """The author's edits of a recording and of the study's filters and name since it was opened, by group.

    The study itself knows which edits of a recording come next, also of an earlier day; what lies between
    edits of filters and name, and what to show before the disk has answered, has to be known here.
    """

    def __init__(self) -> None:
        self._done: list[_Group] = []
        self._undone: list[_Group] = []

    def clear(self) -> None:
        """Forget all edits: another recording is open, or an edit was refused."""
        self._done.clear()
        self._undone.clear()

    def add(self, edits: Iterable[Edit]) -> None:
        """Edits that were made together; what was undone before can no longer be redone."""
        group = tuple(edit for edit in edits if isinstance(edit, _OF_STUDY) or hasattr(edit, "recording_id"))
        if group:
            self._done.append(group)
            self._undone.clear()

    def undo(self, recording_id: int) -> ApplyEdits | StepHistory:
        """What to ask for to take back the last group of edits."""
        group = _moved(self._done, self._undone)
        return _step(recording_id, Operation.UNDO, tuple(edit.inverse() for edit in reversed(group)), _UNDONE)

    def redo(self, recording_id: int) -> ApplyEdits | StepHistory:
        """What to ask for to bring back what was undone last."""
        return _step(recording_id, Operation.REDO, _moved(self._undone, self._done), _REDONE)


def _step(recording_id: int, operation: Operation, edits: _Group, why: str) -> ApplyEdits | StepHistory:
    if edits and isinstance(edits[0], _OF_STUDY):
        return ApplyEdits(edits, why)
    return StepHistory(operation, recording_id, edits)


def _moved(one: list[_Group], other: list[_Group]) -> _Group:
    if not one:
        return ()
    other.append(one.pop())
    return other[-1]
