"""The words of tables of labels."""

from __future__ import annotations

from app.core.evaluation.labels import LabelState, label_of
from app.core.exchange.phrases import presence_of
from app.core.semiology import Answer, Laterality

_FAILED = frozenset(("fail", "failed", "failure", "error"))
_SIDES = {"left": Laterality.LEFT, "right": Laterality.RIGHT, "both": Laterality.BOTH}


def state_of(word: str, where: str) -> LabelState:
    """The state that a word means: yes, no, na, fail or blank, in any case, with or without a full stop.

    Raises UserError, naming `where` it stands.
    """
    text = word.strip().rstrip(".").strip()
    if text.casefold() in _FAILED:
        return LabelState.FAILED
    return label_of(Answer("tonic", presence_of(text, where))).state


def side_of(word: str) -> Laterality | None:
    """The side that a word means; None for any other word."""
    return _SIDES.get(word.strip().rstrip(".").casefold())
