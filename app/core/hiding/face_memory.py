"""Faces that were found in frames of a recording, kept by its content, so that the same frames need not be
searched again for another clip or for another way of hiding."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.hiding.face_detector import FaceEye, FoundFace
from app.core.recording.array_cache import load_arrays, save_arrays
from app.core.recording.recording import Recording

Image = npt.NDArray[np.uint8]
FindFaces = Callable[[Image, float], tuple[FoundFace, ...]]
"""Gives the faces in the frame (h, w, 3) BGR that is shown at a time (s)."""

SEARCH_VERSION = 2
"""Part of the cache's key, to be raised whenever the same frame would give other faces."""
_KIND = "faces"
_TIMES, _FACES = "/times", "/faces"
_COLUMNS = 5  # time in ms, x and y as shares of width and height, size as share of the width, score

logger = logging.getLogger(__name__)


class FaceMemory:
    """What was found in the frames of one recording, by the name of who looked; for one thread."""

    def __init__(self, recording: Recording) -> None:
        self._key = f"{recording.picture_key}-{SEARCH_VERSION}"
        self._found = _from_arrays(load_arrays(_KIND, self._key) or {})
        self._new = False

    def finder(self, eye: FaceEye, name: str) -> FindFaces:
        """`eye`, which is not asked about frames that one of this name has seen."""
        seen = self._found.setdefault(name, {})

        def find(image: Image, seconds: float) -> tuple[FoundFace, ...]:
            moment, (height, width) = round(seconds * 1000), image.shape[:2]
            if moment not in seen:
                rows = [(f.x / width, f.y / height, f.size / width, f.score) for f in eye.find(image)]
                seen[moment] = np.array(rows, np.float64).reshape(-1, _COLUMNS - 1)
                self._new = True
            rows_of = seen[moment].tolist()
            return tuple(
                FoundFace(x * width, y * height, size * width, score) for x, y, size, score in rows_of
            )

        return find

    def save(self) -> None:
        """Keep what was found since it was read; that it cannot be written is only logged."""
        if self._new:
            save_arrays(_KIND, self._key, _to_arrays(self._found))
            self._new = False


def asking(eye: FaceEye) -> FindFaces:
    """`eye` without a memory."""
    return lambda image, _seconds: eye.find(image)


_Seen = dict[int, npt.NDArray[np.float64]]


def _to_arrays(found: dict[str, _Seen]) -> dict[str, npt.NDArray[Any]]:
    """For each name the times (ms) of all frames, and the rows of all faces with theirs."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, seen in found.items():
        rows = [np.column_stack([np.full(len(faces), moment), faces]) for moment, faces in seen.items()]
        arrays[name + _TIMES] = np.array(list(seen), np.int64)
        arrays[name + _FACES] = np.concatenate([np.zeros((0, _COLUMNS)), *rows])
    return arrays


def _from_arrays(arrays: dict[str, npt.NDArray[Any]]) -> dict[str, _Seen]:
    """The inverse; nothing at all of what is damaged, because a face that is forgotten would be shown."""
    found: dict[str, _Seen] = {}
    for name in (key.removesuffix(_TIMES) for key in arrays if key.endswith(_TIMES)):
        times, faces = arrays[name + _TIMES], arrays.get(name + _FACES, np.zeros(0))
        if times.ndim != 1 or faces.ndim != 2 or faces.shape[1] != _COLUMNS or not np.isfinite(faces).all():
            logger.warning("The faces in the cache are damaged and are searched again")
            return {}
        found[name] = {int(time): faces[faces[:, 0] == time, 1:] for time in times.tolist()}
    return found
