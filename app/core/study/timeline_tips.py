"""What the timeline says of the part under the pointer."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.answer_words import confidence_words, side_words
from app.core.plain_text import plain
from app.core.presence_text import PRESENCE_NAMES
from app.core.reading import Reading
from app.core.semiology import FEATURE, GROUP_NAMES, Answer, Span
from app.core.study.marks import Mark
from app.core.study.seizure_marks import mark_name
from app.core.timeline.clock_text import clock, span_text
from app.core.timeline.timeline_rows import Row

_LONGEST_EXPLANATION = 600


@dataclass(frozen=True, slots=True)
class Hit:
    """The part of the timeline under the pointer."""

    row: Row
    reading: Reading
    span: Span | None
    mine: bool = False

    @property
    def who(self) -> str:
        """Whose lane it is."""
        if self.mine:
            return "You"
        return "Signal reader" if self.reading.reader.is_rule_based else plain(self.reading.reader.name, 40)


def answer_tip(hit: Hit) -> str:
    """What the tool tip of a place in the timeline says: the answer, who gave it, its span and why."""
    answer = hit.reading.answer(hit.row.feature)
    lines = [FEATURE[hit.row.feature].name, f"{hit.who}: {_said(answer)}"]
    if hit.span is not None:
        lines += [span_text(hit.span), "Click: go there · double-click: loop"]
    if answer.explanation:
        lines += ["", plain(answer.explanation, _LONGEST_EXPLANATION)]
    return "\n".join(lines)


def feature_tip(name: str) -> str:
    """What the tool tip of a feature's name says: its group and what is to be seen."""
    feature = FEATURE[name]
    return f"{feature.name} · {GROUP_NAMES[feature.group]}\n{feature.observable}"


def mark_tip(mark: Mark) -> str:
    """What the tool tip of a mark says, and what can be done with it."""
    rename = "" if mark.kind != "phase" else " · double-click: rename"
    return f"{mark_name(mark)} {clock(mark.seconds)}\nDrag: move · Del: remove{rename}"


def _said(answer: Answer) -> str:
    parts = [PRESENCE_NAMES[answer.presence]]
    parts += filter(None, (confidence_words(answer), side_words(answer)))
    if answer.presence is not None and answer.presence.value == "yes" and not answer.evidence:
        parts.append("no time span given")
    return ", ".join(parts)
