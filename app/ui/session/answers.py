"""Everybody's answers for the open recording: the person's, the others', and which of these is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.mirroring import mirrored_readings
from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import Answer, Presence
from app.core.study.content import Content
from app.core.study.marks import Mark, MarkKind
from app.core.study.my_reading import MyReading
from app.core.study.quick_answers import contradiction
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.picture import ShownPicture

if TYPE_CHECKING:
    from app.core.study.full_reading import FullReading


class Answers(QObject):
    """Says exactly what is another answer now; with another recording everything is."""

    mine_changed = Signal(object)
    """A frozenset of the features that the person answers otherwise now."""
    note_changed = Signal()
    """A note of the person's."""
    marks_changed = Signal()
    """The marks of the seizure."""
    readings_changed = Signal()
    """What the other readers say, which of them is shown, or on which side they saw it."""
    seal_changed = Signal()
    """What is sealed from the person, whether their reading is locked, who the readers are."""
    consensus_changed = Signal()
    """Why it was decided so; what was decided is a reading itself."""
    ratings_changed = Signal()
    """The person's ratings of explanations."""
    contradicted = Signal(object)
    """A change would lead to a *no* with side or spans and is not made: the `ContradictedNo` to ask about."""

    def __init__(self, study: OpenedStudy, picture: ShownPicture, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._study = study
        self._picture = picture
        self._shown_reader: ReaderIdentity | None = None
        self._of_recording = study.of_recording
        self._stored: tuple[Reading, ...] | None = None
        self._others: tuple[Reading, ...] = ()
        self._beside: tuple[Reading, ...] = ()
        self._further: tuple[Reading, ...] = ()
        self._shown: Reading | None = None
        self._suggested: Reading | None = None
        study.content_changed.connect(self._on_content)
        picture.mirrored_changed.connect(self._on_mirrored)

    def reset(self) -> None:
        """Show the first of the other readers, as with every recording."""
        self._shown_reader = self._stored = self._suggested = None

    @property
    def mine(self) -> Reading:
        """The person's answers."""
        return self._of_recording.content.mine

    @property
    def my_reading(self) -> MyReading:
        """What the person keeps with their answers, and what is sealed from them."""
        return self._of_recording.content.my_reading

    @property
    def others(self) -> tuple[Reading, ...]:
        """All other readings, the latest change first, left and right as the picture shows them."""
        if self._stored is not self._of_recording.content.others:
            self._take_others()
        return self._others

    def _take_others(self) -> None:
        """Know the other readings as they are shown, which is asked for each row of every list."""
        self._stored = stored = self._of_recording.content.others
        self._others = mirrored_readings(stored) if self._picture.mirrored else stored
        suggested = () if self._suggested is None else (self._suggested,)
        self._beside = (*suggested, *self._others)
        self._shown = next(iter((*suggested, *self._by_chosen(), *self._others)), None)
        self._further = tuple(one for one in self._beside if one is not self._shown)

    def _by_chosen(self) -> Iterator[Reading]:
        """What the chosen reader says, also where it was asked about another part or view."""
        chosen = self._shown_reader
        if chosen is not None:
            yield from (one for one in self._others if one.reader.is_same(chosen))
            asked = chosen.anywhere
            yield from (one for one in self._others if one.reader.anywhere.is_same(asked))

    @property
    def shown(self) -> Reading | None:
        """The reading shown with the person's: what is suggested, the chosen reader's, or the first."""
        if self._stored is not self._of_recording.content.others:
            self._take_others()
        return self._shown

    @property
    def in_view(self) -> tuple[Reading, ...]:
        """The person's reading, and the shown one where there is one."""
        shown = self.shown
        return (self.mine,) if shown is None else (self.mine, shown)

    @property
    def beside(self) -> tuple[Reading, ...]:
        """Everybody besides the person, with what is suggested."""
        if self._stored is not self._of_recording.content.others:
            self._take_others()
        return self._beside

    @property
    def further(self) -> tuple[Reading, ...]:
        """Everybody besides the person and the shown reader."""
        if self._stored is not self._of_recording.content.others:
            self._take_others()
        return self._further

    def note_of(self, reader: ReaderIdentity, feature: str) -> str:
        """Another reader's note on a feature, "" without one."""
        full = self._full(reader)
        return "" if full is None else full.note(feature)

    def onset_of(self, reader: ReaderIdentity) -> float | None:
        """Where another reader has marked the seizure's onset; seconds."""
        found = (mark for mark in self.marks_of(reader) if mark.kind is MarkKind.ONSET)
        return next((mark.seconds for mark in found), None)

    def marks_of(self, reader: ReaderIdentity) -> tuple[Mark, ...]:
        """Where another reader has marked the seizure, in order of time."""
        full = self._full(reader)
        return () if full is None else full.marks

    def _full(self, reader: ReaderIdentity) -> FullReading | None:
        """What is kept with another reader's answers, None without anything."""
        for one in self._of_recording.content.beside:
            if one.reading.reader.is_same_version(reader):
                return one
        return None

    def show_reader(self, reader: ReaderIdentity) -> None:
        """Show this reader with the person's answers from now on; of one whose answers are to come, nothing
        changes until then."""
        before = self.shown, self.further
        self._shown_reader, self._stored, self._suggested = reader, None, None
        if (self.shown, self.further) != before:
            self.readings_changed.emit()

    def suggest(self, reading: Reading) -> None:
        """Show answers that no reader has given for this recording, until another reader is shown."""
        self._stored, self._suggested = None, reading
        self.readings_changed.emit()

    def _on_mirrored(self) -> None:
        self._stored = None
        self.readings_changed.emit()

    def answer(self, feature: str, presence: Presence | None) -> bool:
        """Tick a feature; clearing it clears its evidence too. Whether that is on its way."""
        before = self.mine.answer(feature)
        if presence is not None and self.asks_which_is_meant(replace(before, presence=presence)):
            return False
        return self._study.apply(lambda: self._study.of_recording.label_edits.presence(before, presence))

    def put(self, after: Answer) -> bool:
        """Answer a feature in full. Whether that is on its way."""
        before = self.mine.answer(after.feature)
        return self._study.apply(lambda: self._study.of_recording.label_edits.answer(before, after))

    def asks_which_is_meant(self, after: Answer) -> bool:
        """Whether an answer contradicts itself, so that the person is asked instead."""
        found = contradiction(after)
        if found is not None:
            self.contradicted.emit(found)
        return found is not None

    def _on_content(self, before: Content, now: Content) -> None:
        if before.mine is not now.mine:
            features = _differing(before.mine, now.mine)
            if features:
                self.mine_changed.emit(features)
        if before.others is not now.others and before.others != now.others:
            self.readings_changed.emit()
        if (before.people_only, before.said_then) != (now.people_only, now.said_then):
            self.consensus_changed.emit()
        if before.my_reading is not now.my_reading:
            self._on_my_reading(before.my_reading, now.my_reading)

    def _on_my_reading(self, before: MyReading, now: MyReading) -> None:
        if before.notes != now.notes:
            self.note_changed.emit()
        if before.marks != now.marks:
            self.marks_changed.emit()
        if before.consensus_notes != now.consensus_notes:
            self.consensus_changed.emit()
        if before.ratings != now.ratings:
            self.ratings_changed.emit()
        if before.standing != now.standing:
            self.seal_changed.emit()


def _differing(one: Reading, other: Reading) -> frozenset[str]:
    """The features that two readings answer differently."""
    answered = {*one.answers, *other.answers}
    return frozenset([name for name in answered if one.answers.get(name) != other.answers.get(name)])
