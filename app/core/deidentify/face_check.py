"""A second look for faces in pictures that are finished, by detectors that did not hide them.

OpenCV's cascades (Viola and Jones 2001) and mediapipe's two BlazeFace models, in several turns, because each
finds only faces that are about upright. They are keen: what they take for a face need not be one, so a person
looks at their finds (`doubt_sheet`). Imports cv2 and mediapipe: for the process that makes clips only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from mediapipe.python.solutions import face_detection

Image = npt.NDArray[np.uint8]

SURE = 0.5
"""Doubt from which a find counts as a face."""
_LEAST = 0.25
_LONGEST = 480
"""Pixels of the longer side of what the detectors are shown."""
_TURNS = tuple(range(0, 360, 30))
"""Degrees by which the picture is turned before it is searched by BlazeFace, which takes 13 ms; the cascades,
which take 50, search every third of these."""
_LARGE = 0.3
"""Size of a find, in longer sides of the picture, from which it has to be found again …"""
_BORDER = 0.5
"""… in the picture with a border of this width, in its own sides."""
_SAME_PLACE, _SAME_SIZE = 0.5, 1.7
"""Two finds are one when they are nearer than this (in sizes), and one at most so many times the other."""
_CASCADES = ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")
_SMALLEST, _STEP = (20, 20), 1.25
"""Pixels of the smallest face for a cascade, and by how much each size it tries is larger."""
_NEIGHBOURS, _SURE_NEIGHBOURS = 3, 6
"""Finds of a cascade in one place from which it is a doubt, and from which it counts."""


@dataclass(frozen=True, slots=True)
class FaceDoubt:
    """A place that could be a face: centre and size in pixels of the picture; `doubt` 0–1."""

    x: float
    y: float
    size: float
    doubt: float


class SecondDetector:
    """The detectors of one thread; to be closed."""

    def __init__(self) -> None:
        folder = Path(cv2.__file__).parent / "data"
        self._cascades = [cv2.CascadeClassifier(str(folder / name)) for name in _CASCADES]
        if any(cascade.empty() for cascade in self._cascades):
            raise RuntimeError("OpenCV's detectors of faces are not in its package")
        self._blazes = [
            face_detection.FaceDetection(model_selection=model, min_detection_confidence=_LEAST)
            for model in (0, 1)
        ]

    def close(self) -> None:
        for blaze in self._blazes:
            blaze.close()

    def find(self, image: Image) -> tuple[FaceDoubt, ...]:
        """What could be a face in the picture (h, w, 3) BGR, the most doubtful first.

        A large find that would count as a face counts half if it is not found again, however doubtful, in the
        picture with a border, so smaller: faces are, and large soft colours without a face, for which these
        detectors have a weakness, are not.
        """
        found = self._found(image)
        least = _LARGE * max(image.shape[:2])
        large = [doubt for doubt in found if doubt.size >= least and doubt.doubt >= SURE]
        again = self._found_again(image) if large else []
        weak = [doubt for doubt in large if not _is_among(doubt, again)]
        halved = [replace(doubt, doubt=doubt.doubt / 2) if doubt in weak else doubt for doubt in found]
        return tuple(sorted(halved, key=lambda doubt: -doubt.doubt))

    def _found_again(self, image: Image) -> list[FaceDoubt]:
        """What is found in the picture with a border of half its size, at places in the picture."""
        down, across = (round(side * _BORDER) for side in image.shape[:2])
        wide = cv2.copyMakeBorder(image, down, down, across, across, cv2.BORDER_REPLICATE)
        found = self._found(np.asarray(wide, np.uint8))
        return [replace(doubt, x=doubt.x - across, y=doubt.y - down) for doubt in found]

    def _found(self, image: Image) -> list[FaceDoubt]:
        factor = min(_LONGEST / max(image.shape[:2]), 1.0)
        shrunk = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        small = np.asarray(shrunk, np.uint8)
        return [doubt for turn in _TURNS for doubt in self._turned(small, turn, factor)]

    def _turned(self, small: Image, degrees: int, factor: float) -> Iterator[FaceDoubt]:
        turned, back = _turn(small, degrees)
        colour = np.asarray(cv2.cvtColor(turned, cv2.COLOR_BGR2RGB), np.uint8)
        grey = np.asarray(cv2.cvtColor(turned, cv2.COLOR_BGR2GRAY), np.uint8)
        keen = self._by_cascades(grey) if degrees % 90 == 0 else ()
        for x, y, size, doubt in (*self._by_blazes(colour), *keen):
            place = back @ np.array([x, y, 1.0])
            inside = 0 <= place[0] < small.shape[1] and 0 <= place[1] < small.shape[0]
            if inside:  # the corners of a turned picture hold nothing
                yield FaceDoubt(float(place[0]) / factor, float(place[1]) / factor, size / factor, doubt)

    def _by_blazes(self, colour: Image) -> Iterator[tuple[float, float, float, float]]:
        height, width = colour.shape[:2]
        for blaze in self._blazes:
            for found in blaze.process(colour).detections or ():
                box = found.location_data.relative_bounding_box
                x, y = (box.xmin + box.width / 2) * width, (box.ymin + box.height / 2) * height
                yield x, y, max(box.width * width, box.height * height), float(found.score[0])

    def _by_cascades(self, grey: Image) -> Iterator[tuple[float, float, float, float]]:
        front, profile = self._cascades
        for cascade, flipped in ((front, False), (profile, False), (profile, True)):
            picture: Any = cv2.flip(grey, 1) if flipped else grey
            boxes, neighbours = cascade.detectMultiScale2(picture, _STEP, _NEIGHBOURS, minSize=_SMALLEST)
            for (x, y, width, height), count in zip(boxes, neighbours, strict=True):
                middle = x + width / 2
                doubt = float(min(SURE * count / _SURE_NEIGHBOURS, 1.0))
                yield (grey.shape[1] - middle if flipped else middle), y + height / 2, width, doubt


def _is_among(doubt: FaceDoubt, others: list[FaceDoubt]) -> bool:
    """Whether one of the others is at about the same place and of about the same size."""
    return any(
        max(doubt.size, other.size) < _SAME_SIZE * min(doubt.size, other.size)
        and np.hypot(doubt.x - other.x, doubt.y - other.y) < _SAME_PLACE * max(doubt.size, other.size)
        for other in others
    )


def _turn(image: Image, degrees: int) -> tuple[Image, npt.NDArray[np.float64]]:
    """The picture turned within a larger one, and the matrix (2, 3) that leads back."""
    height, width = image.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), np.float64)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = round(height * sine + width * cosine), round(height * cosine + width * sine)
    matrix[:, 2] += np.array(size) / 2 - (width / 2, height / 2)
    turned = cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8), np.asarray(cv2.invertAffineTransform(matrix), np.float64)
