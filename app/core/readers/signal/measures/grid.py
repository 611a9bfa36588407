"""The pose track at a constant frame rate: short gaps interpolated, cuts blanked, unreliable joints
removed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.enhance.pose_track import FACE_COLUMN, Joint, PoseTrack
from app.core.readers.signal.measures.series import Floats, Mask, resampled
from app.core.readers.signal.thresholds import limit


@dataclass(frozen=True, slots=True)
class Grid:
    """The pose track at its median frame rate.

    - `times` (n,) seconds on the recording's clock, `rate` Hz;
    - `joints` (n, 33, 2) px, NaN where hidden, outside of the picture or in a long gap;
    - `face` (n, points, 3) px, as in the track;
    - `people` (n,) number of people (NaN: not counted), `brightness` (n,) 0–255;
    - `cuts` the first rows after cuts.
    """

    times: Floats
    rate: float
    joints: Floats
    face: Floats
    people: Floats
    brightness: Floats
    cuts: tuple[int, ...]
    width: int
    height: int

    @property
    def duration(self) -> float:
        return len(self.times) / self.rate

    def rows(self, seconds: float) -> int:
        """The number of rows in `seconds`, at least one."""
        return max(1, round(seconds * self.rate))

    def joint(self, joint: Joint) -> Floats:
        return self.joints[:, joint]

    def point(self, index: int) -> Floats:
        """A point of the face mesh, (n, 3) px."""
        return self.face[:, FACE_COLUMN[index]]

    @property
    def face_seen(self) -> Mask:
        return np.asarray(np.isfinite(self.face[:, 0, 0]))


_ROWS_PER_FRAME = 4
_SPARE_ROWS = 3600


def uniform(track: PoseTrack) -> Grid | None:
    """The track at its median rate; None when it has fewer than ten frames or no duration."""
    times = np.asarray(track.times, dtype=np.float64)
    steps = np.diff(times)
    steps = steps[steps > 0]
    if len(times) < 10 or not len(steps):
        return None
    span = float(times[-1] - times[0])
    # Frames in bursts would give a rate that makes far more rows than frames.
    rate = min(1 / float(np.median(steps)), 120.0, (_ROWS_PER_FRAME * len(times) + _SPARE_ROWS) / span)
    grid = np.arange(times[0], times[-1] + 0.5 / rate, 1 / rate)
    longest = max(limit("longest_bridged_gap"), 2.5 / rate)
    joints = _reliable(track)
    keep = np.concatenate(([True], np.diff(times) > 0))
    result = Grid(
        times=grid,
        rate=rate,
        joints=resampled(times[keep], joints[keep], grid, longest),
        face=resampled(times[keep], track.face[keep], grid, longest),
        people=resampled(times[keep], np.where(track.people < 0, np.nan, track.people)[keep], grid, 1e9),
        brightness=resampled(times[keep], track.brightness[keep], grid, longest),
        cuts=(),
        width=track.width,
        height=track.height,
    )
    return _with_cuts(result)


def _reliable(track: PoseTrack) -> Floats:
    """The joints (n, 33, 2) that are visible and inside the picture; guessed joints are NaN."""
    joints = track.joints[:, :, :2].astype(np.float64)
    visible = track.joints[:, :, 2] >= limit("joint_visibility")
    margin = 0.02 * max(track.width, track.height)
    inside = (joints > -margin).all(axis=2)
    inside &= (joints[:, :, 0] < track.width + margin) & (joints[:, :, 1] < track.height + margin)
    trunk = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP]
    visible[:, trunk] = True  # the reference of scale: placed well even under a blanket
    joints[~(visible & inside)] = np.nan
    return joints


def _with_cuts(grid: Grid) -> Grid:
    """The grid with two rows blanked at each cut, where the whole figure jumps within one frame."""
    main = [Joint.NOSE, *range(Joint.LEFT_SHOULDER, Joint.RIGHT_WRIST + 1), Joint.LEFT_HIP, Joint.RIGHT_HIP]
    joints = grid.joints[:, main]
    width = np.hypot(*(grid.joints[:, Joint.LEFT_SHOULDER] - grid.joints[:, Joint.RIGHT_SHOULDER]).T)
    seen = width[np.isfinite(width)]
    if not len(seen):
        return grid
    jump = np.hypot(*np.moveaxis(np.diff(joints, axis=0), 2, 0))
    counted = np.isfinite(jump).sum(axis=1) >= 5
    middle = np.zeros(len(jump))
    middle[counted] = np.nanmedian(jump[counted], axis=1)
    rows = np.flatnonzero(middle > limit("cut_jump") * float(np.median(seen))) + 1
    joints_out, face = grid.joints.copy(), grid.face.copy()
    for row in rows:
        joints_out[row - 1 : row + 1] = np.nan
        face[row - 1 : row + 1] = np.nan
    return Grid(
        grid.times,
        grid.rate,
        joints_out,
        face,
        grid.people,
        grid.brightness,
        tuple(int(row) for row in rows),
        grid.width,
        grid.height,
    )
