"""The rule for sleep at the start of the recording."""

from __future__ import annotations

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import closed, runs
from app.core.readers.signal.rules.answering import absent, format_spans, not_assessable, present, why_no_face
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Span


def asleep_until(measures: Measures) -> float:
    """The end (s) of lying still with closed eyes from the start; 0 when awake."""
    grid, eyes = measures.grid, measures.eyes
    if grid is None or eyes is None:
        return 0.0
    shut = closed(eyes.closed, grid.rows(0.4))
    first = next(iter(runs(shut)), None)
    seen = np.flatnonzero(eyes.seen)
    if first is None or not len(seen) or first[0] > seen[0] + grid.rows(0.7) or seen[0] > grid.rows(3):
        return 0.0
    start, stop = first
    moving = np.zeros(len(shut), dtype=bool)
    for arm in measures.arms:
        moving |= arm.moving
    early = moving[start:stop]
    # The event may begin with closed eyes, so sleep lasts until the first movement.
    for begin, end in runs(early):
        if end - begin >= grid.rows(0.5):
            stop = start + begin
            break
    long_enough = stop - start >= grid.rows(limit("sleep_seconds"))
    return float(grid.times[stop - 1]) if long_enough else 0.0


def occur_during_sleep(measures: Measures) -> Answer:
    """Eyes closed and body still from the start, and the event begins out of that."""
    feature = "occur_during_sleep"
    reason = why_no_face(feature, measures)
    grid, eyes = measures.grid, measures.eyes
    if reason or grid is None or eyes is None:
        return not_assessable(feature, reason or "The patient's face was not found in the picture.")
    if not eyes.seen[: grid.rows(limit("sleep_seconds"))].any():
        return not_assessable(feature, "The patient's face was not found at the start of the recording.")
    until = asleep_until(measures)
    if until > 0:
        asleep = Span(max(float(grid.times[0]), 0.0), until)
        text = f"Eyes closed and body still from the start, {format_spans([asleep])}."
        duration = until - float(grid.times[0])
        return present(feature, [asleep], text, duration / limit("sleep_seconds"))
    share = float(eyes.shut[: grid.rows(limit("sleep_seconds"))].mean())
    text = f"Eyes closed for {100 * share:.0f} % of the first {limit('sleep_seconds'):.0f} s."
    return absent(feature, text, 1 / max(share, 0.4))
