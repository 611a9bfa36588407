"""The rules for closed eyes, blinking and blank stare."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from app.core.readers.signal.measures.eyes import Eyes
from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.head import HeadMeasures
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import (
    Floats,
    Mask,
    at_least,
    closed,
    moving,
    percentile,
    runs,
    spans_of,
)
from app.core.readers.signal.rules.answering import format_spans, not_assessable, present, too_short
from app.core.readers.signal.rules.asymmetry import smiles
from app.core.readers.signal.rules.context import asleep_until
from app.core.readers.signal.rules.posture import looks_at_hand
from app.core.readers.signal.rules.purpose import eyes_lowered
from app.core.readers.signal.rules.speakers import patient_talks
from app.core.readers.signal.rules.visibility import (
    NO_FACE,
    PartSeen,
    absent_if_seen,
    face_seen,
    part_seen,
    why_no_face,
)
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Laterality, Span

_WHITE = 1.48 / math.sqrt(1.5)
"""From the median distance of a value from the mean of its neighbours to the deviation of its tremble."""


def close_eyes(measures: Measures) -> Answer:
    """Eyes closed for most of the event, sleep at the start left out."""
    feature = "close_eyes"
    reason = why_no_face(feature, measures)
    if reason or measures.eyes is None or measures.grid is None:
        return not_assessable(feature, reason or NO_FACE)
    awake = measures.eyes.clear & (measures.grid.times >= asleep_until(measures))
    awake &= ~_lids_follow_gaze(measures)
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
    least = f"{100 * limit('closed_share'):.0f} % and {limit('closed_seconds'):.0f} s on end count"
    text = (
        f"The eyes were closed for {100 * share:.0f} % of the time in which they were seen"
        + f" ({format_spans(spans) or _longest_closed(measures, shut)})"
        + f", sleep before and rest after the event left out; {least}."
    )
    margin = limit("closed_share") / max(share, 0.1)
    return absent_if_seen(feature, _eyes_seen(measures), text, margin)


def _longest_closed(measures: Measures, shut: Mask) -> str:
    assert measures.grid is not None
    longest = max((stop - start for start, stop in runs(shut)), default=0) / measures.grid.rate
    return too_short(longest, limit("closed_seconds"))


def _lids_follow_gaze(measures: Measures) -> Mask:
    """A mask (n,) of half closed lids while the head is bowed: who looks down lowers the lids as well."""
    eyes, head = measures.eyes, measures.head
    assert eyes is not None
    if head is None:
        return np.zeros(len(eyes.shut), dtype=bool)
    awake = head.pitch[eyes.clear & ~eyes.shut]
    upright = percentile(awake, 50) if len(awake) else 0.0
    bowed = np.nan_to_num(head.pitch - upright) > 2 * limit("head_lowered")
    level = max(eyes.open_level, limit("eye_open_least"))
    half = np.nan_to_num(eyes.aperture) > limit("lids_lowered") * level
    return np.asarray(eyes.shut & bowed & half)


def _eyes_seen(measures: Measures) -> list[PartSeen]:
    """How long the face, and the eyes in it without a hand before them, were seen."""
    assert measures.grid is not None
    assert measures.eyes is not None
    why = "turned away, or a hand before them"
    return [face_seen(measures), part_seen("the pair of eyes", measures.grid, measures.eyes.clear, why)]


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
        return not_assessable(feature, reason or NO_FACE)
    blinks = _certain_blinks(measures)
    found = [run for run in _blink_runs(blinks) if _is_rapid(measures, blinks, run)]
    seen = float(measures.eyes.clear.sum()) / measures.grid.rate
    usual = f"{len(blinks)} blinks in {seen:.0f} s"
    if found:
        spans = [Span(float(blinks[start]), float(blinks[stop - 1])) for start, stop in found]
        fastest = max((stop - start - 1) / (blinks[stop - 1] - blinks[start]) for start, stop in found)
        text = f"Blinks at {fastest:.1f} Hz, {format_spans(spans)}; {usual} in all."
        if any(_seconds_outside(measures, span) < limit("stare_rest") for span in spans):
            least = limit("stare_rest")
            why = f"less than {least:.0f} s are left to see how often this person blinks otherwise."
            return not_assessable(feature, f"{text} But {why}")
        side = measures.eyes.one_sided
        one = Laterality.LEFT if side > 0.35 else Laterality.RIGHT if side < -0.35 else Laterality.BOTH
        margin = max(span.duration for span in spans) / limit("blink_seconds") + 0.3
        return present(feature, spans, text, margin, one)
    most = max((stop - start for start, stop in _blink_runs(blinks)), default=0)
    minute = 60 * len(blinks) / max(seen, 1)
    text = (
        f"No {limit('blinks_in_run'):.0f} blinks at {limit('blink_rate'):.0f} Hz in a row that are "
        f"{limit('blinks_over_usual'):.1f} times as fast as usual (at most {most} in a row): {usual} "
        f"({minute:.0f} a minute)."
    )
    return absent_if_seen(feature, _eyes_seen(measures), text, 1.6)


def _certain_blinks(measures: Measures) -> Floats:
    """The times (s) of blinks with both eyes in clear view: lids also fall when the gaze is lowered, and the
    mesh closes an eye behind a hand."""
    grid, eyes = measures.grid, measures.eyes
    assert grid is not None
    assert eyes is not None
    if not len(eyes.blinks):
        return eyes.blinks
    certain = eyes.clear & ~eyes_lowered(measures)
    rows = np.clip(np.searchsorted(grid.times, eyes.blinks), 0, len(certain) - 1)
    return np.asarray(eyes.blinks[certain[rows]])


def _blink_runs(blinks: Floats) -> list[tuple[int, int]]:
    """The runs of blinks (first, one after the last) that follow each other at the rate of the feature."""
    if not len(blinks):
        return []
    edges = np.flatnonzero(np.diff(blinks) > 1 / limit("blink_rate") * 1.25) + 1
    bounds = [0, *(int(edge) for edge in edges), len(blinks)]
    return list(pairwise(bounds))


def _is_rapid(measures: Measures, blinks: Floats, run: tuple[int, int]) -> bool:
    start, stop = run
    first, last = float(blinks[start]), float(blinks[stop - 1])
    return (
        stop - start >= limit("blinks_in_run")
        and last - first >= 0.8 * limit("blink_seconds")
        and _faster_than_usual(measures, blinks, run)
    )


def _seconds_outside(measures: Measures, span: Span) -> float:
    """How long (s) the eyes were in clear view outside of a span."""
    assert measures.eyes is not None
    assert measures.grid is not None
    times = measures.grid.times
    rest = measures.eyes.clear & ((times < span.start - 0.5) | (times > span.end + 0.5))
    return float(rest.sum()) / measures.grid.rate


def _faster_than_usual(measures: Measures, blinks: Floats, run: tuple[int, int]) -> bool:
    """Whether a run of blinks is faster than this person's other blinks; True where there is little to
    compare."""
    start, stop = run
    first, last = float(blinks[start]), float(blinks[stop - 1])
    seconds = _seconds_outside(measures, Span(first, last))
    if seconds < limit("stare_rest"):
        return True
    usual = (len(blinks) - (stop - start)) / seconds
    return (stop - start - 1) / (last - first) >= limit("blinks_over_usual") * usual


def blank_stare(measures: Measures) -> Answer:
    """Eyes open without a blink, head and gaze still, the mouth at rest, nothing looked at or handled."""
    feature = "blank_stare"
    reason = why_no_face(feature, measures)
    if reason or measures.eyes is None or measures.grid is None or measures.head is None:
        return not_assessable(feature, reason or NO_FACE)
    rows = _staring(measures)
    held = at_least(rows, measures.grid.rows(limit("stare_seconds")))
    spans = spans_of(held, measures.grid.times)
    longest = max((stop - start for start, stop in runs(rows)), default=0) / measures.grid.rate
    due = _blinks_due(measures, held, longest)
    if spans and not np.isfinite(due):
        why = f"less than {limit('stare_rest'):.0f} s are left to see how often this person blinks otherwise"
        return not_assessable(feature, f"{_still_eyes(spans)}, but {why}.")
    if spans and measures.grid.rate < limit("blinks_seen_from"):
        why = f"at {measures.grid.rate:.1f} frames a second blinks are not seen"
        return not_assessable(feature, f"{_still_eyes(spans)}, but {why}.")
    needed = _blinks_needed(measures)
    if spans and due >= needed:
        text = (
            f"Eyes open without a blink, gaze and head still, not talking, {format_spans(spans)}; "
            f"{len(measures.eyes.blinks)} blinks in the recording otherwise."
        )
        return present(feature, spans, text, longest / limit("stare_seconds"))
    if spans:
        text = (
            f"Still open eyes for {longest:.1f} s, in which this person blinks {due:.1f} times otherwise; "
            f"{needed:.1f} missing blinks count."
        )
        return absent_if_seen(feature, _eyes_seen(measures), text, needed / max(due, 0.3))
    text = (
        f"Open eyes, fixed gaze, still head and no blink came together for {longest:.1f} s at most, "
        f"{limit('stare_seconds') - longest:.1f} s too short."
    )
    return absent_if_seen(feature, _eyes_seen(measures), text, limit("stare_seconds") / max(longest, 1.0))


def _still_eyes(spans: Iterable[Span]) -> str:
    return f"Eyes open, gaze and head still, {format_spans(spans)}"


def _blinks_due(measures: Measures, held: Mask, seconds: float) -> float:
    """The expected number of this person's blinks in `seconds`, by the rest of the recording; infinite where
    the rest is too short."""
    grid, eyes = measures.grid, measures.eyes
    assert grid is not None
    assert eyes is not None
    rest = eyes.clear & ~eyes.closed & ~held
    if rest.sum() < grid.rows(limit("stare_rest")):
        return float("inf")
    counted = sum(bool(rest[np.searchsorted(grid.times, at, side="right") - 1]) for at in eyes.blinks)
    return counted / (float(rest.sum()) / grid.rate) * seconds


def _blinks_needed(measures: Measures) -> float:
    """How many blinks have to be missing: if blinks come at random, the longest of n pauses grows by the
    logarithm of n."""
    assert measures.eyes is not None
    more_often = max(len(measures.eyes.blinks) / limit("stare_usual_blinks"), 1.0)
    return limit("stare_blinks_due") + float(np.log(more_often))


def _staring(measures: Measures) -> Mask:
    grid, eyes, head = measures.grid, measures.eyes, measures.head
    assert grid is not None
    assert eyes is not None
    assert head is not None
    gaze_moves, head_moves = gaze_and_head_movement(grid, eyes, head)
    still = (gaze_moves < limit("stare_gaze")) & (head_moves < limit("stare_head"))
    open_ = eyes.clear & ~eyes.shut
    for at in eyes.blinks:
        open_ &= np.abs(grid.times - at) > 0.25
    still &= _lid_movement(grid, eyes, open_) < limit("stare_lids") * (2 if _trembles(measures) else 1)
    busy = patient_talks(measures) | _handles(measures) | smiles(measures)
    return np.asarray(closed(still, grid.rows(0.3)) & open_ & ~busy)


def gaze_and_head_movement(grid: Grid, eyes: Eyes, head: HeadMeasures) -> tuple[Floats, Floats]:
    """How far the gaze (n,) in eye widths and the head (n,) in degrees go within 1.5 s around; infinite where
    they were not seen."""
    rows, steady = grid.rows(1.5), _rows_against_tremble(grid, eyes.gaze[:, 0])
    gaze, yaw = (
        np.where(np.isfinite(place), moving(place, steady, "mean"), np.nan)
        for place in (eyes.gaze[:, 0], head.yaw)
    )
    return _spread(gaze, rows), _spread(yaw, rows)


def _rows_against_tremble(grid: Grid, gaze: Floats) -> int:
    """Over how many pictures gaze and head are averaged: as many as the tremble of the gaze (n,) asks for,
    but for no longer than a gaze rests.

    Irises that are drawn from a dim, noisy picture tremble by more than a fixed gaze may move; in a clear
    picture nothing is averaged, so that a brief look away counts.
    """
    bend = gaze[1:-1] - (gaze[:-2] + gaze[2:]) / 2
    tremble = _WHITE * float(np.nan_to_num(percentile(np.abs(bend), 50)))
    wanted = math.ceil((tremble / limit("gaze_tremble")) ** 2)
    return min(max(1, wanted), grid.rows(limit("gaze_rests")))


def _lid_movement(grid: Grid, eyes: Eyes, open_: Mask) -> Floats:
    """By what share of their opening open lids (n,) change within 1.5 s around: who raises the brows, or
    makes a face, does not look blank."""
    lids = moving(np.where(open_, eyes.opening, np.nan), grid.rows(0.3), "median")
    return _spread(lids, grid.rows(1.5))


def _trembles(measures: Measures) -> bool:
    return measures.face is not None and measures.face.trembles


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
