"""One clip as a model is shown it, read back from the very files that are sent."""

from __future__ import annotations

import bisect
import io
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from app.core.clips.clip import Clip, clip_file
from app.core.errors import UserError

if TYPE_CHECKING:
    from av.container import InputContainer

GONE = "A file of this clip is gone; prepare the reading again."

Sound = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ShownClip:
    """`times` (s, from its start) and `images` of its pictures; `sound` and `raw` (n,) at `rate` Hz."""

    clip: Clip
    times: tuple[float, ...] = ()
    images: tuple[QImage, ...] = ()
    sound: Sound | None = None
    raw: Sound | None = None
    rate: int = 16_000

    def number_at(self, seconds: float) -> int:
        """The number of the picture that is shown then, -1 without pictures."""
        return max(0, bisect.bisect_right(self.times, seconds + 1e-6) - 1) if self.times else -1


def read_clip(folder: Path, clip: Clip, *, as_video: bool) -> ShownClip:
    """The clip from its files, the video's where that is what is sent.

    Raises UserError when one is gone, or is not as it was when it was made.
    """
    try:
        times, images = _pictures(folder, clip, as_video=as_video)
        sound, rate = _sound(folder, clip, clip.sound)
        raw, _ = _sound(folder, clip, clip.raw_sound)
    except (OSError, EOFError, wave.Error) as error:
        raise UserError(GONE) from error
    return ShownClip(clip, times, images, sound, raw, rate)


def _pictures(folder: Path, clip: Clip, *, as_video: bool) -> tuple[tuple[float, ...], tuple[QImage, ...]]:
    if as_video and clip.video:
        return _film(clip_file(folder, clip, clip.video))
    images = []
    for _, name in clip.pictures:
        image = QImage.fromData(clip_file(folder, clip, name))
        if image.isNull():
            raise UserError(GONE)
        images.append(image)
    return tuple(moment / 1000 for moment, _ in clip.pictures), tuple(images)


def _film(content: bytes) -> tuple[tuple[float, ...], tuple[QImage, ...]]:
    times, images = [], []
    with _open_film(content) as container:
        for frame in container.decode(video=0):
            pixels = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
            high, wide = pixels.shape[:2]
            images.append(QImage(pixels.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy())
            times.append(float(frame.time or 0.0))
    return tuple(times), tuple(images)


def _open_film(content: bytes) -> InputContainer:
    import av

    try:
        return av.open(io.BytesIO(content), "r", format="mp4")
    except av.FFmpegError as error:
        raise UserError(GONE) from error


def _sound(folder: Path, clip: Clip, name: str | None) -> tuple[Sound | None, int]:
    if name is None:
        return None, 16_000
    with wave.open(io.BytesIO(clip_file(folder, clip, name)), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return (samples.astype(np.float32) / 32_768.0), file.getframerate()
