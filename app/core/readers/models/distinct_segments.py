"""How many different segments of a recording an answer was given in.

With two passes a short window lies in a plain segment that was asked about as well: what is seen in both is
one thing seen twice, so a window supports the segment that it lies in instead of being another one.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.core.readers.models.segments import Segment


def count_distinct(said: Iterable[Segment], asked: Iterable[Segment]) -> int:
    """The fewest segments that account for all that `said` something; all of these were `asked`.

    A plain segment accounts for itself and for the windows of which at least half lies in it. A window counts
    by itself where no plain segment was asked about. More that said so are never fewer.
    """
    said = {*said}
    plain = sorted({one for one in asked if not one.window}, key=lambda one: one.span.start)
    places = {segment: place for place, segment in enumerate(plain)}
    counted = {places[one] for one in said if not one.window}
    alone = 0
    left: list[list[int]] = []
    for window in (one for one in said if one.window):
        around = [place for place, one in enumerate(plain) if _holds(one, window)]
        if not around:
            alone += 1
        elif counted.isdisjoint(around):
            left.append(around)
    # The segments around a window follow each other, so of the windows in the order in which theirs end, the
    # last segment of each accounts for the most of those that come later.
    for around in sorted(left, key=lambda places: places[-1]):
        if counted.isdisjoint(around):
            counted.add(around[-1])
    return alone + len(counted)


def _holds(segment: Segment, window: Segment) -> bool:
    """Whether at least half of a window lies in a segment."""
    start, end = max(segment.span.start, window.span.start), min(segment.span.end, window.span.end)
    return end - start >= window.span.duration / 2
