"""Construction of answers: presence, confidence by margin, evidence, and explanation with numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import Mask
from app.core.readers.signal.thresholds import limit
from app.core.semiology import FEATURE, Answer, Laterality, Presence, Span, joined


def present(
    feature: str, spans: Iterable[Span], text: str, margin: float, side: Laterality | None = None
) -> Answer:
    """The answer *yes*; `margin` is the ratio of the weakest criterion to its threshold (1 is just
    enough)."""
    return Answer(feature, Presence.YES, _confidence(margin), joined(tuple(spans), 0.5), side, text)


def absent(feature: str, text: str, margin: float) -> Answer:
    """The answer *no*; `margin` is the ratio of the threshold to the nearest candidate (1 is nearly
    enough)."""
    return Answer(feature, Presence.NO, _confidence(margin), (), None, text)


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


def seen_too_little(seen: Mask, rate: float) -> bool:
    """Whether something was in view for too short a time to be judged."""
    return bool(seen.sum() < limit("seconds_seen") * rate or seen.mean() < limit("share_seen"))


def why_no_picture(feature: str, measures: Measures) -> str | None:
    """The reason why the picture does not allow an answer to this feature; None when it does."""
    grid = measures.grid
    if grid is None:
        return "There is no picture with a person in it."
    needed = FEATURE[feature].min_fps
    if needed is not None and grid.rate < 0.95 * needed:
        return f"The picture has {grid.rate:.1f} frames a second; this feature needs {needed:.0f} to be seen."
    if grid.duration < limit("seconds_seen"):
        return f"The recording lasts {grid.duration:.1f} s, which is too short to judge this."
    return None


def why_no_limbs(feature: str, measures: Measures, kind: str, at_least: int = 1) -> str | None:
    """The reason why limbs of a kind ("arm" or "leg") cannot be judged (fewer than `at_least` were found);
    None when they can."""
    reason = why_no_picture(feature, measures)
    if reason or measures.grid is None:
        return reason
    limbs = measures.arms if kind == "arm" else measures.legs
    hidden = [limb for limb in limbs if seen_too_little(limb.end_seen & limb.seen, measures.grid.rate)]
    if len(limbs) - len(hidden) >= at_least:
        return None
    if not limbs:
        return "The patient's body was not found in the picture."
    names = join_words(f"{limb.name.side.value} {kind} {_share(limb.seen)}" for limb in hidden)
    return f"Not enough of the {kind}s is in view: {names} of the time."


def why_no_face(feature: str, measures: Measures) -> str | None:
    """The reason why the face cannot be judged; None when it can."""
    reason = why_no_picture(feature, measures)
    if reason or measures.grid is None:
        return reason
    seen = measures.grid.face_seen
    if measures.face is None or seen_too_little(seen, measures.grid.rate):
        return f"The patient's face was found in {_share(seen)} of the recording, which is too little."
    return None


def _share(mask: Mask) -> str:
    return f"{100 * float(mask.mean()):.0f} %"
