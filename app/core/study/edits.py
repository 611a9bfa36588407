"""What can be changed in a study: every change is one edit, with its inverse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.enhance.pose_track import Box
from app.core.errors import UserError
from app.core.reading import ReaderIdentity
from app.core.semiology import Answer


class Conflict(UserError):  # noqa: N818 - as Cancelled: not a fault of anybody
    """The state on disk is not the one that an edit starts from; nothing was changed. Read it again."""


class Operation(StrEnum):
    """How a change came about."""

    EDIT = "edit"
    UNDO = "undo"
    REDO = "redo"
    READING_KEPT = "reading_kept"


@dataclass(frozen=True, slots=True)
class SetAnswer:
    """One reader's answer to one feature of one recording becomes `after`.

    Raises ValueError when `before` and `after` answer different features.
    """

    recording_id: int
    reader: ReaderIdentity
    before: Answer
    after: Answer

    def __post_init__(self) -> None:
        if self.before.feature != self.after.feature:
            raise ValueError("an edit changes the answer to one feature")

    @property
    def feature(self) -> str:
        return self.after.feature

    def inverse(self) -> SetAnswer:
        return SetAnswer(self.recording_id, self.reader, self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetPatientBox:
    """The box that says who the patient is becomes `after`; None is no box."""

    recording_id: int
    before: Box | None
    after: Box | None

    def inverse(self) -> SetPatientBox:
        return SetPatientBox(self.recording_id, self.after, self.before)


Edit = SetAnswer | SetPatientBox


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed in a study, on disk.

    `seq` is the row of the history, `at` when in UTC (ISO 8601, microseconds), `who` the author;
    `edit` is what was really done (for an undo the inverse of what it undid), None when a whole
    reading was kept.
    """

    seq: int
    at: str
    who: str
    operation: Operation
    recording_id: int
    edit: Edit | None
