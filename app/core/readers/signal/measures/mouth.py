"""Measures of mouth and lower face: opening and its rhythm, asymmetry, jerks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.face import FaceFrame
from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.rhythm import Rhythm, rhythm
from app.core.readers.signal.measures.series import Floats, band, moving
from app.core.semiology import Laterality

_SIDES = {
    Laterality.LEFT: (291, 291, 425, 411),  # the corner is weighted double: it moves most
    Laterality.RIGHT: (61, 61, 205, 187),
}


@dataclass(frozen=True, slots=True)
class Mouth:
    """Measures of the mouth; lengths in widths between the outer eye corners.

    - `opening` (n,) of the inner lips; `jaw` (n,) of the chin below the nose;
    - `chewing` the rhythm of both; `activity` (n,) movement in the second around, `articulation` (n,)
      movement at the rate of syllables, which is faster than chewing;
    - `difference` (n, 2) of the left corner and cheek from the mirrored right ones, outwards and upwards,
      relative to its median;
    - `jerks` the rhythm of that difference; `pull` (n,) its smoothed signed length, left positive.
    """

    opening: Floats
    jaw: Floats
    chewing: Rhythm
    activity: Floats
    articulation: Floats
    difference: Floats
    jerks: Rhythm
    pull: Floats


def mouth(grid: Grid, frame: FaceFrame) -> Mouth:
    """The measures of mouth and lower face."""
    opening = frame.between(13, 14)
    jaw = frame.between(2, 152)
    both = np.stack([opening, jaw], axis=1)
    fast = band(both, grid.rate, 0.6, min(8.0, grid.rate / 2.2))
    quick = band(both, grid.rate, 2.2, min(8.0, grid.rate / 2.2))
    difference = _difference(frame)
    slow = band(difference, grid.rate, 0, min(1.5, grid.rate / 2.2))
    return Mouth(
        opening=opening,
        jaw=jaw,
        chewing=rhythm(both, grid.rate, low=0.6, high=7.0, seconds=4.0),
        activity=np.sqrt(moving((fast**2).sum(axis=1), grid.rows(1.0), "mean")),
        articulation=np.sqrt(moving((quick**2).sum(axis=1), grid.rows(0.6), "mean")),
        difference=difference,
        jerks=rhythm(difference, grid.rate, low=0.8, high=7.0, seconds=3.0),
        pull=slow.sum(axis=1) / np.sqrt(2),
    )


def _difference(frame: FaceFrame) -> Floats:
    """Left minus mirrored right (n, 2): outwards (x) and upwards (-y), relative to the median."""
    left, right = (
        np.mean([frame.point(index)[:, :2] for index in _SIDES[side]], axis=0)
        for side in (Laterality.LEFT, Laterality.RIGHT)
    )
    apart = np.stack([left[:, 0] + right[:, 0], right[:, 1] - left[:, 1]], axis=1)
    return np.asarray(apart - np.nanmedian(apart, axis=0))
