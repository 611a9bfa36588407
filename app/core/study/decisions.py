"""The consensus on a recording: where its readings differ, and what was decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.core.reading import ReaderIdentity, ReaderKey, ReaderKind, Reading
from app.core.semiology import FEATURE, Answer, Laterality, Presence, Span, joined
from app.core.study.consensus import CONSENSUS, is_consensus
from app.core.study.content import Content
from app.core.study.disagreement import Differ, disagreements, onsets_differ
from app.core.study.edits import Decide, Decision, SetMark
from app.core.study.marks import Mark, MarkKind, first_moment


@dataclass(frozen=True, slots=True)
class Statement:
    """What one reader, called `name`, says of a feature that readers differ on.

    `place` is the reader's among all who take part, the same for every feature.
    """

    name: str
    answer: Answer
    place: int = 0


@dataclass(frozen=True, slots=True)
class Dispute:
    """A feature on which readings differ: who says what, where to look, and what was decided.

    `of_side`: they agree that it is there, and differ in its side.
    """

    feature: str
    statements: tuple[Statement, ...]
    spans: tuple[Span, ...]
    decided: Presence | None
    note: str
    of_side: bool = False


@dataclass(frozen=True, slots=True)
class OnsetStatement:
    """Where one reader has marked the seizure's onset, in seconds; `place` as in `Statement`."""

    name: str
    seconds: float
    place: int


@dataclass(frozen=True, slots=True)
class OnsetDispute:
    """Onsets that lie further apart than is tolerated: who marked which, and what was decided (s)."""

    statements: tuple[OnsetStatement, ...]
    decided: float | None


@dataclass(frozen=True, slots=True)
class Consensus:
    """The consensus on one recording of a study, from what the study holds of it for a person.

    A person from whom the others' readings are sealed gets no disputes.
    """

    recording_id: int
    content: Content

    @property
    def sealed(self) -> bool:
        """Whether the readings are sealed from the person."""
        return self.content.my_reading.sealed

    def disputes(
        self, *, persons_only: bool = False, without: Collection[ReaderKey] = ()
    ) -> tuple[Dispute, ...]:
        """Where the readings that may be seen differ, or only those of persons, with what was decided.

        The readers `without` take no part.
        """
        if self.sealed:
            return ()
        found = []
        readings = self._compared(without, persons_only=persons_only)
        places = {reading.reader.exact_key: place for place, reading in enumerate(readings)}
        for one in disagreements(readings):
            statements = tuple(
                Statement(_called(reader), answer, places[reader.exact_key]) for reader, answer in one.said
            )
            jump = one.jump
            spans = (jump, *(span for span in one.evidence if span != jump)) if jump else one.evidence
            decided, of_side = self._kept(one.feature), one.differ is Differ.SIDE
            presence = decided.answer.presence
            found.append(Dispute(one.feature, statements, spans, presence, decided.note, of_side))
        return tuple(found)

    def onset(
        self, *, persons_only: bool = False, without: Collection[ReaderKey] = ()
    ) -> OnsetDispute | None:
        """Who has marked which onset, where these differ; None where they do not or are sealed."""
        if self.sealed:
            return None
        said = []
        for place, reading in enumerate(self._compared(without, persons_only=persons_only)):
            seconds = first_moment(self._marks_of(reading.reader), MarkKind.ONSET)
            if seconds is not None:
                said.append(OnsetStatement(_called(reading.reader), seconds, place))
        if not onsets_differ(one.seconds for one in said):
            return None
        return OnsetDispute(tuple(said), first_moment(self._marks_of(CONSENSUS), MarkKind.ONSET))

    def onset_decision(self, seconds: float | None) -> SetMark | None:
        """The edit that keeps this onset (s) as agreed on, or none; None when it is so already."""
        marks = self._marks_of(CONSENSUS)
        before = next((mark for mark in marks if mark.kind is MarkKind.ONSET), None)
        after = None if seconds is None else Mark(MarkKind.ONSET, seconds)
        return None if before == after else SetMark(self.recording_id, CONSENSUS, before, after)

    def _marks_of(self, reader: ReaderIdentity) -> tuple[Mark, ...]:
        if reader.exact_key == self.content.mine.reader.exact_key:
            return self.content.my_reading.marks
        beside = self.content.beside
        found = (one.marks for one in beside if one.reading.reader.exact_key == reader.exact_key)
        return next(found, ())

    def _compared(self, without: Collection[ReaderKey], *, persons_only: bool) -> list[Reading]:
        readings = self._readings(persons_only=persons_only)
        return [reading for reading in readings if reading.reader.key not in without]

    def undisputed(self) -> tuple[Answer, ...]:
        """The answers that two persons or more share, in presence and side, and that are not decided yet."""
        if self.sealed:
            return ()
        persons = self._readings(persons_only=True)
        return tuple(
            agreed
            for feature in FEATURE
            if self._kept(feature).answer.presence is None
            and (agreed := agreement_of([one.answer(feature) for one in persons])) is not None
        )

    def decision(
        self, feature: str, presence: Presence | None, note: str, side: Laterality | None = None
    ) -> Decide | None:
        """The edit that keeps what was agreed on, with the evidence of those who say so; None when it is kept
        already. Without `side` it is theirs, where they do not differ in it."""
        before = self._kept(feature)
        agreeing = [
            one.answer(feature)
            for one in self._readings(persons_only=False)
            if one.answer(feature).presence is presence
        ]
        spans = joined(tuple(span for answer in agreeing for span in answer.evidence))
        sides = {answer.laterality for answer in agreeing} - {None}
        if side is None and len(sides) == 1:
            side = sides.pop()
        answer = Answer(feature) if presence is None else Answer(feature, presence, None, spans, side)
        after = Decision(answer, note)
        return None if before == after else Decide(self.recording_id, before, after)

    def taken(self, said: Answer, note: str) -> Decide | None:
        """The edit that keeps a reader's answer as agreed on: presence, side, spans; None as `decision`."""
        before = self._kept(said.feature)
        after = Decision(Answer(said.feature, said.presence, None, said.evidence, said.laterality), note)
        return None if before == after else Decide(self.recording_id, before, after)

    def decisions(self, agreed: Sequence[Answer]) -> tuple[Decide, ...]:
        """The edits that keep these answers as the consensus."""
        kept = {answer.feature: self._kept(answer.feature) for answer in agreed}
        return tuple(
            Decide(self.recording_id, kept[answer.feature], Decision(answer, kept[answer.feature].note))
            for answer in agreed
        )

    def _kept(self, feature: str) -> Decision:
        decided = next((one for one in self.content.versions if is_consensus(one.reader)), None)
        answer = Answer(feature) if decided is None else decided.answer(feature)
        return Decision(answer, self.content.my_reading.consensus_notes.get(feature, ""))

    def _readings(self, *, persons_only: bool) -> list[Reading]:
        """The readings that count: all that may be seen, or the persons'; never the consensus itself."""
        return [
            one
            for one in (self.content.mine, *self.content.versions)
            if not is_consensus(one.reader) and (not persons_only or one.reader.kind is ReaderKind.PERSON)
        ]


def _called(reader: ReaderIdentity) -> str:
    return "Signal reader" if reader.is_rule_based else reader.name


def agreement_of(answers: Sequence[Answer]) -> Answer | None:
    """What these answers have in common, with the evidence of all; None when they differ or are too few."""
    given = [answer for answer in answers if answer.presence is not None]
    sides = {answer.laterality for answer in given} - {None}
    if len(given) < 2 or len({answer.presence for answer in given}) > 1 or len(sides) > 1:
        return None
    spans = joined(tuple(span for answer in given for span in answer.evidence))
    return Answer(given[0].feature, given[0].presence, None, spans, next(iter(sides), None))
