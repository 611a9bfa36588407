"""Drawing, moving and removing spans of an answer: each function gives what an edit leads to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.core.semiology import Answer, Presence, Span

Times = Sequence[float] | NDArray[np.float64]
"""Rising times in seconds, as those of a recording's frames."""


def correct_reaction(span: Span, seconds: float) -> Span:
    """The span, earlier by the reader's reaction time (`seconds`), clipped at 0."""
    return Span(max(span.start - seconds, 0.0), max(span.end - seconds, 0.0))


def snap_span(span: Span, times: Times) -> Span:
    """The span with both ends on the nearest of `times` (seconds, rising), as it is without any."""
    return Span(_nearest(span.start, times), _nearest(span.end, times)) if len(times) else span


def _nearest(seconds: float, times: Times) -> float:
    place = bisect_left(times, seconds)
    near = times[max(place - 1, 0) : place + 1]
    return float(min(near, key=lambda time: abs(time - seconds)))


def holds_span(answer: Answer, span: Span) -> bool:
    """Whether this very span is in the evidence."""
    place = bisect_left(answer.evidence, span)
    return place < len(answer.evidence) and answer.evidence[place] == span


def find_met(answer: Answer, span: Span) -> tuple[Span, ...]:
    """The spans of the evidence that become one with `span` when it is drawn, in order."""
    met: tuple[Span, ...] = ()
    while True:
        whole = _around((*met, span))
        # Nothing that begins after its end can meet it.
        near = answer.evidence[: bisect_right(answer.evidence, whole.end, key=_start)]
        found = tuple(one for one in near if one.end >= whole.start)
        if len(found) == len(met):
            return met
        met = found


def draw_span(answer: Answer, span: Span) -> tuple[tuple[Span, ...], Span]:
    """The spans that are replaced when `span` is drawn, and the span that replaces them."""
    met = find_met(answer, span)
    return met, _around((*met, span))


def with_span(answer: Answer, span: Span) -> Answer:
    """The answer once `span` is drawn."""
    met, whole = draw_span(answer, span)
    return replace_spans(answer, met, (whole,))


def _around(spans: Sequence[Span]) -> Span:
    return Span(min(one.start for one in spans), max(one.end for one in spans))


def _start(span: Span) -> float:
    return span.start


def replace_spans(answer: Answer, removed: Sequence[Span], added: Sequence[Span]) -> Answer:
    """The answer with `added` in place of `removed`; what was unanswered and has evidence becomes *yes*.

    Raises ValueError when it does not hold all of `removed`.
    """
    left = list(answer.evidence)
    for span in removed:
        place = bisect_left(left, span)
        if place == len(left) or left[place] != span:
            raise ValueError("the answer has no such span")
        del left[place]
    presence = answer.presence or (Presence.YES if added else None)
    return replace(answer, presence=presence, evidence=(*left, *added))
