"""Fast reading of sound without breaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.fifo import AudioFifo
from av.stream import Discard

from app.core.recording.container import open_container
from app.core.recording.file_cuts import FileCut
from app.core.recording.index import NONE, StreamIndex
from app.core.recording.readable_bytes import ReadableBytes
from app.core.recording.recording import Recording

_BREAK = 0.02
"""The shortest gap (s) between packets that is not a rounding error."""

_STRETCH = 1 << 17
"""Samples per output array."""

_SHORT = 300.0
"""The shortest sound (s) that is worth reading from two positions in parallel."""

_BEFORE = 12
_EXACT = 1e-3
"""Tolerance in samples."""

_SCALES = {"flt": 1.0, "fltp": 1.0, "s16": 1 / 32_768, "s16p": 1 / 32_768}


class SoundBreaks(Exception):  # noqa: N818 - a finding, not an error
    """The decoded sound has breaks that its packets do not show."""


def is_continuous(recording: Recording) -> bool:
    """Whether the packets of the sound are contiguous, with one or two channels."""
    index, audio = recording.index.audio, recording.audio
    if index is None or audio is None or audio.channels > 2:
        return False
    return len(recording.jumps) == 0 and _runs_on(index)


def _runs_on(index: StreamIndex) -> bool:
    times, lengths = index.times[index.shown], index.lengths[index.shown]
    if len(times) < 2:
        return False
    # The start of the first packet may be skipped (encoder delay).
    return bool((np.abs(times[2:] - times[1:-1] - lengths[1:-1]) < _BREAK).all()) and bool(
        abs(times[1] - times[0] - lengths[0]) < 3 * lengths[0] + _BREAK
    )


@dataclass(frozen=True, slots=True)
class MiddlePacket:
    """A packet near the middle of the sound: its `row` in the index, presentation time in `ticks`, and
    `place`, the number of its first sample at the sound's rate from 0 on the recording's clock."""

    row: int
    ticks: int
    place: int


def middle_of(recording: Recording) -> MiddlePacket | None:
    """The packet at which continuous sound can be divided for reading in parallel; None where it is short or
    its time stamps are too coarse to identify a sample."""
    index, audio = recording.index.audio, recording.audio
    if index is None or audio is None or audio.duration < _SHORT:
        return None
    row = len(index) // 2
    place = float(index.times[row]) * audio.rate
    fine = index.time_base.denominator >= audio.rate * index.time_base.numerator
    if not fine or index.pts[row] == NONE or abs(place - round(place)) > _EXACT:
        return None
    return MiddlePacket(row, int(index.pts[row]), round(place))


def continuous_sound(
    recording: Recording, middle: MiddlePacket | None = None, *, second: bool = False
) -> Iterator[npt.NDArray[np.float32]]:
    """Mono samples (n,) float32 from the sound's start to its end at its original rate, in long arrays.

    With `middle` it is checked on the way that its sample is that of its packet; `second` begins there.
    Raises SoundBreaks, also in the middle: then what was given counts for nothing.
    """
    index, audio = recording.index.audio, recording.audio
    if index is None or audio is None:
        return
    start = round(audio.start * audio.rate)
    given = middle.place - start if second and middle is not None else 0
    try:
        with _source(recording) as source, open_container(recording.path, source=source) as container:
            frames = _frames(container, index, middle, second=second)
            expected = None if middle is None or second else (middle.ticks, middle.place - start)
            for stretch in _stretches(frames, audio.rate, audio.channels, expected):
                given += len(stretch)
                yield stretch
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise SoundBreaks from error
    if abs(given / audio.rate - audio.duration) > 0.1:
        raise SoundBreaks


def _source(recording: Recording) -> AbstractContextManager[ReadableBytes | None]:
    cuts = [FileCut(*row) for row in recording.index.cuts.tolist()]
    return ReadableBytes(recording.path, cuts) if cuts else nullcontext()


def _frames(
    container: Any, index: StreamIndex, middle: MiddlePacket | None, *, second: bool
) -> Iterator[Any]:
    """The decoded frames, from the start or from the middle on."""
    stream = container.streams[index.stream]
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all  # the picture is not read
    if not second or middle is None:
        yield from container.decode(stream)
        return
    # Decoders need some packets before the first wanted one.
    container.seek(int(index.pts[max(middle.row - _BEFORE, 0)]), stream=stream)
    frames = container.decode(stream)
    for frame in frames:
        if frame.pts is None or frame.pts > middle.ticks:
            raise SoundBreaks
        if frame.pts == middle.ticks:
            yield frame
            break
    yield from frames


def _stretches(
    frames: Iterator[Any], rate: int, channels: int, expected: tuple[int, int] | None
) -> Iterator[npt.NDArray[np.float32]]:
    """Mono samples in long arrays; `expected` is the time of a frame in ticks and the number of its first
    sample."""
    fifo = AudioFifo()
    held = whole = 0
    for frame in frames:
        if expected is not None and frame.pts == expected[0] and whole != expected[1]:
            raise SoundBreaks
        frame.pts = None
        fifo.write(frame)  # raises ValueError when the sample format changes
        held += frame.samples
        whole += frame.samples
        if held >= _STRETCH:
            held -= _STRETCH
            yield _mono(fifo.read(_STRETCH), rate, channels)
    if fifo.samples:
        yield _mono(fifo.read(), rate, channels)


def _mono(frame: Any, rate: int, channels: int) -> npt.NDArray[np.float32]:
    form = (frame.layout.nb_channels, frame.sample_rate)
    if form != (channels, rate) or frame.format.name not in _SCALES:
        raise SoundBreaks
    samples = frame.to_ndarray()
    samples = samples if frame.format.is_planar else samples.reshape(-1, channels).T
    mixed = samples[0] if channels == 1 else samples.astype(np.float32).mean(axis=0)
    scale = _SCALES[frame.format.name]
    return (
        np.asarray(mixed, np.float32) if scale == 1.0 else np.asarray(mixed * np.float32(scale), np.float32)
    )
