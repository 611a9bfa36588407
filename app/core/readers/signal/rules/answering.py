"""Construction of answers: presence, confidence by margin, evidence, and explanation with numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from app.core.semiology import Answer, Laterality, Presence, Span, joined


def present(
    feature: str, spans: Iterable[Span], text: str, margin: float, side: Laterality | None = None
) -> Answer:
    """The answer *yes*; `margin` is the ratio of the weakest criterion to its threshold (1 is just
    enough)."""
    return Answer(feature, Presence.YES, _confidence(margin), joined(tuple(spans), 0.5), side, text)


def absent(feature: str, text: str, margin: float, *, seen: float = 1.0) -> Answer:
    """The answer *no*; `margin` is the ratio of the threshold to the nearest candidate (1 is nearly enough),
    `seen` the share of the recording in which the sign could have been seen."""
    confidence = round(50 + (_confidence(margin) - 50) * min(seen, 1.0))
    return Answer(feature, Presence.NO, confidence, (), None, text)


def not_assessable(feature: str, reason: str) -> Answer:
    """The answer *not assessable*, with the reason."""
    return Answer(feature, Presence.NOT_ASSESSABLE, None, (), None, reason)


def _confidence(margin: float) -> int:
    """The confidence of a margin: 50 at the threshold, rising with the margin to at most 95."""
    if not np.isfinite(margin) or margin <= 1:
        return 50
    return round(50 + 45 * (1 - 1 / margin**2))


_TIME_MAP: ContextVar[Callable[[float], float]] = ContextVar("told as", default=lambda seconds: seconds)


@contextmanager
def times_mapped_by(moment: Callable[[float], float]) -> Iterator[None]:
    """A context in which explanations state times converted by `moment`, for measures on another clock."""
    token = _TIME_MAP.set(moment)
    try:
        yield
    finally:
        _TIME_MAP.reset(token)


def format_spans(spans: Iterable[Span]) -> str:
    """Spans as text: "12.4–31.0 s, 40.0–42.5 s"; at most four are named."""
    ordered = joined(tuple(spans), 0.5)
    told = _TIME_MAP.get()
    text = ", ".join(f"{told(span.start):.1f}–{told(span.end):.1f} s" for span in ordered[:4])
    return text + (f" and {len(ordered) - 4} more" if len(ordered) > 4 else "")


def too_short(longest: float, least: float) -> str:
    """The longest stretch (s) of a sign, and by how much it is shorter than `least` (s)."""
    return f"longest {longest:.1f} s, {least - longest:.1f} s too short"


def side_of(sides: Iterable[Laterality]) -> Laterality | None:
    """One side, both, or None when there is none."""
    found = set(sides)
    if not found:
        return None
    return Laterality.BOTH if len(found) > 1 else found.pop()


def join_words(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    items = list(words)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + f" and {items[-1]}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
