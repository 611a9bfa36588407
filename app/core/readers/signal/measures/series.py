"""Uniform time series with gaps (NaN): resampling, band-pass filters, runs and spans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.semiology import Span

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def resampled(
    times: Floats, values: npt.NDArray[np.floating[Any]], grid: Floats, longest_gap: float
) -> Floats:
    """`values` (n, …) interpolated at the times of `grid`, (len(grid), …); NaN in gaps longer than
    `longest_gap` s.

    Each column is interpolated separately, so that a hidden wrist does not remove the elbow.
    """
    columns = values.reshape(len(values), -1).astype(np.float64)
    result = np.full((len(grid), columns.shape[1]), np.nan)
    finite = np.isfinite(columns)
    for patterns in _same_gaps(finite):
        seen = np.flatnonzero(finite[:, patterns[0]])
        if len(seen) < 2:
            continue
        at = times[seen]
        after = np.clip(np.searchsorted(at, grid - 1e-6), 1, len(at) - 1)
        inside = (grid >= at[0] - 1e-6) & (grid <= at[-1] + 1e-6)
        good = inside & (at[after] - at[after - 1] <= longest_gap)
        share = ((grid - at[after - 1]) / np.maximum(at[after] - at[after - 1], 1e-9))[:, None]
        rows = columns[seen][:, patterns]
        mixed = rows[after - 1] * (1 - share) + rows[after] * share
        result[np.ix_(good, patterns)] = mixed[good]
    return result.reshape(len(grid), *values.shape[1:])


def nearest(times: Floats, values: npt.NDArray[Any], grid: Floats) -> npt.NDArray[Any]:
    """`values` (n, …) of the nearest of `times` at each time of `grid`, (len(grid), …)."""
    after = np.clip(np.searchsorted(times, grid), 1, max(len(times) - 1, 1))
    closer = np.abs(grid - times[after - 1]) <= np.abs(times[np.minimum(after, len(times) - 1)] - grid)
    return np.asarray(values[np.minimum(np.where(closer, after - 1, after), len(times) - 1)])


def _same_gaps(finite: Mask) -> list[list[int]]:
    """Groups of columns with the same finite rows."""
    groups: dict[bytes, list[int]] = {}
    for column in range(finite.shape[1]):
        groups.setdefault(np.packbits(finite[:, column]).tobytes(), []).append(column)
    return list(groups.values())


def runs(mask: Mask) -> list[tuple[int, int]]:
    """The half-open row ranges in which `mask` is True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def closed(mask: Mask, longest_gap: int) -> Mask:
    """The mask with gaps of at most `longest_gap` rows filled."""
    result = mask.copy()
    for start, stop in runs(~mask):
        if start > 0 and stop < len(mask) and stop - start <= longest_gap:
            result[start:stop] = True
    return result


def at_least(mask: Mask, rows: int) -> Mask:
    """The mask without runs shorter than `rows`."""
    result = mask.copy()
    for start, stop in runs(mask):
        if stop - start < rows:
            result[start:stop] = False
    return result


def widened(mask: Mask, rows: int) -> Mask:
    """The mask (n,) with `rows` more rows on each side of every True one."""
    summed = np.concatenate(([0], np.cumsum(mask)))
    at = np.arange(len(mask))
    return np.asarray(
        summed[np.minimum(at + rows + 1, len(mask))] > summed[np.maximum(at - rows, 0)], dtype=bool
    )


def span_of(times: Floats, start: int, stop: int) -> Span:
    """The time span of rows start … stop-1."""
    return Span(max(float(times[start]), 0.0), max(float(times[stop - 1]), 0.0))


def spans_of(mask: Mask, times: Floats) -> tuple[Span, ...]:
    """One span for each run of `mask`."""
    return tuple(span_of(times, start, stop) for start, stop in runs(mask))


def band(values: Floats, rate: float, low: float, high: float) -> Floats:
    """The values (n,) or (n, k) after a zero-phase band-pass (Hz), each stretch between gaps separately.

    `low` 0 keeps the mean. The edges are mirrored and the transition is a raised cosine of a
    quarter octave, so that a step rings for no longer than one period of `high`.
    """
    result = np.full_like(values, np.nan)
    rows = np.isfinite(values.reshape(len(values), -1)).all(axis=1)
    for start, stop in runs(rows):
        result[start:stop] = _band(values[start:stop], rate, low, high)
    return result


def _band(values: Floats, rate: float, low: float, high: float) -> Floats:
    n = len(values)
    pad = min(n - 1, int(2 * rate))
    if n < 3:
        return values - values.mean(axis=0) if low > 0 else values
    before = 2 * values[0] - values[1 : pad + 1][::-1]
    after = 2 * values[-1] - values[n - pad - 1 : n - 1][::-1]
    long = np.concatenate((before, values, after))
    frequency = np.fft.rfftfreq(len(long), 1 / rate)
    gain = _slope(frequency, high * 0.92, high * 1.09)
    if low > 0:
        gain = gain * (1 - _slope(frequency, low * 0.85, low * 1.15))
    spectrum = np.fft.rfft(long, axis=0) * (gain if values.ndim == 1 else gain[:, None])
    whole = np.fft.irfft(spectrum, n=len(long), axis=0)
    return np.asarray(whole[pad : pad + n], dtype=np.float64)


def _slope(frequency: Floats, start: float, stop: float) -> Floats:
    """1 below `start`, 0 above `stop`, a raised cosine between."""
    share = np.clip((frequency - start) / (stop - start), 0, 1)
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * share))


def moving(values: Floats, rows: int, kind: str) -> Floats:
    """The centred moving "max", "min", "mean" or "median" over `rows` rows, ignoring NaN; NaN without
    values."""
    rows = max(1, rows | 1)
    half = rows // 2
    padded = np.pad(values, (half, half), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, rows)
    any_finite = np.isfinite(windows).any(axis=1)
    result = np.full(len(values), np.nan)
    if any_finite.any():
        result[any_finite] = _REDUCE[kind](windows[any_finite])
    return result


_REDUCE: dict[str, Callable[[Floats], Floats]] = {
    "max": lambda windows: np.asarray(np.nanmax(windows, axis=1)),
    "min": lambda windows: np.asarray(np.nanmin(windows, axis=1)),
    "mean": lambda windows: np.asarray(np.nanmean(windows, axis=1)),
    "median": lambda windows: np.asarray(np.nanmedian(windows, axis=1)),
}


def slope(values: Floats, rate: float) -> Floats:
    """The rate of change per second, (n,) or (n, k), by central differences; NaN next to gaps."""
    if len(values) < 3:
        return np.full_like(values, np.nan)
    return np.asarray(np.gradient(values, axis=0) * rate)


def percentile(values: Floats, share: float) -> float:
    """A percentile (0–100) of the finite values; NaN without any."""
    finite = values[np.isfinite(values)]
    return float(np.percentile(finite, share)) if len(finite) else float("nan")
