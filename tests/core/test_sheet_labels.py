"""What stands over a tile of the sheet of a clip fits into it, late in a long recording too."""

from __future__ import annotations

import numpy as np

from app.core.deidentify.doubt_sheet import _TILE, DoubtedFrame, _tile
from app.core.deidentify.face_check import FaceDoubt


def test_the_longest_label_ends_before_the_tile() -> None:
    image = np.zeros((90, 160, 3), np.uint8)
    find = FaceDoubt(80.0, 45.0, 20.0, 1.0)
    tile = _tile(image, DoubtedFrame(3_000_000, 27 * 3600 + 59 * 60 + 59.123, find, shows=False))
    bar = tile[:34]
    written = np.flatnonzero((bar > 128).any(axis=(0, 2)))
    assert written.size
    assert written.max() < _TILE - 5
