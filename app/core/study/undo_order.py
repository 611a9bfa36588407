"""What undo takes back next: an edit of the open recording, or one of the study's saved filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.study.edits import Edit, SetSavedFilter


class UndoOrder:
    """The order in which edits were made since the recording was opened.

    The study itself knows which edit of a recording comes next, also of an earlier day; only what
    lies between edits of the study's filters has to be known here.
    """

    def __init__(self) -> None:
        self._done: list[SetSavedFilter | None] = []
        self._undone: list[SetSavedFilter | None] = []

    def clear(self) -> None:
        """Another recording, or none, is open."""
        self._done.clear()
        self._undone.clear()

    def made(self, edit: Edit) -> None:
        """A new edit; what was undone before can no longer be brought back."""
        from app.core.study.edits import SetSavedFilter

        of_filters = isinstance(edit, SetSavedFilter)
        if of_filters or hasattr(edit, "recording_id"):
            self._done.append(edit if isinstance(edit, SetSavedFilter) else None)
            self._undone.clear()

    def undo(self) -> SetSavedFilter | None:
        """The edit of a filter that is to be undone now; None when it is one of the recording."""
        return _moved(self._done, self._undone)

    def redo(self) -> SetSavedFilter | None:
        """The edit of a filter that is to be brought back now; None when it is one of the recording."""
        return _moved(self._undone, self._done)


def _moved(one: list[SetSavedFilter | None], other: list[SetSavedFilter | None]) -> SetSavedFilter | None:
    if not one:
        return None
    other.append(one.pop())
    return other[-1]
