"""Measures of the eyes: aperture, blinks, closure, gaze."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.face import FaceFrame
from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.series import Floats, Mask, closed, moving, percentile, runs
from app.core.readers.signal.thresholds import limit

_HANDS = (
    *(Joint.LEFT_WRIST, Joint.LEFT_INDEX, Joint.LEFT_PINKY, Joint.LEFT_THUMB),
    *(Joint.RIGHT_WRIST, Joint.RIGHT_INDEX, Joint.RIGHT_PINKY, Joint.RIGHT_THUMB),
)
_RIGHT_LIDS = ((159, 145), (158, 153), (160, 144))
_LEFT_LIDS = ((386, 374), (385, 380), (387, 373))


@dataclass(frozen=True, slots=True)
class Eyes:
    """Measures of the eyes.

    - `aperture` (n,) opening of the lids over the width of the eye, both eyes, the nearer when turned;
    - `open_level` the aperture of this patient's open eyes; `shut` (n,) lids closed, which is an `opening`
      below `shut_limit`;
    - `closed` (n,) lids closed longer than a blink; `blinks` times (s) of brief closures;
    - `one_sided` the eye with deeper blinks, -1 (right) … 1 (left);
    - `gaze` (n, 2) position of the irises between the corners of the eye, in eye widths;
    - `clear` (n,) eyes seen without a hand before them and not turned away too far."""

    aperture: Floats
    open_level: float
    shut: Mask
    shut_limit: float
    closed: Mask
    blinks: Floats
    one_sided: float
    gaze: Floats
    clear: Mask

    @property
    def seen(self) -> Mask:
        return np.asarray(np.isfinite(self.aperture))

    @property
    def opening(self) -> Floats:
        """The aperture (n,) as a share of that of open eyes."""
        return _share_of_open(self.aperture, self.open_level)


def eyes(grid: Grid, frame: FaceFrame, yaw: Floats, hand_before: Mask) -> Eyes:
    """The measures of the eyes of one face; `hand_before` (n,) is a hand in front of them."""
    right, left = _aperture(frame, _RIGHT_LIDS, 33, 133), _aperture(frame, _LEFT_LIDS, 362, 263)
    both = (right + left) / 2
    aperture = np.where(yaw > 30, right, np.where(yaw < -30, left, both))
    open_level = percentile(aperture, 85)
    level = max(open_level, limit("eye_open_least"))
    ratio = _share_of_open(aperture, open_level)
    shut_limit = limit("lid_shut_trembling" if frame.trembles else "lid_shut")
    shut = np.nan_to_num(ratio, nan=1.0) < shut_limit
    longest_blink = grid.rows(limit("longest_blink"))
    long = np.zeros(len(shut), dtype=bool)
    blinks = []
    deeper = []
    for start, stop in runs(_dips(ratio, grid)):
        if stop - start <= longest_blink:
            middle = start + int(np.nanargmin(ratio[start:stop]))
            blinks.append(float(grid.times[middle]))
            deeper.append(float(right[middle] - left[middle]))
    for start, stop in runs(closed(shut, grid.rows(0.15))):
        long[start:stop] |= stop - start > longest_blink
    side = float(np.median(deeper)) / level if deeper else 0.0
    clear = np.isfinite(aperture) & ~hand_before
    clear &= np.abs(np.nan_to_num(yaw, nan=90.0)) <= limit("eyes_seen_within")
    return Eyes(
        aperture, open_level, shut, shut_limit, long, np.array(blinks), side, _gaze(frame, yaw), clear
    )


def _share_of_open(aperture: Floats, open_level: float) -> Floats:
    return np.asarray(aperture / max(open_level, limit("eye_open_least")))


def hand_before_eyes(grid: Grid, unit: float) -> Mask:
    """A mask (n,) of a hand so near to an eye that it covers it or its shadow does; `unit` in px per shoulder
    width."""
    near = np.zeros(len(grid.times), dtype=bool)
    for hand in _HANDS:
        for eye in (Joint.LEFT_EYE, Joint.RIGHT_EYE):
            distance = np.hypot(*(grid.joint(hand) - grid.joint(eye)).T) / unit
            near |= np.nan_to_num(distance, nan=9.0) < limit("hand_before_eyes")
    return closed(near, grid.rows(0.3))


def _aperture(frame: FaceFrame, lids: tuple[tuple[int, int], ...], outer: int, inner: int) -> Floats:
    height = np.mean([frame.between(*pair) for pair in lids], axis=0)
    return np.asarray(height / np.maximum(frame.between(outer, inner), 1e-6))


def _dips(ratio: Floats, grid: Grid) -> Mask:
    """A mask (n,) of brief falls of the aperture relative to the half second around, so that rapid blinks are
    separate; the eye has to be open before or after, because closed lids can tremble."""
    around = np.nan_to_num(moving(ratio, grid.rows(0.7), "max"), nan=0.0)
    deep = np.nan_to_num(ratio, nan=9.0) < limit("blink_depth") * around
    return np.asarray(deep & (around > limit("blink_opens")))


def _gaze(frame: FaceFrame, yaw: Floats) -> Floats:
    """The position of the irises (n, 2): along the line of the eye corners (0.5 is the middle) and below
    it."""
    places = []
    for iris, outer, inner in ((468, 33, 133), (473, 263, 362)):
        across = frame.point(inner) - frame.point(outer)
        width = np.maximum(np.linalg.norm(across, axis=1), 1e-6)
        off = frame.point(iris) - frame.point(outer)
        along = (off * across).sum(axis=1) / width**2
        places.append(np.stack([along if iris == 468 else 1 - along, off[:, 1] / width], axis=1))
    right, left = places
    turned_left, turned_right = (yaw > 30)[:, None], (yaw < -30)[:, None]
    return np.asarray(np.where(turned_left, right, np.where(turned_right, left, (right + left) / 2)))
