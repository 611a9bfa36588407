"""What becomes of a change that is on its way to the disk, in values and in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.core.errors import StorageError, UserError
from app.core.study.change_group import Change, ChangeGroup
from app.core.study.change_requests import Request, labels_in

PATIENCE = 3.0
"""Seconds after which a disk that is waited for counts as one that does not answer."""

BUILDS_ON_REFUSED = "This builds on a change that was not saved, so it was not saved either."
_TRIED_AGAIN = " This is tried again by itself."
NO_ANSWER = "The disk or share that holds the study does not answer."


@dataclass(frozen=True, slots=True)
class Saved:
    """The changes are on disk since `at`. Unless `as_expected`, an undo or redo came to something else."""

    group: ChangeGroup
    at: datetime
    as_expected: bool = True

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.group.changes


@dataclass(frozen=True, slots=True)
class Waiting:
    """The change could not be written because of `error`; it and all later ones wait to be tried again."""

    error: StorageError


@dataclass(frozen=True, slots=True)
class Refused:
    """The change is not on disk and will not be; what the study says must be read again.

    `with_another`: it only builds on one that was refused, and the sentence of that one counts it already.
    """

    error: UserError
    with_another: bool = False


Outcome = Saved | Waiting | Refused
"""`Waiting` may come several times, then one of the other two."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Changes that are not known to be on disk, in order.

    `why` they could not be written, "" as long as nothing has failed; `seconds` since the first was asked
    for; `tried_again`: they are, by themselves.
    """

    requests: tuple[Request, ...] = ()
    why: str = ""
    seconds: float = 0.0
    tried_again: bool = False

    @property
    def count(self) -> int:
        """How many changes a person would count."""
        return sum(map(labels_in, self.requests))

    def sentence(self) -> str:
        """How many changes are not saved yet and why; "" for none, and as long as a disk usually takes."""
        why = self.why or (NO_ANSWER if self.seconds > PATIENCE else "")
        if not self.requests or not why:
            return ""
        which = "1 change is" if self.count == 1 else f"{self.count} changes are"
        return f"{which} not saved yet. {why}{_TRIED_AGAIN if self.tried_again else ''}"


@dataclass(frozen=True, slots=True)
class LeftWork:
    """Changes of a study that are not known to be on disk, each with its author, in order.

    `last_row`: up to this row of the history nothing of them is there; after it they may be.
    """

    study_id: str
    last_row: int
    changes: tuple[tuple[str, Request], ...]


def with_followers(error: UserError, followers: int) -> UserError:
    """The error of a refused change whose sentence says how many later ones fail with it."""
    if not followers:
        return error
    which = "1 later change that builds on it was"
    if followers > 1:
        which = f"{followers} later changes that build on it were"
    return UserError(f"{error} {which} not saved either.")
