"""What lies over a picture: discs over heads, and parts of another picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from app.core.hiding.cells import CELLS_PER_HEAD
from app.core.hiding.heads import Head

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def covered(heads: Iterable[Head], image: Image | Mask) -> Mask:
    """(h, w) what the discs over the heads cover of `image` (h, w, …)."""
    import cv2

    mask = np.zeros(image.shape[:2], np.uint8)
    for head in heads:
        # A head far outside is none of this picture; OpenCV draws with whole numbers that end somewhere.
        x, y, radius = np.clip([head.x, head.y, head.radius], -1e4, 1e4).tolist()
        cv2.circle(mask, (round(x), round(y)), int(np.ceil(radius)), (1,), cv2.FILLED)
    return mask.view(np.bool_)


def cover(made: Image, where: Mask, image: Image) -> None:
    """Leave nothing of `made` there but the mean grey of `image`: a blur would keep outline and colours, and
    a disc of the colour of skin with lines across it is a face to detectors."""
    import cv2

    left, top, width, height = cv2.boundingRect(np.ascontiguousarray(where).view(np.uint8))
    if not width:
        return
    here = np.s_[top : top + height, left : left + width]
    pixel = np.full((1, 1, 3), np.mean(cv2.mean(image)[:3]), np.uint8)
    # NumPy takes a hundred times as long to repeat three bytes.
    grey = cv2.copyMakeBorder(pixel, 0, height - 1, 0, width - 1, cv2.BORDER_REPLICATE)
    lay(made[here], np.asarray(grey, np.uint8), where[here])


def lay(made: Image, other: Image, where: Mask) -> None:
    """Put what `other` (h, w, 3) shows there over `made`."""
    import cv2

    cv2.copyTo(other, np.ascontiguousarray(where).view(np.uint8), made)


def doubtful(heads: Iterable[Head], shown: Mask, cell: float) -> bool:
    """Whether something that only may be a face lies where the picture is to be shown (h, w) in cells of that
    side (px), and is too large to be hidden by them."""
    large = (head for head in heads if not head.sure and head.size > cell * CELLS_PER_HEAD)
    unsure = (replace(head, radius=head.size / 2) for head in large)
    return any(bool((covered([head], shown) & shown).any()) for head in unsure)
