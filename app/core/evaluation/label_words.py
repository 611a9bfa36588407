"""The words and times of tables of labels."""

from __future__ import annotations

import re

from app.core.evaluation.labels import LabelState, label_of
from app.core.exchange.phrases import presence_of
from app.core.semiology import Answer, Laterality

_FAILED = frozenset(("fail", "failed", "failure", "error"))
_SIDES = {"left": Laterality.LEFT, "right": Laterality.RIGHT, "both": Laterality.BOTH}
_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,4}):([0-5]?[0-9](?:\.[0-9]*)?)")
_SECONDS = re.compile(r"[0-9]{1,7}(?:\.[0-9]*)?")


def state_of(word: str, where: str) -> LabelState:
    """The state that a word means: yes, no, na, fail or blank, in any case, with or without a full stop.

    Raises UserError, naming `where` it stands.
    """
    text = word.strip().rstrip(".").strip()
    if text.casefold() in _FAILED:
        return LabelState.FAILED
    return label_of(Answer("tonic", presence_of(text, where))).state


def time_of(word: str) -> float | None:
    """Seconds from seconds, M:SS or H:MM:SS; None for anything else."""
    text = word.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def side_of(word: str) -> Laterality | None:
    """The side that a word means; None for any other word."""
    return _SIDES.get(word.strip().rstrip(".").casefold())
