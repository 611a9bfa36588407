"""A search for faces that looks again only where the picture has changed since it was searched there.

A camera in a room sees the same room from picture to picture, and a face cannot come without changing what is
seen. Each place is compared with what it was when it was last searched, so that a slow change adds up; a face
that a change touches is searched for whole.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.core.hiding.face_detector import FoundFace, PixelBox, distinct_faces

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
_Luma = npt.NDArray[np.float32]

_WIDE = 320
"""Pixels of the longer side of the pictures that are compared: a face of 12 px in full HD has two of them."""
_CHANGED, _LEAST_CHANGED = 0.05, 2.0
"""Change that counts, as a share of the picture's mean luma, and in grey levels at least."""
_AROUND = 1 / 14
"""Margin about what has changed, in longer sides of the picture."""
_MOST_SHARE = 0.7
"""Share of the picture from which on all of it is searched."""
_WHOLE_EVERY = 8
"""Pictures after which all of one is searched, changed or not."""
_HEAD = 1.0
"""Distance from the centre of a face, in faces, that is searched together with it."""


class PlaceEye(Protocol):
    """Whatever finds the faces in a part of a picture (h, w, 3) BGR."""

    def find_in(self, image: Image, place: PixelBox) -> tuple[FoundFace, ...]: ...


class ChangedSearch:
    """The faces in pictures of one camera, which are given in order of time."""

    def __init__(self, eye: PlaceEye) -> None:
        self._eye = eye
        self._faces: tuple[FoundFace, ...] = ()
        self._searched: _Luma | None = None
        self._since_whole = 0

    def find(self, image: Image) -> tuple[FoundFace, ...]:
        """Every face that may be in `image` (h, w, 3) BGR."""
        luma = _small(image)
        places = self._changed(image, luma)
        self._since_whole += 1
        rest = [face for face in self._faces if not any(_touches(place, face) for place in places)]
        found = [face for place in places for face in self._eye.find_in(image, place)]
        self._faces = distinct_faces((*found, *rest))
        for place in places:
            self._note(luma, place, image)
        return self._faces

    def _changed(self, image: Image, luma: _Luma) -> list[PixelBox]:
        """The parts of the picture that are to be searched."""
        whole = (0, 0, image.shape[1], image.shape[0])
        if self._searched is None or self._searched.shape != luma.shape or self._since_whole >= _WHOLE_EVERY:
            return [whole]
        least = max(_CHANGED * float(luma.mean()), _LEAST_CHANGED)
        places = _places(np.abs(luma - self._searched) > least, image.shape[1] / luma.shape[1], whole)
        places = _apart([_with_faces(place, self._faces, whole) for place in places])
        share = sum(_area(place) for place in places) / _area(whole)
        return [whole] if share > _MOST_SHARE else places

    def _note(self, luma: _Luma, place: PixelBox, image: Image) -> None:
        """Remember how the place looked when it was searched; what its edge cuts counts as not searched."""
        factor = luma.shape[1] / image.shape[1]
        if self._searched is None or place == (0, 0, image.shape[1], image.shape[0]):
            self._searched, self._since_whole = luma.copy(), 0
            return
        left, top = (int(np.ceil(place[side] * factor)) for side in (0, 1))
        right, bottom = (int(place[side] * factor) for side in (2, 3))
        self._searched[top:bottom, left:right] = luma[top:bottom, left:right]


def _places(changed: Mask, factor: float, whole: PixelBox) -> list[PixelBox]:
    """Boxes about what has changed, with a margin; single pixels are noise. `factor` leads to the picture."""
    import cv2

    clear = cv2.morphologyEx(changed.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    reach = 2 * round(_AROUND * _WIDE) + 1
    near = cv2.dilate(clear, np.ones((reach, reach), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    boxes = stats[1:count, :4].astype(np.float64) * factor
    return [_inside((x, y, x + width, y + height), whole) for x, y, width, height in boxes.tolist()]


def _apart(places: list[PixelBox]) -> list[PixelBox]:
    """The places, those that overlap as one."""
    kept: list[PixelBox] = []
    for place in places:
        one = place
        while over := [other for other in kept if _overlap(one, other)]:
            kept = [other for other in kept if other not in over]
            one = (
                min(one[0], *(other[0] for other in over)),
                min(one[1], *(other[1] for other in over)),
                max(one[2], *(other[2] for other in over)),
                max(one[3], *(other[3] for other in over)),
            )
        kept.append(one)
    return kept


def _overlap(one: PixelBox, other: PixelBox) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _area(place: PixelBox) -> int:
    return (place[2] - place[0]) * (place[3] - place[1])


def _small(image: Image) -> _Luma:
    import cv2

    factor = min(_WIDE / max(image.shape[:2]), 1.0)
    size = (max(round(image.shape[1] * factor), 1), max(round(image.shape[0] * factor), 1))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32)


def _inside(corners: tuple[float, float, float, float], whole: PixelBox) -> PixelBox:
    left, top, right, bottom = corners
    return (
        max(int(left), 0),
        max(int(top), 0),
        min(int(np.ceil(right)), whole[2]),
        min(int(np.ceil(bottom)), whole[3]),
    )


def _with_faces(place: PixelBox, faces: tuple[FoundFace, ...], whole: PixelBox) -> PixelBox:
    """The place with all of every face that it touches."""
    for _again in faces:
        for face in faces:
            if _touches(place, face):
                reach = _HEAD * face.size
                left, top = min(place[0], face.x - reach), min(place[1], face.y - reach)
                right, bottom = max(place[2], face.x + reach), max(place[3], face.y + reach)
                place = _inside((left, top, right, bottom), whole)
    return place


def _touches(place: PixelBox, face: FoundFace) -> bool:
    x, y = min(max(face.x, place[0]), place[2]), min(max(face.y, place[1]), place[3])
    return float(np.hypot(face.x - x, face.y - y)) < face.size * _HEAD
