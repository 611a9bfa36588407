"""The crop of the patient's face: a square of constant scale that follows it smoothly, with the head up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.enhance.head_turns import upright_turns
from app.core.enhance.pose_track import FACE_OVAL, Joint, PoseTrack

MARGIN = 1.9
"""Side of the crop in face heights, which includes hair, chin and some neck."""
HEAD_OF_SHOULDERS = 0.62
"""Height of a face in shoulder widths (adult proportions), for stretches with a pose only."""
SMOOTHING = 0.8
"""Standard deviation (s) of the smoothing of the crop's path."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CropPlace:
    """A square about (`x`, `y`) with this `side`, in pixels of the displayed picture; may extend beyond it.

    `turn` is in degrees: so far the head is turned clockwise, so far back the square is to be turned.
    """

    x: float
    y: float
    side: float
    turn: int


@dataclass(frozen=True, slots=True, eq=False)
class _CroppedShot:
    """The crop between two cuts: `times` (n,) s, `centres` (n, 2) px, `turns` (n,) degrees, constant `side`.

    `seen` (n,) is where the face itself was found. Without a head there are no `centres`.
    """

    times: Floats
    centres: Floats | None
    turns: npt.NDArray[np.int_]
    side: float
    seen: npt.NDArray[np.bool_]

    def row_at(self, seconds: float) -> int:
        return max(int(np.searchsorted(self.times, seconds + 1e-6, side="right")) - 1, 0)


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """The crop over a stretch of time, which starts anew at each of the `cuts` (s)."""

    cuts: tuple[float, ...]
    _shots: tuple[_CroppedShot | None, ...]

    def at(self, seconds: float) -> CropPlace | None:
        """The place at a time; None where the shot then on screen shows no head."""
        shot = self._shot_at(seconds)
        if shot is None or shot.centres is None:
            return None
        x, y = (float(np.interp(seconds, shot.times, shot.centres[:, axis])) for axis in (0, 1))
        return CropPlace(x, y, shot.side, int(shot.turns[shot.row_at(seconds)]))

    def seen_at(self, seconds: float) -> bool:
        """Whether the face was found in the frame at a time."""
        shot = self._shot_at(seconds)
        return shot is not None and bool(shot.seen[shot.row_at(seconds)])

    def _shot_at(self, seconds: float) -> _CroppedShot | None:
        return self._shots[int(np.searchsorted(self.cuts, seconds + 1e-6, side="right"))]


def face_crop(track: PoseTrack, start: float, end: float, cuts: Sequence[float] = ()) -> FaceCrop | None:
    """The crop from `start` to `end` seconds; None where neither face nor head was found.

    `cuts` are the times (s, sorted) of the first frames after cuts. Between two of them the crop follows the
    face, the head of the pose where the face is lost, and stays in place where both are, and where who is
    followed is not surely the patient. The scale is constant, so that a movement never looks like a zoom.
    """
    if len(track.times) == 0:
        return None
    track = track.of_patient()
    # From the frame that is on screen at the start.
    first, stop = np.searchsorted(track.times, [start + 1e-6, end + 1e-6], side="right")
    rows = np.arange(max(int(first) - 1, 0), int(stop))
    inside = tuple(cut for cut in cuts if track.times[rows[:1]].max(initial=start) < cut <= end)
    numbers = np.searchsorted(inside, track.times[rows] + 1e-6, side="right")
    shots = tuple(_crop_shot(track, rows[numbers == number]) for number in range(len(inside) + 1))
    if all(shot is None or shot.centres is None for shot in shots):
        return None
    return FaceCrop(inside, shots)


def _crop_shot(track: PoseTrack, rows: npt.NDArray[np.intp]) -> _CroppedShot | None:
    """The crop of the rows of one shot; None without any."""
    if len(rows) == 0:
        return None
    times = track.times[rows]
    oval = track.face[rows][:, : len(FACE_OVAL), :2].astype(np.float64)
    seen = np.isfinite(oval[:, 0, 0])
    centres = np.where(seen[:, None], _face_centres(oval, seen), _head_centres(track, rows))
    known = np.isfinite(centres[:, 0])
    side = _side(track, rows, oval, seen)
    if not known.any() or side is None:
        return _CroppedShot(times, None, np.zeros(len(rows), np.int_), 0.0, seen)
    for axis in (0, 1):
        centres[:, axis] = _smooth(times, np.interp(times, times[known], centres[known, axis]))
    return _CroppedShot(times, centres, upright_turns(track, rows), side, seen)


def _face_centres(oval: Floats, seen: npt.NDArray[np.bool_]) -> Floats:
    centres = np.full((len(oval), 2), np.nan)
    if seen.any():
        found = oval[seen]
        centres[seen] = (found.min(axis=1) + found.max(axis=1)) / 2
    return centres


def _head_centres(track: PoseTrack, rows: npt.NDArray[np.intp]) -> Floats:
    ears = track.joints[rows][:, [Joint.LEFT_EAR, Joint.RIGHT_EAR], :2].mean(axis=1)
    nose = track.joints[rows][:, Joint.NOSE, :2]
    return np.asarray((ears + nose) / 2, dtype=np.float64)


def _side(
    track: PoseTrack, rows: npt.NDArray[np.intp], oval: Floats, seen: npt.NDArray[np.bool_]
) -> float | None:
    if seen.any():
        found = oval[seen]
        extents = (found.max(axis=1) - found.min(axis=1)).max(axis=1)
        return float(np.percentile(extents, 90)) * MARGIN
    shoulders = track.joints[rows][:, [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER], :2]
    widths = np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=1)
    widths = widths[np.isfinite(widths)]
    return float(np.median(widths)) * HEAD_OF_SHOULDERS * MARGIN if len(widths) else None


def _smooth(times: Floats, values: Floats) -> Floats:
    """The values smoothed by a Gaussian in time, also for irregular frame times."""
    if len(times) < 3:
        return values
    result = np.empty_like(values)
    for row, moment in enumerate(times):
        near = slice(
            int(np.searchsorted(times, moment - 3 * SMOOTHING)),
            int(np.searchsorted(times, moment + 3 * SMOOTHING, side="right")),
        )
        weights = np.exp(-0.5 * ((times[near] - moment) / SMOOTHING) ** 2)
        result[row] = float(weights @ values[near] / weights.sum())
    return result
