"""The merging of segment answers to one answer for the recording (protocol of arXiv 2605.03352).

*Yes* if any segment says yes, or by another rule, for which a window of the second pass supports the segment
that it lies in (`distinct_segments.py`); `occur_during_sleep` is the answer of the first segment that was
asked. *Not assessable* and failures never become *no*: a feature that no segment could assess is not
assessable, and one with a failed request and no *yes* stays unanswered, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.plain_text import plain
from app.core.readers.models.distinct_segments import count_distinct
from app.core.readers.models.merge_rule import MergeRule
from app.core.readers.models.repeats import combine_repeats
from app.core.readers.models.segments import Segment
from app.core.semiology import (
    FEATURE,
    MOST_SIDES,
    Answer,
    ConfidenceKind,
    Laterality,
    Presence,
    SideFrom,
    joined,
)

FIRST_SEGMENT_ONLY = "occur_during_sleep"

ANY_SEGMENT = MergeRule()

NOT_ASKED = "Not asked."
"""The explanation of an answer for which no segment was asked."""


@dataclass(frozen=True, slots=True)
class SegmentAnswer:
    """The result of one segment for one feature: an answer (spans on the recording's clock) or a failure."""

    segment: Segment
    feature: str
    answer: Answer | None
    failure: str = ""
    repeat: int = 1


def merge(feature: str, said: Sequence[SegmentAnswer], rule: MergeRule = ANY_SEGMENT) -> Answer:
    """The merged answer for `feature`; unanswered when nothing was asked. Repeats are merged each by itself,
    and their answers combined. Raises ValueError for an unknown feature."""
    if feature not in FEATURE:
        raise ValueError(f"unknown feature: {feature}")
    repeats: dict[int, list[SegmentAnswer]] = {}
    for row in said:
        if row.feature == feature:
            repeats.setdefault(row.repeat, []).append(row)
    if not repeats:
        return Answer(feature, explanation=NOT_ASKED)
    return combine_repeats([_merged_segments(feature, repeats[number], rule) for number in sorted(repeats)])


def _merged_segments(feature: str, said: Sequence[SegmentAnswer], rule: MergeRule) -> Answer:
    rows = sorted(said, key=lambda row: row.segment.span.start)
    if feature == FIRST_SEGMENT_ONLY:
        rows = rows[:1]
        rule = ANY_SEGMENT
    elif all(row.segment.whole for row in rows):
        # Asked once about the whole event, which several segments cannot confirm.
        rule = replace(rule, at_least=1)
    yes, no, unseen = (_with(rows, presence) for presence in Presence)
    asked = [row.segment for row in rows]
    counted = count_distinct((one for one, answer in yes if rule.counts(answer.confidence)), asked)
    if yes and rule.says_yes(counted, count_distinct((one for one, _ in (*yes, *no)), asked)):
        return _merged(feature, Presence.YES, yes)
    failed = [row for row in rows if row.answer is None or row.answer.presence is None]
    if failed or not rows:
        return Answer(feature, explanation=_failures(failed))
    if yes or no:
        merged = _merged(feature, Presence.NO, no, unseen)
        if not yes:
            return merged
        distinct = count_distinct((one for one, _ in yes), asked)
        return replace(merged, explanation=_too_few(yes, distinct, rule, merged.explanation))
    return _merged(feature, Presence.NOT_ASSESSABLE, unseen)


def _with(rows: Sequence[SegmentAnswer], presence: Presence) -> list[tuple[Segment, Answer]]:
    return [(row.segment, row.answer) for row in rows if row.answer and row.answer.presence is presence]


def _merged(
    feature: str,
    presence: Presence,
    rows: Sequence[tuple[Segment, Answer]],
    unseen: Sequence[tuple[Segment, Answer]] = (),
) -> Answer:
    confidence, kind = _confidence(presence, [answer for _, answer in rows])
    sides = _sides(rows)
    return Answer(
        feature,
        presence,
        confidence,
        joined(tuple(span for _, answer in rows for span in answer.evidence)),
        sides[0].side if sides else None,
        _explanation(rows, unseen),
        kind,
        sides if len(sides) > 1 else (),
    )


def _confidence(presence: Presence, answers: Sequence[Answer]) -> tuple[int | None, ConfidenceKind]:
    """A *yes* has the confidence of its surest segment, a *no* that of its least sure one.

    Only segments with the kind of confidence that most of them have count, because kinds cannot be compared.
    """
    kinds = Counter(answer.confidence_kind for answer in answers if answer.confidence is not None)
    if not kinds:
        return None, ConfidenceKind.STATED
    kind = kinds.most_common(1)[0][0]
    decide = max if presence is Presence.YES else min
    return decide(one.confidence or 0 for one in answers if one.confidence_kind is kind), kind


def _sides(rows: Sequence[tuple[Segment, Answer]]) -> tuple[SideFrom, ...]:
    """The first sides in order of time, each from where it is first seen; *both* is what is on both at
    once."""
    said = [
        (answer.evidence[0].start if answer.evidence else segment.span.start, answer.laterality)
        for segment, answer in rows
        if answer.laterality is not None
    ]
    found: list[SideFrom] = []
    for seconds, side in sorted(said):
        if found and found[-1].side is side:
            continue
        at_once = bool(found) and found[-1].seconds == seconds
        if at_once:
            del found[-1]
        now = Laterality.BOTH if at_once else side
        if not found or found[-1].side is not now:
            found.append(SideFrom(seconds, now))
    return tuple(found[:MOST_SIDES])


def _too_few(yes: Sequence[tuple[Segment, Answer]], distinct: int, rule: MergeRule, reasons: str) -> str:
    times = ", ".join(_clock(segment) for segment, _ in yes)
    said = f"Yes in {distinct} of the segments ({times}), which is not a yes by the rule “{rule.name}”."
    return plain("\n".join(filter(None, (said, reasons))))


def _explanation(rows: Sequence[tuple[Segment, Answer]], unseen: Sequence[tuple[Segment, Answer]]) -> str:
    ordered = sorted(rows, key=lambda row: (-(row[1].confidence or 0), row[0].number))
    lines = [f"[{_clock(segment)}] {answer.explanation}" for segment, answer in ordered if answer.explanation]
    if len(rows) == 1 and not unseen and lines:
        lines = [rows[0][1].explanation]
    if unseen:
        lines.append("Not assessable in " + ", ".join(_clock(segment) for segment, _ in unseen) + ".")
    return plain("\n".join(lines))


def _failures(failed: Sequence[SegmentAnswer]) -> str:
    if not failed:
        return NOT_ASKED
    return plain("\n".join(f"[{_clock(row.segment)}] {row.failure or 'no answer'}" for row in failed))


def _clock(segment: Segment) -> str:
    return "–".join(
        f"{moment // 60}:{moment % 60:02d}" for moment in (round(segment.span.start), round(segment.span.end))
    )
