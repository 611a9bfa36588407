"""Rhythm of a moving body part in sliding windows: rate, amplitude, regularity, and synchrony of two
parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.series import Floats, Mask, band
from app.core.readers.signal.thresholds import limit

WINDOW = 3.0
"""Seconds of a window."""


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
    for window, start in enumerate(starts):
        piece = moved[start : start + length]
        if np.isfinite(piece).all():
            _measure(result, window, piece - piece.mean(axis=0), rate, (lowest, high))
    return result


def _measure(result: Rhythm, window: int, piece: Floats, rate: float, limits: tuple[float, float]) -> None:
    low, high = limits
    _, vectors = np.linalg.eigh(piece.T @ piece)
    axis = vectors[:, -1] * (1 if vectors[np.argmax(np.abs(vectors[:, -1])), -1] > 0 else -1)
    path = piece @ axis
    frequency, power = _spectrum(path, rate)
    inside = (frequency >= low) & (frequency <= high)
    result.axis[window], result.path[window] = axis, path
    result.amplitude[window] = 2 * np.sqrt(2) * path.std()
    steps = np.gradient(path)
    result.speed[window] = float(np.percentile(np.abs(steps), 95)) * rate
    result.abruptness[window] = abs(float(((steps - steps.mean()) ** 3).mean())) / max(
        float(steps.std()) ** 3, 1e-12
    )
    thirds = [float(third.std()) for third in np.array_split(path, 3)]
    result.steadiness[window] = min(thirds) / max(*thirds, 1e-9)
    total = power[(frequency >= low * 0.8)].sum()
    if total <= 1e-18 or not inside.any():
        result.rate[window], result.regularity[window], result.concentration[window] = low, 0.0, 0.0
        return
    peak = float(frequency[inside][np.argmax(power[inside])])
    near = np.zeros(len(frequency), dtype=bool)
    for multiple in (1, 2, 3):
        near |= np.abs(frequency - multiple * peak) <= max(1.2 * rate / len(path), 0.12 * peak)
    result.rate[window] = peak
    result.concentration[window] = power[near].sum() / total
    result.regularity[window] = _repeats(path, rate, peak)


def _spectrum(path: Floats, rate: float) -> tuple[Floats, Floats]:
    size = 4 * len(path)
    power = np.abs(np.fft.rfft(path * np.hanning(len(path)), n=size)) ** 2
    return np.fft.rfftfreq(size, 1 / rate), np.asarray(power, dtype=np.float64)


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
