"""What the detector of faces saw at some frames, held for those between: a face is there before it is found.

To search every frame in twelve turns takes too long. A search each quarter of a second, so that every frame
has one before and one after it, and of both sides of a cut finds whatever stays longer than that.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import PoseTrack
from app.core.hiding.face_memory import FindFaces
from app.core.hiding.heads import NEAR, Head, heads_in_row, heads_of_faces

Image = npt.NDArray[np.uint8]

EVERY = 0.23
"""Seconds between two searches; less than `NEAR`, so that every frame has one before and one after it."""
_REACH = 3.0
"""Heads by which a head may have moved from one search to the next, and …"""
_RATIO = 1.6
"""… by how much its size may have changed."""
_KEPT = 4 * NEAR
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class SearchedFrame:
    """The heads found in the frame at `seconds`."""

    seconds: float
    heads: tuple[Head, ...]


class FaceSearch:
    """The searches of the last second, in frames that are given in order of time."""

    def __init__(self, find: FindFaces, track: PoseTrack | None) -> None:
        self._find = find
        self._track = track
        self._searched: list[SearchedFrame] = []
        self._last: tuple[float, Image] | None = None
        self._thumbnail: npt.NDArray[Any] | None = None

    def offer(self, image: Image, seconds: float) -> None:
        """Search the frame when a search is due, and at a cut the frames at both of its sides."""
        if self._is_cut(image):
            self.search_last()
            self.search(image, seconds)
        elif not self._searched or seconds - self._searched[-1].seconds >= EVERY - _ROUNDING:
            self.search(image, seconds)
        self._last = (seconds, image)

    def search_last(self) -> None:
        """SearchedFrame at the last frame that was offered, unless that was done."""
        if self._last is not None and self._searched[-1].seconds < self._last[0]:
            self.search(self._last[1], self._last[0])

    def search(self, image: Image, seconds: float) -> None:
        row = self._track.row_at(seconds) if self._track is not None else None
        tracked = heads_in_row(self._track, row, image) if self._track is not None and row is not None else []
        searched = SearchedFrame(seconds, heads_of_faces(self._find(image, seconds), tracked))
        kept = (each for each in self._searched if abs(seconds - each.seconds) <= _KEPT)
        self._searched = sorted((*kept, searched), key=lambda each: each.seconds)

    def surrounds(self, seconds: float) -> bool:
        """Whether frames within `NEAR` before and after `seconds` were searched, or the frame there."""
        times = np.array([frame.seconds for frame in self._searched]) - seconds
        near = times[np.abs(times) <= NEAR + _ROUNDING]
        return bool((near <= _ROUNDING).any() and (near >= -_ROUNDING).any())

    def about(self, seconds: float) -> tuple[Head, ...]:
        """The heads found within `NEAR` of `seconds`, and where they were between two searches."""
        near = [frame for frame in self._searched if abs(frame.seconds - seconds) <= NEAR + _ROUNDING]
        seen = [head for frame in near for head in frame.heads]
        return (*seen, *(head for pair in itertools.pairwise(near) for head in _between(*pair)))

    def _is_cut(self, image: Image) -> bool:
        from app.core.enhance.detector_pictures import is_cut, thumbnail

        before, self._thumbnail = self._thumbnail, thumbnail(image)
        return before is not None and is_cut(before, self._thumbnail)


def _between(before: SearchedFrame, after: SearchedFrame) -> Iterator[Head]:
    """The places on the way of every head that may be the same in both frames."""
    for head in before.heads:
        for other in after.heads:
            ratio = max(head.size, other.size) / min(head.size, other.size)
            if ratio <= _RATIO and head.distance(other) <= _REACH:
                yield from _way(head, other)


def _way(head: Head, other: Head) -> Iterator[Head]:
    radius = max(head.radius, other.radius)
    steps = math.ceil(math.hypot(head.x - other.x, head.y - other.y) / (radius / 2))
    for share in np.linspace(0.0, 1.0, steps + 1)[1:-1].tolist():
        x, y = head.x + share * (other.x - head.x), head.y + share * (other.y - head.y)
        yield replace(head, x=x, y=y, radius=radius, patient=head.patient and other.patient)
