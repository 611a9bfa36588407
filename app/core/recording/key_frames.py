"""The key frames of a recording, where decoding can begin, and small pictures of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from app.core.jobs import CancelToken
from app.core.recording.frames import Frame, FrameReader
from app.core.recording.index import FloatArray, Int64Array
from app.core.recording.picture_maker import fit_size
from app.core.recording.recording import Recording


def key_frames(recording: Recording) -> tuple[Int64Array, FloatArray]:
    """The numbers (k,) of the key frames, rising, and their times (k,) in seconds.

    The first frame counts as one where none is marked; there are none without a picture.
    """
    video, index = recording.video, recording.index
    if video is None or video.n == 0 or len(index.video) == 0:
        return np.zeros(0, np.int64), np.zeros(0)
    numbers = np.unique(index.number[index.starts])
    numbers = numbers[numbers >= 0]
    if not len(numbers):
        numbers = np.zeros(1, np.int64)
    return numbers, video.times[numbers]


def nearest_key_frames(numbers: Int64Array, times: FloatArray, moments: Iterable[float]) -> list[int]:
    """The number of the key frame nearest to each moment (s), of what `key_frames` gives; none of none."""
    if not len(numbers):
        return []
    wanted = np.array(list(moments), np.float64)
    after = np.clip(np.searchsorted(times, wanted), 1, max(len(times) - 1, 1))
    after = np.minimum(after, len(times) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.where(np.abs(times[before] - wanted) <= np.abs(times[after] - wanted), before, after)
    return [int(number) for number in numbers[nearer]]


def small_pictures(
    recording: Recording, numbers: Iterable[int], box: tuple[int, int], cancel: CancelToken
) -> Iterator[Frame]:
    """The key frames of these numbers as BGRA pictures within `box` pixels, one after the other.

    No other frame is decoded. Raises UserError when the recording can no longer be read, Cancelled.
    """
    video = recording.video
    if video is None:
        return
    size = fit_size(video.width, video.height, *box)
    with FrameReader(recording, size=size, pixel_format="bgra", keep=0, deinterlace=False) as reader:
        for number in numbers:
            cancel.check()
            yield reader.keyframe_near(float(video.times[number]))
