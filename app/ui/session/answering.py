"""Answering fast: going on to the next feature, several answers at once, and taking over a suggestion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.plain_text import plain
from app.core.plural import plural
from app.core.reading import Reading, person
from app.core.semiology import FEATURE, Answer, Presence
from app.core.study import quick_answers
from app.ui.session.answers import Answers
from app.ui.session.feature_order import FeatureOrder
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.selection import Selection
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.study.edits import Edit
    from app.core.study.store import Study
    from app.core.study.worklist import WorkItem

SEALED = "the readers' answers stay sealed until you lock yours"
_GIVE = {"side": "its side (2, 3, 4)", "span": "a span (I … O)"}


@dataclass(slots=True)
class Advance:
    """Whether *no*, *not assessable* and a second *yes* by key go on to the next feature."""

    on: bool = True

    def toggle(self) -> None:
        self.on = not self.on


class Answering(QObject):
    """Each change shows at once and is one step of undo, however many features it answers."""

    def __init__(
        self,
        *,
        study: OpenedStudy,
        answers: Answers,
        selection: Selection,
        order: FeatureOrder,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._study = study
        self._answers = answers
        self._selection = selection
        self._order = order
        self._status = status
        self._wanted = ""
        """What was said of the selected feature."""
        selection.selected.connect(self._forget_wanted)

    def answer(self, presence: Presence | None, advance: Advance | None = None) -> None:
        """Answer the selected feature; with `advance` go on unless *yes* was not given before.

        After the first *yes* the feature stays, whatever else it is given: side, span and note belong to it,
        and a field that is clicked as the selection goes on would be of the next.
        """
        feature = self._selection.feature
        again = self._answers.mine.answer(feature).presence is presence
        self._answers.answer(feature, presence)
        kept = self._answers.mine.answer(feature)
        if advance is None or not advance.on or presence is None or kept.presence is not presence:
            return
        if again or presence is not Presence.YES:
            self._order.step(1)
        else:
            self._say_what_is_wanted(kept)

    def _say_what_is_wanted(self, answer: Answer) -> None:
        """Say what the *yes* lacks, and how it is left."""
        wanted = " and ".join(_GIVE[part] for part in quick_answers.lacking(answer))
        self._wanted = f"now {wanted}; Y again goes on" if wanted else "Y again goes on"
        self._status.say(self._wanted)

    def _forget_wanted(self) -> None:
        """Another feature is selected, of which this is not true."""
        if self._wanted and self._status.line == self._wanted:
            self._status.say("")
        self._wanted = ""

    # several at once

    def rest_no(self) -> None:
        """Every feature that is unanswered is *no*."""
        self._put(quick_answers.rest_no(self._answers.mine), "the rest is no", "answered no")

    def rest_as_signal_reader(self) -> None:
        """Every unanswered feature is as the signal reader says; nothing while its answers are sealed."""
        if self._answers.my_reading.sealed:
            self._status.say(SEALED)
            return
        readings = (one for one in self._answers.others if one.reader.is_rule_based)
        signal = next(readings, None)
        if signal is None:
            self._status.say("the signal reader has not answered yet")
        else:
            answers = quick_answers.rest_as(self._answers.mine, signal)
            self._put(answers, "the rest as the signal reader says", "answered as the signal reader does")

    def _put(self, answers: tuple[Answer, ...], why: str, now: str) -> None:
        """Keep these answers as one step, and say how many they are."""
        if not answers:
            self._status.say("nothing is left to be answered so")
            return
        count = len(answers)
        subject = plural(count, "feature")
        done = f"{subject} {now}; undo takes {'it' if count == 1 else 'all of them'} back"
        self._study.apply_all(lambda: self._edits(answers), why=why, done=done)

    def _edits(self, answers: tuple[Answer, ...]) -> tuple[Edit, ...]:
        edits, mine = self._study.of_recording.label_edits, self._answers.mine
        made = (edits.answer(mine.answer(one.feature), one) for one in answers)
        return tuple(edit for edit in made if edit is not None)

    # suggestions

    def accept(self, advance: Advance) -> None:
        """Take over what the shown reader says of the selected feature, with its evidence and side."""
        feature, shown = self._selection.feature, self._answers.shown
        suggestion = None if shown is None else shown.answer(feature)
        if suggestion is None or suggestion.presence is None:
            sealed = self._answers.my_reading.sealed
            self._status.say(SEALED if sealed else "there is no suggestion for this feature")
            return
        before = self._answers.mine.answer(feature)
        if self._answers.put(quick_answers.accepted(before, suggestion)) and advance.on:
            self._order.step(1)

    def suggest_last_seizure(self) -> None:
        """Show what the person answered in this patient's last seizure as suggestions, or say why not."""
        from app.core.study.next_recording import last_seizure

        me, number, viewer = self._study.me, self._study.recording_number, self._study.viewer

        def find(study: Study) -> tuple[WorkItem, Reading] | None:
            item = last_seizure(study.worklist(me, viewer=viewer), number)
            return None if item is None else (item, study.reading(item.recording_id, me, viewer=me))

        self._study.ask(find, lambda found: self._suggest(found, number))

    def _suggest(self, found: tuple[WorkItem, Reading] | None, number: int) -> None:
        if number != self._study.recording_number:
            return
        if found is None:
            self._status.say("no earlier seizure of this patient has your answers (see Patients and events)")
            return
        item, reading = found
        name = f"Last seizure: {plain(item.name, 60)}"
        self._answers.suggest(
            replace(
                reading, reader=person(name), answers=quick_answers.without_evidence(reading.answers.values())
            )
        )
        self._status.say(f"suggestions from {plain(item.name, 60)}, without times; Shift+A accepts one")

    # before locking

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The ids of the features that the person has not answered."""
        return quick_answers.unanswered(self._answers.mine)

    @property
    def unanswered_names(self) -> str:
        """Their names, in one line."""
        return ", ".join(FEATURE[name].name for name in self.unanswered)

    def go_to_first_unanswered(self) -> None:
        """Select the first feature without an answer, if there is one."""
        left = self.unanswered
        if left:
            self._selection.select(left[0])
