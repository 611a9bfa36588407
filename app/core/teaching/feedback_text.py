"""Feedback on a card in words: what was right, the expert's answer, and what the feature is confused with."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.answer_words import confidence_words, side_words
from app.core.presence_text import PRESENCE_NAMES
from app.core.semiology import FEATURE, Answer, ConfidenceKind, Feature, Presence
from app.core.teaching.card_score import GOOD_OVERLAP, CardScore
from app.core.teaching.key_opening import FoilAnswer, OpenedKey
from app.core.teaching.learner_results import Confusion, FoilCounts
from app.core.teaching.practice import CardFeedback
from app.core.timeline.clock_text import clock, span_text

_MOST_CONFUSIONS = 3

Fact = tuple[str, str]
"""What a sentence is about, and the sentence."""


def verdict(feedback: CardFeedback) -> str:
    """One line: right or wrong, and in what."""
    said = PRESENCE_NAMES[feedback.opened.key.answer.presence]
    score = feedback.score
    if not score.right:
        return f"Not what the key says: {said}"
    missed = [
        name
        for name, is_missed in (
            ("the side", score.side_right is False),
            ("the span", score.overlap is not None and score.overlap < GOOD_OVERLAP),
        )
        if is_missed
    ]
    return f"Right: {said}" + (f", except for {' and '.join(missed)}" if missed else "")


def feedback_facts(feedback: CardFeedback) -> tuple[Fact, ...]:
    """The comparison, the expert's words, and what the feature is and is confused with."""
    opened, expert = feedback.opened, feedback.opened.key.answer
    facts = [
        ("You", answer_text(feedback.own) + (", with the definition" if feedback.hinted else "")),
        ("Then", _decision_text(feedback)),
        ("Key", f"{answer_text(expert)} (from {opened.expert})"),
        ("Onset", onset_text(feedback.score, opened, feedback.own)),
        ("Overlap", _overlap_text(feedback.score)),
        ("In words", expert.explanation),
        ("This case", opened.note),
        *feature_facts(feedback.feature),
    ]
    return tuple((name, text) for name, text in facts if text)


def feature_facts(feature: Feature) -> tuple[Fact, ...]:
    """What a feature is, from when on it counts, what it is confused with, and what its side means."""
    facts = (
        ("Counts as", feature.observable),
        ("At least", feature.minimum),
        ("Looks alike", feature.confusers),
        ("Lateralising value", feature.lateralising_note),
    )
    return tuple((name, text[:1].upper() + text[1:]) for name, text in facts if text)


def answer_text(answer: Answer) -> str:
    """Presence, side, spans and certainty in one line."""
    parts = [PRESENCE_NAMES[answer.presence]]
    if answer.presence is Presence.YES:
        parts += filter(None, [side_words(answer)])
        parts += [span_text(span) for span in answer.evidence]
    if answer.confidence is not None:
        sure = answer.confidence_kind is ConfidenceKind.STATED
        parts.append(f"{answer.confidence} % sure" if sure else confidence_words(answer))
    return ", ".join(parts)


def _decision_text(feedback: CardFeedback) -> str:
    then = feedback.after_foil
    if then is None:
        return ""
    return "kept after the model's answer" if then == feedback.own else f"changed to {answer_text(then)}"


def foil_text(foil: FoilAnswer) -> str:
    """What a model or program said."""
    return f"“{foil.reader}” says {answer_text(foil.answer)}."


def foil_counts_text(counts: FoilCounts) -> str:
    """How far the learner followed a model's answers in this course; "" when none was shown."""
    if counts == FoilCounts():
        return ""
    shown = counts.given_up + counts.mended + counts.stayed_right + counts.stayed_wrong
    return (
        f"After a model's answer ({shown} in this course): right answers given up {counts.given_up}, "
        f"wrong ones mended {counts.mended}."
    )


def confusions_text(confusions: Sequence[Confusion]) -> str:
    """The features that the learner missed most often and said another for; "" without any."""
    pairs = [
        f"{FEATURE[one.said].name} for {FEATURE[one.shown].name}"
        + (f" ({one.count}×)" if one.count > 1 else "")
        for one in confusions[:_MOST_CONFUSIONS]
    ]
    return f"Said in this course: {', '.join(pairs)}." if pairs else ""


def onset_text(score: CardScore, opened: OpenedKey, own: Answer) -> str:
    """The error of the onset beside the spread among the experts; "" where there is no onset to compare."""
    if score.onset_error is None:
        return ""
    late = "late" if score.onset_error >= 0 else "early"
    text = f"{clock(own.evidence[0].start, 1)}: {abs(score.onset_error):.1f} s {late}"
    onsets = opened.key.onsets
    if len(onsets) < 2:
        return f"{text}; one expert marked it"
    where = "among" if score.onset_within else "outside of"
    first, last = clock(min(onsets), 1), clock(max(onsets), 1)
    return f"{text}, {where} the onsets of {len(onsets)} experts ({first}–{last})"


def _overlap_text(score: CardScore) -> str:
    if score.overlap is None:
        return ""
    return f"{score.overlap:.0%} of the time that either of you marked"
