"""The rules for closed eyes, blinking and blank stare."""

from __future__ import annotations

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import (
    Mask,
    at_least,
    closed,
    moving,
    runs,
    spans_of,
)
from app.core.readers.signal.rules.answering import absent, format_spans, not_assessable, present, why_no_face
from app.core.readers.signal.rules.context import asleep_until
from app.core.readers.signal.rules.posture import looks_at_hand
from app.core.readers.signal.rules.speakers import patient_talks
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Laterality, Span

_NO_FACE = "The patient's face was not found in the picture."


def close_eyes(measures: Measures) -> Answer:
    """Eyes closed for most of the event, sleep at the start left out."""
    feature = "close_eyes"
    reason = why_no_face(feature, measures)
    if reason or measures.eyes is None or measures.grid is None:
        return not_assessable(feature, reason or _NO_FACE)
    awake = measures.eyes.seen & (measures.grid.times >= asleep_until(measures))
    shut = closed(measures.eyes.closed, measures.grid.rows(0.3)) & awake
    shut &= ~_after_the_event(measures, shut)
    share = float(shut.sum() / max(awake.sum(), 1))
    spans = spans_of(at_least(shut, measures.grid.rows(limit("closed_seconds"))), measures.grid.times)
    if spans and share >= limit("closed_share"):
        text = (
            f"Lids closed {format_spans(spans)} (below {100 * limit('lid_shut'):.0f} % of their opening), "
            f"{100 * share:.0f} % of the time in which the face was seen."
        )
        return present(feature, spans, text, share / limit("closed_share"))
    text = (
        f"The eyes were closed for {100 * share:.0f} % of the time in which the face was seen"
        + (f" ({format_spans(spans)})" if spans else "")
        + ", sleep before and rest after the event left out."
    )
    return absent(feature, text, limit("closed_share") / max(share, 0.1))


def _after_the_event(measures: Measures, shut: Mask) -> Mask:
    """A mask (n,) of closed eyes with resting limbs until the end of the recording, after movement:
    exhaustion."""
    grid = measures.grid
    assert grid is not None
    result = np.zeros(len(shut), dtype=bool)
    moved = np.zeros(len(shut), dtype=bool)
    for limb in measures.limbs:
        moved |= at_least(limb.moving, grid.rows(1.0))
    for start, stop in runs(shut)[-1:]:
        if stop >= len(shut) - grid.rows(1.5) and moved[:start].any() and not moved[start:stop].any():
            result[start:stop] = True
    return result


def eye_blinking(measures: Measures) -> Answer:
    """Blinks of about one a second or faster for a few seconds."""
    feature = "eye_blinking"
    reason = why_no_face(feature, measures)
    if reason or measures.eyes is None or measures.grid is None:
        return not_assessable(feature, reason or _NO_FACE)
    blinks = measures.eyes.blinks
    longest_gap = 1 / limit("blink_rate") * 1.25
    best: list[Span] = []
    fastest = 0.0
    start = 0
    for stop in range(1, len(blinks) + 1):
        if stop < len(blinks) and blinks[stop] - blinks[stop - 1] <= longest_gap:
            continue
        length = blinks[stop - 1] - blinks[start]
        count = stop - start
        if (
            count >= limit("blinks_in_run")
            and length >= 0.8 * limit("blink_seconds")
            and (_faster_than_usual(measures, float(blinks[start]), float(blinks[stop - 1]), count))
        ):
            best.append(Span(float(blinks[start]), float(blinks[stop - 1])))
            fastest = max(fastest, (count - 1) / length)
        start = stop
    seen = float(measures.eyes.seen.sum()) / measures.grid.rate
    usual = f"{len(blinks)} blinks in {seen:.0f} s"
    if best:
        side = measures.eyes.one_sided
        one = Laterality.LEFT if side > 0.35 else Laterality.RIGHT if side < -0.35 else Laterality.BOTH
        text = f"Blinks at {fastest:.1f} Hz, {format_spans(best)}; {usual} in all."
        return present(
            feature, best, text, max(span.duration for span in best) / limit("blink_seconds") + 0.3, one
        )
    minute = 60 * len(blinks) / max(seen, 1)
    text = f"No run of blinks at {limit('blink_rate'):.0f} Hz: {usual} ({minute:.0f} a minute)."
    return absent(feature, text, 1.6)


def _faster_than_usual(measures: Measures, first: float, last: float, count: int) -> bool:
    """Whether a run of blinks is faster than this person's other blinks; True where there is little to
    compare."""
    assert measures.eyes is not None
    assert measures.grid is not None
    rest = measures.eyes.seen & ((measures.grid.times < first - 0.5) | (measures.grid.times > last + 0.5))
    seconds = float(rest.sum()) / measures.grid.rate
    if seconds < limit("stare_rest"):
        return True
    usual = (len(measures.eyes.blinks) - count) / seconds
    return (count - 1) / (last - first) >= limit("blinks_over_usual") * usual


def blank_stare(measures: Measures) -> Answer:
    """Eyes open without a blink, head and gaze still, the mouth at rest, nothing looked at or handled."""
    feature = "blank_stare"
    reason = why_no_face(feature, measures)
    if reason or measures.eyes is None or measures.grid is None or measures.head is None:
        return not_assessable(feature, reason or _NO_FACE)
    rows = _staring(measures)
    held = at_least(rows, measures.grid.rows(limit("stare_seconds")))
    spans = spans_of(held, measures.grid.times)
    longest = max((stop - start for start, stop in runs(rows)), default=0) / measures.grid.rate
    due = _blinks_due(measures, held, longest)
    if spans and due >= limit("stare_blinks_due"):
        text = (
            f"Eyes open without a blink, gaze and head still, not talking, {format_spans(spans)}; "
            f"{len(measures.eyes.blinks)} blinks in the recording otherwise."
        )
        return present(feature, spans, text, longest / limit("stare_seconds"))
    if spans:
        text = (
            f"Still open eyes for {longest:.1f} s, but no longer without a blink than this person usually is."
        )
        return absent(feature, text, limit("stare_blinks_due") / max(due, 0.3))
    text = f"Open eyes, fixed gaze, still head and no blink came together for {longest:.1f} s at most."
    return absent(feature, text, limit("stare_seconds") / max(longest, 1.0))


def _blinks_due(measures: Measures, held: Mask, seconds: float) -> float:
    """The expected number of this person's blinks in `seconds`, by the rest of the recording; infinite where
    the rest is too short."""
    grid, eyes = measures.grid, measures.eyes
    assert grid is not None
    assert eyes is not None
    rest = eyes.seen & ~eyes.closed & ~held
    if rest.sum() < grid.rows(limit("stare_rest")):
        return float("inf")
    counted = sum(bool(rest[np.searchsorted(grid.times, at, side="right") - 1]) for at in eyes.blinks)
    return counted / (float(rest.sum()) / grid.rate) * seconds


def _staring(measures: Measures) -> Mask:
    grid, eyes, head = measures.grid, measures.eyes, measures.head
    assert grid is not None
    assert eyes is not None
    assert head is not None
    gaze_moves = _spread(eyes.gaze[:, 0], grid.rows(1.5))
    head_moves = _spread(head.yaw, grid.rows(1.5))
    still = (gaze_moves < limit("stare_gaze")) & (head_moves < limit("stare_head"))
    open_ = eyes.seen & ~eyes.shut
    for at in eyes.blinks:
        open_ &= np.abs(grid.times - at) > 0.25
    return np.asarray(closed(still, grid.rows(0.3)) & open_ & ~patient_talks(measures) & ~_handles(measures))


def _handles(measures: Measures) -> Mask:
    """A mask (n,) of eyes lowered to an object in the hand."""
    grid = measures.grid
    assert grid is not None
    result = np.zeros(len(grid.times), dtype=bool)
    for arm in measures.arms:
        for hold in arm.holds:
            if looks_at_hand(measures, hold):
                result[slice(*hold.rows)] = True
    return result


def _spread(values: np.ndarray, rows: int) -> np.ndarray:  # type: ignore[type-arg]
    """The peak-to-peak range around each row; infinite without values."""
    return np.asarray(np.nan_to_num(moving(values, rows, "max") - moving(values, rows, "min"), nan=np.inf))
