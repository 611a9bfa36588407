"""The pose track at a constant frame rate: short gaps interpolated, cuts blanked, unreliable joints removed
with the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import FACE_COLUMN, Joint, PoseTrack
from app.core.readers.signal.measures.hiding import Hiding, hidden_joints, other_persons
from app.core.readers.signal.measures.series import Floats, Mask, nearest, resampled
from app.core.readers.signal.measures.standing_picture import standing_still
from app.core.readers.signal.thresholds import limit

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Grid:
    """The pose track at its median frame rate.

    - `times` (n,) seconds on the recording's clock, `rate` Hz;
    - `joints` (n, 33, 2) px, NaN where hidden, outside of the picture or in a long gap, except that shoulders
      and hips, the reference of scale, stay where they are only guessed;
    - `hiding` (n, 33) why each joint was not seen, a number of `Hiding` (0: it was seen);
    - `face` (n, points, 3) px, as in the track;
    - `people` (n,) number of people (NaN: not counted), `brightness` (n,) 0–255;
    - `cuts` the first rows after cuts.
    """

    times: Floats
    rate: float
    joints: Floats
    hiding: Codes
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

    def joint_seen(self, joint: Joint) -> Mask:
        """A mask (n,) of the joint being seen itself, not guessed."""
        return np.asarray(self.hiding[:, joint] == Hiding.SEEN)

    def point(self, index: int) -> Floats:
        """A point of the face mesh, (n, 3) px."""
        return self.face[:, FACE_COLUMN[index]]

    @property
    def face_seen(self) -> Mask:
        return np.asarray(np.isfinite(self.face[:, 0, 0]))

    @property
    def empty(self) -> Mask:
        """A mask (n,) of nobody in the picture: none was counted, in light in which people are found."""
        nobody = np.nan_to_num(self.people, nan=1.0) < 0.5
        lit = np.nan_to_num(self.brightness) >= limit("dark")
        return np.asarray(nobody & lit & ~self.face_seen & (self.hiding > 0).all(axis=1))

    @property
    def still_picture(self) -> Mask:
        """A mask (n,) of rows in which nothing was measured, because the picture does not change at all."""
        return np.asarray((self.hiding == Hiding.STILL_PICTURE).all(axis=1))


FEWEST_FRAMES = 10
"""A track with fewer frames has no course that could be measured."""
TRUNK = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP]
_ROWS_PER_FRAME = 4
_SPARE_ROWS = 3600


def uniform(track: PoseTrack) -> Grid | None:
    """The track at its median rate; None when it has fewer than ten frames or no duration."""
    times = np.asarray(track.times, dtype=np.float64)
    steps = np.diff(times)
    steps = steps[steps > 0]
    if len(times) < FEWEST_FRAMES or not len(steps):
        return None
    span = float(times[-1] - times[0])
    # Frames in bursts would give a rate that makes far more rows than frames.
    rate = min(1 / float(np.median(steps)), 120.0, (_ROWS_PER_FRAME * len(times) + _SPARE_ROWS) / span)
    grid = np.arange(times[0], times[-1] + 0.5 / rate, 1 / rate)
    longest = max(limit("longest_bridged_gap"), 2.5 / rate)
    joints, hiding, face = _reliable(track)
    keep = np.concatenate(([True], np.diff(times) > 0))
    result = Grid(
        times=grid,
        rate=rate,
        joints=resampled(times[keep], joints[keep], grid, longest),
        hiding=nearest(times[keep], hiding[keep], grid),
        face=resampled(times[keep], face[keep], grid, longest),
        people=resampled(times[keep], np.where(track.people < 0, np.nan, track.people)[keep], grid, 1e9),
        brightness=resampled(times[keep], track.brightness[keep], grid, longest),
        cuts=(),
        width=track.width,
        height=track.height,
    )
    return _with_cuts(_with_gaps(result))


def _reliable(track: PoseTrack) -> tuple[Floats, Codes, Floats]:
    """The joints (n, 33, 2) that were seen and those of the trunk, why the others were not (n, 33), and the
    face; rows of somebody else, and those that are not certainly the patient, are NaN."""
    joints = track.joints[:, :, :2].astype(np.float64)
    face = track.face.astype(np.float64)
    hiding = hidden_joints(track)
    other = other_persons(track)
    hiding[other] = Hiding.OTHER_PERSON
    hiding[~track.confirmed] = Hiding.IN_DOUBT
    # A figure that is not the patient's, or not surely, is so in a still picture as well.
    still = standing_still(track) & track.confirmed & ~other
    hiding[still] = Hiding.STILL_PICTURE
    kept = hiding == Hiding.SEEN
    # Even under a blanket the trunk is placed well enough for the scale.
    kept[:, TRUNK] |= hiding[:, TRUNK] == Hiding.COVERED
    kept[:, TRUNK] |= hiding[:, TRUNK] == Hiding.AT_BORDER
    joints[~kept] = np.nan
    face[other | ~track.confirmed | still] = np.nan
    return joints, hiding, face


def _with_gaps(grid: Grid) -> Grid:
    """The grid with `hiding` as its joints are after interpolation: bridged ones seen, lost ones hidden."""
    found = np.isfinite(grid.joints[:, :, 0])
    hiding = grid.hiding.copy()
    limbs = np.ones(hiding.shape[1], dtype=bool)
    limbs[TRUNK] = False
    hiding[found & limbs] = Hiding.SEEN
    hiding[~found & (hiding == Hiding.SEEN)] = Hiding.NOT_FOUND
    return replace(grid, hiding=hiding)


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
    joints_out, hiding, face = grid.joints.copy(), grid.hiding.copy(), grid.face.copy()
    for row in rows:
        joints_out[row - 1 : row + 1] = np.nan
        hiding[row - 1 : row + 1] = Hiding.NOT_FOUND
        face[row - 1 : row + 1] = np.nan
    cuts = tuple(int(row) for row in rows)
    return replace(grid, joints=joints_out, hiding=hiding, face=face, cuts=cuts)
