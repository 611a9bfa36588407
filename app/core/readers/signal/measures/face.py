"""The face in head coordinates, so that turning and nodding do not look like facial movement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.enhance.pose_track import FACE_COLUMN
from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.series import Floats, moving
from app.core.readers.signal.thresholds import limit


@dataclass(frozen=True, slots=True)
class FaceFrame:
    """The face mesh in head coordinates: `points` (n, points, 3) in widths between the outer eye corners, x
    to the patient's left, y down, z back, from the middle between the eyes; `unit` pixels per such width;
    `trembles` whether the mesh jitters too much to measure facial movements of a few millimetres."""

    points: Floats
    unit: float
    trembles: bool

    def point(self, index: int) -> Floats:
        return self.points[:, FACE_COLUMN[index]]

    def between(self, one: int, other: int) -> Floats:
        """The distance of two points (n,)."""
        return np.asarray(np.linalg.norm(self.point(one) - self.point(other), axis=1))


def face_frame(grid: Grid) -> FaceFrame | None:
    """The face in head coordinates; None when it was found for less than a second."""
    if grid.face_seen.sum() < grid.rate:
        return None
    right, left = grid.point(33), grid.point(263)
    width = np.linalg.norm(left - right, axis=1)
    steady = moving(width, grid.rows(1.0), "median")
    across = _unit(left - right)
    down = grid.point(6) - grid.point(2)
    down = -(down - (down * across).sum(axis=1)[:, None] * across)
    down = _unit(down)
    axes = np.stack([across, down, np.cross(across, down)], axis=2)
    jitter = _jitter(grid, width)
    faces = _smoothed(grid, jitter)
    local = np.einsum("npk,nkj->npj", faces - ((left + right) / 2)[:, None], axes)
    return FaceFrame(
        local / np.maximum(steady, 1e-6)[:, None, None],
        float(np.nanmedian(width)),
        jitter >= 2 * limit("face_jitter"),
    )


def _jitter(grid: Grid, width: Floats) -> float:
    """The deviation of face points from the mean of the frames before and after, in eye-corner widths."""
    bend = grid.face[1:-1, :, :2] - (grid.face[:-2, :, :2] + grid.face[2:, :, :2]) / 2
    seen = np.isfinite(bend[:, 0, 0])
    return float(np.median(np.abs(bend[seen]))) / float(np.nanmedian(width)) if seen.any() else 0.0


def _smoothed(grid: Grid, jitter: float) -> Floats:
    """The face points (n, points, 3) px, averaged over three or five frames if the mesh jitters."""
    steps = 0 if jitter < limit("face_jitter") else 1 if jitter < 2 * limit("face_jitter") else 2
    if steps == 0:
        return grid.face
    shifted = np.stack([np.roll(grid.face, shift, axis=0) for shift in range(-steps, steps + 1)])
    result = shifted.mean(axis=0)
    return np.asarray(np.where(np.isfinite(result), result, grid.face))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)[:, None])
