"""The order of recordings in a list of work: those of one patient together, by the number of the seizure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.core.study.worklist import WorkItem


def in_groups(items: Iterable[WorkItem]) -> tuple[WorkItem, ...]:
    """By patient, then by seizure, numbers as numbers; within these as they were added.

    Recordings whose patient is not known come last, as they were added; so does everything in a study that
    knows no patients.
    """
    return tuple(sorted(items, key=_place))


def as_counted(text: str) -> tuple[tuple[int, int, str], ...]:
    """A text as a key by which “P2” comes before “P10”."""
    parts = re.findall(r"\d+|\D+", text.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


_Place = tuple[bool, tuple[tuple[int, int, str], ...], tuple[tuple[int, int, str], ...]]


def _place(item: WorkItem) -> _Place:
    data = item.patient_data
    if not data.patient:
        return True, (), ()
    return False, as_counted(data.patient), as_counted(data.event)
