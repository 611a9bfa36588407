"""The changes that can be asked of an open study: each is made as a whole or not at all."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from app.core.reading import ReaderIdentity, Reading
from app.core.study.change_group import Change, ChangeGroup
from app.core.study.edits import (
    AttachEeg,
    ChangeSpans,
    Edit,
    LockReading,
    SetAnswer,
    SetBadChannels,
    SetBlindByDefault,
    SetEegSync,
    SetPerson,
    SetVerdict,
)
from app.core.study.history import Operation
from app.core.study.store import Study


@dataclass(frozen=True, slots=True)
class ApplyEdits:
    """Make these edits, all or none; `why` stands in the history."""

    edits: tuple[Edit, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class StepHistory:
    """Undo or redo the author's latest group of edits of a recording (None: of the study itself).

    `expected` are the edits that this is thought to come to, () when that is not known.
    """

    operation: Operation
    recording_id: int | None
    expected: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepReading:
    """Keep a reader's whole reading in place of its former one."""

    recording_id: int
    reading: Reading
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reveal:
    """Show the others' answers to a viewer whose reading is locked, for good."""

    recording_id: int
    viewer: ReaderIdentity


@dataclass(frozen=True, slots=True)
class SetSha256:
    """Keep the SHA-256 of the recording's bytes (hex)."""

    recording_id: int
    sha256: str


Request = ApplyEdits | StepHistory | KeepReading | Reveal | SetSha256


def perform(study: Study, request: Request) -> ChangeGroup:
    """Make the change; it is on disk when this returns. Empty when nothing had to be changed.

    Raises UserError when it is refused, StorageError when it can succeed later, LookupError when the study
    no longer holds the recording.
    """
    if isinstance(request, ApplyEdits):
        return study.apply_all(request.edits, why=request.why)
    if isinstance(request, SetSha256):
        study.set_sha256(request.recording_id, request.sha256)
        return ChangeGroup(Operation.EDIT, ())
    if isinstance(request, StepHistory):
        step = study.undo if request.operation is Operation.UNDO else study.redo
        return step(request.recording_id) or ChangeGroup(request.operation, ())
    change = _one_change(study, request)
    return ChangeGroup(Operation.EDIT, () if change is None else (change,))


def _one_change(study: Study, request: KeepReading | Reveal) -> Change | None:
    if isinstance(request, KeepReading):
        return study.keep_reading(request.recording_id, request.reading, why=request.why)
    return study.reveal(request.recording_id, request.viewer)


def as_expected(request: Request, changes: Sequence[Change]) -> bool:
    """Whether a step in the history came to what it was thought to come to; True for everything else."""
    if not isinstance(request, StepHistory):
        return True
    made = [change.edit for change in changes if change.edit is not None]
    pairs = zip(made, request.expected, strict=False)
    return len(made) == len(request.expected) and all(says_the_same(one, other) for one, other in pairs)


def says_the_same(one: Edit, other: Edit) -> bool:
    """Whether two edits change one thing alike; its reader may be known by another version meanwhile."""
    return (changed_by(one), one.before, one.after) == (changed_by(other), other.before, other.after)


def found_among(request: Request, made: Sequence[Change]) -> tuple[Change, ...] | None:
    """Those of the changes that a request came to; None when it did not come to all of its edits there.

    For a request without edits, which can be repeated without harm, nothing is found.
    """
    if isinstance(request, StepHistory):
        # At most one request is not known to be on disk, so all of these are its own.
        return tuple(change for change in made if change.operation is request.operation) or None
    if not isinstance(request, ApplyEdits):
        return None
    rest, found = iter(made), []
    for edit in request.edits:
        match = next((one for one in rest if one.edit is not None and says_the_same(one.edit, edit)), None)
        if match is None:
            return None
        found.append(match)
    return tuple(found)


def group_of(request: Request, made: tuple[Change, ...]) -> ChangeGroup:
    """The group that the changes of a request were made as."""
    if isinstance(request, StepHistory):
        return ChangeGroup(request.operation, made)
    return ChangeGroup(Operation.EDIT, made, (), request.why if isinstance(request, ApplyEdits) else "")


def labels_in(request: Request) -> int:
    """How many changes a person would count in it."""
    return len(request.edits) if isinstance(request, ApplyEdits) else 1


_ANSWERS = (SetAnswer, SetVerdict, ChangeSpans)
"""The edits of one and the same thing."""

_EEG = (AttachEeg, SetEegSync, SetBadChannels)
"""The edits of one EEG file."""

_OF_EVERYTHING = (LockReading, SetBlindByDefault, SetPerson)
"""The edits whose meaning hangs on everything that was said before."""


def changed_by(edit: Edit) -> Hashable:
    """What tells apart the things that edits change."""
    people = [getattr(edit, name, None) for name in ("reader", "rater")]
    return (
        "answer" if isinstance(edit, _ANSWERS) else "EEG" if isinstance(edit, _EEG) else type(edit).__name__,
        getattr(edit, "recording_id", 0),
        *(None if one is None else one.key for one in people),
        getattr(edit, "feature", None) or getattr(edit, "name", None) or getattr(edit, "eeg", None),
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """What a request changes and therefore builds on: some `things`, or `everything`."""

    things: frozenset[Hashable] = frozenset()
    everything: bool = False

    def meets(self, other: Reach) -> bool:
        """Whether a request of this reach may build on one of the other reach."""
        if not (self.things or self.everything) or not (other.things or other.everything):
            return False
        return self.everything or other.everything or bool(self.things & other.things)


def reach(request: Request) -> Reach:
    """What a request builds on. A whole reading and a recording's hash stand for themselves."""
    if isinstance(request, KeepReading | SetSha256):
        return Reach()
    if not isinstance(request, ApplyEdits) or any(isinstance(edit, _OF_EVERYTHING) for edit in request.edits):
        return Reach(everything=True)
    return Reach(frozenset(changed_by(edit) for edit in request.edits))
