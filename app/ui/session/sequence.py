"""The seizure as a sequence: features in the order in which they begin, when, and on which side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.semiology import FEATURE, Presence
from app.ui.views.clock_text import clock

if TYPE_CHECKING:
    from app.ui.session.session import Session


def sequence_words(session: Session) -> str:
    """The features in order of onset as lines of text: when, what, on which side."""
    return "\n".join(
        "\t".join(filter(None, (onset_words(session, seconds), FEATURE[name].name, side_of(session, name))))
        for name, seconds in session.labels.onsets
    )


def onset_words(session: Session, seconds: float) -> str:
    """When a feature begins: after the seizure's onset where that is marked, else on the clock."""
    zero = session.own.moment("onset")
    return clock(seconds, 1) if zero is None else f"{seconds - zero:+.1f} s".replace("-", "−")


_LETTERS = {"left": "L", "right": "R", "both": "L+R"}


def place_words(session: Session, feature: str, seconds: float) -> str:
    """When and on which side, short enough for a list."""
    side = _LETTERS.get(side_of(session, feature), "")
    return "  ".join(filter(None, (onset_words(session, seconds), side)))


def side_of(session: Session, feature: str) -> str:
    """The side that goes with the feature's place in the sequence: the person's own, else the reader's."""
    shown = session.shown
    for reading in (session.mine,) if shown is None else (session.mine, shown):
        answer = reading.answer(feature)
        if answer.presence is Presence.YES and answer.evidence:
            return "" if answer.laterality is None else answer.laterality.value
    return ""
