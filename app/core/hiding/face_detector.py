"""Faces in a picture, whichever way up they are: CenterFace on the picture turned in steps of 30°.

Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2020.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from app.core.errors import UserError
from app.core.hiding.centerface_model import INPUT, OUTPUTS, centerface_model
from app.core.hiding.installed_models import network_session

Image = npt.NDArray[np.uint8]
PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

TURNS = tuple(range(0, 360, 30))
"""Degrees by which the picture is turned."""
CLOSE_SEARCH_PIXELS = 640
"""Pixels of the longer side of what the network sees, where small faces have to be found."""
SEARCH_PIXELS = 384
"""The same where cells hide a face of up to a tenth of the longer side: one of a tenth has 38 pixels, and
from 30 on the network finds faces in dim and infrared pictures too."""
LARGE_FACES_PIXELS = 160
"""The same a second time, for faces that fill much of the picture; the picture is mirrored at its borders
there, because of a large face often only a part is in the picture."""
_MIRRORED = 0.25
"""Width of the mirrored border, in longer sides of the picture."""
DOUBTFUL = 0.2
"""Score from which something may be a face."""
CUT_OFF = 0.1
"""The same for a large face of which the border of the picture cuts a part off, as its eyes: what is left
looks less like a face, and is too large for any cells to hide it by themselves."""
_LARGE = 0.45
"""Size of a face, in longer sides of the picture, from which it is large; of those that are smaller enough is
seen, and of 96 pictures of people without such a face it finds one in 3, at 0.3 in 16."""
_FAILED = (
    "The detector of faces cannot be started, so no picture can be made unrecognisable. "
    "Install Semioscope anew."
)
_STRIDE = 4
_GRID = 32
_SAME = 0.5
"""Two findings whose centres are nearer than this (in sizes of the larger) are one face."""


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face: its centre and longer side in pixels of the picture, and how sure the network is (0–1)."""

    x: float
    y: float
    size: float
    score: float


class FaceEye(Protocol):
    """Whatever finds faces in a picture (h, w, 3) BGR."""

    def find(self, image: Image) -> tuple[FoundFace, ...]: ...


class CenterFace:
    """The network, loaded once; it may be used by several threads at a time.

    Raises UserError where it cannot be loaded: nothing is hidden by a detector that is not there.
    """

    def __init__(
        self,
        *,
        threads: int = 2,
        turns: Sequence[int] = TURNS,
        pixels: int = CLOSE_SEARCH_PIXELS,
        cut_off: float = DOUBTFUL,
    ) -> None:
        """`cut_off` is the score from which a large face at the border counts."""
        try:
            model = centerface_model()
        except UserError:
            raise
        except Exception as error:  # protobuf's errors have no common class, and none may show a face
            raise UserError(_FAILED) from error
        self._session = network_session(model, threads, _FAILED)
        self._turns, self._pixels, self._cut_off = turns, pixels, cut_off

    def find(self, image: Image) -> tuple[FoundFace, ...]:
        """Every face that may be in `image` (h, w, 3) BGR, each once, the surest first."""
        return self.find_in(image, (0, 0, image.shape[1], image.shape[0]))

    def find_in(self, image: Image, place: PixelBox) -> tuple[FoundFace, ...]:
        """The same in a part of the picture, at the scale of the whole."""
        left, top, right, bottom = place
        part = np.ascontiguousarray(image[top:bottom, left:right])
        pixels = (self._pixels, min(self._pixels, LARGE_FACES_PIXELS))
        close, wide = (each / max(image.shape[:2]) for each in pixels)
        found = distinct_faces((*self._found(part, close), *self._large(part, wide)))
        return tuple(replace(face, x=face.x + left, y=face.y + top) for face in found)

    def _large(self, image: Image, factor: float) -> Iterator[FoundFace]:
        """The large faces, also those of which the border leaves a part only.

        A face found beyond the border is the mirror image of one before it, or has its middle outside.
        In both cases a disc about its mirror image covers all of it that is in the picture.
        """
        import cv2

        border = round(max(image.shape[:2]) * _MIRRORED)
        mirrored = cv2.copyMakeBorder(image, border, border, border, border, cv2.BORDER_REFLECT_101)
        height, width = image.shape[:2]
        least = _LARGE * max(height, width)
        for face in self._found(np.asarray(mirrored, dtype=np.uint8), factor, self._cut_off):
            x, y = face.x - border, face.y - border
            cut = face.size >= least and min(x, y, width - x, height - y) < face.size / 2
            if cut or face.score >= DOUBTFUL:
                yield replace(face, x=mirrored_into(x, width), y=mirrored_into(y, height))

    def _found(self, image: Image, factor: float, least: float = DOUBTFUL) -> Iterator[FoundFace]:
        """What is found in all turns of the picture scaled by `factor`, from the score `least` on."""
        import cv2

        from app.core.enhance.detector_pictures import DimPictureLifter, rgb

        way = cv2.INTER_AREA if factor < 1.0 else cv2.INTER_LINEAR
        size = (max(round(image.shape[1] * factor), 1), max(round(image.shape[0] * factor), 1))
        small = np.asarray(cv2.resize(image, size, interpolation=way), dtype=np.uint8)
        shown = rgb(DimPictureLifter().lift(small))
        for turn in self._turns:
            for face in self._turned(shown, turn, least):
                yield FoundFace(face.x / factor, face.y / factor, face.size / factor, face.score)

    def _turned(self, shown: Image, turn: int, least: float) -> Iterator[FoundFace]:
        """What is found in the picture turned by so many degrees, where it lies in the picture itself."""
        import cv2

        matrix, size = turning(shown.shape[1], shown.shape[0], turn)
        turned = np.asarray(cv2.warpAffine(shown, matrix, size), dtype=np.uint8)
        back = cv2.invertAffineTransform(matrix)
        for x, y, side, score in self._findings(turned, least):
            there = back @ (x, y, 1.0)
            yield FoundFace(float(there[0]), float(there[1]), side, score)

    def _findings(self, picture: Image, least: float) -> Iterator[tuple[float, float, float, float]]:
        """Centre x, y, longer side (px) and score of each cell that may be the middle of a face."""
        values = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)
        scores, sizes, offsets = (result[0] for result in self._session.run(OUTPUTS, {INPUT: values}))
        for row, column in np.argwhere(scores[0] >= least).tolist():
            x, y = (
                (place + float(offset) + 0.5) * _STRIDE
                for place, offset in ((column, offsets[1, row, column]), (row, offsets[0, row, column]))
            )
            side = math.exp(float(sizes[:, row, column].max())) * _STRIDE
            yield x, y, side, float(scores[0, row, column])


def turning(width: int, height: int, turn: int) -> tuple[npt.NDArray[Any], tuple[int, int]]:
    """The matrix (2, 3) that turns a picture about its middle, and the size that holds all of it.

    The size is in whole steps of the network's grid.
    """
    import cv2

    radians = math.radians(turn)
    across, down = abs(math.cos(radians)), abs(math.sin(radians))
    new = (width * across + height * down, width * down + height * across)
    size = tuple(max(math.ceil(round(side, 3) / _GRID), 1) * _GRID for side in new)
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0), dtype=np.float64)
    matrix[:, 2] += np.array([size[0] / 2 - width / 2, size[1] / 2 - height / 2])
    return matrix, (size[0], size[1])


def mirrored_into(at: float, end: float) -> float:
    """A place (px) outside of 0 to `end` mirrored at that border, another one itself."""
    return end - abs(end - abs(at))


def distinct_faces(found: Iterable[FoundFace]) -> tuple[FoundFace, ...]:
    """The faces, those of one place and about one size as one: the surest, as large as the largest."""
    kept: list[FoundFace] = []
    sizes: list[float] = []
    for face in sorted(found, key=lambda each: -each.score):
        number = next((number for number, other in enumerate(kept) if _same(face, other)), len(kept))
        if number == len(kept):
            kept.append(face)
            sizes.append(face.size)
        sizes[number] = max(sizes[number], face.size)
    return tuple(replace(face, size=size) for face, size in zip(kept, sizes, strict=True))


def _same(face: FoundFace, other: FoundFace) -> bool:
    apart = math.hypot(face.x - other.x, face.y - other.y)
    return apart < _SAME * other.size and face.size < 1.5 * other.size
