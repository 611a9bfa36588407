"""Agreement in time and side, where both readers say yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.core.agreement.figure import Figure, figure, mean_interval, median_interval, proportion
from app.core.plural import plural
from app.core.semiology import Answer, Laterality, Presence, Span, joined

Pair = tuple[Answer, Answer]


@dataclass(frozen=True, slots=True)
class OverlapFigures:
    """Where both say yes: how far their spans cover each other, and when they begin and end.

    `iou` is 0…1; `onset` and `offset` are seconds, positive where the second reader is later.
    """

    iou: Figure
    onset: Figure
    offset: Figure


def iou(first: Sequence[Span], second: Sequence[Span]) -> float | None:
    """Intersection over union of two sets of spans, by time; 0…1.

    None when either is empty. Where neither has any length (moments only) 1 if they are the same
    moments, else 0.
    """
    if not first or not second:
        return None
    one, other = joined(tuple(first)), joined(tuple(second))
    union = sum(span.duration for span in joined(one + other))
    if union == 0:
        return float(one == other)
    both = sum(span.duration for span in one) + sum(span.duration for span in other) - union
    return min(1.0, max(0.0, both / union))


def overlap_figures(pairs: Sequence[Pair]) -> OverlapFigures:
    """Mean IoU, and the median differences of first onset and last offset, with bootstrap intervals."""
    both = [
        (one.evidence, other.evidence)
        for one, other in pairs
        if one.presence is other.presence is Presence.YES and one.evidence and other.evidence
    ]
    n = len(both)
    shares = np.array([iou(one, other) or 0.0 for one, other in both])
    onsets = np.array([other[0].start - one[0].start for one, other in both])
    offsets = np.array([_end(other) - _end(one) for one, other in both])
    where = f"the {plural(n, 'recording')} in which both say yes and when"
    return OverlapFigures(
        figure(
            float(shares.mean()) if n else None,
            mean_interval(shares),
            n,
            f"Of the time that either marks, the share that both mark, on average over {where}.",
        ),
        figure(
            float(np.median(onsets)) if n else None,
            median_interval(onsets),
            n,
            f"By how many seconds the second reader's first onset is later, the median of {where}.",
        ),
        figure(
            float(np.median(offsets)) if n else None,
            median_interval(offsets),
            n,
            f"By how many seconds the second reader's last end is later, the median of {where}.",
        ),
    )


def _end(spans: Sequence[Span]) -> float:
    return max(span.end for span in spans)


def side_agreement(pairs: Sequence[Pair]) -> tuple[Figure, dict[tuple[Laterality, Laterality], int]]:
    """How often both name the same side where both say yes and name one; the counts, first reader first."""
    counts: dict[tuple[Laterality, Laterality], int] = {}
    for one, other in pairs:
        if one.presence is other.presence is Presence.YES and one.laterality and other.laterality:
            sides = (one.laterality, other.laterality)
            counts[sides] = counts.get(sides, 0) + 1
    n = sum(counts.values())
    same = sum(number for (one, other), number in counts.items() if one is other)
    return proportion(same, n, f"Both name the same side in {same} of {plural(n, 'case')}."), counts
