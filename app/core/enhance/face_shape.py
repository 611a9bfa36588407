"""The proportions of a face, so that two moments can be compared.

A weak sign: the face mesh is drawn towards an average face, so that proportions tell people apart only when
they differ much, and are taken from faces that look at the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.enhance.likeness import Likeness
from app.core.enhance.pose_track import FACE_COLUMN, FloatArray

_WIDTH = (33, 263)
_LENGTHS = (
    (10, 152),
    (234, 454),
    (172, 397),
    (168, 2),
    (33, 133),
    (362, 263),
    (2, 152),
    (105, 334),
    (93, 323),
)
"""Pairs of points of the mesh, whose distances do not change much with expression; in eye-corner widths."""
_TURNED = 0.35
"""Difference in depth of the eye corners, in their distance, beyond which a face is turned away."""
_FEWEST = 5
"""Fewer moments than this tell nothing."""
_SMALLEST = 24.0
"""Pixels between the eye corners below which proportions are those of the average face."""
_ALIKE, _UNLIKE = 0.02, 0.075
"""Mean difference of the proportions (natural logarithm)."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FaceShape:
    """Natural logarithms of lengths in eye-corner widths (9,), and of how many moments they are the mean."""

    lengths: Floats
    moments: int = 1


def face_shape(face: FloatArray) -> FaceShape | None:
    """The shape of a face (points, 3) px; None when it is turned away or too small."""
    left, right = (face[FACE_COLUMN[point]].astype(np.float64) for point in _WIDTH)
    width = float(np.linalg.norm(left - right))
    if not np.isfinite(width) or width < _SMALLEST or abs(left[2] - right[2]) > _TURNED * width:
        return None
    ends = np.array([[FACE_COLUMN[a], FACE_COLUMN[b]] for a, b in _LENGTHS])
    lengths = np.linalg.norm(face[ends[:, 0]].astype(np.float64) - face[ends[:, 1]], axis=1)
    return FaceShape(np.log(np.maximum(lengths, 1e-3) / width))


def usual_face(moments: Sequence[FaceShape]) -> FaceShape | None:
    """The median of several moments; None without any."""
    if not moments:
        return None
    lengths = np.median([one.lengths for one in moments], axis=0)
    return FaceShape(np.asarray(lengths, dtype=np.float64), sum(one.moments for one in moments))


def compare_faces(first: FaceShape | None, second: FaceShape | None) -> Likeness:
    """Whether two faces have the same proportions; unknown between the limits and from few moments."""
    if first is None or second is None or min(first.moments, second.moments) < _FEWEST:
        return Likeness.UNKNOWN
    difference = face_difference(first, second)
    if difference > _UNLIKE:
        return Likeness.DIFFERENT
    return Likeness.SAME if difference < _ALIKE else Likeness.UNKNOWN


def face_difference(first: FaceShape, second: FaceShape) -> float:
    """The mean difference of the proportions (natural logarithm)."""
    return float(np.abs(first.lengths - second.lengths).mean())
