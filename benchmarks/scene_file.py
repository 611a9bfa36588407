"""A drawn scene as a recording: encoded as a camera would, three moments of it, and the place of a text."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import numpy as np

from app.core.recording.frames import Frame, FrameReader
from app.core.recording.recording import Recording
from benchmarks.planted_text import HEIGHT, WIDTH, Mask, Picture, Plant

FRAMES, RATE = 12, 4
MIDDLE = FRAMES // 2
MOMENTS = (MIDDLE, 2, 10)
"""The frames that are looked at, the middle one first; noise and movement differ in the others."""
_MARGIN = 30
_Array = TypeVar("_Array", Picture, Mask)


def write_scene(path: Path, shown: Iterator[Picture]) -> None:
    """Write the pictures (720, 1280, 3) BGR as H.264."""
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream("libx264", rate=RATE, options={"crf": "21", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, picture in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def frames_of(recording: Recording) -> Iterator[tuple[int, Frame]]:
    """The frames of the moments, with their numbers."""
    with FrameReader(recording) as reader:
        for frame in MOMENTS:
            yield frame, reader.frame(frame)


def without(image: Picture, mask: Mask) -> Picture:
    """The picture with its mean colour over the mask."""
    made = image.copy()
    made[mask] = image.mean(axis=(0, 1)).astype(np.uint8)
    return made


def cut(picture: _Array, plant: Plant) -> _Array:
    """The place of a text with a margin, of a picture or of a mask."""
    left, top, right, bottom = plant.box
    rows = slice(max(top - _MARGIN, 0), bottom + _MARGIN)
    return picture[rows, max(left - _MARGIN, 0) : right + _MARGIN]
