"""What was measured over time, for display: curves in rows, their thresholds, their columns on a screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.eeg.page import ColumnRanges, SamplePoints
from app.core.eeg.trace_raster import column_runs
from app.core.semiology import Laterality, Span

Values = npt.NDArray[np.float32]
Seconds = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class TraceCurve:
    """One curve of a trace.

    - `name` of what was measured, as "left wrist"; `side` whose colour it has, None for neither;
    - `times` (n,) seconds on the recording's clock, rising; `values` (n,), NaN where nothing was measured.
    """

    name: str
    side: Laterality | None
    times: Seconds
    values: Values

    def value_at(self, seconds: float) -> float | None:
        """The value measured nearest to a time; None where nothing was, and beyond both ends."""
        if not len(self.times):
            return None
        after = min(max(int(np.searchsorted(self.times, seconds)), 1), max(len(self.times) - 1, 1))
        near = [row for row in (after - 1, after) if row < len(self.times)]
        row = min(near, key=lambda one: abs(float(self.times[one]) - seconds))
        step = float(np.median(np.diff(self.times[:1000]))) if len(self.times) > 1 else 0.0
        beyond = abs(float(self.times[row]) - seconds) > max(step, 0.05)
        value = float(self.values[row])
        return None if beyond or not np.isfinite(value) else value


@dataclass(frozen=True, slots=True)
class TraceLimit:
    """A threshold of the rule: its `value` in the unit of the trace, and `words` for what it decides."""

    value: float
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredTrace:
    """One row: what was measured, its unit ("" for a share or a correlation), and the thresholds for it."""

    name: str
    unit: str
    curves: tuple[TraceCurve, ...]
    limits: tuple[TraceLimit, ...] = ()

    def bounds(self) -> tuple[float, float]:
        """The lowest and highest value to be shown, with the thresholds in sight; a few outliers are cut."""
        found = [curve.values[np.isfinite(curve.values)] for curve in self.curves]
        values = np.concatenate(found) if found else np.zeros(0, np.float32)
        ends = [limit.value for limit in self.limits]
        if len(values):
            ends += [float(end) for end in np.percentile(values, [0.2, 99.8])]
        low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
        room = 0.08 * (high - low) or 0.5 * abs(high) or 1.0
        return low - room, high + room


@dataclass(frozen=True, slots=True, eq=False)
class RecordingTraces:
    """What a program measured of a recording.

    `features` has the traces of each feature in the order in which they are read; `evidence` the spans that
    the rules found in them; `outdated` the features whose answer was given from other measures than these.
    """

    features: Mapping[str, tuple[MeasuredTrace, ...]]
    evidence: Mapping[str, tuple[Span, ...]]
    outdated: frozenset[str] = frozenset()


def column_places(times: Seconds, visible: Span, columns: int) -> Places:
    """(columns + 1,) the place of the first of `times` in each of `columns` equal parts of a span."""
    return np.searchsorted(times, np.linspace(visible.start, visible.end, columns + 1))


def curve_columns(
    curve: TraceCurve, visible: Span, columns: int, places: Places | None = None
) -> tuple[Values, Values]:
    """The lowest and highest value of the line in each of `columns` equal parts of a span, (columns,) each.

    NaN where there is no line. However long the recording is, this takes time for what is visible only.
    `places` are the `column_places` of the curve's times, where they are known from another curve.
    """
    nothing = np.full(columns, np.nan, np.float32)
    if visible.duration <= 0 or columns < 1:
        return nothing, nothing
    if places is None:
        places = column_places(curve.times, visible, columns)
    if places[-1] - places[0] < 2 * columns:
        return _line(curve, visible, columns, slice(max(int(places[0]) - 1, 0), int(places[-1]) + 1))
    low, high = nothing, nothing.copy()
    filled = np.flatnonzero(places[1:] > places[:-1])
    padded = np.append(curve.values, np.full(2, np.nan, np.float32))
    # With the first sample of the next column, so that the runs touch.
    ranges = np.column_stack([places[filled], places[filled + 1] + 1]).ravel()
    low[filled] = np.fmin.reduceat(padded, ranges)[::2]
    high[filled] = np.fmax.reduceat(padded, ranges)[::2]
    return low, high


def _line(curve: TraceCurve, visible: Span, columns: int, rows: slice) -> tuple[Values, Values]:
    """The columns of a line through few samples."""
    # Where empty time was left out, several samples may have one time.
    times = curve.times[rows] + 1e-9 * np.arange(len(curve.times[rows]))
    places = (times - visible.start) * (columns / visible.duration)
    runs: ColumnRanges = column_runs(SamplePoints(places, curve.values[rows][None, :]), columns)
    return runs.low[0].astype(np.float32), runs.high[0].astype(np.float32)
