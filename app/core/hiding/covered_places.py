"""Places of a recording that are covered, and when: text that stands, titles while they are shown, what a
person drew."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from app.core.picture_box import Box

Mask = npt.NDArray[np.bool_]
Outline = tuple[tuple[float, float], ...]

_SIXTEENTHS = 4
"""Bits of a pixel's fraction with which outlines are drawn."""


@dataclass(frozen=True, slots=True)
class CoveredPlace:
    """The convex place within `outline` (x and y in shares of the picture), covered from `start` to `end`
    (s)."""

    outline: Outline
    start: float = -math.inf
    end: float = math.inf


@dataclass(frozen=True, slots=True)
class CoveredPlaces:
    """The covered places of a recording."""

    places: tuple[CoveredPlace, ...] = ()
    _drawn: dict[object, Mask] = field(default_factory=dict, repr=False, compare=False)

    def at(self, seconds: float, size: tuple[int, int]) -> Mask | None:
        """(h, w) what is covered at `seconds` in a picture of this width and height; None for nothing.

        Not to be changed: the next picture gets the same one.
        """
        here = tuple(place for place in self.places if place.start <= seconds <= place.end)
        if not here:
            return None
        key = (here, size)
        if key not in self._drawn:
            self._drawn.clear()  # what is covered changes rarely, and only the last is asked for again
            self._drawn[key] = _mask(here, size)
        return self._drawn[key]

    def joined(self, other: CoveredPlaces) -> CoveredPlaces:
        """What either covers."""
        return CoveredPlaces((*self.places, *other.places))


class CoveredShare:
    """The most of a picture (width, height) that the places cover at one of the times that are seen."""

    def __init__(self, places: CoveredPlaces, size: tuple[int, int]) -> None:
        self._places = places
        self._size = size
        self._last: Mask | None = None
        self.most = 0.0

    def see(self, seconds: float) -> None:
        """Take the covers at this time into account."""
        mask = self._places.at(seconds, self._size)
        if mask is not None and mask is not self._last:
            self.most = max(self.most, float(mask.mean()))
        self._last = mask


def covered_boxes(boxes: Iterable[Box]) -> CoveredPlaces:
    """The boxes, covered all the time."""
    corners = (
        ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
        for box in boxes
    )
    return CoveredPlaces(tuple(CoveredPlace(outline) for outline in corners))


def shown_between(places: Iterable[CoveredPlace], start: float, end: float) -> tuple[CoveredPlace, ...]:
    """The places, covered from `start` to `end` (s)."""
    return tuple(replace(place, start=start, end=end) for place in places)


def _mask(places: Iterable[CoveredPlace], size: tuple[int, int]) -> Mask:
    """(h, w) every pixel that a place touches."""
    import cv2

    width, height = size
    mask = np.zeros((height, width), np.uint8)
    for place in places:
        # OpenCV's whole numbers are the middles of pixels, the picture begins half a pixel before.
        corners = np.array(place.outline) * (width, height) - 0.5
        fixed = np.round(corners * (1 << _SIXTEENTHS)).astype(np.int32)
        cv2.fillConvexPoly(mask, fixed, (1,), cv2.LINE_8, _SIXTEENTHS)
    return mask.view(np.bool_)
