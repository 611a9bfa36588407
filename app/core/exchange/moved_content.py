"""What a reader has said of a recording, as the edits that lead from one state of it to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.core.exchange.bundle import ExchangedRating, ReadingExtras
from app.core.exchange.file_readings import FileReading
from app.core.reading import Reading
from app.core.semiology import FEATURES, Answer
from app.core.study.edits import Edit, RateExplanation, SetAnswer, SetMark, SetNote
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.viewer import SEES_ALL


@dataclass(frozen=True, slots=True)
class SaidOfRecording:
    """All that one reader has said of a recording, and how others rated it."""

    reading: Reading
    beside: ReadingExtras

    def nothing(self) -> SaidOfRecording:
        """What the same reader has said before they said anything."""
        return SaidOfRecording(replace(self.reading, answers={}), ReadingExtras())

    def in_file(self, number: int, place: str) -> FileReading:
        """The same as a reading among others that are to be joined; `place` says where it stands."""
        return FileReading(number, self.reading, self.beside, {"": place})


def said_of(study: Study, number: int) -> dict[str, SaidOfRecording]:
    """What every reader (`exact_key`) has said of a recording."""
    ratings: dict[str, list[ExchangedRating]] = {}
    for kept in study.ratings(recording_id=number, viewer=SEES_ALL):
        rated = ExchangedRating(kept.explained.feature, kept.rater, kept.rating, kept.explanation)
        ratings.setdefault(kept.explained.reader.exact_key, []).append(rated)
    found = {}
    for full in study.full_readings(number, viewer=SEES_ALL):
        key = full.reading.reader.exact_key
        beside = ReadingExtras(full.notes, full.marks, tuple(ratings.get(key, ())))
        found[key] = SaidOfRecording(full.reading, beside)
    return found


def changes_between(number: int, now: SaidOfRecording, then: SaidOfRecording) -> Iterator[Edit]:
    """The edits in recording `number` that lead from what its reader has said to what they are to have said.

    A rating stays with the text that was rated, also when its reader says another one since: that text is
    said for a moment, rated, and then replaced.
    """
    reader = then.reading.reader
    rated = {_rated(one): one for one in now.beside.ratings}
    begun = now != now.nothing()
    for feature in FEATURES:
        said, wanted = now.reading.answer(feature.id), then.reading.answer(feature.id)
        for one in then.beside.ratings:
            known = rated.get(_rated(one))
            if one.feature != feature.id or known == one:
                continue
            explained = replace(wanted, explanation=one.explanation)
            if said != explained or not begun:
                yield SetAnswer(number, reader, said, explained)
                said, begun = explained, True
            before: Rating | None = known.rating if known else None
            yield RateExplanation(number, reader, feature.id, one.rater, before, one.rating)
        if said != wanted:
            yield SetAnswer(number, reader, said, wanted)
            begun = True
        before_note, after_note = (one.beside.notes.get(feature.id, "") for one in (now, then))
        if before_note != after_note:
            yield SetNote(number, reader, feature.id, before_note, after_note)
    for mark in now.beside.marks:
        if mark not in then.beside.marks:
            yield SetMark(number, reader, mark, None)
    for mark in then.beside.marks:
        if mark not in now.beside.marks:
            yield SetMark(number, reader, None, mark)


def _rated(one: ExchangedRating) -> tuple[str, str]:
    return one.feature, one.rater.exact_key


def is_empty(said: SaidOfRecording) -> bool:
    """Whether nothing is said at all."""
    return said.beside == ReadingExtras() and all(
        answer == Answer(feature) for feature, answer in said.reading.answers.items()
    )
