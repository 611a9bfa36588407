"""An answer in words, its confidence and its side, the same wherever an answer is shown."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.presence_text import PRESENCE_NAMES
from app.core.semiology import FEATURE, Answer, ConfidenceKind
from app.core.times import clock

_SIDES_NAMED = 3
"""So many changes of side are named; how many more there are is said."""

CONFIDENCE_NAMES: Mapping[ConfidenceKind, str] = {
    ConfidenceKind.STATED: "",
    ConfidenceKind.REPEATS: "of repeats",
    ConfidenceKind.TOKENS: "by tokens",
    ConfidenceKind.SCALED: "scaled",
}
"""The words after a confidence that say how it came about: `80 % of repeats`. A number alone is what the
reader says of itself, as in files and in the history."""

CONFIDENCE_LETTERS: Mapping[ConfidenceKind, str] = {
    ConfidenceKind.STATED: "",
    ConfidenceKind.REPEATS: "r",
    ConfidenceKind.TOKENS: "t",
    ConfidenceKind.SCALED: "s",
}
"""The sign after a number that has no room for words; the words are in its tool tip."""

CONFIDENCE_MEANINGS: Mapping[ConfidenceKind, str] = {
    ConfidenceKind.STATED: "what the reader says of itself",
    ConfidenceKind.REPEATS: "the share of repeated questions that were answered like this",
    ConfidenceKind.TOKENS: "the probability that the model gave the word of its verdict",
    ConfidenceKind.SCALED: "scaled by how often such answers were right in other patients of this study",
}


def confidence_words(answer: Answer) -> str:
    """`80 % of repeats`, or `80 %` as the reader says of itself; "" without a confidence."""
    if answer.confidence is None:
        return ""
    return f"{answer.confidence} % {CONFIDENCE_NAMES[answer.confidence_kind]}".rstrip()


def side_words(answer: Answer) -> str:
    """`left`, or `left, from 0:25 right` where the side changes (`and 4 more` after a few); "" without a
    side."""
    if answer.laterality is None:
        return ""
    named = answer.sides[1 : _SIDES_NAMED + 1]
    later = (f"from {clock(one.seconds, tenths=False)} {one.side.value}" for one in named)
    return ", ".join((answer.laterality.value, *later)) + more_sides(len(answer.sides) - 1 - len(named))


def more_sides(count: int) -> str:
    """` and 4 more` for changes of side that are not named; "" for none."""
    return f" and {count} more" if count > 0 else ""


def why_no_side(feature: str) -> str:
    """Why the feature is given no side, as a short sentence without a full stop."""
    return f"{FEATURE[feature].name} is not on one side of the body, so no side is asked"


def answer_words(answer: Answer | None) -> str:
    """An answer in words: presence, confidence, side."""
    if answer is None:
        return PRESENCE_NAMES[None]
    parts = [PRESENCE_NAMES[answer.presence]]
    if answer.confidence is not None:
        parts.append(f"confidence {confidence_words(answer)}")
    parts += filter(None, [side_words(answer)])
    return ", ".join(parts)
