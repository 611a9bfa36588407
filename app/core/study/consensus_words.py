"""What the consensus shows of a feature or an onset, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.answer_words import answer_words
from app.core.plain_text import plain
from app.core.presence_text import PRESENCE_GLYPHS
from app.core.semiology import FEATURE, Answer, Presence
from app.core.timeline.clock_text import clock, span_text

if TYPE_CHECKING:
    from app.core.study.decisions import Dispute, OnsetDispute

SHORT = {Presence.YES: "yes", Presence.NO: "no", Presence.NOT_ASSESSABLE: "n/a"}


def dispute_cells(dispute: Dispute) -> tuple[str, str, str]:
    """The row of a feature: its name, who says what, what was decided."""
    decided = dispute.decided
    words = ["open" if decided is None else f"{PRESENCE_GLYPHS[decided]} {SHORT[decided]}"]
    if dispute.changed:
        words.append("changed since")
    if dispute.beyond_people:
        words.append("program's spans")
    return FEATURE[dispute.feature].name, _said(dispute), ", ".join(words)


def again_words(disputes: Sequence[Dispute]) -> str:
    """What is to be decided again and why, after a space; "" for nothing."""
    changed = sum(one.changed for one in disputes)
    beyond = sum(one.beyond_people for one in disputes)
    return "".join(
        (
            f" Changed since: {changed}; decide these again." if changed else "",
            f" With spans that no person marked: {beyond}; decide these again." if beyond else "",
        )
    )


def onset_cells(onset: OnsetDispute) -> tuple[str, str, str]:
    """The row of the onset, likewise."""
    said = " · ".join(f"{clock(one.seconds, 1)}: {plain(one.name, 20)}" for one in onset.statements)
    return "Onset of the seizure", said, "open" if onset.decided is None else clock(onset.decided, 1)


def _spans_words(answer: Answer) -> tuple[str, ...]:
    """The spans of an answer in words, none without any."""
    spans = answer.evidence
    more = f" and {len(spans) - 1} more" if len(spans) > 1 else ""
    return (f"{span_text(spans[0])}{more}",) if spans else ()


def _said(dispute: Dispute) -> str:
    """The answers of the readers as text and glyphs, grouped by answer."""
    named: dict[Presence, list[str]] = {}
    for one in dispute.statements:
        if one.answer.presence is not None:
            side = "" if one.answer.laterality is None else f" {one.answer.laterality.value}"
            beside = side if dispute.of_side else ""
            named.setdefault(one.answer.presence, []).append(plain(one.name, 20) + beside)
    return " · ".join(
        f"{PRESENCE_GLYPHS[presence]} {SHORT[presence]}: {', '.join(named[presence])}"
        for presence in Presence
        if presence in named
    )


def full_answers(dispute: Dispute) -> str:
    """The answers of the readers in full, with what they said when it was decided, and what of the decision
    is not theirs."""
    said = [
        f"{plain(one.name, 30)}: {in_full(one.answer)}"
        + ("" if one.then is None else f" (when decided: {in_full(one.then)})")
        for one in dispute.statements
    ]
    return " · ".join((*said, *(["the decision has spans that no person marked"] * dispute.beyond_people)))


def in_full(answer: Answer) -> str:
    """An answer with its spans."""
    return ", ".join((answer_words(answer), *_spans_words(answer)))
