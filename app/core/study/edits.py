"""What can be changed in a study: every change is one edit, with its inverse.

Spans of an answer are added, moved and removed by a `ChangeSpans`, and what it says is changed by a
`SetVerdict`: both cost the same however many spans there are; `app.core.study.spans` gives what they
lead to. Everything that holds None is not there: an edit to None removes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import FEATURE, Answer, Span
from app.core.study.cameras import MOST_CAMERAS, Cameras
from app.core.study.marks import Mark
from app.core.study.verdict import Verdict, with_verdict

CONSENSUS = ReaderIdentity(ReaderKind.PERSON, "Consensus", "1")
"""The reader whose answers are decided together; it is a person that nobody can be."""


class Conflict(UserError):  # noqa: N818 - as Cancelled: not a fault of anybody
    """The state on disk is not the one that an edit starts from; nothing was changed. Read it again."""


class Operation(StrEnum):
    """How a change came about."""

    EDIT = "edit"
    UNDO = "undo"
    REDO = "redo"
    READING_KEPT = "reading_kept"
    REVEALED = "revealed"
    RESTORED = "restored"
    UNSEALED = "unsealed"


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
class SetVerdict:
    """What one reader's answer to a feature says becomes `after`; its evidence, however much, stays.

    Raises ValueError for an unknown feature and for what no answer can say.
    """

    recording_id: int
    reader: ReaderIdentity
    feature: str
    before: Verdict
    after: Verdict

    def __post_init__(self) -> None:
        with_verdict(Answer(self.feature), self.after)

    def inverse(self) -> SetVerdict:
        return SetVerdict(self.recording_id, self.reader, self.feature, self.after, self.before)


@dataclass(frozen=True, slots=True)
class ChangeSpans:
    """In one reader's evidence for a feature the spans `before` become the spans `after`.

    A new span has no `before`, a removed one no `after`; the other spans and the rest of the answer
    stay as they are. Raises ValueError for an unknown feature and when nothing would change.
    """

    recording_id: int
    reader: ReaderIdentity
    feature: str
    before: tuple[Span, ...]
    after: tuple[Span, ...]

    def __post_init__(self) -> None:
        _check_feature(self.feature)
        object.__setattr__(self, "before", tuple(sorted(self.before)))
        object.__setattr__(self, "after", tuple(sorted(self.after)))
        if self.before == self.after:
            raise ValueError("an edit changes a span")

    def inverse(self) -> ChangeSpans:
        return ChangeSpans(self.recording_id, self.reader, self.feature, self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetNote:
    """A reader's free note beside the answer to one feature becomes `after`; "" is no note.

    Raises ValueError for an unknown feature and for text that no file can hold.
    """

    recording_id: int
    reader: ReaderIdentity
    feature: str
    before: str
    after: str

    def __post_init__(self) -> None:
        _check_feature(self.feature)
        self.after.encode("utf-8")

    def inverse(self) -> SetNote:
        return SetNote(self.recording_id, self.reader, self.feature, self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetMark:
    """A reader's mark is set (`before` None), moved or renamed, or removed (`after` None).

    Raises ValueError when both are None or of different kinds.
    """

    recording_id: int
    reader: ReaderIdentity
    before: Mark | None
    after: Mark | None

    def __post_init__(self) -> None:
        kinds = {mark.kind for mark in (self.before, self.after) if mark is not None}
        if len(kinds) != 1:
            raise ValueError("an edit changes one mark")

    def inverse(self) -> SetMark:
        return SetMark(self.recording_id, self.reader, self.after, self.before)


@dataclass(frozen=True, slots=True)
class LockReading:
    """A person closes their reading; from False to True, and back as long as nothing was revealed.

    What it says then is kept with the edit (`Study.answers_at_lock`). Until the reveal a locked
    reading takes no changes.
    """

    recording_id: int
    reader: ReaderIdentity
    before: bool = False
    after: bool = True

    def __post_init__(self) -> None:
        if self.before is self.after:
            raise ValueError("an edit locks or unlocks")

    def inverse(self) -> LockReading:
        return LockReading(self.recording_id, self.reader, self.after, self.before)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was agreed on for one feature, and why."""

    answer: Answer
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decide:
    """The consensus on one feature becomes `after`, written as an answer of the reader `CONSENSUS`.

    Raises ValueError when `before` and `after` are on different features, and for a note that no
    file can hold.
    """

    recording_id: int
    before: Decision
    after: Decision

    def __post_init__(self) -> None:
        if self.before.answer.feature != self.after.answer.feature:
            raise ValueError("an edit decides one feature")
        self.after.note.encode("utf-8")

    @property
    def feature(self) -> str:
        return self.after.answer.feature

    @property
    def reader(self) -> ReaderIdentity:
        return CONSENSUS

    def inverse(self) -> Decide:
        return Decide(self.recording_id, self.after, self.before)


@dataclass(frozen=True, slots=True)
class Rating:
    """How faithful an explanation is: 1 (not at all) to 5 (wholly), with the rater's note.

    Raises ValueError for another score and for a note that no file can hold.
    """

    score: int
    note: str = ""

    def __post_init__(self) -> None:
        if self.score not in range(1, 6):
            raise ValueError(f"not a score from 1 to 5: {self.score}")
        self.note.encode("utf-8")


@dataclass(frozen=True, slots=True)
class RateExplanation:
    """What `rater` (a person) thinks of a reader's explanation of one feature; None is no rating.

    Raises ValueError for an unknown feature, a rater who is no person, and when nothing is rated.
    """

    recording_id: int
    reader: ReaderIdentity
    feature: str
    rater: ReaderIdentity
    before: Rating | None
    after: Rating | None

    def __post_init__(self) -> None:
        _check_feature(self.feature)
        if self.rater.kind is not ReaderKind.PERSON:
            raise ValueError("only a person rates")
        if self.before is None and self.after is None:
            raise ValueError("an edit changes a rating")

    def inverse(self) -> RateExplanation:
        return RateExplanation(
            self.recording_id, self.reader, self.feature, self.rater, self.after, self.before
        )


@dataclass(frozen=True, slots=True)
class SetPatientBox:
    """The box that says who the patient is becomes `after`; None is no box."""

    recording_id: int
    before: Box | None
    after: Box | None

    def inverse(self) -> SetPatientBox:
        return SetPatientBox(self.recording_id, self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetCameras:
    """The further cameras that are shown beside a recording become `after`.

    Raises UserError for more than can be shown at once.
    """

    recording_id: int
    before: Cameras
    after: Cameras

    def __post_init__(self) -> None:
        if len(self.after) > MOST_CAMERAS:
            raise UserError(f"At most {MOST_CAMERAS + 1} cameras can be shown at once; close one first.")

    def inverse(self) -> SetCameras:
        return SetCameras(self.recording_id, self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetPerson:
    """A human reader is added to the study (`before` None), renamed, or removed (`after` None).

    Renaming keeps all their readings and their history. Only who has read and rated nothing can be
    removed. Raises ValueError when both are None, and UserError for a name that nobody can have.
    """

    before: str | None
    after: str | None

    def __post_init__(self) -> None:
        if self.before == self.after:
            raise ValueError("an edit changes one name")
        if CONSENSUS.name in (self.before, self.after):
            raise UserError(f"“{CONSENSUS.name}” is the name of what was decided together.")
        if self.after is not None and (self.after != self.after.strip() or not self.after.isprintable()):
            raise UserError("A name is one line of text without spaces around it.")
        if self.after == "":
            raise UserError("A reader needs a name.")

    def inverse(self) -> SetPerson:
        return SetPerson(self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetBlindByDefault:
    """Whether a person's reading is sealed from the others' until it is locked and revealed."""

    before: bool
    after: bool

    def inverse(self) -> SetBlindByDefault:
        return SetBlindByDefault(self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetReference:
    """The reader that others are scored against in this study; None is nobody."""

    before: ReaderIdentity | None
    after: ReaderIdentity | None

    def inverse(self) -> SetReference:
        return SetReference(self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetSavedFilter:
    """A filter of the worklist under a name becomes `after` (text of the caller's own); None is none."""

    name: str
    before: str | None
    after: str | None

    def inverse(self) -> SetSavedFilter:
        return SetSavedFilter(self.name, self.after, self.before)


RecordingEdit = (
    SetAnswer
    | SetVerdict
    | ChangeSpans
    | SetNote
    | SetMark
    | LockReading
    | Decide
    | RateExplanation
    | SetPatientBox
    | SetCameras
)
"""Edits of one recording; `Study.undo(recording_id)` takes them back."""

StudyEdit = SetPerson | SetBlindByDefault | SetReference | SetSavedFilter
"""Edits of the study itself; `Study.undo(None)` takes them back."""

Edit = RecordingEdit | StudyEdit


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed in a study, on disk.

    `seq` is the row of the history, `at` when in UTC (ISO 8601, microseconds), `who` the author;
    `recording_id` is 0 for the study itself; `edit` is what was really done (for an undo the inverse
    of what it undid), None when a whole reading was kept or the others' were revealed.
    """

    seq: int
    at: str
    who: str
    operation: Operation
    recording_id: int
    edit: Edit | None


def _check_feature(feature: str) -> None:
    if feature not in FEATURE:
        raise ValueError(f"unknown feature: {feature}")
