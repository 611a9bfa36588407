"""Frames that show nothing new: the file stands still, or shows earlier pictures once more.

No body rests or repeats itself so exactly: a photograph, a frozen stretch or a loop is the work of a program.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import Joint, PoseTrack
from app.core.readers.signal.measures.hiding import figure_sizes
from app.core.readers.signal.measures.series import Floats, Mask, at_least, closed, runs
from app.core.readers.signal.thresholds import limit

_MAIN = (
    Joint.NOSE,
    *range(Joint.LEFT_SHOULDER, Joint.RIGHT_WRIST + 1),
    *range(Joint.LEFT_HIP, Joint.RIGHT_KNEE + 1),
)
_ARMS = (*range(Joint.LEFT_SHOULDER, Joint.RIGHT_WRIST + 1),)
_FEWEST_JOINTS = 4
_ANCHORS = 0.25
"""Seconds between the moving frames whose repetition is searched for."""
_FEWEST_ANCHORS = 3
_PERIODS_TRIED = 24


def standing_still(track: PoseTrack) -> Mask:
    """A mask (n,) of frames of one picture: its light stays, landmarks move less than on a living body."""
    result = np.zeros(len(track.times), dtype=bool)
    size = figure_sizes(track)
    size = size[np.isfinite(size)]
    # A figure that is too small to be measured moves by too few pixels to tell.
    if len(result) < 2 or (len(size) and np.median(size) < limit("smallest_body")):
        return result
    joints, face = _usual_step(_seen_joints(track, range(33))), _usual_step(track.face[:, :, :2])
    found = np.isfinite(joints) | np.isfinite(face)
    light = np.nan_to_num(np.abs(np.diff(track.brightness.astype(np.float64))), nan=np.inf)
    result[1:] = found & (np.nan_to_num(np.fmax(joints, face)) <= limit("same_picture_step"))
    result[1:] &= light <= limit("same_picture_light")
    # Where a coder begins anew, one picture in many differs a little.
    rate = _rate(track)
    together = closed(result, max(1, round(limit("same_picture_renewed") * rate)))
    return at_least(together, max(2, round(limit("same_picture_seconds") * rate)))


def _usual_step(places: npt.NDArray[Any]) -> Floats:
    """How far (px) the usual of the places (n, k, 2) went from the frame before, (n - 1,); NaN without."""
    steps = np.hypot(*np.moveaxis(np.diff(places.astype(np.float64), axis=0), 2, 0))
    result = np.full(len(steps), np.nan)
    found = np.isfinite(steps).any(axis=1)
    result[found] = np.nanmedian(steps[found], axis=1)
    return result


def shown_before(track: PoseTrack) -> Mask:
    """A mask (n,) of frames in which all of the body goes once more through what it did a while before.

    The while is longer than a cycle of any rhythm that the rules read, so that jerks are no repetition.
    """
    result = np.zeros(len(track.times), dtype=bool)
    rate = _rate(track) if len(track.times) > 1 else 0.0
    size = figure_sizes(track)
    shortest, longest = round(limit("loop_shortest") * rate), round(limit("loop_longest") * rate)
    if rate <= 0 or not np.isfinite(size).any() or len(result) < 2 * max(shortest, 2):
        return result
    places = _seen_joints(track, _MAIN) / float(np.nanmedian(size))
    arms = _seen_joints(track, _ARMS) / float(np.nanmedian(size))
    # Somebody who rocks or sways does so evenly, and is not looped.
    arms -= arms[:, :2].mean(axis=1, keepdims=True)
    telling = _telling(arms, max(1, round(rate / 3)), max(2, shortest))
    anchors = np.flatnonzero(telling)[:: max(1, round(_ANCHORS * rate))]
    for period in _likely_periods(places, anchors, range(shortest, min(longest, len(result) - 1) + 1)):
        same = np.zeros(len(result), dtype=bool)
        same[period:] = _apart(places[period:], places[:-period]) <= limit("loop_apart")
        least = max(period, round(limit("loop_seconds") * rate))
        for start, stop in runs(closed(same, max(1, round(0.2 * rate)))):
            enough = telling[start:stop].sum() >= limit("seconds_brief") * rate / 2
            if stop - start >= 0.9 * least and enough:
                result[start:stop] = True
    return result


def _likely_periods(places: Floats, anchors: npt.NDArray[np.intp], periods: range) -> list[int]:
    """The periods (frames) after which several of the moving `anchors` are where they were, shortest of the
    most frequent first."""
    found = []
    for period in periods:
        later = anchors[anchors >= period]
        if len(later) >= _FEWEST_ANCHORS:
            same = int((_apart(places[later], places[later - period]) <= limit("loop_apart")).sum())
            if same >= _FEWEST_ANCHORS:
                found.append((-same, period))
    return sorted(period for _, period in sorted(found)[:_PERIODS_TRIED])


def _telling(places: Floats, first: int, last: int) -> Mask:
    """A mask (n,) of frames unlike those of `first` to `last` frames before: neither rest nor a rhythm."""
    result = np.zeros(len(places), dtype=bool)
    result[last:] = True
    for lag in range(first, last + 1):
        result[last:] &= _apart(places[last:], places[last - lag : len(places) - lag]) >= limit(
            "loop_telling"
        )
    return result


def _apart(one: Floats, other: Floats) -> Floats:
    """How far (shoulder widths) the joint that differs most is from where it was, (n,); NaN where fewer than
    four were seen both times."""
    away = np.hypot(*np.moveaxis(one - other, 2, 0))
    both = np.isfinite(away)
    return np.asarray(np.where(both.sum(axis=1) >= _FEWEST_JOINTS, np.nan_to_num(away).max(axis=1), np.nan))


def _seen_joints(track: PoseTrack, joints: tuple[int, ...] | range) -> Floats:
    """Places (n, joints, 2) in px, NaN where the joint was not seen."""
    chosen = track.joints[:, list(joints)].astype(np.float64)
    seen = np.nan_to_num(chosen[:, :, 2]) >= limit("joint_visibility")
    return np.where(seen[:, :, None], chosen[:, :, :2], np.nan)


def _rate(track: PoseTrack) -> float:
    """Frames a second; 0 for a track without a duration."""
    steps = np.diff(track.times)
    steps = steps[steps > 0]
    return float(1 / np.median(steps)) if len(steps) else 0.0
