"""A writer of an MP4 that says nothing but its pictures and its sound: no names, no times, no encoder."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
import numpy.typing as npt
from av.bitstream import BitStreamFilterContext

Image = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float32]

SOUND_RATE = 48_000
"""Hz of the sound in a clip."""

_TICKS = 90_000
_FRAME = 1024
"""Samples per frame of the encoder of sound."""
_QUALITY = {"preset": "veryfast", "crf": "20", "bf": "0", "threads": "1"}
"""Settings of the encoder; frames in the order of time, so that the last one keeps its length. In several
threads it takes nearly twice the processor time, and the pictures are no better."""
_WITHOUT_ENCODER = "filter_units=remove_types=6"
"""Leaves out the units of H.264 in which an encoder describes itself (SEI)."""


class ClipWriter:
    """Writes pictures at the times they are shown, and sound from the clip's start; `size` is the width and
    height of the pictures (px), of which an odd last row or column is left out.

    A picture is encoded in a thread while the next one is made; it must not be changed after it was added.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], *, rate: float, sound: Iterator[Samples] | None
    ) -> None:
        """`rate` (Hz) is the usual rate of pictures; `sound` is mono at `SOUND_RATE`, None for no track."""
        self._output = av.open(
            str(path), "w", format="mp4", options={"movflags": "faststart", "fflags": "+bitexact"}
        )
        self._picture = self._picture_stream(size, rate)
        self._voice = None if sound is None else self._sound_stream()
        self._sound = _in_frames(sound or iter(()))
        self._first_sample = 0
        self._filter: Any = None
        self._waiting: tuple[float, Image] | None = None
        self._thread = ThreadPoolExecutor(1, "encoder")
        self._writing: Future[None] | None = None
        self._last = -1
        self._lengths: dict[int, int] = {}

    def add(self, seconds: float, image: Image) -> None:
        """Add the picture (h, w, 3) BGR that is shown from `seconds` of the clip on."""
        self._begin_writing(seconds)
        self._waiting = seconds, image

    def finish(self, seconds: float) -> None:
        """Write what is left; the clip ends at `seconds`."""
        self._begin_writing(seconds)
        self._waiting = None
        self._end_writing()
        self._write_sound(float("inf"))
        if self._voice is not None:
            self._output.mux(self._voice.encode(None))
        self._mux(self._picture.encode(None))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        self._output.close()

    def _begin_writing(self, until: float) -> None:
        """Have the picture that waits written as one that is shown `until` then, after the one before it."""
        self._end_writing()
        if self._waiting is not None:
            self._writing = self._thread.submit(self._write, *self._waiting, until=until)

    def _end_writing(self) -> None:
        """Wait until the picture before is written; raises what that raised."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def _picture_stream(self, size: tuple[int, int], rate: float) -> Any:
        stream: Any = self._output.add_stream("libx264", rate=_usual_rate(rate), options=_QUALITY)
        stream.width, stream.height = (side // 2 * 2 for side in size)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS)
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        return stream

    def _sound_stream(self) -> Any:
        stream: Any = self._output.add_stream("aac", rate=SOUND_RATE)
        stream.layout = "mono"
        stream.bit_rate = 96_000
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        return stream

    def _write(self, seconds: float, image: Image, *, until: float) -> None:
        self._write_sound(seconds)
        height, width = (side // 2 * 2 for side in image.shape[:2])
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image[:height, :width]), format="bgr24")
        self._last = max(round(seconds * _TICKS), self._last + 1)
        frame.pts, frame.time_base = self._last, Fraction(1, _TICKS)
        self._lengths[self._last] = max(round(until * _TICKS) - self._last, 1)
        self._mux(self._picture.encode(frame))

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            packet.duration = self._lengths.pop(packet.pts)
            if self._filter is None:
                self._filter = BitStreamFilterContext(_WITHOUT_ENCODER, in_stream=self._picture)
            for filtered in self._filter.filter(packet):
                filtered.stream = self._picture
                self._output.mux(filtered)

    def _write_sound(self, seconds: float) -> None:
        """Write the sound up to `seconds`, so that the muxer has both kinds in turn."""
        while self._voice is not None and self._first_sample < seconds * SOUND_RATE:
            samples = next(self._sound, None)
            if samples is None:
                return
            frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            frame.sample_rate, frame.time_base = SOUND_RATE, Fraction(1, SOUND_RATE)
            frame.pts = self._first_sample
            self._first_sample += len(samples)
            self._output.mux(self._voice.encode(frame))


def _usual_rate(rate: float) -> Fraction:
    return min(max(Fraction(rate).limit_denominator(1001), Fraction(1)), Fraction(1000))


def _in_frames(sound: Iterator[Samples]) -> Iterator[Samples]:
    """The sound in frames of the encoder; only the last one is shorter."""
    rest = np.zeros(0, np.float32)
    for block in sound:
        rest = np.concatenate([rest, block])
        while len(rest) >= _FRAME:
            yield np.ascontiguousarray(rest[:_FRAME])
            rest = rest[_FRAME:]
    if len(rest):
        yield np.ascontiguousarray(rest)
