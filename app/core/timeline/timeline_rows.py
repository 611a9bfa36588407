"""Where the rows, lanes and bars of the timeline lie; no painting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from app.core.semiology import FEATURE, FEATURES, Answer, Span
from app.core.timeline.time_axis import TimeScale

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LOWEST_ROW, HIGHEST_ROW = 16.0, 24.0
GROUP_GAP = 7.0
_ROOM, _DENSE_ROOM = (2.5, 2.0), (1.5, 1.0)
"""Pixels round the lanes of a row and between them, with up to two lanes and with more."""
SHORTEST_BAR = 3.0
"""Pixels; a point of time is drawn and can be hit this wide at least."""
_CLOSEST = 1.0
"""Pixels; bars nearer to each other than this are painted as one."""

_START, _END = attrgetter("start"), attrgetter("end")

FloatArray: TypeAlias = "npt.NDArray[np.float64]"

_ALL = tuple(feature.id for feature in FEATURES)


@dataclass(frozen=True, slots=True)
class Row:
    """One feature: `top` and `height` in pixels below the ruler, before scrolling."""

    feature: str
    top: float
    height: float
    opens_group: bool
    """Whether a separator stands above it."""

    def lane(self, number: int, lanes: int) -> tuple[float, float]:
        """(top, height) of the lane of one reader among `lanes`, the first is the person's."""
        return self.lanes(lanes)[number]

    def lanes(self, count: int) -> tuple[tuple[float, float], ...]:
        """(top, height) of the lane of each of `count` readers, the first is the person's."""
        padding, gap = _ROOM if count <= 2 else _DENSE_ROOM
        height = (self.height - 2 * padding - gap * (count - 1)) / count
        return tuple([(self.top + padding + number * (height + gap), height) for number in range(count)])

    def lane_at(self, y: float, lanes: int) -> int:
        """The number of the lane nearest to `y`."""
        padding, gap = _ROOM if lanes <= 2 else _DENSE_ROOM
        share = (y - self.top - padding + gap / 2) / max(self.height - 2 * padding + gap, 1.0)
        return min(max(int(share * lanes), 0), lanes - 1)


def rows_for(available: float, features: Sequence[str] = _ALL) -> tuple[Row, ...]:
    """These features in this order, as high as `available` pixels allow within bounds.

    In the order of the checklist its groups are parted; in any other there are none.
    """
    grouped = [name for name in _ALL if name in features] == list(features)
    opens = [
        grouped and index > 0 and FEATURE[name].group is not FEATURE[features[index - 1]].group
        for index, name in enumerate(features)
    ]
    height = (available - GROUP_GAP * sum(opens)) // max(1, len(features))
    height = min(max(height, LOWEST_ROW), HIGHEST_ROW)
    result: list[Row] = []
    top = 0.0
    for name, opens_group in zip(features, opens, strict=True):
        top += GROUP_GAP if opens_group else 0.0
        result.append(Row(name, top, height, opens_group))
        top += height
    return tuple(result)


def content_height(rows: tuple[Row, ...]) -> float:
    return rows[-1].top + rows[-1].height


def row_at(rows: tuple[Row, ...], y: float) -> Row | None:
    """The row at `y`; a gap between groups belongs to none."""
    return next((row for row in rows if row.top <= y < row.top + row.height), None)


def edges(answer: Answer) -> FloatArray | None:
    """(2, n) starts and ends of the evidence in seconds, by start; None without evidence."""
    spans = answer.evidence
    if not spans:
        return None  # before numpy is imported: there is no evidence yet when the window opens
    import numpy as np

    return np.array(
        [np.fromiter(map(side, spans), dtype=np.float64, count=len(spans)) for side in (_START, _END)]
    )


def bars(evidence: FloatArray | None, scale: TimeScale) -> FloatArray:
    """(2, m) left and right edges in pixels of what is painted of (2, n) starts and ends in seconds.

    Only what lies in the scale's span, cut at its edges; bars that cannot be distinguished are one, so
    that m is bounded by the width and not by n.
    """
    import numpy as np

    if evidence is None:
        return np.empty((2, 0))
    starts, ends = evidence
    shown = (ends >= scale.span.start) & (starts <= scale.span.end)
    left, right = scale.xs(evidence[:, shown])
    right = np.maximum(right, left + SHORTEST_BAR)
    first, last = scale.left, scale.right
    left = np.clip(left, first, max(first, last - SHORTEST_BAR))
    right = np.clip(right, first, last)
    if len(left) == 0:
        return np.empty((2, 0))
    reach = np.maximum.accumulate(right)
    begins = np.flatnonzero(np.concatenate(([True], left[1:] > reach[:-1] + _CLOSEST)))
    closes = np.concatenate((begins[1:], [len(left)])) - 1
    return np.array([left[begins], reach[closes]])


def span_at(evidence: FloatArray | None, scale: TimeScale, x: float) -> Span | None:
    """The shortest piece of evidence under the pixel `x`, with a little room for the hand."""
    if evidence is None:
        return None
    import numpy as np

    starts, ends = evidence
    left = scale.xs(starts)
    right = np.maximum(scale.xs(ends), left + SHORTEST_BAR)
    hit = np.flatnonzero((left - 2 <= x) & (x <= right + 2))
    if len(hit) == 0:
        return None
    best = hit[np.argmin((ends - starts)[hit])]
    return Span(float(starts[best]), float(ends[best]))
