"""The colours of an EEG page: the two sides of the head, the grid, everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import DerivedRow
from app.core.eeg.electrodes import Side
from app.core.eeg.trace_raster import LEVELS
from app.ui.theme import Mode, Theme


@dataclass(frozen=True, slots=True)
class EegColours:
    """Left is blue and right is red, as on paper in two pens; `faint` and `strong` are the grid's lines."""

    left: str
    right: str
    middle: str
    other: str
    bad: str
    strong: str
    faint: str


COLOURS = {
    Mode.DARK: EegColours(
        left="#7db4f2",
        right="#f08a80",
        middle="#d6d9dd",
        other="#b9a6e0",
        bad="#6d7279",
        strong="#484c54",
        faint="#2d3035",
    ),
    Mode.LIGHT: EegColours(
        left="#1d4f9e",
        right="#a8231b",
        middle="#202328",
        other="#5b3f99",
        bad="#9a9ea5",
        strong="#c3c8d0",
        faint="#e6e8ec",
    ),
}

_PALE = 5
"""Added to a layer for the same colour where the filters have not settled."""

LAYERS = ("bad", "other", "middle", "left", "right")
_BAD, _OTHER, _MIDDLE, _LEFT, _RIGHT = range(len(LAYERS))
_SIDES = {Side.LEFT: _LEFT, Side.RIGHT: _RIGHT}
_PALE_SHARE = 0.38


def pale_layers(layers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The layers of the same colours for what is not settled."""
    return layers + _PALE


def layer_of(row: DerivedRow, *, coloured: bool) -> int:
    """The layer in which a row is painted; without colours all rows but bad ones are alike."""
    if row.has_bad:
        return _BAD
    if not coloured:
        return _MIDDLE
    usual = _MIDDLE if row.kind in (ChannelKind.EEG, ChannelKind.DEPTH) else _OTHER
    return _SIDES.get(row.side, usual)


def colour_of(row: DerivedRow, theme: Theme, *, coloured: bool) -> QColor:
    """The colour of a row's name and trace."""
    return QColor(getattr(COLOURS[theme.mode], LAYERS[layer_of(row, coloured=coloured)]))


def colour_table(theme: Theme) -> list[int]:
    """256 colours with alpha: layer × LEVELS + level."""
    colours = [getattr(COLOURS[theme.mode], name) for name in LAYERS]
    tables = [shades(colour, [share]) for share in (1.0, _PALE_SHARE) for colour in colours]
    table = [one for part in tables for one in part]
    return table + [0] * (256 - len(table))


def shades(colour: str, alphas: Sequence[float]) -> list[int]:
    """A colour with alpha for each level of as many layers: layer × LEVELS + level, level 0 is nothing."""
    table = []
    for alpha in alphas:
        for level in range(LEVELS):
            shade = QColor(colour)
            shade.setAlphaF(alpha * level / (LEVELS - 1))
            table.append(shade.rgba() if level else 0)
    return table


def premultiplied(table: Sequence[int]) -> npt.NDArray[np.uint32]:
    """A table of colours as the pixels of a picture with alpha."""
    parts = np.array(table, np.uint32).view(np.uint8).reshape(-1, 4).astype(np.uint16)
    parts[:, :3] = (parts[:, :3] * parts[:, 3:] + 127) // 255
    return parts.astype(np.uint8).view(np.uint32).reshape(-1)


def colour_pairs(table: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """The colours of two pixels side by side by the number that their two bytes make: half as many look-ups.
    `table` has 256 colours."""
    both = np.arange(1 << 16, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
    return np.asarray(table[both].view(np.uint64).reshape(-1))
