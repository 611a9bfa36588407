"""Trends of a long EEG: band power, spectrum, amplitude and rhythm of every channel, one column per 2 s.

They are computed block by block in bounded memory: about 50 bytes per channel and column, 70 MB for a day of
32 channels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.floating[Any]]
Halves = npt.NDArray[np.float16]
Bytes = npt.NDArray[np.uint8]

COLUMN = Fraction(2)
"""Seconds of a column; each is one window of the spectrum, with a resolution of 0.5 Hz."""

BANDS: tuple[tuple[str, float, float], ...] = (
    ("delta", 0.5, 4.0),
    ("theta", 4.0, 8.0),
    ("alpha", 8.0, 13.0),
    ("beta", 13.0, 30.0),
    ("gamma", 30.0, 70.0),
)
"""Names and limits in Hz (IFCN glossary, Kane et al., Clin Neurophysiol Pract 2017)."""

SPECTRUM = 32
"""Rows of the spectrogram, 1 Hz each: row i holds i + 0.5 to i + 1.5 Hz."""

QUIETEST, LOUDEST = -30.0, 55.0
"""dB re 1 µV²/Hz that are stored as 0 and 255."""

RHYTHM = (2.0, 30.0)
"""The range (Hz) of rhythms. A spectrum that falls or rises monotonically to its edge has none: single slow
waves such as blinks are not a rhythm."""

_PIECES = 4
"""Parts of a column, 0.5 s each, whose amplitudes are measured."""

_AT_ONCE = 1 << 20
"""Samples per Fourier transform call."""


@dataclass(frozen=True, slots=True, eq=False)
class Trends:
    """The trends of channels (first axis of every array) from `start` seconds on, one column per `COLUMN`.

    `rms` (channels, columns, bands) float16 in µV, the root of the power in each band; `spectrum` (channels,
    columns, SPECTRUM) uint8 for `QUIETEST`…`LOUDEST` dB; `low` and `high` (channels, columns) peak to peak in
    µV, the smallest and largest of the half seconds in a column (the margins of an amplitude-integrated EEG,
    without its filter); `peak` the rate of the strongest rhythm in Hz; `rhythm` uint8 (0–255), the share of
    the frequency-weighted spectrum within 1.5 Hz of that rate. In gaps floats are NaN and bytes 0.
    """

    names: tuple[str, ...]
    start: float
    rms: Halves
    spectrum: Bytes
    low: Halves
    high: Halves
    peak: Halves
    rhythm: Bytes

    @property
    def columns(self) -> int:
        return self.rms.shape[1]

    def time(self, column: float) -> float:
        """Seconds at the left edge of a column."""
        return self.start + column * float(COLUMN)


class TrendBuilder:
    """Computes trends of an EEG of one sampling rate block by block, in the memory of `Trends` plus one
    block."""

    def __init__(self, names: Sequence[str], rate: Fraction, duration: float, start: float = 0.0) -> None:
        """Begin at `start` seconds; `duration` (s) is at least that of all blocks together."""
        self._names, self._start = tuple(names), start
        self._step = COLUMN * rate
        self._window = _SpectrumWindow(float(rate), max(math.floor(self._step), 1))
        columns, count = int(Fraction(duration) / COLUMN) + 1, len(self._names)
        self._rms = np.full((count, columns, len(BANDS)), np.nan, np.float16)
        self._spectrum = np.zeros((count, columns, SPECTRUM), np.uint8)
        self._low, self._high, self._peak = (np.full((count, columns), np.nan, np.float16) for _ in range(3))
        self._rhythm = np.zeros((count, columns), np.uint8)
        self._rest = np.zeros((count, 0), np.float32)
        self._column = 0
        self._taken = 0
        """The number of samples before `_rest`."""

    def add(self, values: Values) -> None:
        """Add the next samples (channels, n) in µV, NaN in gaps."""
        joined = np.concatenate([self._rest, values.astype(np.float32, copy=False)], axis=1)
        most = max(_AT_ONCE // (self._window.length * max(len(joined), 1)), 1)
        while count := min(self._whole(joined.shape[1]), most, self._rms.shape[1] - self._column):
            self._put(joined, count)
            passed = self._sample(self._column + count) - self._taken
            self._column += count
            self._taken += passed
            joined = joined[:, passed:]
        self._rest = joined.copy()

    def finish(self) -> Trends:
        """The trends of all complete columns so far."""
        end = self._column
        return Trends(
            self._names,
            self._start,
            self._rms[:, :end],
            self._spectrum[:, :end],
            self._low[:, :end],
            self._high[:, :end],
            self._peak[:, :end],
            self._rhythm[:, :end],
        )

    def _sample(self, column: int) -> int:
        """The number of the first sample of a column."""
        return math.ceil(column * self._step)

    def _whole(self, count: int) -> int:
        """The number of complete columns in `count` samples."""
        ends = math.floor((self._taken + count - self._window.length) / self._step)
        return max(ends - self._column + 1, 0)

    def _put(self, values: Values, count: int) -> None:
        begins = [self._sample(self._column + number) - self._taken for number in range(count)]
        here = slice(self._column, self._column + count)
        shape = (len(values), count)
        frames = self._window.frames(values, begins)
        low, high = _amplitudes(frames)
        densities = self._window.densities(frames)
        bands, cells = self._window.summed(densities)
        peak, rhythm = self._window.rhythm(densities)
        self._low[:, here], self._high[:, here] = low.reshape(shape), high.reshape(shape)
        self._rms[:, here] = np.sqrt(np.minimum(bands, 60_000.0**2)).reshape(*shape, len(BANDS))
        self._spectrum[:, here] = _as_bytes(cells).reshape(*shape, SPECTRUM)
        self._peak[:, here], self._rhythm[:, here] = peak.reshape(shape), rhythm.reshape(shape)


class _SpectrumWindow:
    """Spectra of windows of `length` samples at `rate` Hz."""

    def __init__(self, rate: float, length: int) -> None:
        self.length = length
        self._hann = np.hanning(length + 1)[:length].astype(np.float32)
        hertz = np.fft.rfftfreq(length, 1.0 / rate)
        used = int(np.searchsorted(hertz, BANDS[-1][2]))
        self._hertz = hertz[:used].astype(np.float32)
        # One-sided density in µV²/Hz: the power of a band is the sum of its bins times their width.
        total = float(np.square(self._hann, dtype=np.float64).sum())
        self._scale = np.float32(2.0 / (rate * total)) if total else np.float32(0.0)
        width = rate / length
        bands = [self._between(low, high) * width for _, low, high in BANDS]
        cells = [_share(self._between(row + 0.5, row + 1.5)) for row in range(SPECTRUM)]
        self._weights = np.array([*bands, *cells], np.float32).T
        self._rhythmic = np.flatnonzero(self._between(*RHYTHM))

    def frames(self, values: Values, begins: list[int]) -> Values:
        """The windows (channels × columns, length) that begin at these samples, minus their means."""
        windows = np.lib.stride_tricks.sliding_window_view(values, self.length, axis=1)[:, begins]
        windows -= windows.mean(axis=2, keepdims=True)
        return windows.reshape(-1, self.length)

    def densities(self, frames: Values) -> Values:
        """The power spectral densities (windows, bins) in µV²/Hz."""
        from scipy.fft import rfft

        spectrum = rfft(frames * self._hann, axis=1, overwrite_x=True)[:, : len(self._hertz)]
        result: Values = (np.square(spectrum.real) + np.square(spectrum.imag)) * self._scale
        return result

    def summed(self, densities: Values) -> tuple[Values, Values]:
        """The power in each band (windows, bands) in µV² and the spectrogram (windows, SPECTRUM) in
        µV²/Hz."""
        sums = densities @ self._weights
        return sums[:, : len(BANDS)], sums[:, len(BANDS) :]

    def rhythm(self, densities: Values) -> tuple[Values, Bytes]:
        """The rate (windows,) of the strongest rhythm in Hz, and its share of the spectrum, 0–255."""
        if len(self._rhythmic) < 3:
            return np.full(len(densities), np.nan, np.float32), np.zeros(len(densities), np.uint8)
        hertz = self._hertz[self._rhythmic]
        flat = densities[:, self._rhythmic] * hertz
        three = flat[:, :-2] + flat[:, 1:-1] + flat[:, 2:]
        best = np.argmax(three, axis=1)
        total = flat.sum(axis=1)
        there = np.isfinite(total) & (total > 0)
        rows = np.arange(len(flat))
        around = np.stack([flat[rows, best + step] for step in range(3)], axis=1)
        near = np.stack([hertz[best + step] for step in range(3)], axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            peak = np.where(there, (around * near).sum(axis=1) / around.sum(axis=1), np.nan)
            share = np.where(there & (best > 0), three[rows, best] / total, 0.0)
        return peak, np.rint(255 * share).astype(np.uint8)

    def _between(self, low: float, high: float) -> npt.NDArray[np.float64]:
        """A mask of the bins between two frequencies (Hz): 1 inside, 0 outside."""
        return ((self._hertz >= low) & (self._hertz < high)).astype(np.float64)


def _share(inside: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The mask as weights of a mean."""
    return np.asarray(inside / max(float(inside.sum()), 1.0))


def _amplitudes(frames: Values) -> tuple[Values, Values]:
    """The smallest and largest peak-to-peak amplitude of the parts of each window."""
    size = frames.shape[1] // _PIECES
    if not size:
        return np.full(len(frames), np.nan), np.full(len(frames), np.nan)
    parts = frames[:, : size * _PIECES].reshape(len(frames), _PIECES, size)
    ranges = np.minimum(parts.max(axis=2) - parts.min(axis=2), 60_000.0)
    return ranges.min(axis=1), ranges.max(axis=1)


def _as_bytes(densities: Values) -> Bytes:
    """dB between `QUIETEST` and `LOUDEST` as 0–255, 0 for NaN."""
    decibels = 10.0 * np.log10(np.maximum(densities, np.float32(1e-9)))
    scaled = np.clip((decibels - QUIETEST) * (255.0 / (LOUDEST - QUIETEST)), 0.0, 255.0)
    result: Bytes = np.nan_to_num(scaled, nan=0.0).astype(np.uint8)
    return result
