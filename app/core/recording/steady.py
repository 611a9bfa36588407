"""Sound that runs on without a break, read as fast as it can be decoded."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.fifo import AudioFifo

from app.core.recording.container import open_container
from app.core.recording.index import StreamIndex
from app.core.recording.recording import Recording

logger = logging.getLogger(__name__)

_BREAK = 0.02
"""Seconds between packets that are no longer rounding."""

_STRETCH = 1 << 17
"""Samples given at once."""

_SCALES = {"flt": 1.0, "fltp": 1.0, "s16": 1 / 32_768, "s16p": 1 / 32_768}


class Unsteady(Exception):  # noqa: N818 - a finding, not an error
    """The sound does not run on as its packets promise; it must be read with care."""


def is_steady(recording: Recording) -> bool:
    """Whether the packets of the sound follow each other without gaps, with one or two channels."""
    index, audio = recording.index.audio, recording.audio
    if index is None or audio is None or audio.channels > 2:
        return False
    return len(recording.jumps) == 0 and _runs_on(index)


def _runs_on(index: StreamIndex) -> bool:
    times, lengths = index.times[index.shown], index.lengths[index.shown]
    if len(times) < 2:
        return False
    # The first packet may begin inside its own sound: what encoders put before the beginning is skipped.
    return bool((np.abs(times[2:] - times[1:-1] - lengths[1:-1]) < _BREAK).all()) and bool(
        abs(times[1] - times[0] - lengths[0]) < 3 * lengths[0] + _BREAK
    )


def steady_sound(recording: Recording) -> Iterator[npt.NDArray[np.float32]]:
    """(n,) float32 mono, from the sound's start to its end at its own rate, in long stretches.

    Raises Unsteady, also in the middle: then what was given counts for nothing.
    """
    index, audio = recording.index.audio, recording.audio
    if index is None or audio is None:
        return
    given = 0
    try:
        with open_container(recording.path) as container:
            for stretch in _stretches(container, index.stream, audio.rate, audio.channels):
                given += len(stretch)
                yield stretch
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise Unsteady from error
    if abs(given / audio.rate - audio.duration) > 0.1:
        raise Unsteady


def _stretches(container: Any, stream: int, rate: int, channels: int) -> Iterator[npt.NDArray[np.float32]]:
    fifo = AudioFifo()
    held = 0
    for frame in container.decode(container.streams[stream]):
        frame.pts = None
        fifo.write(frame)  # ValueError when the form of the sound has changed
        held += frame.samples
        if held >= _STRETCH:
            held -= _STRETCH
            yield _mono(fifo.read(_STRETCH), rate, channels)
    if fifo.samples:
        yield _mono(fifo.read(), rate, channels)


def _mono(frame: Any, rate: int, channels: int) -> npt.NDArray[np.float32]:
    form = (frame.layout.nb_channels, frame.sample_rate)
    if form != (channels, rate) or frame.format.name not in _SCALES:
        raise Unsteady
    samples = frame.to_ndarray()
    samples = samples if frame.format.is_planar else samples.reshape(-1, channels).T
    mixed = samples[0] if channels == 1 else samples.astype(np.float32).mean(axis=0)
    scale = _SCALES[frame.format.name]
    return (
        np.asarray(mixed, np.float32) if scale == 1.0 else np.asarray(mixed * np.float32(scale), np.float32)
    )
