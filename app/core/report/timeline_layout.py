"""The layout of evidence over the recording's clock, the same in HTML and on paper."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.report.blocks import Timeline
from app.core.times import clock

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
_MOST_STEPS = 10
LANE, GAP = 5.0, 3.0
"""Height of one reader's lane and of what parts two rows, in units of the drawing."""
LEAST_ROW = 15.0
"""A row is at least so high that its name fits."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One span: left and width as shares of the clock's width, top and height in units."""

    reader: int
    left: float
    width: float
    top: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A row's name at its middle, in units from the top."""

    text: str
    middle: float


@dataclass(frozen=True, slots=True)
class TimelineDrawing:
    """Everything to draw, from the top at 0 to `height`.

    `lines` part the rows, in units from the top; `ticks` are share of the width and words.
    """

    height: float
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    lines: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]


def lay_out_timeline(timeline: Timeline) -> TimelineDrawing:
    """The layout of a timeline whose duration is above zero; evidence beyond the end is cut there."""
    lanes = len(timeline.readers)
    row = max(lanes * LANE, LEAST_ROW - GAP) + GAP
    bars, labels = [], []
    for number, each in enumerate(timeline.rows):
        labels.append(Label(each.name, (number + 0.5) * row))
        bars += list(_bars(timeline, number, row))
    lines = tuple(row * number for number in range(len(timeline.rows) + 1))
    return TimelineDrawing(lines[-1], tuple(bars), tuple(labels), lines, tuple(_ticks(timeline.duration)))


def _bars(timeline: Timeline, number: int, row: float) -> Iterator[Bar]:
    order = [reader for reader, _name in timeline.readers]
    height = (row - GAP) / len(order)
    each, duration = timeline.rows[number], timeline.duration
    for lane in each.lanes:
        top = number * row + GAP / 2 + order.index(lane.reader) * height
        for span in lane.spans:
            left, right = (min(seconds, duration) / duration for seconds in (span.start, span.end))
            title = f"{each.name} {clock(span.start)}–{clock(span.end)}"
            yield Bar(lane.reader, left, right - left, top, height - 1.0, title)


def _ticks(duration: float) -> Iterator[tuple[float, str]]:
    step = next(
        (step for step in _STEPS if duration / step <= _MOST_STEPS), math.ceil(duration / _MOST_STEPS)
    )
    for number in range(int(duration // step) + 1):
        yield number * step / duration, clock(number * step, tenths=False)
