"""Pictures without detail: cells, each of the one colour that is the mean of what it covers.

What is averaged away cannot be brought back from the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

CELLS_PER_HEAD = 3.0
"""At most so many cells across the largest head …"""
CELLS_PER_PICTURE = 20.0
"""… and across the longer side, whatever was found;"""
CELLS_PER_UNKNOWN = 12.0
"""so many where nobody knows where the heads are: a third of a head nearly half as high as full HD."""
CELLS_OF_BODY = 30.0
"""So many across the longer side where the body is: a face of up to a tenth of it has three or fewer."""
_STEP = 1.25


def coarse_cell(image: Image, heads: Iterable[float], *, known: bool = True) -> float:
    """The side (px) of the cells of a picture (h, w, 3) in which heads of these heights (px) are.

    Grows in steps, so that it does not change with each frame.
    """
    longer = max(image.shape[:2])
    least = longer / (CELLS_PER_PICTURE if known else CELLS_PER_UNKNOWN)
    wanted = max(heads, default=0.0) / CELLS_PER_HEAD
    if wanted <= least:
        return least
    return min(least * _STEP ** math.ceil(math.log(wanted / least, _STEP) - 1e-9), float(longer))


def body_cell(image: Image) -> float:
    """The side (px) of the cells of a body that stays readable; it depends on no head."""
    return max(image.shape[:2]) / CELLS_OF_BODY


def in_cells(image: Image, cell: float) -> Image:
    """The picture (h, w, 3) in cells at least `cell` pixels wide and high."""
    import cv2

    height, width = image.shape[:2]
    size = (max(int(width / max(cell, 1.0)), 1), max(int(height / max(cell, 1.0)), 1))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
