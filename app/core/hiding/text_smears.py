"""Whether text in the mean of several pictures is a title that moved.

Then the mean has a smear that is larger than the title was in any picture, and what single pictures show of
it is covered instead.

Imports cv2: for the processes that make pictures only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2

from app.core.hiding.text_places import TextPlace

_LARGER = 1.5
"""How many times as high as the lines of any picture a smear is at least."""
_MOVED = 0.5
"""How far the lines move at least, in their own width."""
_LEAST_PICTURES = 2

LinesOfPicture = Sequence[TextPlace]
"""The lines of large letters in one picture."""


def is_smear(place: TextPlace, pictures: Sequence[LinesOfPicture]) -> bool:
    """Whether the place of a mean is what the moving lines of its `pictures` left there.

    A line that stands, beside which the mean shows more than single pictures do, is none.
    """
    touching = [lines for lines in (_touching(place, each) for each in pictures) if lines]
    if len(touching) < _LEAST_PICTURES:
        return False
    largest = max((line for lines in touching for line in lines), key=lambda line: line.area)
    extents = [_extent_of_all(lines, largest.turn) for lines in touching]
    low, high = _extent(place, largest.turn)
    middles = [(first + last) / 2 for first, last in extents]
    smaller = max(last - first for first, last in extents) * _LARGER < high - low
    return smaller and max(middles) - min(middles) >= _MOVED * largest.short


def _touching(place: TextPlace, lines: LinesOfPicture) -> list[TextPlace]:
    box = place.box()
    return [
        line for line in lines if cv2.rotatedRectangleIntersection(box, line.box())[0] != cv2.INTERSECT_NONE
    ]


def _extent_of_all(lines: LinesOfPicture, turn: float) -> tuple[float, float]:
    extents = [_extent(line, turn) for line in lines]
    return min(low for low, _ in extents), max(high for _, high in extents)


def _extent(place: TextPlace, turn: float) -> tuple[float, float]:
    """From where to where (px) the place reaches across lines of this direction (degrees)."""
    along, off = math.radians(turn), math.radians(place.turn - turn)
    middle = place.y * math.cos(along) - place.x * math.sin(along)
    half = (place.long * abs(math.sin(off)) + place.short * abs(math.cos(off))) / 2
    return middle - half, middle + half
