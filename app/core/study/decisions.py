"""The consensus on a recording: where its readings differ, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.reading import ReaderIdentity, ReaderKind, Reading
from app.core.semiology import FEATURE, Answer, Presence, Span, joined
from app.core.study.consensus import CONSENSUS, is_consensus
from app.core.study.disagreement import Differ, disagreements
from app.core.study.edits import Decide, Decision
from app.core.study.store import Study


@dataclass(frozen=True, slots=True)
class Statement:
    """What one reader, called `name`, says of a feature that readers differ on."""

    name: str
    answer: Answer


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
class Consensus:
    """The consensus on one recording of a study, for a viewer from whom sealed readings are withheld.

    `viewer` is None where nothing is sealed. A viewer whose own reading is not locked yet gets no disputes.
    """

    study: Study
    recording_id: int
    viewer: ReaderIdentity | None

    @property
    def sealed(self) -> bool:
        """Whether the readings are sealed from the viewer."""
        return self.viewer is not None and self.study.is_sealed(self.recording_id, self.viewer)

    def disputes(self, *, persons_only: bool = False) -> tuple[Dispute, ...]:
        """Where the readings that may be seen differ, or only those of persons, with what was decided."""
        if self.sealed:
            return ()
        decided = self.study.full_reading(self.recording_id, CONSENSUS)
        found = []
        for one in disagreements(self._readings(persons_only=persons_only)):
            statements = tuple(Statement(reader.name, answer) for reader, answer in one.said)
            jump = one.jump
            spans = (jump, *(span for span in one.evidence if span != jump)) if jump else one.evidence
            presence = decided.reading.answer(one.feature).presence
            note, of_side = decided.note(one.feature), one.differ is Differ.SIDE
            found.append(Dispute(one.feature, statements, spans, presence, note, of_side))
        return tuple(found)

    def undisputed(self) -> tuple[Answer, ...]:
        """The answers that two persons or more share, in presence and side, and that are not decided yet."""
        if self.sealed:
            return ()
        decided = self.study.full_reading(self.recording_id, CONSENSUS).reading
        persons = self._readings(persons_only=True)
        return tuple(
            agreed
            for feature in FEATURE
            if decided.answer(feature).presence is None
            and (agreed := agreement_of([one.answer(feature) for one in persons])) is not None
        )

    def decision(self, feature: str, presence: Presence | None, note: str) -> Decide | None:
        """The edit that keeps what was agreed on, with the evidence of those who say so; None when it is kept
        already."""
        before = self._kept(feature)
        agreeing = [
            one.answer(feature)
            for one in self._readings(persons_only=False)
            if one.answer(feature).presence is presence
        ]
        spans = joined(tuple(span for answer in agreeing for span in answer.evidence))
        sides = {answer.laterality for answer in agreeing} - {None}
        side = sides.pop() if len(sides) == 1 else None
        answer = Answer(feature) if presence is None else Answer(feature, presence, None, spans, side)
        after = Decision(answer, note)
        return None if before == after else Decide(self.recording_id, before, after)

    def decisions(self, agreed: Sequence[Answer]) -> tuple[Decide, ...]:
        """The edits that keep these answers as the consensus."""
        kept = {answer.feature: self._kept(answer.feature) for answer in agreed}
        return tuple(
            Decide(self.recording_id, kept[answer.feature], Decision(answer, kept[answer.feature].note))
            for answer in agreed
        )

    def _kept(self, feature: str) -> Decision:
        kept = self.study.full_reading(self.recording_id, CONSENSUS)
        return Decision(kept.reading.answer(feature), kept.note(feature))

    def _readings(self, *, persons_only: bool) -> list[Reading]:
        """The readings that count: all that may be seen, or the persons'; never the consensus itself."""
        return [
            one
            for one in self.study.readings(self.recording_id, viewer=self.viewer)
            if not is_consensus(one.reader) and (not persons_only or one.reader.kind is ReaderKind.PERSON)
        ]


def agreement_of(answers: Sequence[Answer]) -> Answer | None:
    """What these answers have in common, with the evidence of all; None when they differ or are too few."""
    given = [answer for answer in answers if answer.presence is not None]
    sides = {answer.laterality for answer in given} - {None}
    if len(given) < 2 or len({answer.presence for answer in given}) > 1 or len(sides) > 1:
        return None
    spans = joined(tuple(span for answer in given for span in answer.evidence))
    return Answer(given[0].feature, given[0].presence, None, spans, next(iter(sides), None))
