"""The person's own labels in full: spans, side, confidence, notes, the seizure's marks, and their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from app.core.reading import Reading
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.ui.session.answers import Answers
from app.ui.session.seizure_marks import SeizureMarks
from app.ui.session.state import Changed

if TYPE_CHECKING:
    from app.ui.session.session import Session

REACTION_LIMIT = 3.0
"""Seconds; nobody reacts later than this."""
SHORTEST_HOLD = 0.15
"""Seconds; a key that is let go sooner was only touched."""

Keep = Callable[[Callable[[], None], Changed], bool]
"""Makes a change of the study and shows why when it cannot be kept."""


class Order(StrEnum):
    """How the checklist is sorted."""

    CHECKLIST = "checklist"
    ONSET = "onset"


class Labels:
    """Intents on the person's own labels; each is on disk when it returns, or a message says why not."""

    def __init__(self, session: Session, answers: Answers, keep: Keep) -> None:
        self._session = session
        self._answers = answers
        self._keep = keep
        self._selected: Span | None = None
        self._drawing = False
        self._holding: tuple[str, float] | None = None
        self._order = Order.CHECKLIST
        self._only_evidence = False
        self._reaction = 0.0
        self._marks = SeizureMarks(session, answers, self._kept)

    # spans

    @property
    def selected(self) -> Span | None:
        """The span of the selected feature's own evidence that Del removes."""
        if self._selected is None:
            return None
        from app.core.study.spans import holds

        mine = self._session.mine.answer(self._session.feature)
        return self._selected if holds(mine, self._selected) else None

    def select_span(self, span: Span | None) -> None:
        if span != self._selected:
            self._selected = span
            self._session.changed.emit(Changed.SELECTION)

    @property
    def drawing(self) -> bool:
        """Whether a drag in the timeline draws a span instead of moving the cursor."""
        return self._drawing

    def set_drawing(self, on: bool) -> None:
        self._drawing = on
        self._session.changed.emit(Changed.LOOK)

    def snapped(self, span: Span) -> Span:
        """The span with both ends on a frame of the recording."""
        from app.core.study.spans import snapped

        recording = self._session.recording
        if recording is None or recording.video is None:
            return span
        return snapped(span, cast("Sequence[float]", recording.video.times))

    def add_span(self, feature: str, span: Span) -> None:
        """One more span of evidence; what was unanswered becomes *yes*."""
        from app.core.study.spans import drawn

        span = self.snapped(span)
        _met, whole = drawn(self._session.mine.answer(feature), span)
        self._now_selected(whole, lambda: self._answers.add_evidence(feature, span))

    def move_span(self, feature: str, former: Span, span: Span) -> None:
        """A span is dragged to another place, or one of its ends is."""
        from app.core.study.spans import holds

        span = self.snapped(span)
        before = self._session.mine.answer(feature)
        if span == former or not self._is_there(before, former):
            return
        added = () if holds(before, span) else (span,)
        self._now_selected(span, lambda: self._answers.change_spans(feature, (former,), added))

    def remove_span(self, feature: str, span: Span) -> None:
        if self._is_there(self._session.mine.answer(feature), span):
            self._now_selected(None, lambda: self._answers.change_spans(feature, (span,), ()))

    def _is_there(self, answer: Answer, span: Span) -> bool:
        """Whether a span can be changed; it may have gone while it was dragged."""
        from app.core.study.spans import holds

        there = holds(answer, span)
        if not there:
            self._session.tell("that span no longer exists")
        return there

    def _now_selected(self, span: Span | None, change: Callable[[], None]) -> None:
        """Make a change of evidence and select what became of it; every view is told once, not twice."""
        former, self._selected = self._selected, span
        if not self._kept(change):
            self._selected = former

    def delete(self) -> None:
        """Remove the selected span, else the chosen mark; without either, clear the selected answer."""
        chosen, mark = self.selected, self._marks.chosen
        if chosen is not None:
            self.remove_span(self._session.feature, chosen)
        elif mark is not None:
            self._marks.remove(mark)
        else:
            self._session.answer(self._session.feature, None)

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

    def hold(self) -> None:
        """The selected feature is happening from here on, until `let_go`."""
        if self._holding is None and self._session.recording is not None:
            self._holding = (self._session.feature, self._session.cursor)
            self._session.tell("marking while you hold the key")

    @property
    def cursor(self) -> float:
        """Where the recording is now, in seconds."""
        return self._session.cursor

    def let_go(self, at: float | None = None) -> None:
        """It has ended, now or `at` these seconds, and is kept.

        The span is moved back by the reaction time at the playing speed.
        """
        from app.core.study.spans import corrected

        if self._holding is None:
            return
        (feature, start), self._holding = self._holding, None
        end = self._session.cursor if at is None else at
        if end - start < SHORTEST_HOLD:
            self._session.tell("too short; hold the key while the feature is visible")
            return
        self.add_span(feature, corrected(Span(start, end), self._reaction * self._session.speed))

    def forget_hold(self) -> None:
        """Nothing is held any more; what was begun is dropped."""
        self._holding = None

    # side, confidence, note

    def set_side(self, side: Laterality | None) -> None:
        """The patient's own side of the selected feature; an unanswered one becomes *yes*."""
        before = self._mine
        presence = before.presence if side is None else before.presence or Presence.YES
        self._set(replace(before, laterality=side, presence=presence))

    def toggle_side(self, side: Laterality) -> None:
        self.set_side(None if self._mine.laterality is side else side)

    def set_confidence(self, confidence: int | None) -> None:
        """How sure the person is of the selected feature, 0–100."""
        self._set(replace(self._mine, confidence=confidence))

    def set_note(self, feature: str, note: str) -> None:
        """The free note beside the answer; "" removes it."""
        from app.core.study.edits import SetNote

        before = self._session.own.note(feature)
        if note != before:

            def change() -> None:
                _study, number = self._answers.opened()
                self._answers.apply(SetNote(number, self._answers.me, feature, before, note))

            self._kept(change)

    # marks of the seizure

    @property
    def marks(self) -> SeizureMarks:
        """Onset, end and phases of the seizure."""
        return self._marks

    # the order of the features, and the next one to look at

    @property
    def order(self) -> Order:
        """How the checklist is sorted."""
        return self._order

    def set_order(self, order: Order) -> None:
        self._order = order
        self._session.changed.emit(Changed.ORDER)

    @property
    def listed(self) -> tuple[str, ...]:
        """The features as the checklist shows them."""
        names = [feature.id for feature in FEATURES]
        if self._order is Order.ONSET:
            first = [name for name, _seconds in self.onsets]
            names = [*first, *(name for name in names if name not in first)]
        return tuple(names)

    @property
    def onsets(self) -> tuple[tuple[str, float], ...]:
        """Features with their onset (s) in its order: the person's own, else the shown reader's."""
        shown = self._session.shown
        return by_onset((self._session.mine,) if shown is None else (self._session.mine, shown))

    @property
    def only_evidence(self) -> bool:
        """Whether the timeline lists only the features that somebody has seen, and the selected one."""
        return self._only_evidence

    def set_only_evidence(self, on: bool) -> None:
        self._only_evidence = on
        self._session.changed.emit(Changed.ORDER)

    @property
    def in_timeline(self) -> tuple[str, ...]:
        """The features that stand in the timeline, in their order there."""
        if not self._only_evidence:
            return self.listed
        shown = self._session.shown
        readings = (self._session.mine,) if shown is None else (self._session.mine, shown)
        seen = [name for name in self.listed if any(_is_seen(one.answer(name)) for one in readings)]
        # The selected one stands below, so that nothing else moves with it.
        return (*seen, *({self._session.feature} - {*seen}))

    def next_unanswered(self) -> None:
        """Select the next feature without an own answer, round to the first."""
        mine = self._session.mine
        self._go_to_next(lambda feature: mine.answer(feature).presence is None, "all 20 are answered")

    def next_disagreement(self) -> None:
        """Select the next feature on which the person and a reader differ, at the evidence."""
        readings = (self._session.mine, *self._session.others)
        if self._session.own.sealed:
            self._session.tell("the readers' answers stay sealed until you lock yours")
            return
        found = self._go_to_next(lambda feature: differ(readings, feature), "no disagreement is left")
        if found is not None:
            spans = sorted({span for one in readings for span in one.answer(found).evidence})
            if spans:
                self._session.show_span(spans[0])

    def _go_to_next(self, wanted: Callable[[str], bool], none: str) -> str | None:
        order = list(self.listed)
        here = order.index(self._session.feature)
        found = next((name for name in order[here + 1 :] + order[: here + 1] if wanted(name)), None)
        if found is None:
            self._session.tell(none)
        else:
            self._session.select(found)
        return found

    # keeping

    @property
    def _mine(self) -> Answer:
        return self._session.mine.answer(self._session.feature)

    def _set(self, after: Answer) -> bool:
        return self._kept(lambda: self._answers.set_answer(after))

    def _kept(self, change: Callable[[], None]) -> bool:
        return self._keep(change, Changed.ANSWERS)


def _is_seen(answer: Answer) -> bool:
    return answer.presence is Presence.YES or bool(answer.evidence)


def differ(readings: tuple[Reading, ...], feature: str) -> bool:
    """Whether readings that answer the feature say different things of it."""
    said = {one.answer(feature).presence for one in readings} - {None}
    return len(said) > 1


def by_onset(readings: tuple[Reading, ...]) -> tuple[tuple[str, float], ...]:
    """Features in the order of their first evidence (s): the first reading that says yes and when counts."""
    found: dict[str, float] = {}
    for reading in readings:
        for feature in FEATURES:
            answer = reading.answer(feature.id)
            if answer.presence is Presence.YES and answer.evidence:
                found.setdefault(feature.id, answer.evidence[0].start)
    return tuple(sorted(found.items(), key=lambda item: item[1]))
