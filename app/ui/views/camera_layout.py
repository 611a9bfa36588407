"""The layout of several cameras: one large with the others in a strip, or all of one size."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, QSize

GAP = 4
HEADER = 26
"""Pixels above each picture for its name."""

_SHAPE = 16 / 9
_STRIP, _MOST = 0.27, 0.45
"""Share of a side that the strip takes, and at most: where the large picture would leave room unused."""
_NARROWEST, _LOWEST = 150, 100


def large_and_strip(size: QSize, others: int) -> list[QRect]:
    """The large picture's place first, then those of the `others` beside or below it: where the large one
    keeps more room."""
    if others <= 0:
        return [QRect(0, 0, size.width(), size.height())]
    return max((_beside(size, others), _below(size, others)), key=lambda places: _picture(places[0]))


def side_by_side(size: QSize, count: int) -> list[QRect]:
    """Places of one size, row by row: in as many columns as leave the pictures largest."""
    grids = (_grid(size, count, columns) for columns in range(1, max(count, 1) + 1))
    return max(grids, key=lambda places: _picture(places[0]))


def _beside(size: QSize, others: int) -> list[QRect]:
    highest = (size.height() - GAP * (others - 1)) // others
    unused = size.width() - GAP - round((size.height() - HEADER) * _SHAPE)
    width = min(max(round(size.width() * _STRIP), unused), round((highest - HEADER) * _SHAPE))
    width = min(max(width, _NARROWEST), round(size.width() * _MOST))
    left = size.width() - width
    strip = (QRect(left, row * (highest + GAP), width, highest) for row in range(others))
    return [QRect(0, 0, left - GAP, size.height()), *strip]


def _below(size: QSize, others: int) -> list[QRect]:
    widest = (size.width() - GAP * (others - 1)) // others
    unused = size.height() - GAP - HEADER - round(size.width() / _SHAPE)
    height = min(max(round(size.height() * _STRIP), unused), round(widest / _SHAPE) + HEADER)
    height = min(max(height, _LOWEST), round(size.height() * _MOST))
    top = size.height() - height
    strip = (QRect(column * (widest + GAP), top, widest, height) for column in range(others))
    return [QRect(0, 0, size.width(), top - GAP), *strip]


def _grid(size: QSize, count: int, columns: int) -> list[QRect]:
    rows = -(-count // columns)
    width = (size.width() - GAP * (columns - 1)) // columns
    height = (size.height() - GAP * (rows - 1)) // rows
    places: Iterable[tuple[int, int]] = (divmod(place, columns) for place in range(count))
    return [QRect(column * (width + GAP), row * (height + GAP), width, height) for row, column in places]


def _picture(place: QRect) -> float:
    """How wide a picture of the usual shape is there."""
    return min(place.width(), (place.height() - HEADER) * _SHAPE)
