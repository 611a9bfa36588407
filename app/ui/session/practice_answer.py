"""The answer to a card while it is being given: nothing of it is kept before it is submitted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.core.semiology import FEATURE, Answer, Laterality, Presence, Span

_SHORTEST = 0.05
"""Seconds; a span marked shorter than that is a point."""


class DraftAnswer(QObject):
    """Presence, side, spans, certainty and reason. Side and spans count only with *yes*."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answer = Answer("tonic")
        self._marked: tuple[Span, ...] = ()
        self._begun: float | None = None

    @property
    def answer(self) -> Answer:
        """The answer as it would be submitted."""
        draft = self._answer
        if draft.presence is Presence.YES:
            return draft
        return replace(draft, evidence=(), laterality=None)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The marked spans, also while the presence is another one."""
        return self._answer.evidence

    @property
    def begun(self) -> float | None:
        """The start (s) of a span without an end yet."""
        return self._begun

    def begin(self, feature: str) -> None:
        """Begin the answer to another card."""
        self._begun, self._marked = None, ()
        self._set(Answer(feature))

    @property
    def asks_side(self) -> bool:
        """Whether the feature of this card can be on one side alone."""
        return FEATURE[self._answer.feature].has_side

    def say(self, presence: Presence) -> None:
        self._change(presence=presence)

    def toggle_side(self, side: Laterality) -> None:
        """Say the side, or take it away again; a side means *yes*. Nothing where none is asked."""
        if not self.asks_side:
            return
        now = None if self._answer.laterality is side else side
        self._change(presence=Presence.YES, laterality=now)

    def set_confidence(self, confidence: int | None) -> None:
        """How certain the learner is, 0–100."""
        self._change(confidence=confidence)

    def set_reason(self, text: str) -> None:
        """Why the learner thinks so."""
        self._change(explanation=text.encode("utf-8", "replace").decode("utf-8"))

    def begin_span(self, seconds: float) -> None:
        """A span begins here; `end_span` completes it."""
        self._begun = seconds
        self.changed.emit()

    def end_span(self, seconds: float) -> None:
        """The begun span ends here; without one it is the point. A span means *yes*."""
        begun = seconds if self._begun is None else self._begun
        self._begun = None
        self.add_span(min(begun, seconds), max(begun, seconds))

    def add_span(self, start: float, end: float) -> None:
        """Mark a span (s), which means *yes*."""
        span = Span(start, end if end - start >= _SHORTEST else start)
        self._mark((*self._marked, span))

    def take_back(self) -> None:
        """Remove a begun span, or else the span marked last, or else presence and side."""
        if self._begun is not None:
            self._begun = None
            self.changed.emit()
        elif self._marked:
            self._mark(self._marked[:-1])
        else:
            self._change(presence=None, laterality=None)

    def _mark(self, spans: tuple[Span, ...]) -> None:
        self._marked = spans
        self._change(presence=Presence.YES, evidence=spans)

    def _change(self, **fields: Any) -> None:
        self._set(replace(self._answer, **fields))

    def _set(self, answer: Answer) -> None:
        if answer != self._answer:
            self._answer = answer
            self.changed.emit()
