"""What was measured over time, for display: curves in rows, their thresholds, their columns on a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.eeg.page import ColumnRanges, SamplePoints
from app.core.eeg.trace_raster import column_runs
from app.core.semiology import Laterality, Span

Values = npt.NDArray[np.float32]
Seconds = npt.NDArray[np.float64]


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


def curve_columns(curve: TraceCurve, visible: Span, columns: int) -> tuple[Values, Values]:
    """The lowest and highest value of the line in each of `columns` equal parts of a span, (columns,) each.

    NaN where there is no line. However long the recording is, this takes time for what is visible only.
    """
    low, high = curves_columns((curve,), visible, columns)
    return low[0], high[0]


def curves_columns(curves: Sequence[TraceCurve], visible: Span, columns: int) -> tuple[Values, Values]:
    """The `curve_columns` of several curves, (curves, columns) each; those that share their times at once."""
    low = np.full((len(curves), max(columns, 0)), np.nan, np.float32)
    high = low.copy()
    if visible.duration <= 0 or columns < 1:
        return low, high
    alike: dict[int, list[int]] = {}
    for number, curve in enumerate(curves):
        alike.setdefault(id(curve.times), []).append(number)
    for numbers in alike.values():
        low[numbers], high[numbers] = _columns([curves[number] for number in numbers], visible, columns)
    return low, high


def _columns(curves: Sequence[TraceCurve], visible: Span, columns: int) -> tuple[Values, Values]:
    """The columns of curves with the times of the first of them."""
    times = curves[0].times
    places = np.searchsorted(times, np.linspace(visible.start, visible.end, columns + 1))
    begin = max(int(places[0]) - 1, 0)
    part = slice(begin, int(places[-1]) + 1)
    if places[-1] - places[0] < 2 * columns:
        return _line(times[part], np.stack([curve.values[part] for curve in curves]), visible, columns)
    padded = np.full((len(curves), len(times[part]) + 2), np.nan, np.float32)
    for row, curve in zip(padded, curves, strict=True):
        row[:-2] = curve.values[part]
    low = np.full((len(curves), columns), np.nan, np.float32)
    high = low.copy()
    filled = np.flatnonzero(places[1:] > places[:-1])
    # With the first sample of the next column, so that the runs touch.
    ranges = np.column_stack([places[filled], places[filled + 1] + 1]).ravel() - begin
    low[:, filled] = np.fmin.reduceat(padded, ranges, axis=1)[:, ::2]
    high[:, filled] = np.fmax.reduceat(padded, ranges, axis=1)[:, ::2]
    return low, high


def _line(times: Seconds, values: Values, visible: Span, columns: int) -> tuple[Values, Values]:
    """The columns of lines (lines, n) through few samples."""
    # Where empty time was left out, several samples may have one time.
    apart = times + 1e-9 * np.arange(len(times))
    places = (apart - visible.start) * (columns / visible.duration)
    runs: ColumnRanges = column_runs(SamplePoints(places, values), columns)
    return runs.low.astype(np.float32), runs.high.astype(np.float32)
