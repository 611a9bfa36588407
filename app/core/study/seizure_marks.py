"""The marks of a seizure as a person goes through them: names, the mark at a moment, the next one."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.study.marks import Mark

PHASES = ("aura", "tonic", "clonic", "tonic–clonic", "automatisms", "hypermotor", "postictal")
"""Names that are offered for a phase; any other can be typed."""
SAME = 0.02
"""Seconds; a mark this near to a moment is meant by it."""


def mark_name(mark: Mark) -> str:
    """What a mark is called: the name that it was given, else what it marks."""
    return mark.label or {"onset": "onset", "end": "end"}.get(mark.kind, "phase")


def mark_at(marks: Sequence[Mark], moments: Sequence[float], kind: str | None = None) -> Mark | None:
    """The first mark at one of the moments (seconds), of one kind or of any."""
    return next(
        (
            mark
            for mark in marks
            if kind in (None, mark.kind) and min(abs(mark.seconds - moment) for moment in moments) < SAME
        ),
        None,
    )


def next_mark(
    marks: Sequence[Mark], seconds: float, direction: int, *, without: Mark | None = None
) -> Mark | None:
    """The first mark after a moment (`direction` 1) or the last before it (-1), but not `without`."""
    ordered = sorted((mark for mark in marks if mark != without), key=lambda mark: mark.seconds)
    if direction < 0:
        return next((mark for mark in reversed(ordered) if mark.seconds < seconds - SAME), None)
    return next((mark for mark in ordered if mark.seconds > seconds + SAME), None)
