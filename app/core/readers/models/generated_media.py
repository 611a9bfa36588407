"""Generated pictures, videos and sound for tests of a connection: never anything of a recording."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain

import av
import numpy as np
import numpy.typing as npt

from app.core.jobs import CancelToken
from app.core.readers.models.provider import ClipPicture

Image = npt.NDArray[np.uint8]

SMALL = 64
"""The side in pixels of pictures that only show whether a kind of media is taken."""
_CELL = 4
_OPTIONS: Mapping[str, Mapping[str, object]] = {"libx264": {"crf": "23", "preset": "veryfast"}}
"""As clips of recordings are encoded."""


def picture(width: int = SMALL, height: int = SMALL, number: int = 0) -> bytes:
    """The bytes of a JPEG of this size; `number` is its place in a video."""
    return _encoded("mjpeg", "image2pipe", "yuvj420p", [_drawn(width, height, number)], Fraction(2))


def pictures(
    number: int, fps: float, width: int, height: int, *, cancel: CancelToken | None = None
) -> tuple[ClipPicture, ...]:
    """So many frames of a video, sampled at `fps` (Hz). Raises Cancelled."""
    return tuple(
        ClipPicture(round(1000 * place / fps), picture(width, height, place))
        for place in _places(number, cancel)
    )


def video(
    number: int = 4,
    fps: float = 2.0,
    width: int = SMALL,
    height: int = SMALL,
    *,
    cancel: CancelToken | None = None,
) -> bytes:
    """The bytes of so many frames as MP4 (H.264) at `fps` (Hz); odd sizes are made even. Raises Cancelled."""
    size = width // 2 * 2, height // 2 * 2
    drawn = (_drawn(*size, place) for place in _places(number, cancel))
    rate = Fraction(fps).limit_denominator(1000)
    return _encoded("libx264", "mp4", "yuv420p", drawn, rate)


def _places(number: int, cancel: CancelToken | None) -> Iterator[int]:
    for place in range(number):
        if cancel is not None:
            cancel.check()
        yield place


def tone(seconds: float = 1.0, rate: int = 16_000) -> bytes:
    """The bytes of a quiet tone of 440 Hz as WAV."""
    wobble = np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    file = io.BytesIO()
    with wave.open(file, "wb") as output:
        output.setnchannels(1)
        output.setsampwidth(2)
        output.setframerate(rate)
        output.writeframes((wobble * 3000).astype("<i2").tobytes())
    return file.getvalue()


def _drawn(width: int, height: int, number: int) -> Image:
    """Grey with coarse noise, in which a bright bar moves: a size in bytes as that of a dim room."""
    noise = np.random.default_rng(0).integers(100, 140, (height // _CELL + 1, width // _CELL + 1))
    grey = noise.repeat(_CELL, axis=0).repeat(_CELL, axis=1)[:height, :width].astype(np.uint8)
    place = number * width // 60 % width
    grey[:, place : place + max(1, width // 20)] = 230
    return np.repeat(grey[:, :, None], 3, axis=2)


def _encoded(codec: str, container: str, pixels: str, drawn: Iterable[Image], rate: Fraction) -> bytes:
    """The images, all of one size, encoded."""
    frames = iter(drawn)
    first = next(frames)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = pixels
        stream.options = dict(_OPTIONS.get(codec, {}))
        for image in chain((first,), frames):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        output.mux(stream.encode(None))
    return file.getvalue()
