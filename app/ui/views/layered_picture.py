"""A picture of traces: pixels that are numbers of layers and levels, and the same in colours."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from app.ui.theme import THEMES, Mode
from app.ui.views.eeg_colours import colour_pairs, colour_table, premultiplied


class LayeredPicture:
    """`pixels` (height, columns) are layer × LEVELS + level, as `RunPainter` paints them. The memory for them
    and for their colours stays here: to ask for fresh memory takes as long as the work."""

    def __init__(self) -> None:
        self._make_room(0, 0)

    def resize(self, height: int, columns: int) -> None:
        """Have pixels of this size, with anything in them when it is another one than before."""
        if self.pixels.shape != (height, columns):
            self._make_room(height, columns)

    def _make_room(self, height: int, columns: int) -> None:
        # Colours are looked up for two pixels at a time, so that the width of the memory is even.
        pairs = (columns + 1) // 2
        self._memory = np.zeros((height, 2 * pairs), np.uint8)
        self.pixels = self._memory[:, :columns]
        self._colours = np.empty((height, pairs), np.uint64)

    def image(self, colours: npt.NDArray[np.uint64]) -> QImage:
        """The picture with alpha, good until the next one; `colours` are those of two pixels side by side
        (see `colour_pairs`)."""
        height, columns = self.pixels.shape
        # Qt draws a picture with a table of colours in several threads, which wait for a busy processor.
        np.take(colours, self._memory.view(np.uint16), out=self._colours, mode="clip")
        kind = QImage.Format.Format_ARGB32_Premultiplied
        return QImage(self._colours.data, columns, height, 8 * self._colours.shape[1], kind)


@lru_cache(maxsize=2)
def trace_colours(mode: Mode) -> npt.NDArray[np.uint64]:
    """The colours of traces in pairs of pixels (see `colour_pairs`)."""
    return colour_pairs(premultiplied(colour_table(THEMES[mode])))
