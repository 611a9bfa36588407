"""How spans of an answer are drawn, moved and removed: each gives the answer that an edit leads to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.core.semiology import Answer, Presence, Span

Times = Sequence[float] | NDArray[np.float64]
"""Rising times in seconds, as those of a recording's frames."""


def corrected(span: Span, seconds: float) -> Span:
    """The span as much earlier as the reader reacts late (`seconds`), clipped at 0."""
    return Span(max(span.start - seconds, 0.0), max(span.end - seconds, 0.0))


def snapped(span: Span, times: Times) -> Span:
    """The span with both ends on the nearest of `times` (seconds, rising), as it is without any."""
    return Span(_nearest(span.start, times), _nearest(span.end, times)) if len(times) else span


def _nearest(seconds: float, times: Times) -> float:
    place = bisect_left(times, seconds)
    near = times[max(place - 1, 0) : place + 1]
    return float(min(near, key=lambda time: abs(time - seconds)))


def with_span(answer: Answer, span: Span) -> Answer:
    """The answer with one span more; what was unanswered becomes *yes*, any other presence stays."""
    if span in answer.evidence:
        return answer
    return replace(answer, presence=answer.presence or Presence.YES, evidence=(*answer.evidence, span))


def with_moved_span(answer: Answer, former: Span, span: Span) -> Answer:
    """The answer with `span` in place of `former`. Raises ValueError when it does not hold `former`."""
    return with_span(without_span(answer, former), span)


def without_span(answer: Answer, span: Span) -> Answer:
    """The answer with one span less; its presence stays. Raises ValueError when it does not hold it."""
    if span not in answer.evidence:
        raise ValueError("the answer has no such span")
    left = list(answer.evidence)
    left.remove(span)
    return replace(answer, evidence=tuple(left))
