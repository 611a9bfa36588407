"""The person's labels in full: spans of evidence, side, confidence, notes, and holding a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from app.core.answer_words import why_no_side
from app.core.semiology import FEATURE, Answer, Laterality, Presence, Span
from app.ui.session.answers import Answers
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.playback import Playback
from app.ui.session.seizure_marks import SeizureMarks
from app.ui.session.selection import Selection
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.study.edits import Edit

REACTION_LIMIT = 3.0
"""Seconds; nobody reacts later than this."""
SHORTEST_HOLD = 0.15
"""Seconds; a key that is released sooner was only touched."""


class Labels(QObject):
    """Changes of the person's labels; each shows at once and is saved in the background."""

    span_chosen = Signal()
    """Another span of evidence is chosen, or none."""
    drawing_changed = Signal(bool)

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        playback: Playback,
        study: OpenedStudy,
        answers: Answers,
        selection: Selection,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._playback = playback
        self._study = study
        self._answers = answers
        self._selection = selection
        self._status = status
        self._chosen: Span | None = None
        self._drawing = False
        self._holding: tuple[str, float] | None = None
        self._reaction = 0.0
        self.marks = SeizureMarks(
            playback=playback,
            study=study,
            answers=answers,
            selection=selection,
            status=status,
            snapped=self.snapped,
            parent=self,
        )
        """Onset, end and phases of the seizure."""

    def reset(self) -> None:
        """No key is held; what was begun in the former recording is dropped."""
        self._holding = None

    # spans

    @property
    def chosen(self) -> Span | None:
        """The span of the person's evidence for the selected feature that Del removes."""
        if self._chosen is None:
            return None
        from app.core.study.spans import holds_span

        return self._chosen if holds_span(self._selected, self._chosen) else None

    def choose_span(self, span: Span | None) -> None:
        if span != self._chosen:
            self._chosen = span
            self.span_chosen.emit()

    @property
    def drawing(self) -> bool:
        """Whether a drag in the timeline draws a span instead of moving the cursor."""
        return self._drawing

    def set_drawing(self, on: bool) -> None:
        self._drawing = on
        self.drawing_changed.emit(on)

    def snapped(self, span: Span) -> Span:
        """The span with both ends on a frame of the recording."""
        from app.core.study.spans import snap_span

        recording = self._opened.recording
        if recording is None or recording.video is None:
            return span
        return snap_span(span, cast("Sequence[float]", recording.video.times))

    def add_span(self, feature: str, span: Span) -> None:
        """One more span of evidence; what was unanswered becomes *yes*."""
        from app.core.study.spans import draw_span, with_span

        span, before = self.snapped(span), self._answers.mine.answer(feature)
        if self._answers.asks_which_is_meant(with_span(before, span)):
            return
        _met, whole = draw_span(before, span)
        self._then_choose(whole, lambda: self._study.of_recording.label_edits.evidence(before, span))

    def move_span(self, feature: str, former: Span, span: Span) -> None:
        """A span is dragged to another place, or one of its ends is."""
        from app.core.study.spans import holds_span

        span, before = self.snapped(span), self._answers.mine.answer(feature)
        if span == former or not self._is_there(before, former):
            return
        added = () if holds_span(before, span) else (span,)
        edits = self._study.of_recording
        self._then_choose(span, lambda: edits.label_edits.spans(before, (former,), added))

    def remove_span(self, feature: str, span: Span) -> None:
        before, edits = self._answers.mine.answer(feature), self._study.of_recording
        if self._is_there(before, span):
            self._then_choose(None, lambda: edits.label_edits.spans(before, (span,), ()))

    def _is_there(self, answer: Answer, span: Span) -> bool:
        """Whether a span can be changed; it may have gone while it was dragged."""
        from app.core.study.spans import holds_span

        there = holds_span(answer, span)
        if not there:
            self._status.say("that span no longer exists")
        return there

    def _then_choose(self, span: Span | None, make: Callable[[], Edit | None]) -> None:
        """Make a change of evidence with what becomes of it chosen, so that it is painted once."""
        former, self._chosen = self._chosen, span
        if not self._study.apply(make):
            self._chosen = former

    def delete(self) -> None:
        """Remove the chosen span, else the chosen mark; without either, clear the selected answer."""
        chosen, mark = self.chosen, self.marks.chosen
        if chosen is not None:
            self.remove_span(self._selection.feature, chosen)
        elif mark is not None:
            self.marks.remove(mark)
        else:
            self._answers.answer(self._selection.feature, None)

    # evidence between two presses of a key

    def begin_evidence(self) -> None:
        """Let the person's evidence for the selected feature begin at the cursor."""
        if self._opened.recording is not None:
            self._selection.evidence_start = self._playback.cursor
            self._status.say("evidence begins here; O ends it")

    def end_evidence(self) -> None:
        """Let it end at the cursor and keep it; an unanswered feature becomes *yes*."""
        from app.core.study.spans import with_span

        start, cursor = self._selection.evidence_start, self._playback.cursor
        if start is None:
            self._status.say("I begins the evidence first")
            return
        self._selection.evidence_start = None
        before, span = self._selected, Span(min(start, cursor), max(start, cursor))
        if self._answers.asks_which_is_meant(with_span(before, span)):
            return
        self._study.apply(lambda: self._study.of_recording.label_edits.evidence(before, span))

    # while a key is held

    @property
    def holding(self) -> float | None:
        """Where the span begins that is made by holding a key; seconds."""
        return self._holding[1] if self._holding is not None else None

    @property
    def reaction(self) -> float:
        """How late the person reacts, in seconds; spans made by holding a key are moved back by it."""
        return self._reaction

    def set_reaction(self, seconds: float) -> None:
        self._reaction = min(max(seconds, 0.0), REACTION_LIMIT)

    @property
    def cursor(self) -> float:
        """Where the recording is now, in seconds."""
        return self._playback.cursor

    def hold(self) -> None:
        """The selected feature is happening from here on, until `let_go`."""
        if self._holding is None and self._opened.recording is not None:
            self._holding = (self._selection.feature, self._playback.cursor)
            self._status.say("marking while you hold the key")

    def let_go(self, at: float | None = None) -> None:
        """It has ended, now or `at` these seconds, and is kept.

        The span is moved back by the reaction time at the playing speed.
        """
        from app.core.study.spans import correct_reaction

        if self._holding is None:
            return
        (feature, start), self._holding = self._holding, None
        end = self._playback.cursor if at is None else at
        if end - start < SHORTEST_HOLD:
            self._status.say("too short; hold the key while the feature is visible")
            return
        self.add_span(feature, correct_reaction(Span(start, end), self._reaction * self._playback.speed))

    # side, confidence, note

    def set_side(self, side: Laterality | None) -> None:
        """The patient's own side of the selected feature; an unanswered one becomes *yes*."""
        before = self._selected
        presence = before.presence if side is None else before.presence or Presence.YES
        self._put(replace(before.with_side(side), presence=presence))

    def asks_side(self, feature: str) -> bool:
        """Whether the feature can be on one side alone, or has a side in an import, which can be removed."""
        return FEATURE[feature].has_side or self._answers.mine.answer(feature).laterality is not None

    def toggle_side(self, side: Laterality) -> None:
        """Say the side of the selected feature, or take it away again; nothing where none is asked."""
        if not self.asks_side(self._selection.feature):
            self._status.say(why_no_side(self._selection.feature))
            return
        self.set_side(None if self._selected.laterality is side else side)

    def set_confidence(self, confidence: int | None) -> None:
        """How sure the person is of the selected feature, 0–100."""
        self._put(self._selected.with_confidence(confidence))

    def set_note(self, feature: str, note: str) -> None:
        """The free note with the answer; "" removes it."""
        from app.core.study.edits import SetNote

        before = self._answers.my_reading.note(feature)
        if note != before:
            study = self._study
            study.apply(lambda: SetNote(study.opened(), study.me, feature, before, note))

    @property
    def _selected(self) -> Answer:
        return self._answers.mine.answer(self._selection.feature)

    def _put(self, after: Answer) -> None:
        before = self._selected
        if after.laterality is not before.laterality and self._answers.asks_which_is_meant(after):
            return
        self._study.apply(lambda: self._study.of_recording.label_edits.answer(before, after))
