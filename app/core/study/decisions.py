"""The consensus on a recording: where its readings differ, and what was decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from app.core.reading import ReaderIdentity, ReaderKey, ReaderKind, Reading
from app.core.semiology import FEATURE, Answer, Laterality, Presence, Span, joined
from app.core.study.changed_since import is_changed
from app.core.study.consensus import CONSENSUS, is_consensus, votes
from app.core.study.content import Content
from app.core.study.disagreement import Differ, answers_to, onsets_differ
from app.core.study.edits import Decide, Decision, SetMark, SetNote
from app.core.study.marks import Mark, MarkKind, first_moment
from app.core.study.program_spans import is_beyond_people


@dataclass(frozen=True, slots=True)
class Statement:
    """What one reader, called `name`, says of a feature that readers differ on.

    `place` is the reader's among all who are shown, the same for every feature. `then` is what they said when
    it was decided, where that is something else.
    """

    name: str
    answer: Answer
    place: int = 0
    then: Answer | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A feature to decide: who says what, where to look, and what was decided.

    The voters differ on it (`differs`), or one of them has changed their answer since it was decided
    (`changed`). `of_side`: they agree that it is there, and differ in its side. `beyond_people`: only people
    decide, and the decision is from when programs took part: it has spans that no person marked.
    """

    feature: str
    statements: tuple[Statement, ...]
    spans: tuple[Span, ...]
    decided: Presence | None
    note: str
    of_side: bool = False
    differs: bool = True
    beyond_people: bool = False

    @property
    def asks_side(self) -> bool:
        """Whether the feature can be on one side alone, or somebody gave it a side all the same."""
        return FEATURE[self.feature].has_side or any(one.answer.laterality for one in self.statements)

    @property
    def changed(self) -> bool:
        """Whether the decision is older than what a voter says."""
        return any(one.then is not None for one in self.statements)


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

    Its voters are the people who have read it, and programs too where the study says so; everything in it is
    from their answers alone. The readers `without` are not shown where voters differ, and vote all the same:
    what a person chooses to look at decides nothing. A person from whom the others' readings are sealed gets
    no disputes.
    """

    recording_id: int
    content: Content
    without: Collection[ReaderKey] = ()

    @property
    def sealed(self) -> bool:
        """Whether the readings are sealed from the person."""
        return self.content.my_reading.sealed

    @property
    def voters(self) -> tuple[Reading, ...]:
        """The readings of those who decide together, each in its latest version."""
        only = self.content.people_only
        return tuple(
            one for one in (self.content.mine, *self.content.others) if votes(one.reader, people_only=only)
        )

    @property
    def shown(self) -> tuple[Reading, ...]:
        """The readings of the voters whose differences are shown."""
        return tuple(one for one in self.voters if one.reader.key not in self.without)

    @property
    def hides_voters(self) -> bool:
        """Whether a voter is among those that are not shown."""
        return not self.sealed and len(self.shown) < len(self.voters)

    def disputes(self) -> tuple[Dispute, ...]:
        """Where the voters shown differ or have changed what was decided on, and where the decision has spans
        of programs that have no vote, with what was decided."""
        if self.sealed:
            return ()
        shown = self.shown
        found = (self._dispute(feature, shown) for feature in FEATURE)
        return tuple(one for one in found if one.differs or one.changed or one.beyond_people)

    def _dispute(self, feature: str, voters: tuple[Reading, ...]) -> Dispute:
        decided = self._kept(feature)
        given = answers_to(feature, voters)
        said = (
            Statement(_called(one.reader), one.answer(feature), place, self._then(one, feature))
            for place, one in enumerate(voters)
        )
        jump = given.jump
        return Dispute(
            feature,
            tuple(one for one in said if one.answer.presence is not None or one.then is not None),
            (jump, *(span for span in given.evidence if span != jump)) if jump else given.evidence,
            decided.answer.presence,
            decided.note,
            given.differ is Differ.SIDE,
            given.differ is not None,
            self._is_beyond_people(decided.answer),
        )

    def _is_beyond_people(self, decided: Answer) -> bool:
        readings = (self.content.mine, *self.content.versions)
        return self.content.people_only and is_beyond_people(decided, readings, self.content.said_then)

    def _then(self, reading: Reading, feature: str) -> Answer | None:
        """What the voter said when the feature was decided, None where they say the same now."""
        decided, known = self._kept(feature).answer, self.content.said_then
        if decided.presence is None or not any(feature in said for said in known.values()):
            return None
        then = known.get(reading.reader.exact_key, {}).get(feature, Answer(feature))
        return then if is_changed(then, reading.answer(feature), decided) else None

    def onset(self) -> OnsetDispute | None:
        """Which of the voters that are shown has marked which onset, where these differ; None where they do
        not or are sealed."""
        if self.sealed:
            return None
        said = []
        for place, reading in enumerate(self.shown):
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
        if reader.is_same(self.content.mine.reader):
            return self.content.my_reading.marks
        beside = self.content.beside
        found = (one.marks for one in beside if one.reading.reader.is_same_version(reader))
        return next(found, ())

    def undisputed(self) -> tuple[Answer, ...]:
        """The answers that two voters or more share, a person among them, in presence and side, and that are
        not decided yet."""
        if self.sealed:
            return ()
        return tuple(
            agreed
            for feature in FEATURE
            if self._kept(feature).answer.presence is None
            and (agreed := agreement_on(feature, self.voters)) is not None
        )

    def decision(
        self, feature: str, presence: Presence | None, note: str, chosen: Laterality | None = None
    ) -> Decide | None:
        """The edit that keeps what was agreed on, with the evidence of the voters who say so; None when it is
        kept already. Without a `chosen` side it is theirs, where they do not differ in it, else none."""
        agreeing = [one.answer(feature) for one in self.voters if one.answer(feature).presence is presence]
        spans = joined(tuple(span for answer in agreeing for span in answer.evidence))
        sides = {answer.laterality for answer in agreeing} - {None}
        side = sides.pop() if chosen is None and len(sides) == 1 else chosen
        changes = {answer.sides for answer in agreeing if answer.laterality is not None}
        answer = Answer(feature) if presence is None else Answer(feature, presence, None, spans, side)
        if chosen is None and side is not None and len(changes) == 1:
            answer = replace(answer, sides=changes.pop())
        return self._decide(Decision(answer, note))

    def taken(self, said: Answer, note: str) -> Decide | None:
        """The edit that keeps a reader's answer as agreed on: presence, side and its changes, spans; None as
        `decision`."""
        answer = replace(said, confidence=None, explanation="")
        return self._decide(Decision(answer, note))

    def noted(self, feature: str, note: str) -> SetNote | None:
        """The edit that keeps this reason, also of what is open; None when it is kept already.

        The decision stays as it is: what was chosen as its side or spans, and when it was made.
        """
        before = self._kept(feature).note
        return None if note == before else SetNote(self.recording_id, CONSENSUS, feature, before, note)

    def _decide(self, after: Decision) -> Decide | None:
        """The same is decided again where an answer was changed since, or where it has a program's spans."""
        before = self._kept(after.answer.feature)
        dispute = self._dispute(after.answer.feature, self.voters)
        same = before == after and not (dispute.changed or dispute.beyond_people)
        return None if same else Decide(self.recording_id, before, after)

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


def _called(reader: ReaderIdentity) -> str:
    return "Signal reader" if reader.is_rule_based else reader.name


def agreement_on(feature: str, readings: Sequence[Reading]) -> Answer | None:
    """What these readings say alike of the feature, with the evidence of all; None when they differ or are
    too few. Programs alone agree on nothing: what nobody has looked at would become what readers decided."""
    said = [one for one in readings if one.answer(feature).presence is not None]
    given = [one.answer(feature) for one in said]
    sides = {answer.laterality for answer in given} - {None}
    if len(given) < 2 or len({answer.presence for answer in given}) > 1 or len(sides) > 1:
        return None
    if all(one.reader.kind is not ReaderKind.PERSON for one in said):
        return None
    spans = joined(tuple(span for answer in given for span in answer.evidence))
    changes = {answer.sides for answer in given if answer.laterality is not None}
    same = changes.pop() if len(changes) == 1 else ()
    return Answer(feature, given[0].presence, None, spans, next(iter(sides), None), sides=same)
