"""Deciding together: where the readings of a recording differ, and what is agreed on in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.reading import ReaderKind, Reading, person
from app.core.semiology import FEATURE, Answer, Presence, Span, joined
from app.ui.session.answers import Answers
from app.ui.session.state import Changed

if TYPE_CHECKING:
    from app.core.study.store import Study
    from app.ui.session.session import Session


@dataclass(frozen=True, slots=True)
class Said:
    """What one reader says of a feature that readers differ on."""

    name: str
    reading: Reading
    answer: Answer


@dataclass(frozen=True, slots=True)
class Dispute:
    """A feature on which readings differ: who says what, where to look, and what was decided.

    `of_side`: they agree that it is there, and differ in its side.
    """

    feature: str
    said: tuple[Said, ...]
    spans: tuple[Span, ...]
    decided: Presence | None
    note: str
    of_side: bool = False


class Deciding:
    """Intents on the consensus; each is on disk when it returns, or a message says why not."""

    def __init__(
        self, session: Session, answers: Answers, keep: Callable[[Callable[[], None], Changed], bool]
    ) -> None:
        self._session = session
        self._answers = answers
        self._keep = keep

    def _opened(self) -> tuple[Study, int]:
        """The study and the open recording's number. Raises UserError while there is none."""
        study, number = self._answers.opened()
        if not number:
            raise UserError("The recording is still being opened.")
        return study, number

    def disputes(self, *, persons_only: bool = False) -> tuple[Dispute, ...]:
        """Where the readings that may be seen differ, or only those of persons, with what was decided."""
        try:
            study, number = self._opened()
        except UserError:
            return ()
        from app.core.study.consensus import CONSENSUS
        from app.core.study.disagreement import disagreements

        if self._session.own.sealed:
            return ()
        decided = study.full_reading(number, CONSENSUS)
        found = []
        for one in disagreements(self._readings(study, number, persons_only=persons_only)):
            said = tuple(
                Said(reader.name, Reading(self._session.mine.recording, reader, {}), answer)
                for reader, answer in one.said
            )
            jump = one.jump
            spans = (jump, *(span for span in one.evidence if span != jump)) if jump else one.evidence
            answer = decided.reading.answer(one.feature)
            note, of_side = decided.note(one.feature), one.differ == "side"
            found.append(Dispute(one.feature, said, spans, answer.presence, note, of_side))
        return tuple(found)

    def _readings(self, study: Study, number: int, *, persons_only: bool) -> list[Reading]:
        """Whose word counts: everybody's that may be seen, or the persons'; never the consensus itself."""
        from app.core.study.consensus import is_consensus

        return [
            one
            for one in study.readings(number, viewer=self._answers.viewer)
            if not is_consensus(one.reader) and (not persons_only or one.reader.kind is ReaderKind.PERSON)
        ]

    def decide(self, feature: str, presence: Presence | None, note: str) -> bool:
        """What was agreed on; the evidence is that of those who say so. Kept as the consensus."""
        from app.core.study.consensus import CONSENSUS, is_consensus
        from app.core.study.edits import Decide, Decision

        def change() -> None:
            study, number = self._opened()
            kept = study.full_reading(number, CONSENSUS)
            before = Decision(kept.reading.answer(feature), kept.note(feature))
            readings = study.readings(number, viewer=self._answers.viewer)
            agreeing = [
                one.answer(feature)
                for one in readings
                if not is_consensus(one.reader) and one.answer(feature).presence is presence
            ]
            spans = joined(tuple(span for answer in agreeing for span in answer.evidence))
            sides = {answer.laterality for answer in agreeing} - {None}
            side = sides.pop() if len(sides) == 1 else None
            after = Decision(
                Answer(feature) if presence is None else Answer(feature, presence, None, spans, side), note
            )
            if before != after:
                self._answers.apply(Decide(number, before, after))

        return self._keep(change, Changed.ANSWERS)

    @property
    def reference(self) -> str:
        """The name of the reader that others are held against in this study, "" when none is chosen."""
        try:
            kept = self._answers.opened()[0].settings().reference
        except UserError:
            return ""
        return "" if kept is None else kept.name

    def set_reference(self, name: str) -> bool:
        """Hold others against this person, or the consensus; "" chooses nobody."""
        from app.core.study.edits import SetReference

        def change() -> None:
            before = self._answers.opened()[0].settings().reference
            after = person(name) if name else None
            if before != after:
                self._answers.apply(SetReference(before, after))

        return self._keep(change, Changed.STUDY)

    def undisputed(self) -> tuple[Answer, ...]:
        """What two persons or more say alike, presence and side, and is not decided yet."""
        from app.core.study.consensus import CONSENSUS

        try:
            study, number = self._opened()
        except UserError:
            return ()
        if self._session.own.sealed:
            return ()
        decided = study.full_reading(number, CONSENSUS).reading
        persons = self._readings(study, number, persons_only=True)
        return tuple(
            agreed
            for feature in FEATURE
            if decided.answer(feature).presence is None
            and (agreed := agreement_of([one.answer(feature) for one in persons])) is not None
        )

    def decide_undisputed(self) -> int:
        """Keep as the consensus what persons say alike; how many features that were."""
        from app.core.study.consensus import CONSENSUS
        from app.core.study.edits import Decide, Decision

        agreed = self.undisputed()

        def change() -> None:
            study, number = self._opened()
            kept = study.full_reading(number, CONSENSUS)
            self._answers.apply_all(
                tuple(
                    Decide(
                        number,
                        Decision(kept.reading.answer(answer.feature), kept.note(answer.feature)),
                        Decision(answer, kept.note(answer.feature)),
                    )
                    for answer in agreed
                ),
                why="all agreed",
            )

        return len(agreed) if agreed and self._keep(change, Changed.ANSWERS) else 0


def agreement_of(answers: Sequence[Answer]) -> Answer | None:
    """What these answers have in common, with the evidence of all; None when they differ or are too few."""
    said = [answer for answer in answers if answer.presence is not None]
    sides = {answer.laterality for answer in said} - {None}
    if len(said) < 2 or len({answer.presence for answer in said}) > 1 or len(sides) > 1:
        return None
    spans = joined(tuple(span for answer in said for span in answer.evidence))
    return Answer(said[0].feature, said[0].presence, None, spans, next(iter(sides), None))
