"""A recording with a name burned in, and what tells whether a place of a picture is covered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.picture_box import Box
from benchmarks import planted_text
from benchmarks.planted_text import Plant, PlantedScene
from tests.media import write_recording

Image = npt.NDArray[np.uint8]
SIZE = WIDTH, HEIGHT = 640, 360
_TEXT = "Kowalski, Greta"
NAME = Plant(_TEXT, planted_text.box_of(_TEXT, "DejaVuSans", 40, 60, 40), "DejaVuSans", 40, 255, "plain")
DRAWN = Box(0.5, 0.6, 0.8, 0.9)
"""A place that a person drew, away from the name."""


def planted_recording(path: Path, *, frames: int = 8) -> Path:
    """A recording of a room with the name in it, at 10 Hz."""
    whole = planted_text.pictures(PlantedScene("room", 7, (NAME,)), frames, rate=10.0)
    pictures = [np.ascontiguousarray(picture[:HEIGHT, :WIDTH, ::-1]) for _, picture in whole]
    return write_recording(path, size=SIZE, pictures=pictures, rate=10)


def name_of(image: Image) -> Image:
    """The part of a picture of the recording, of any size, that holds the name."""
    left, top, right, bottom = NAME.box
    return _part(image, left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT)


def drawn_of(image: Image) -> Image:
    """The part that holds the drawn place."""
    return _part(image, DRAWN.left, DRAWN.top, DRAWN.right, DRAWN.bottom)


def _part(image: Image, left: float, top: float, right: float, bottom: float) -> Image:
    height, width = image.shape[:2]
    rows = slice(round(top * height) + 1, round(bottom * height) - 1)
    return image[rows, round(left * width) + 1 : round(right * width) - 1]


def is_covered(part: Image, most: int = 0) -> bool:
    """Whether a part of a picture has one colour, within `most` grey levels."""
    return int(np.ptp(part.reshape(-1, part.shape[-1]).astype(int), axis=0).max()) <= most
