"""Which of the places that a network takes for text are covered, and how far about them.

What the network finds counts where it has the form of a line or is small, else (as a face has neither) where
the search by strokes finds letters too. What strokes alone take for letters, as in hair, floors and patterned
shirts, is not covered. Imports cv2: for the processes that make pictures only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
_Grey = npt.NDArray[np.float32]
_Points = npt.NDArray[np.float32]

_LIKELY = 0.2
"""Likelihood from which a pixel is in the middle of a line of text."""
_LEAST = 4
"""Pixels that a place has at least."""
_LONG, _SMALL = 2.2, 12.0
"""How much longer than wide a line of text is at least; px of the shorter side of a place that is covered
whatever its form, because that costs little."""
_LARGE = 16.0
"""Width (px) of the middle of a line from which its letters are large: no mean is needed to see them."""
_HIGHEST = 1 / 16
"""Width of the middle of the highest line, in longer sides of the picture: letters are twice as high."""
_SHARED = 0.8
"""Share of a place in which the strokes have to find letters, else."""
_UNCLIPPED = 1.8
"""The network marks the middle of a line; its whole is wider by so much of its area over its outline (Liao et
al. 2020 have 1.5)."""
_ALONG, _MARGIN = 0.3, 2.0
"""Widths of the middle of a line by which its ends are lengthened, and px all round."""


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A place: centre, longer and shorter side in px, direction of the longer one in degrees, its pixels, and
    in which share of these strokes have the form of letters."""

    x: float
    y: float
    long: float
    short: float
    turn: float
    area: int
    letters: float

    @property
    def large(self) -> bool:
        """Whether its letters are so large that they are found in single pictures."""
        return self.short >= _LARGE

    def like_a_line(self, longest: int) -> bool:
        """Whether it has the form of a line of text in a picture whose longer side is `longest` px."""
        line = self.long >= _LONG * self.short and self.short <= longest * _HIGHEST
        return line or self.short <= _SMALL

    def box(self) -> tuple[tuple[float, float], tuple[float, float], float]:
        """The place as OpenCV writes turned boxes: the middle of its letters, as the network marks it."""
        return (self.x, self.y), (self.long, self.short), self.turn

    def outline(self) -> _Points:
        """The corners (4, 2) of what is covered."""
        wider = _UNCLIPPED * self.area / (2 * (self.long + self.short)) + _MARGIN
        long = self.long + 2 * (wider + _ALONG * self.short)
        box = ((self.x, self.y), (long, self.short + 2 * wider), self.turn)
        return np.asarray(cv2.boxPoints(box), np.float32)


def places_of_text(likelihood: _Grey, letters: Mask, *, alone: bool = True) -> tuple[TextPlace, ...]:
    """What is covered, by the network's `likelihood` (h, w; 0–1) and the places of `letters` (h, w) that were
    found by their strokes; not `alone`: the network's word needs theirs in every form."""
    longest = max(likelihood.shape)
    found = _places(likelihood, letters)
    return tuple(
        place for place in found if place.letters >= _SHARED or (alone and place.like_a_line(longest))
    )


def large_lines(likelihood: _Grey) -> tuple[TextPlace, ...]:
    """The lines of large letters, on the network's word alone."""
    longest = max(likelihood.shape)
    found = _places(likelihood, np.zeros(likelihood.shape, np.bool_))
    return tuple(place for place in found if place.large and place.like_a_line(longest))


def _places(likelihood: _Grey, letters: Mask) -> Iterator[TextPlace]:
    """The places with likely text."""
    likely = (likelihood >= _LIKELY).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(likely, connectivity=8)
    for number in range(1, count):
        left, top, width, height, area = stats[number].tolist()
        if area < _LEAST:
            continue
        rows, columns = np.s_[top : top + height], np.s_[left : left + width]
        here = labels[rows, columns] == number
        y, x = np.nonzero(here)
        yield _place(x + left, y + top, float(letters[rows, columns][here].mean()))


def _place(x: npt.NDArray[np.int64], y: npt.NDArray[np.int64], letters: float) -> TextPlace:
    centre, size, turn = cv2.minAreaRect(np.stack([x, y], axis=1).astype(np.float32))
    long, short = size[0] + 1.0, size[1] + 1.0
    if long < short:
        long, short, turn = short, long, turn + 90.0
    return TextPlace(float(centre[0]), float(centre[1]), long, short, float(turn), len(x), letters)
