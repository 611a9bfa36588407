"""Confidence and side of an answer in words, the same wherever an answer is shown."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.semiology import Answer, ConfidenceKind
from app.core.times import clock

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
    """`left`, or `left, from 0:25 right` where the side changes; "" without a side."""
    if answer.laterality is None:
        return ""
    later = (f"from {clock(one.seconds, tenths=False)} {one.side.value}" for one in answer.sides[1:])
    return ", ".join((answer.laterality.value, *later))
