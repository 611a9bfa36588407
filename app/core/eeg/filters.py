"""Filters of an EEG page: low cut, high cut and mains notch, settled before the page begins.

The low cut is of first order (6 dB per octave, so it has a time constant), the high cut a second-order
Butterworth (12 dB per octave), the notch 2 Hz wide at −3 dB; causal as in a recorder, or with zero phase.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


Values: TypeAlias = "npt.NDArray[np.floating[Any]]"
Sections: TypeAlias = "npt.NDArray[np.float64]"

LOW_CUTS = (0.016, 0.032, 0.053, 0.1, 0.16, 0.3, 0.5, 0.53, 1.0, 1.6, 2.0, 3.0, 5.0, 10.0, 20.0)
"""Hz: the clinical steps; 0.016, 0.16, 0.53 and 1.6 are time constants of 10, 1, 0.3 and 0.1 s."""

HIGH_CUTS = (10.0, 15.0, 20.0, 30.0, 35.0, 50.0, 60.0, 70.0, 100.0, 120.0, 200.0, 300.0, 500.0)
"""Hz: the clinical steps of the high cut."""

MAINS = (50.0, 60.0)
"""Hz."""

ERROR = 0.002
"""The largest difference of a page from the whole signal filtered from its start, as a share of its
amplitude."""

_NOTCH_WIDTH = 2.0
_HIGHEST = 0.98
"""The highest frequency of a filter, as a share of half the sampling rate."""

_REST = ERROR / 4
"""The largest remainder of the earlier signal at the page's start, as a share of the range of the input."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The chosen filters in Hz; None for a filter that is off.

    `harmonics` repeats the notch at multiples of the mains frequency. `zero_phase` filters forwards and
    backwards: nothing is shifted in time, but each cut is twice as deep (−6 dB at its frequency) and a sharp
    onset appears earlier than it is.
    """

    low_cut: float | None = 0.5
    high_cut: float | None = 70.0
    notch: float | None = None
    harmonics: bool = False
    zero_phase: bool = False


NO_FILTERS = Filters(None, None)


def time_constant(low_cut: float) -> float:
    """The time constant (s) of a low cut in Hz."""
    return 1.0 / (2.0 * math.pi * low_cut)


def inapplicable_filters(filters: Filters, rate: float) -> tuple[str, ...]:
    """Descriptions of the filters that cannot be applied at `rate` Hz, because they are above half of it."""
    wanted = (("low cut", filters.low_cut), ("high cut", filters.high_cut), ("notch", filters.notch))
    return tuple(f"{name} {hertz:g} Hz" for name, hertz in wanted if hertz and not _fits(hertz, rate))


@cache
def sections(filters: Filters, rate: float) -> Sections:
    """The filters as second-order sections (n, 6) for `rate` Hz; n is 0 when all filters are off."""
    import numpy as np
    from scipy.signal import butter, iirnotch, tf2sos

    parts = []
    if filters.low_cut and _fits(filters.low_cut, rate):
        parts.append(butter(1, filters.low_cut, "highpass", fs=rate, output="sos"))
    parts += [tf2sos(*iirnotch(hertz, hertz / _NOTCH_WIDTH, fs=rate)) for hertz in _notches(filters, rate)]
    if filters.high_cut and _fits(filters.high_cut, rate):
        parts.append(butter(2, filters.high_cut, "lowpass", fs=rate, output="sos"))
    return np.concatenate(parts) if parts else np.zeros((0, 6))


@cache
def run_in(filters: Filters, rate: float) -> float:
    """Seconds to be filtered before a page (and after it with zero phase) for the filters to settle.

    Then the rest of the impulse response sums up to at most a quarter of `ERROR`: 2.4 s for a low cut of 0.5
    Hz, 12 s for 0.1 Hz.
    """
    import numpy as np

    made = sections(filters, rate)
    if not len(made):
        return 0.0
    left = np.cumsum(np.abs(_impulse_response(made))[::-1])[::-1]
    over = np.flatnonzero(left > _REST)
    return (int(over[-1]) + 1) / rate if len(over) else 0.0


def apply_filters(values: Values, rate: float, filters: Filters) -> Values:
    """The filtered values, (n,) or (channels, n) at `rate` Hz, along the last axis.

    Each stretch between gaps (NaN) is filtered separately, from the steady state of its first value, so that
    an offset causes no transient. The result is exact from `run_in` seconds after the start of a stretch on.
    """
    import numpy as np

    made = sections(filters, rate)
    if not len(made) or not values.size:
        return values
    rows = np.atleast_2d(values)
    length = round(run_in(filters, rate) * rate)
    if np.isfinite(rows.sum()):  # the usual case: one stretch, checked in one pass
        return _stretch(rows, made, filters.zero_phase, length).reshape(values.shape)
    result = np.full(rows.shape, np.nan, rows.dtype)
    for some, start, stop in _stretches(rows):
        result[some, start:stop] = _stretch(rows[some, start:stop], made, filters.zero_phase, length)
    return result.reshape(values.shape)


def unsettled_mask(values: Values, rate: float, filters: Filters) -> npt.NDArray[np.bool_]:
    """A mask like the values, (n,) or (channels, n), of those that are not settled when filtered: within
    `run_in` seconds after the start or a gap, and with zero phase also before the end or a gap."""
    import numpy as np

    length = math.ceil(run_in(filters, rate) * rate)
    rows = np.atleast_2d(values)
    result = np.zeros(rows.shape, np.bool_)
    for some, start, stop in _stretches(rows):
        result[some, start : min(start + length, stop)] = True
        if filters.zero_phase:
            result[some, max(stop - length, start) : stop] = True
    return result.reshape(values.shape)


def _fits(hertz: float, rate: float) -> bool:
    return 0.0 < hertz < _HIGHEST * rate / 2


def _notches(filters: Filters, rate: float) -> list[float]:
    if not filters.notch:
        return []
    last = int(_HIGHEST * rate / 2 / filters.notch) if filters.harmonics else 1
    return [hertz for n in range(1, last + 1) if _fits(hertz := filters.notch * n, rate)]


def _impulse_response(made: Sections) -> Sections:
    """The response to one sample of 1, until the rest is negligible."""
    import numpy as np
    from scipy.signal import sosfilt

    # The slowest pole determines its length; the margin covers poles close together.
    slowest = max(float(np.abs(np.roots(section[3:])).max()) for section in made)
    count = math.ceil(math.log(_REST * 1e-4) / math.log(slowest)) if slowest > 1e-6 else 16
    impulse = np.zeros(max(count, 16))
    impulse[0] = 1.0
    return np.asarray(sosfilt(made, impulse))


def _stretch(rows: Values, made: Sections, zero_phase: bool, length: int) -> Values:
    """Filter rows without gaps, (channels, n)."""
    import numpy as np
    from scipy.signal import sosfilt, sosfilt_zi, sosfiltfilt

    if zero_phase:
        first = rows[:, :1].astype(np.float64)
        both = sosfiltfilt(made, rows - first, padlen=min(length, rows.shape[1] - 1))
        return np.asarray(both + first * _constant_gain(made), rows.dtype)
    state = sosfilt_zi(made)[:, None, :] * rows[None, :, :1]
    result: Values = sosfilt(made, rows, zi=state)[0].astype(rows.dtype, copy=False)
    return result


def _constant_gain(made: Sections) -> float:
    """The gain of a constant after both passes."""
    import numpy as np

    gains = made[:, :3].sum(axis=1) / made[:, 3:].sum(axis=1)
    return float(np.prod(gains)) ** 2


def _stretches(rows: Values) -> list[tuple[slice, int, int]]:
    """The stretches without a gap: rows, first sample, and one past the last."""
    import numpy as np

    there = np.isfinite(rows)
    if there.all():
        return [(slice(None), 0, rows.shape[1])]
    if (there == there[:1]).all():  # a gap of the recording affects all channels
        return [(slice(None), start, stop) for start, stop in _runs(there[0])]
    return [
        (slice(row, row + 1), start, stop) for row in range(len(rows)) for start, stop in _runs(there[row])
    ]


def _runs(there: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False]))))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]
