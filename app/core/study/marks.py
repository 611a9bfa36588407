"""Marks on the recording's clock: when the seizure begins and ends, and its phases."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.core.semiology import Span


class MarkKind(StrEnum):
    """What begins at a mark. A reading has one onset and one end at most, and any number of phases."""

    ONSET = "onset"
    END = "end"
    PHASE = "phase"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that a reader names, in seconds on the recording's clock; `label` is plain text.

    Raises ValueError unless `seconds` is finite and ≥ 0, and for a label that no file can hold.
    """

    kind: MarkKind
    seconds: float
    label: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise ValueError(f"not a moment: {self.seconds}")
        self.label.encode("utf-8")  # UnicodeEncodeError is a ValueError
        # One moment, one text in the history: no whole numbers, no -0.0.
        object.__setattr__(self, "seconds", float(self.seconds) + 0.0)


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the seizure that a reader named."""

    label: str
    span: Span


def sort_marks(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """By time; at one moment the onset first and the end last."""
    order = {MarkKind.ONSET: 0, MarkKind.PHASE: 1, MarkKind.END: 2}
    return tuple(sorted(marks, key=lambda mark: (mark.seconds, order[mark.kind], mark.label)))


def first_moment(marks: Iterable[Mark], kind: MarkKind) -> float | None:
    """The seconds of the first mark of that kind, None without one."""
    return next((mark.seconds for mark in sort_marks(marks) if mark.kind is kind), None)


def find_phases(marks: Iterable[Mark], duration: float) -> tuple[Phase, ...]:
    """Each phase from its mark to the next phase, the seizure's end or the recording's (`duration`, s)."""
    ordered = sort_marks(marks)
    starts = [mark for mark in ordered if mark.kind is MarkKind.PHASE]
    end = first_moment(ordered, MarkKind.END)
    found = []
    for number, mark in enumerate(starts):
        limits = [later.seconds for later in starts[number + 1 : number + 2]]
        # What is marked after the end (postictal) goes on to the end of the recording.
        limits += [end] if end is not None and end > mark.seconds else []
        stop = min(limits, default=duration)
        found.append(Phase(mark.label, Span(mark.seconds, max(stop, mark.seconds))))
    return tuple(found)
