"""Where evidence begins, and the next place from a moment on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core.reading import Reading
from app.core.semiology import Span

SAME = 0.02
"""Seconds; an event this near to the cursor is shown already."""


def list_starts(readings: Iterable[Reading], features: Sequence[str]) -> list[tuple[float, str]]:
    """Where evidence of the features begins, in the order of time; seconds and feature."""
    found = {
        (span.start, feature)
        for reading in readings
        for feature in features
        for span in reading.answer(feature).evidence
    }
    return sorted(found)


def nearest_event(
    starts: Sequence[tuple[float, str]], seconds: float, direction: int
) -> tuple[float, str] | None:
    """The first event after a moment (`direction` 1), or the last one before it (-1)."""
    if direction > 0:
        return next((event for event in starts if event[0] > seconds + SAME), None)
    return next((event for event in reversed(starts) if event[0] < seconds - SAME), None)


def nearest_span(readings: Iterable[Reading], feature: str, here: Span, direction: int) -> Span | None:
    """The next span of evidence of a feature after `here` (`direction` 1), or the last one before it (-1)."""
    spans = sorted({span for reading in readings for span in reading.answer(feature).evidence})
    if direction > 0:
        return next((span for span in spans if span > here), None)
    return next((span for span in reversed(spans) if span < here), None)


def first_evidence(readings: Iterable[Reading], feature: str) -> Span | None:
    """The earliest evidence that any of the readings gives for a feature."""
    return min((span for one in readings for span in one.answer(feature).evidence), default=None)
