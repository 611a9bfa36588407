"""The spectrogram as a pyramid, from whole recordings down to 20 ms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.jobs import CancelToken
from app.core.recording.array_cache import Arrays, load_arrays, save_arrays
from app.core.recording.sparse_time import KeptCells, is_sound_sparse, kept_cells_arrays, kept_cells_from

if TYPE_CHECKING:
    from app.core.recording.recording import Recording

LOWEST, HIGHEST = 60.0, 7600.0
"""The frequency range in Hz, from the lowest voices to the limit of 16 kHz sound."""
BANDS = 64
QUIETEST = -90.0
"""The level (dB of full scale) that is painted black; 0 dB is a sine of full scale."""

_RATE = 16_000
_HOP = 320
_FINE_HOP = 32
_WINDOW = 640
_FACTOR = 4
_VERSION = 2
_CHUNK = 500
"""Windows per Fourier transform call."""

ByteArray = npt.NDArray[np.uint8]
Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Spectrogram:
    """A spectrogram: `levels` hold the loudness (columns, BANDS) uint8 of each band, the lowest first; 0 is
    at most `QUIETEST` dB, 255 is 0 dB. Columns of the first level last `column_seconds`, those of each
    further level four times as long, with the maximum of their parts. With `runs` the first level has only
    columns with sound."""

    levels: tuple[ByteArray, ...]
    column_seconds: float = _HOP / _RATE
    runs: KeptCells | None = None

    def picture(self, start: float, end: float, columns: int) -> ByteArray:
        """The loudness (BANDS, columns) in each of `columns` parts of `start`…`end` seconds, the highest band
        first; 0 outside the sound."""
        result = np.zeros((BANDS, max(columns, 0)), np.uint8)
        if columns <= 0 or end <= start:
            return result
        step = (end - start) / columns
        finer = int(np.log(max(step / self.column_seconds, 1.0)) / np.log(_FACTOR))
        level = min(finer, len(self.levels) - 1)
        cells, width = self.levels[level], self.column_seconds * _FACTOR**level
        if not len(cells):
            return result
        if self.runs is not None or step > width * _FACTOR:
            return self._loudest(start + step * np.arange(columns + 1), level)
        middles = start + step * (np.arange(columns) + 0.5)
        places = np.floor(middles / width).astype(np.int64)
        inside = (places >= 0) & (places < len(cells))
        result[:, inside] = cells[places[inside]].T[::-1]
        if step > width:  # a column of two or more cells shows the loudest
            after = np.minimum(places + 1, len(cells) - 1)
            result[:, inside] = np.maximum(result[:, inside], cells[after[inside]].T[::-1])
        return result

    def _loudest(self, edges: npt.NDArray[np.float64], level: int) -> ByteArray:
        """The maximum (BANDS, n) between each two of the (n + 1,) `edges` in seconds."""
        cells, factor = self.levels[level], _FACTOR**level
        finest = np.floor(edges / self.column_seconds + 1e-9).astype(np.int64)
        first, stop = finest[:-1], np.maximum(finest[1:], finest[:-1] + 1)
        if self.runs is not None:
            first, stop = self.runs.kept(first), self.runs.kept(stop)
        count = len(self.levels[0])
        first, stop = np.clip(first, 0, count), np.clip(stop, 0, count)
        filled = np.flatnonzero(stop > first)
        result = np.zeros((len(edges) - 1, BANDS), np.uint8)
        if len(filled):
            ranges = np.stack([first[filled] // factor, -(-stop[filled] // factor)], axis=1).ravel()
            begin, end = ranges.min(), ranges.max()
            padded = np.concatenate([cells[begin:end], np.zeros((1, BANDS), np.uint8)])
            result[filled] = np.maximum.reduceat(padded, ranges - begin)[::2]
        return np.ascontiguousarray(result.T[::-1])


def band_edges() -> npt.NDArray[np.float64]:
    """The edges of the bands (BANDS + 1,) in Hz, evenly spaced on the mel scale (O'Shaughnessy 1987)."""

    def mel(hertz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(2595.0 * np.log10(1.0 + hertz / 700.0))

    low, high = mel(np.array([LOWEST, HIGHEST]))
    return np.asarray(700.0 * (10.0 ** (np.linspace(low, high, BANDS + 1) / 2595.0) - 1.0))


def build_spectrogram(recording: Recording, *, cancel: CancelToken | None = None) -> Spectrogram | None:
    """The spectrogram of a recording, from the cache or computed from its sound; None without sound.

    Raises UserError when the file can no longer be read, Cancelled.
    """
    if recording.audio is None:
        return None
    key = f"{recording.fingerprint}-{recording.track}-{_VERSION}"
    found = _from_cache(load_arrays("spectrogram", key))
    if found is None:
        cells, runs = _finest(recording, cancel)
        found = cells, runs if is_sound_sparse(recording) else None
        save_arrays("spectrogram", key, {"cells": found[0], **kept_cells_arrays(found[1])})
    return Spectrogram(_pyramid(found[0]), runs=found[1])


def _from_cache(arrays: Arrays | None) -> tuple[ByteArray, KeptCells | None] | None:
    cells = arrays.get("cells") if arrays is not None else None
    if arrays is None or cells is None or cells.dtype != np.uint8 or cells.ndim != 2:
        return None
    try:
        return (cells, kept_cells_from(arrays, len(cells))) if cells.shape[1] == BANDS else None
    except ValueError:
        return None


def fine_spectrogram(recording: Recording, start: float, end: float) -> Spectrogram:
    """The spectrogram of a short stretch in steps of 2 ms; its clock begins at `start` seconds.

    Raises UserError when the file can no longer be read.
    """
    from app.core.recording.samples import read_samples  # av

    around = _WINDOW / 2 / _RATE
    sound = read_samples(recording, max(0.0, start - around), end + around, rate=_RATE)
    short = round((around - start) * _RATE) if start < around else 0
    sound = np.pad(sound, (short, _WINDOW))
    count = max(1, round((end - start) * _RATE) // _FINE_HOP)
    return Spectrogram((_cells(sound, count, _weights(), _FINE_HOP),), _FINE_HOP / _RATE)


def _finest(recording: Recording, cancel: CancelToken | None) -> tuple[ByteArray, KeptCells]:
    """The columns of all runs of the sound, concatenated, and their positions."""
    from app.core.recording.samples import sound_runs  # av

    token = cancel or CancelToken()
    weights = _weights()
    firsts: list[int] = []
    drawn: list[ByteArray] = []
    for first, sounds in sound_runs(recording, _RATE, report=lambda _share: token.check()):
        firsts.append(first // _HOP)
        drawn.append(_columns(sounds, (_WINDOW - _HOP) // 2 + first % _HOP, weights))
    runs = KeptCells.of(firsts, [len(cells) for cells in drawn])
    return np.concatenate(drawn) if drawn else np.zeros((1, BANDS), np.uint8), runs


def _columns(sounds: Iterable[Float32Array], silence: int, weights: Float32Array) -> ByteArray:
    """The columns of sound after `silence` samples of silence."""
    parts: list[ByteArray] = []
    rest = np.zeros(silence, np.float32)
    for sound in sounds:
        rest = np.concatenate([rest, np.nan_to_num(sound)])
        if len(rest) < _HOP * _CHUNK + _WINDOW:
            continue
        ready = (len(rest) - _WINDOW) // _HOP + 1
        parts.append(_cells(rest, ready, weights))
        rest = rest[ready * _HOP :]
    last = max(len(rest) - (_WINDOW - _HOP) // 2, 0) // _HOP + 1
    padded = np.pad(rest, (0, max(0, last * _HOP + _WINDOW - len(rest))))
    parts.append(_cells(padded, last, weights))
    return np.concatenate(parts)


def _weights() -> Float32Array:
    """The share (bins, BANDS) of each bin of the spectrum in each band; a narrow band has one bin."""
    bins = np.fft.rfftfreq(_WINDOW, 1.0 / _RATE)
    edges = band_edges()
    weights = np.zeros((len(bins), BANDS), np.float32)
    for band in range(BANDS):
        inside = (bins >= edges[band]) & (bins < edges[band + 1])
        if not inside.any():
            inside = np.arange(len(bins)) == np.argmin(np.abs(bins - edges[band : band + 2].mean()))
        weights[inside, band] = 1.0
    return weights


def _cells(sound: Float32Array, count: int, weights: Float32Array, hop: int = _HOP) -> ByteArray:
    """The loudness (count, BANDS) of `count` windows, `hop` samples apart, from the start of `sound`."""
    window = np.hanning(_WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[: count * hop : hop]
    cells = np.empty((len(frames), BANDS), np.uint8)
    # A few windows at a time, to limit memory.
    for begin in range(0, len(frames), _CHUNK):
        some = slice(begin, begin + _CHUNK)
        spectrum = np.abs(np.fft.rfft(frames[some] * window, axis=1)).astype(np.float32) * (
            2.0 / window.sum()
        )
        power = spectrum**2 @ weights
        decibels = 10.0 * np.log10(np.maximum(power, 1e-12))
        scaled = np.clip((decibels - QUIETEST) / -QUIETEST, 0.0, 1.0) * 255.0
        cells[some] = np.rint(scaled)
    return cells


def _pyramid(finest: ByteArray) -> tuple[ByteArray, ...]:
    levels = [finest]
    while len(levels[-1]) > 1024:
        below = levels[-1]
        spare = -len(below) % _FACTOR
        padded = np.concatenate([below, np.repeat(below[-1:], spare, axis=0)])
        levels.append(padded.reshape(-1, _FACTOR, BANDS).max(axis=1))
    return tuple(levels)
