"""Rhythm of a moving body part in sliding windows: rate, amplitude, regularity, and synchrony of two
parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.readers.signal.measures.series import Floats, Mask, band
from app.core.readers.signal.thresholds import limit

WINDOW = 3.0
"""Seconds of a window."""

_BLOCK = 256
"""Windows that are measured at once: some MB."""

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The rhythm of one part in w sliding windows of `length` rows, `hop` rows apart.

    - `rate` (w,) of the strongest periodicity in Hz; NaN where the part was not found throughout;
    - `amplitude` (w,) peak to peak along the main axis, in the unit of the input;
    - `regularity` (w,) autocorrelation of the movement at one period, -1…1;
    - `concentration` (w,) share of the power at that rate and its multiples, 0–1;
    - `steadiness` (w,) the movement in the calmest third of the window over that in its liveliest, 0–1, low
      for a step or a single reach;
    - `speed` (w,) the 95th percentile of the speed, units/s, high for jerks;
    - `abruptness` (w,) the absolute skewness of the speed: 0 for an even swing, at least 0.3 for a quick pull
      with a slower release;
    - `axis` (w, k) the main direction; `path` (w, length) the movement along it.
    """

    hop: int
    length: int
    rate: Floats
    amplitude: Floats
    regularity: Floats
    concentration: Floats
    steadiness: Floats
    speed: Floats
    abruptness: Floats
    axis: Floats
    path: Floats


def rhythm(
    values: Floats, rate: float, *, low: float = 0.75, high: float = 7.0, seconds: float = WINDOW
) -> Rhythm:
    """The rhythm of (n,) or (n, k) `values` sampled at `rate` Hz, between `low` and `high` Hz."""
    values = values[:, None] if values.ndim == 1 else values
    length, hop = max(8, round(seconds * rate)), max(1, round(0.25 * rate))
    high = min(high, rate / 2.5)
    # Slower movement is included, so that a sway is not mistaken for a rhythm at `low`.
    lowest = 0.55 * low
    moved = band(values, rate, lowest, min(high * 1.4, rate / 2.2))
    count = max(0, (len(values) - length) // hop + 1)
    starts = np.arange(count) * hop
    result = Rhythm(
        hop=hop,
        length=length,
        rate=np.full(count, np.nan),
        amplitude=np.full(count, np.nan),
        regularity=np.full(count, np.nan),
        concentration=np.full(count, np.nan),
        steadiness=np.full(count, np.nan),
        speed=np.full(count, np.nan),
        abruptness=np.full(count, np.nan),
        axis=np.zeros((count, values.shape[1])),
        path=np.zeros((count, length)),
    )
    found = np.isfinite(moved).all(axis=1)
    whole = np.flatnonzero([found[start : start + length].all() for start in starts])
    for first in range(0, len(whole), _BLOCK):
        windows = whole[first : first + _BLOCK]
        pieces = moved[starts[windows][:, None] + np.arange(length)]
        _measure(result, windows, pieces - pieces.mean(axis=1, keepdims=True), rate, (lowest, high))
    return result


def _measure(
    result: Rhythm, windows: Indices, pieces: Floats, rate: float, limits: tuple[float, float]
) -> None:
    """Fill in what is measured of these windows, whose movement is `pieces` (windows, length, k)."""
    axes = _main_axes(pieces)
    paths = (pieces @ axes[:, :, None])[:, :, 0]
    result.axis[windows], result.path[windows] = axes, paths
    result.amplitude[windows] = 2 * np.sqrt(2) * paths.std(axis=1)
    steps = np.gradient(paths, axis=1)
    result.speed[windows] = np.percentile(np.abs(steps), 95, axis=1) * rate
    result.abruptness[windows] = _skewness(steps)
    thirds = np.array([third.std(axis=1) for third in np.array_split(paths, 3, axis=1)])
    result.steadiness[windows] = thirds.min(axis=0) / np.maximum(thirds.max(axis=0), 1e-9)
    _measure_spectra(result, windows, paths, rate, limits)


def _main_axes(pieces: Floats) -> Floats:
    """The direction (windows, k) of most of the movement, its largest part positive."""
    _, vectors = np.linalg.eigh(pieces.transpose(0, 2, 1) @ pieces)
    axes = vectors[:, :, -1]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return np.asarray(axes * np.where(largest > 0, 1, -1))


def _skewness(steps: Floats) -> Floats:
    """The absolute skewness of each row."""
    third = ((steps - steps.mean(axis=1, keepdims=True)) ** 3).mean(axis=1)
    cubes = np.array([max(spread**3, 1e-12) for spread in steps.std(axis=1).tolist()])
    return np.asarray(np.abs(third) / cubes)


def _measure_spectra(
    result: Rhythm, windows: Indices, paths: Floats, rate: float, limits: tuple[float, float]
) -> None:
    low, high = limits
    length = paths.shape[1]
    frequency, powers = _spectra(paths, rate)
    inside = np.flatnonzero((frequency >= low) & (frequency <= high))
    totals = powers[:, np.searchsorted(frequency, low * 0.8) :].sum(axis=1)
    if not len(inside):
        totals[:] = 0.0
    for window, path, power, total in zip(windows, paths, powers, totals, strict=True):
        if total <= 1e-18:
            result.rate[window], result.regularity[window], result.concentration[window] = low, 0.0, 0.0
            continue
        peak = float(frequency[inside[np.argmax(power[inside])]])
        near = np.zeros(len(frequency), dtype=bool)
        for multiple in (1, 2, 3):
            near |= np.abs(frequency - multiple * peak) <= max(1.2 * rate / length, 0.12 * peak)
        result.rate[window] = peak
        result.concentration[window] = power[near].sum() / total
        result.regularity[window] = _repeats(path, rate, peak)


def _spectra(paths: Floats, rate: float) -> tuple[Floats, Floats]:
    length = paths.shape[1]
    powers = np.abs(np.fft.rfft(paths * np.hanning(length), n=4 * length, axis=1)) ** 2
    return np.fft.rfftfreq(4 * length, 1 / rate), np.asarray(powers, dtype=np.float64)


def _repeats(path: Floats, rate: float, peak: float) -> float:
    """The highest autocorrelation of the path at 0.8–1.25 periods."""
    best = -1.0
    first, last = int(0.8 * rate / peak), int(np.ceil(1.25 * rate / peak))
    for lag in range(max(1, first), min(last, len(path) - 4) + 1):
        a, b = path[:-lag], path[lag:]
        scale = np.sqrt((a @ a) * (b @ b))
        best = max(best, float(a @ b / scale) if scale > 0 else 0.0)
    return best


def together(one: Rhythm, other: Rhythm, rate: float) -> Floats:
    """The synchrony (w,) of two parts: absolute correlation within a lag of 0.1 s, 0 (unrelated) … 1 (in
    step).

    The sign is ignored, because mirrored movement of two sides is in step too.
    """
    windows = min(len(one.rate), len(other.rate))
    result = np.full(windows, np.nan)
    lags = range(-round(0.1 * rate), round(0.1 * rate) + 1)
    for window in range(windows):
        if np.isfinite(one.rate[window]) and np.isfinite(other.rate[window]):
            a, b = one.path[window], other.path[window]
            result[window] = max(_alike(a, b, lag) for lag in lags)
    return result


def _alike(a: Floats, b: Floats, lag: int) -> float:
    a, b = (a[lag:], b[: len(b) - lag]) if lag >= 0 else (a[:lag], b[-lag:])
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return abs(float(a @ b)) / scale if scale > 0 else 0.0


def covered(windows: Mask, rhythm_: Rhythm, rows: int) -> Mask:
    """A mask (rows,) of the rows in the chosen windows, each trimmed to where the part moved."""
    result = np.zeros(rows, dtype=bool)
    for window in np.flatnonzero(windows):
        start = window * rhythm_.hop
        path = rhythm_.path[window]
        half = max(1, round(rhythm_.length / 16))
        local = np.sqrt(np.convolve(path**2, np.ones(2 * half + 1) / (2 * half + 1), mode="same"))
        result[start : start + rhythm_.length] |= local > limit("envelope_edge") * path.std()
    return result
