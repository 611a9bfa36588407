"""The rules for asymmetry of the lower face: pulling and twitching."""

from __future__ import annotations

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import Rhythm, covered
from app.core.readers.signal.measures.series import (
    Floats,
    Mask,
    at_least,
    band,
    closed,
    moving,
    percentile,
    runs,
    span_of,
    spans_of,
)
from app.core.readers.signal.rules.answering import format_spans, not_assessable, present
from app.core.readers.signal.rules.speakers import TALKING_UNKNOWN, talking_windows
from app.core.readers.signal.rules.visibility import (
    NO_FACE,
    absent_if_seen,
    face_seen,
    part_seen,
    why_no_face,
)
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Laterality, Span


def face_pulling(measures: Measures) -> Answer:
    """One side of the lower face stands drawn against the other for a few seconds."""
    feature = "face_pulling"
    reason = why_no_face(feature, measures)
    if reason or measures.mouth is None or measures.grid is None:
        return not_assessable(feature, reason or NO_FACE)
    pull = steady_pull(measures)
    least = least_pull(pull)
    smiles = _other_side_too(measures)
    held: list[Span] = []
    sides: set[Laterality] = set()
    largest = 0.0
    for side, sign in ((Laterality.LEFT, 1.0), (Laterality.RIGHT, -1.0)):
        rows = closed(np.nan_to_num(sign * pull, nan=-1.0) > least, measures.grid.rows(0.3))
        for start, stop in runs(at_least(rows, measures.grid.rows(limit("pull_seconds")))):
            if smiles[start:stop].mean() > 0.5:
                continue
            held.append(span_of(measures.grid.times, start, stop))
            sides.add(side)
            largest = max(largest, float(np.nanmedian(sign * pull[start:stop])))
    if held:
        side = sides.pop() if len(sides) == 1 else Laterality.BOTH
        text = (
            f"The {side.value} mouth corner and cheek stood {100 * largest:.0f} % of the eyes' distance "
            f"further out and up than the other side, {format_spans(held)}."
        )
        margin = min(largest / least, max(s.duration for s in held) / limit("pull_seconds"))
        return present(feature, held, text, margin, side)
    apart = closed(np.nan_to_num(np.abs(pull)) > least, measures.grid.rows(0.3))
    longest = max((stop - start for start, stop in runs(apart)), default=0) / measures.grid.rate
    text = (
        f"The two sides of the lower face did not differ steadily by {100 * least:.0f} % of the eyes' "
        f"distance for {limit('pull_seconds'):.1f} s without the other side being drawn too: the longest "
        f"difference lasted {longest:.1f} s{_why_too_short(longest)}."
    )
    facing = part_seen("the face from the front", measures.grid, np.isfinite(pull), "turned away or moving")
    margin = limit("pull_seconds") / max(longest, 0.5)
    return absent_if_seen(feature, [face_seen(measures), facing], text, max(margin, 1.1))


def _why_too_short(longest: float) -> str:
    """By how much the longest difference is too short, or that the other side was drawn too."""
    short = limit("pull_seconds") - longest
    return f", {short:.1f} s too short" if short > 0 else ", in a smile"


def least_pull(pull: Floats) -> float:
    """From what asymmetry on a side counts as drawn: more than the usual spread of the two sides."""
    spread = 1.48 * float(np.nan_to_num(np.nanmedian(np.abs(pull)))) if np.isfinite(pull).any() else 0.0
    return max(limit("pull_size"), min(limit("pull_over_noise") * spread, 2 * limit("pull_size")))


def _other_side_too(measures: Measures) -> Mask:
    """A mask (n,) of the weaker side of the mouth moving out and up as well, as in a smile."""
    drawn = _drawn_corners(measures)
    weaker, stronger = np.minimum(*drawn), np.maximum(*drawn)
    return np.asarray(np.nan_to_num(weaker) > limit("pull_other_side") * np.abs(np.nan_to_num(stronger)))


def smiles(measures: Measures) -> Mask:
    """A mask (n,) of both mouth corners standing further out and up than in this person's sober face."""
    weaker = np.minimum(*_drawn_corners(measures))
    return np.asarray(np.nan_to_num(weaker - percentile(weaker, 20)) > limit("smile"))


def _drawn_corners(measures: Measures) -> list[Floats]:
    """How far the left and the right mouth corner (n,) are out and up from where they usually are."""
    assert measures.face is not None
    assert measures.grid is not None
    drawn = []
    for corner, sign in ((291, 1.0), (61, -1.0)):
        place = measures.face.point(corner)[:, :2]
        away = (place - np.nanmedian(place, axis=0)) @ np.array([sign, -1.0]) / np.sqrt(2)
        drawn.append(moving(away, measures.grid.rows(0.7), "median"))
    return drawn


def steady_pull(measures: Measures) -> Floats:
    """The steady asymmetry (n,), corrected for small turns of the head; NaN where the head is turned too far
    or the asymmetry jerks."""
    assert measures.grid is not None
    assert measures.mouth is not None
    grid, pull = measures.grid, measures.mouth.pull.copy()
    if measures.head is not None:
        yaw = measures.head.yaw - measures.head.usual
        fit = np.isfinite(pull) & (np.abs(np.nan_to_num(yaw, nan=90.0)) < limit("face_judged_within"))
        if fit.sum() > grid.rows(3):
            bounded = np.clip(pull[fit], -limit("pull_size"), limit("pull_size"))
            pull = pull - yaw * float((bounded * yaw[fit]).sum() / max(float((yaw[fit] ** 2).sum()), 1e-6))
    quick = band(measures.mouth.difference, grid.rate, 1.0, min(8.0, grid.rate / 2.2)).sum(axis=1) / np.sqrt(
        2
    )
    jerking = 2 * np.sqrt(2) * np.sqrt(moving(quick**2, grid.rows(1.0), "mean"))
    steady = np.nan_to_num(jerking, nan=9.0) < 1.5 * np.abs(pull)
    return np.asarray(
        np.where(_facing(measures) & (steady | (np.abs(pull) < limit("pull_size"))), pull, np.nan)
    )


def _facing(measures: Measures) -> Mask:
    """A mask (n,) of the head near its usual direction, because turned faces look asymmetric."""
    head = measures.head
    assert measures.grid is not None
    if head is None:
        return np.ones(len(measures.grid.times), dtype=bool)
    return np.asarray(np.abs(np.nan_to_num(head.yaw - head.usual, nan=90.0)) < limit("face_judged_within"))


def face_twitching(measures: Measures) -> Answer:
    """Brief repeated jerks of one side of the lower face against the other, while the head is not turned."""
    feature = "face_twitching"
    reason = why_no_face(feature, measures)
    if reason or measures.mouth is None or measures.grid is None:
        return not_assessable(feature, reason or NO_FACE)
    jerks, facing = measures.mouth.jerks, _facing(measures)
    least = least_twitch(measures)
    jerking = _jerking(measures)
    windows = jerking & (np.nan_to_num(jerks.amplitude) >= least) & _mostly(facing, jerks)
    rows = closed(covered(windows, jerks, len(measures.grid.times)), measures.grid.rows(0.5))
    spans = spans_of(at_least(rows, measures.grid.rows(limit("twitch_seconds"))), measures.grid.times)
    if spans:
        rate = float(np.median(jerks.rate[windows]))
        size = float(np.median(jerks.amplitude[windows]))
        side = _twitching_side(measures, rows)
        text = (
            f"The {side.value} side of the lower face jerked at {rate:.1f} Hz against the other, "
            f"{100 * size:.0f} % of the distance of the eyes, {format_spans(spans)}."
        )
        if measures.voice is None:
            return not_assessable(feature, f"{text} {TALKING_UNKNOWN}")
        return present(feature, spans, text, size / limit("twitch_size"), side)
    if _face_noise(measures) >= limit("face_noise_judged"):
        noise = f"the face trembles by {100 * _face_noise(measures):.0f} % of the distance of the eyes"
        return not_assessable(feature, f"The picture is too noisy: {noise}.")
    if jerking.any():
        return not_assessable(feature, _guessed(measures, jerking & ~_mostly(facing, jerks)))
    most = float(np.nanmax(jerks.amplitude)) if np.isfinite(jerks.amplitude).any() else 0.0
    least = limit("twitch_size")
    how = (
        f"by {100 * most:.1f} % of the eyes' distance at most, {100 * (least - most):.1f} % too little"
        if most < least
        else f"by up to {100 * most:.1f} % of the eyes' distance, but {_how_irregularly(jerks, least)}"
    )
    seconds = f"{limit('twitch_seconds'):.0f} s"
    text = f"The two sides of the face did not jerk against each other for {seconds}: {how}."
    front = part_seen("the face from the front", measures.grid, facing, "turned away")
    return absent_if_seen(feature, [face_seen(measures), front], text, max(least / max(most, 0.01), 1.1))


def _how_irregularly(jerks: Rhythm, least: float) -> str:
    """Why jerks of one side that are large enough do not count."""
    large = np.nan_to_num(jerks.regularity)[np.nan_to_num(jerks.amplitude) >= least]
    best, needed = float(large.max(initial=0.0)), limit("twitch_regularity")
    if best < needed:
        return f"with a regularity of {best:.2f} at most, {needed - best:.2f} too little"
    return (
        f"with the whole mouth, in talking, or not at {limit('twitch_lowest'):.1f} to "
        f"{limit('twitch_highest'):.0f} Hz"
    )


def least_twitch(measures: Measures) -> float:
    """From what size on jerks of one side are certain: more than the face trembles."""
    return max(limit("twitch_size"), limit("twitch_over_noise") * _face_noise(measures))


def _jerking(measures: Measures) -> Mask:
    """A mask (w,) of windows in which the two sides jerk against each other, as far as that can be seen."""
    assert measures.mouth is not None
    jerks = measures.mouth.jerks
    return (
        (
            np.nan_to_num(jerks.amplitude)
            >= max(limit("twitch_size"), limit("twitch_doubt") * _face_noise(measures))
        )
        & (jerks.regularity >= limit("twitch_regularity"))
        & (jerks.rate >= limit("twitch_lowest"))
        & (jerks.rate <= limit("twitch_highest"))
        & ~talking_windows(measures, jerks)
        & ~_chewing_stronger(measures)
    )


def _guessed(measures: Measures, turned: Mask) -> str:
    """Why jerks that were measured need not have been there; `turned` (w,) those of a turned head."""
    what = "The two sides of the face jerked against each other"
    if turned.any():
        return f"{what} while the head was turned, when the far side is guessed rather than seen."
    noise = f"{100 * _face_noise(measures):.0f} % of the distance of the eyes"
    return f"{what}, but hardly more than a tracked face trembles ({noise})."


def _mostly(rows: Mask, part: Rhythm) -> Mask:
    """A mask (w,) of windows of which most rows are in `rows` (n,)."""
    windows = (rows[w * part.hop : w * part.hop + part.length] for w in range(len(part.rate)))
    return np.array([window.mean() > 0.5 for window in windows], dtype=bool)


def _face_noise(measures: Measures) -> float:
    """The variation of the asymmetry between windows at rest, caused by jitter of the mesh."""
    assert measures.mouth is not None
    return min(float(np.nan_to_num(percentile(measures.mouth.jerks.amplitude, 15))), limit("face_noise_most"))


def _chewing_stronger(measures: Measures) -> Mask:
    """A mask (w,) of windows in which the jaw moves much more than the asymmetry, as in chewing and
    talking."""
    assert measures.mouth is not None
    jerks, chewing = measures.mouth.jerks, measures.mouth.chewing
    result = np.zeros(len(jerks.rate), dtype=bool)
    for window in range(len(result)):
        middle = window * jerks.hop + jerks.length // 2
        other = min(max((middle - chewing.length // 2) // chewing.hop, 0), len(chewing.rate) - 1)
        if other >= 0:
            result[window] = np.nan_to_num(chewing.amplitude[other]) > 1.5 * np.nan_to_num(
                jerks.amplitude[window]
            )
    return result


def _twitching_side(measures: Measures, rows: Mask) -> Laterality:
    """The side of the mouth corner that moves more."""
    assert measures.face is not None
    assert measures.grid is not None
    left, right = (
        float(np.nansum(np.nanstd(np.diff(measures.face.point(index)[rows, :2], axis=0), axis=0)))
        for index in (291, 61)
    )
    return Laterality.LEFT if left > right else Laterality.RIGHT
