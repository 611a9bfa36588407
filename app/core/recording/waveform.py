"""The waveform as a pyramid of lowest and highest samples, from whole recordings down to milliseconds."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.jobs import CancelToken, Estimate, Progress, Report, no_report
from app.core.recording.cache import Arrays, load_arrays, save_arrays
from app.core.recording.recording import Recording
from app.core.recording.samples import sound_blocks
from app.core.recording.steady import Unsteady, is_steady, steady_sound

logger = logging.getLogger(__name__)

Int16Array = npt.NDArray[np.int16]
Float32Array = npt.NDArray[np.float32]

_RATE = 16_000
_BIN = 32
"""Samples in one bin of the finest level: 2 ms."""

_FACTOR = 4
_SCALE = 32_767.0
_VERSION = 2


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """`levels` hold the lowest and highest sample of each bin, (bins, 2) int16, where ±32767 is full scale;
    the first level's bins last `bin_seconds`, each further level's four times as long as the one before.
    Bin 0 begins at 0 on the recording's clock; `duration` in seconds is that of the recording."""

    levels: tuple[Int16Array, ...]
    duration: float
    bin_seconds: float = _BIN / _RATE

    def envelope(self, start: float, end: float, columns: int) -> tuple[Float32Array, Float32Array]:
        """Lowest and highest sample in each of `columns` equal parts of `start`…`end` seconds.

        Two arrays (columns,) float32 in −1…1; 0 outside the sound.
        """
        if columns <= 0 or end <= start:
            return np.zeros(max(columns, 0), np.float32), np.zeros(max(columns, 0), np.float32)
        step = (end - start) / columns
        finer = int(np.log(max(step / self.bin_seconds / _FACTOR, 1.0)) / np.log(_FACTOR))
        level = min(finer, len(self.levels) - 1)
        bins, width = self.levels[level], self.bin_seconds * _FACTOR**level
        edges = (start + step * np.arange(columns + 1)) / width
        first = np.floor(edges[:-1] + 1e-9).astype(np.int64)
        stop = np.maximum(np.ceil(edges[1:] - 1e-9).astype(np.int64), first + 1)
        low, high = _extremes(bins, np.clip(first, 0, len(bins)), np.clip(stop, 0, len(bins)))
        return low / np.float32(_SCALE), high / np.float32(_SCALE)


def _extremes(
    bins: Int16Array, first: npt.NDArray[np.int64], stop: npt.NDArray[np.int64]
) -> tuple[Float32Array, Float32Array]:
    """Lowest and highest of `bins` in each half-open range; 0 for empty ranges."""
    low, high = np.zeros(len(first), np.float32), np.zeros(len(first), np.float32)
    filled = np.flatnonzero(stop > first)
    if len(filled):
        padded = np.concatenate([bins, np.zeros((1, 2), np.int16)])
        ranges = np.column_stack([first[filled], stop[filled]]).ravel()
        low[filled] = np.minimum.reduceat(padded[:, 0], ranges)[::2]
        high[filled] = np.maximum.reduceat(padded[:, 1], ranges)[::2]
    return low, high


def build_waveform(
    recording: Recording, *, report: Report = no_report, cancel: CancelToken | None = None
) -> Waveform | None:
    """The waveform of a recording, from the cache or computed from its sound; None without sound.

    Raises UserError when the file can no longer be read, Cancelled.
    """
    if recording.audio is None:
        return None
    key = f"{recording.fingerprint}-{_VERSION}-{recording.track}"
    finest = _from_cache(load_arrays("waveform", key))
    if finest is None:
        finest = _finest(recording, report, cancel)
        save_arrays("waveform", key, {"bins": finest})
    return Waveform(_pyramid(finest), recording.duration)


def _from_cache(arrays: Arrays | None) -> Int16Array | None:
    bins = arrays.get("bins") if arrays is not None else None
    if bins is None or bins.dtype != np.int16 or bins.ndim != 2 or bins.shape[1] != 2:
        return None
    return bins


def _finest(recording: Recording, report: Report, cancel: CancelToken | None) -> Int16Array:
    if is_steady(recording):
        try:
            return _finest_steady(recording, report, cancel)
        except Unsteady:
            logger.info("The sound has breaks that its packets do not show; it is read with care")
    return _finest_careful(recording, report, cancel)


def _finest_steady(recording: Recording, report: Report, cancel: CancelToken | None) -> Int16Array:
    """Bins of the samples themselves: a bin holds those that begin in it."""
    audio = recording.audio
    if audio is None:
        return np.zeros((0, 2), np.int16)
    width = audio.rate * _BIN / _RATE  # samples in a bin, not always whole
    place = round(audio.start * audio.rate)  # of the next sample, on the recording's clock
    parts = [np.zeros((int(place / width), 2), np.int16)]
    rest = np.zeros(place - _edge(int(place / width), width), np.float32)
    first, estimate = int(place / width), Estimate()
    coming: list[Future[Int16Array]] = []
    # Decoding and looking for extremes both leave the interpreter free for the other.
    with ThreadPoolExecutor(1) as pool:
        for stretch in steady_sound(recording):
            sound = np.concatenate([rest, stretch])
            place += len(stretch)
            last = int(place / width)
            last -= _edge(last, width) > place
            begin = _edge(first, width)
            edges = np.ceil(np.arange(first, last) * width).astype(np.int64) - begin
            if last > first:
                stop = _edge(last, width) - begin
                coming.append(pool.submit(_extent_of, sound[:stop], edges, width))
                rest, first = sound[stop:], last
            else:
                rest = sound
            if cancel is not None:
                cancel.check()
            share = min(place / audio.rate / max(recording.duration, 1e-3), 1.0)
            report(Progress("Drawing the waveform", share, estimate.remaining(share)))
    parts += [found.result() for found in coming]
    if len(rest):
        parts.append(_scaled(rest.min(keepdims=True), rest.max(keepdims=True)))
    return np.concatenate(parts)


def _extent_of(sound: Float32Array, edges: npt.NDArray[np.int64], width: float) -> Int16Array:
    """Lowest and highest sample of the bins that begin at `edges`, each `width` samples long."""
    if width == int(width) and len(sound) == len(edges) * int(width):
        bins = sound.reshape(-1, int(width))
        return _scaled(_folded(np.minimum, bins), _folded(np.maximum, bins))
    return _scaled(np.minimum.reduceat(sound, edges), np.maximum.reduceat(sound, edges))


def _folded(extreme: np.ufunc, bins: Float32Array) -> Float32Array:
    """The extreme of each row, by folding neighbours: quicker than numpy's own for short rows."""
    width, flat = bins.shape[1], bins.reshape(-1)
    while width % 2 == 0:
        flat, width = extreme(flat[0::2], flat[1::2]), width // 2
    found = flat[0::width]
    for column in range(1, width):
        found = extreme(found, flat[column::width])
    return found


def _edge(number: int, width: float) -> int:
    """The first sample of a bin."""
    return int(np.ceil(number * width))


def _scaled(low: Float32Array, high: Float32Array) -> Int16Array:
    both = np.clip(np.nan_to_num(np.stack([low, high], axis=1)), -1.0, 1.0) * _SCALE
    scaled: Int16Array = np.rint(both).astype(np.int16)
    return scaled


def _finest_careful(recording: Recording, report: Report, cancel: CancelToken | None) -> Int16Array:
    parts: list[Int16Array] = []
    rest = np.zeros(0, np.float32)
    estimate, reported = Estimate(), 0
    for block in sound_blocks(recording, 0.0, _RATE, channels=1):
        sound = np.concatenate([rest, block.samples[:, 0]])
        whole = len(sound) // _BIN * _BIN
        parts.append(_bins(sound[:whole]))
        rest = sound[whole:]
        if cancel is not None:
            cancel.check()
        if block.first - reported >= _RATE * 20:
            reported = block.first
            share = min(block.first / _RATE / max(recording.duration, 1e-3), 1.0)
            report(Progress("Drawing the waveform", share, estimate.remaining(share)))
    if len(rest):
        parts.append(_bins(np.pad(rest, (0, _BIN - len(rest)), mode="edge")))
    return np.concatenate(parts) if parts else np.zeros((0, 2), np.int16)


def _bins(sound: Float32Array) -> Int16Array:
    """(n / bin, 2) lowest and highest of each bin; samples that are not numbers count as silence."""
    scaled = np.rint(np.clip(np.nan_to_num(sound), -1.0, 1.0) * _SCALE).astype(np.int16).reshape(-1, _BIN)
    return np.stack([scaled.min(axis=1, initial=32767), scaled.max(axis=1, initial=-32767)], axis=1)


def _pyramid(finest: Int16Array) -> tuple[Int16Array, ...]:
    levels = [finest]
    while len(levels[-1]) > 1024:
        below = levels[-1]
        spare = -len(below) % _FACTOR
        padded = np.concatenate([below, np.repeat(below[-1:], spare, axis=0)]).reshape(-1, _FACTOR, 2)
        levels.append(np.stack([padded[:, :, 0].min(axis=1), padded[:, :, 1].max(axis=1)], axis=1))
    return tuple(levels)
