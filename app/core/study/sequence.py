"""The seizure as a sequence: features in the order in which they begin, when, and on which side."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.reading import Reading
from app.core.semiology import FEATURE, FEATURES, Presence
from app.core.timeline.clock_text import clock

_LETTERS = {"left": "L", "right": "R", "both": "L+R"}


def order_by_onset(readings: Sequence[Reading]) -> tuple[tuple[str, float], ...]:
    """Features in the order of their first evidence (s): the first reading that says yes and when counts."""
    found: dict[str, float] = {}
    for reading in readings:
        for feature in FEATURES:
            answer = reading.answer(feature.id)
            if answer.presence is Presence.YES and answer.evidence:
                found.setdefault(feature.id, answer.evidence[0].start)
    return tuple(sorted(found.items(), key=lambda item: item[1]))


def sequence_text(readings: Sequence[Reading], onset: float | None) -> str:
    """The features in order of onset as lines of text: when, what, on which side."""
    return "\n".join(
        "\t".join(filter(None, (onset_text(seconds, onset), FEATURE[name].name, side_of(readings, name))))
        for name, seconds in order_by_onset(readings)
    )


def onset_text(seconds: float, onset: float | None) -> str:
    """When a feature begins: after the seizure's `onset` (s) where that is marked, else on the clock."""
    return clock(seconds, 1) if onset is None else f"{seconds - onset:+.1f} s".replace("-", "−")


def place_text(readings: Sequence[Reading], feature: str, seconds: float, onset: float | None) -> str:
    """When and on which side, short enough for a list."""
    side = _LETTERS.get(side_of(readings, feature), "")
    return "  ".join(filter(None, (onset_text(seconds, onset), side)))


def side_of(readings: Sequence[Reading], feature: str) -> str:
    """The side that goes with the feature's place in the sequence, of the first reading that has one."""
    for reading in readings:
        answer = reading.answer(feature)
        if answer.presence is Presence.YES and answer.evidence:
            return "" if answer.laterality is None else answer.laterality.value
    return ""
