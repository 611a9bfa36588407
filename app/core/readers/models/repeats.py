"""One answer from several answers to the same question: which was given how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from app.core.plain_text import plain
from app.core.presence_text import PRESENCE_NAMES
from app.core.semiology import Answer, ConfidenceKind, Presence, Span, joined

REPEAT_TEMPERATURE = 0.7
"""At temperature 0 a model would say the same again."""

_FIRST = (Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE)
"""Of equally frequent answers the first of these stands: a *yes* that is in doubt should be looked at."""


def combine_repeats(answers: Sequence[Answer]) -> Answer:
    """The most frequent of answers to one feature, with the share of repeats that gave it as confidence.

    Evidence are the times that at least half of those name; side and reason are of the first that has the
    most frequent side. Repeats without an answer do not count; with half of them or fewer left the feature is
    unanswered. One answer stays as it is. Raises ValueError without any.
    """
    if len(answers) == 1:
        return answers[0]
    given = [answer for answer in answers if answer.presence is not None]
    if 2 * len(given) <= len(answers):
        failed = next((answer for answer in answers if answer.presence is None), None)
        if failed is None:
            raise ValueError("no answers")
        return Answer(failed.feature, explanation=failed.explanation)
    counts = Counter(answer.presence for answer in given)
    presence = max(_FIRST, key=lambda one: (counts[one], -_FIRST.index(one)))
    agreeing = [answer for answer in given if answer.presence is presence]
    sides = Counter(answer.laterality for answer in agreeing)
    first = max(agreeing, key=lambda answer: sides[answer.laterality])
    said = f"{PRESENCE_NAMES[presence].capitalize()} in {len(agreeing)} of {len(given)} repeats."
    if len(given) < len(answers):
        said += f" {len(answers) - len(given)} had no answer."
    return replace(
        first,
        confidence=round(100 * len(agreeing) / len(given)),
        confidence_kind=ConfidenceKind.REPEATS,
        evidence=_named_by_half([answer.evidence for answer in agreeing]),
        explanation=plain("\n".join(filter(None, (said, first.explanation)))),
    )


def _named_by_half(evidence: Sequence[tuple[Span, ...]]) -> tuple[Span, ...]:
    """The times that at least half of several lists of spans name."""
    changes: Counter[float] = Counter()
    for spans in map(joined, evidence):
        for span in spans:
            changes[span.start] += 1
            changes[span.end] -= 1
    found, named, begun = [], 0, 0.0
    for moment in sorted(changes):
        before, named = named, named + changes[moment]
        if 2 * before < len(evidence) <= 2 * named:
            begun = moment
        elif 2 * named < len(evidence) <= 2 * before:
            found.append(Span(begun, moment))
    return tuple(found)
