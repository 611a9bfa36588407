"""The crop of the patient's face: a square of constant scale that follows it smoothly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import FACE_OVAL, Joint, PoseTrack

MARGIN = 1.9
"""Side of the crop in face heights, which includes hair, chin and some neck."""
HEAD_OF_SHOULDERS = 0.62
"""Height of a face in shoulder widths (adult proportions), for stretches with a pose only."""
SMOOTHING = 0.8
"""Standard deviation (s) of the smoothing of the crop's path."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """The crop over a stretch of time: `centres` (n, 2) and the constant `side`, in pixels of the displayed
    picture.

    `times` (n,) are in seconds; `seen` (n,) is where the face itself was found.
    """

    times: Floats
    centres: Floats
    side: float
    seen: npt.NDArray[np.bool_]

    def at(self, seconds: float) -> tuple[int, int, int]:
        """Left, top and side in whole pixels at a time; may extend beyond the picture."""
        x = float(np.interp(seconds, self.times, self.centres[:, 0]))
        y = float(np.interp(seconds, self.times, self.centres[:, 1]))
        side = max(2, round(self.side))
        return round(x - side / 2), round(y - side / 2), side

    def seen_at(self, seconds: float) -> bool:
        row = int(np.searchsorted(self.times, seconds + 1e-6, side="right")) - 1
        return bool(self.seen[max(row, 0)])


def face_crop(track: PoseTrack, start: float, end: float) -> FaceCrop | None:
    """The crop from `start` to `end` seconds; None where neither face nor head was found.

    It follows the face, the head of the pose where the face is lost, and stays in place where both are. The
    scale is constant, so that a movement never looks like a zoom.
    """
    rows = np.flatnonzero((track.times >= start - 1e-6) & (track.times <= end + 1e-6))
    if len(rows) == 0:
        return None
    columns = slice(0, len(FACE_OVAL))
    oval = track.face[rows][:, columns, :2].astype(np.float64)
    seen = np.isfinite(oval[:, 0, 0])
    centres = _face_centres(oval, seen)
    head = _head_centres(track, rows)
    centres[~seen] = head[~seen]
    known = np.isfinite(centres[:, 0])
    side = _side(track, rows, oval, seen)
    if not known.any() or side is None:
        return None
    times = track.times[rows]
    for axis in (0, 1):
        centres[:, axis] = _smooth(times, np.interp(times, times[known], centres[known, axis]))
    return FaceCrop(times, centres, side, seen)


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
