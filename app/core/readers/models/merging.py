"""The merging of segment answers to one answer for the recording (protocol of arXiv 2605.03352).

*Yes* if any segment says yes; `occur_during_sleep` is the first segment's answer. *Not assessable* and
failures never become *no*: a feature that no segment could assess is not assessable, and one with a failed
request and no *yes* stays unanswered, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.plain_text import plain
from app.core.readers.models.segments import Segment
from app.core.semiology import FEATURE, Answer, Laterality, Presence, joined

FIRST_SEGMENT_ONLY = "occur_during_sleep"

NOT_ASKED = "Not asked."
"""The explanation of an answer for which no segment was asked."""


@dataclass(frozen=True, slots=True)
class SegmentAnswer:
    """The result of one segment for one feature: an answer (spans on the recording's clock) or a failure."""

    segment: Segment
    feature: str
    answer: Answer | None
    failure: str = ""


def merge(feature: str, said: Sequence[SegmentAnswer]) -> Answer:
    """The merged answer for `feature`; unanswered when nothing was asked. Raises ValueError for an unknown
    one."""
    if feature not in FEATURE:
        raise ValueError(f"unknown feature: {feature}")
    rows = sorted((row for row in said if row.feature == feature), key=lambda row: row.segment.number)
    if feature == FIRST_SEGMENT_ONLY:
        rows = [row for row in rows if row.segment.number == 0]
    yes = _with(rows, Presence.YES)
    if yes:
        return _merged(feature, Presence.YES, yes)
    failed = [row for row in rows if row.answer is None or row.answer.presence is None]
    if failed or not rows:
        return Answer(feature, explanation=_failures(failed))
    no = _with(rows, Presence.NO)
    unseen = _with(rows, Presence.NOT_ASSESSABLE)
    if no:
        return _merged(feature, Presence.NO, no, unseen)
    return _merged(feature, Presence.NOT_ASSESSABLE, unseen)


def _with(rows: Sequence[SegmentAnswer], presence: Presence) -> list[tuple[Segment, Answer]]:
    return [(row.segment, row.answer) for row in rows if row.answer and row.answer.presence is presence]


def _merged(
    feature: str,
    presence: Presence,
    rows: Sequence[tuple[Segment, Answer]],
    unseen: Sequence[tuple[Segment, Answer]] = (),
) -> Answer:
    confidences = [answer.confidence for _, answer in rows if answer.confidence is not None]
    # A *yes* has the confidence of its surest segment, a *no* that of its least sure one.
    decide = max if presence is Presence.YES else min
    return Answer(
        feature,
        presence,
        decide(confidences) if confidences else None,
        joined(tuple(span for _, answer in rows for span in answer.evidence)),
        _side([answer.laterality for _, answer in rows if answer.laterality]),
        _explanation(rows, unseen),
    )


def _side(sides: Sequence[Laterality]) -> Laterality | None:
    found = set(sides)
    if len(found) > 1:
        return Laterality.BOTH
    return found.pop() if found else None


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
