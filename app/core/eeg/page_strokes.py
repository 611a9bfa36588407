"""Traces of a page drawn into a picture: polylines, or vertical lines where there are many samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.page import (
    PageStretch,
    column_ranges,
    sample_points,
)
from app.core.eeg.traces import Trace

Image = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

_DENSE = 4
"""Samples per column above which columns are drawn instead of a polyline."""

_FAR = 20_000.0
"""Pixels: positions further away are drawn there, which is outside of any picture."""

_BITS = 4
"""Binary digits of the fraction of a pixel in positions for OpenCV."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a trace is drawn: 0 is `middle` pixels from the top, a unit is `scale` pixels down. `colours` are
    for settled values and for values that are not settled, `thickness` is in pixels."""

    middle: float
    scale: float
    colours: tuple[Colour, Colour]
    thickness: int


def draw_trace(area: Image, trace: Trace, stretch: PageStretch, stroke: Stroke) -> None:
    """Draw a trace into `area` (h, w, 3), which shows exactly the `stretch`.

    Gaps (NaN) stay empty.
    """
    if trace.row.rate * (stretch.end - stretch.start) > stretch.columns * _DENSE:
        _draw_columns(area, trace, stretch, stroke)
    else:
        _draw_line(area, trace, stretch, stroke)


def _draw_line(area: Image, trace: Trace, stretch: PageStretch, stroke: Stroke) -> None:
    import cv2

    rows = np.stack([trace.values.astype(np.float64), trace.unsettled.astype(np.float64)])
    points = sample_points(rows, trace.row.rate, trace.first, stretch)
    values, doubtful = points.values[0], points.values[1] > 0
    heights = np.clip(stroke.middle + values * stroke.scale, -_FAR, _FAR)
    wider = area.shape[1] / stretch.columns
    for begin, end in _runs(np.isfinite(values), doubtful):
        # From the last sample of the run before, if there is no gap between: the line does not break.
        begun = begin - 1 if begin and np.isfinite(values[begin - 1]) else begin
        places = np.stack([points.columns[begun:end] * wider, heights[begun:end]], axis=1)
        if len(places) == 1:
            places = np.repeat(places, 2, axis=0)
        fixed = np.round((places - 0.5) * 2**_BITS).astype(np.int32)
        colour = stroke.colours[int(doubtful[begin])]
        cv2.polylines(area, [fixed[:, None]], False, colour, stroke.thickness, cv2.LINE_AA, _BITS)


def _runs(finite: npt.NDArray[np.bool_], doubtful: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Begin and end of the stretches of finite samples that are all settled, or all not."""
    state = np.where(finite, doubtful.astype(np.int8), np.int8(-1))
    edges = [0, *(np.flatnonzero(np.diff(state)) + 1).tolist(), len(state)]
    for begin, end in pairwise(edges):
        if end > begin and state[begin] >= 0:
            yield begin, end


def _draw_columns(area: Image, trace: Trace, stretch: PageStretch, stroke: Stroke) -> None:
    one = PageStretch(stretch.start, stretch.end, area.shape[1])
    values = trace.values[None].astype(np.float64)
    found = column_ranges(values, trace.row.rate, trace.first, one, joined=True)
    unsettled = trace.unsettled[None].astype(np.float64)
    doubtful = column_ranges(unsettled, trace.row.rate, trace.first, one).high[0] > 0
    low, high = _heights(found.low[0], found.high[0], stroke)
    for colour, wanted in zip(stroke.colours, (~doubtful, doubtful), strict=True):
        _paint(area, np.where(wanted, low, np.nan), np.where(wanted, high, np.nan), colour, stroke.thickness)


def _heights(
    low: npt.NDArray[Any], high: npt.NDArray[Any], stroke: Stroke
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Top and bottom of each column in pixels, NaN where nothing is drawn."""
    ends = np.clip(stroke.middle + np.stack([low, high]) * stroke.scale, -_FAR, _FAR)
    return ends.min(axis=0), ends.max(axis=0)


def _paint(
    area: Image, top: npt.NDArray[Any], bottom: npt.NDArray[Any], colour: Colour, thickness: int
) -> None:
    """Fill every column from its top to its bottom."""
    drawn = np.isfinite(top)
    if not drawn.any():
        return
    first = np.where(drawn, np.floor(top - (thickness - 1) / 2), 1)
    last = np.where(drawn, np.floor(bottom + (thickness - 1) / 2), 0)
    begin = max(int(first[drawn].min()), 0)
    end = min(int(last[drawn].max()) + 1, len(area))
    if end <= begin:
        return
    rows = np.arange(begin, end)[:, None]
    area[begin:end][(rows >= first) & (rows <= last)] = colour


def stretch_of(start: Fraction, seconds: Fraction, columns: int) -> PageStretch:
    """The stretch of a page in so many columns."""
    return PageStretch(start, start + seconds, columns)
