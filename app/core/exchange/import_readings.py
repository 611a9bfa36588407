"""The import of a file's answers into a study, each as an edit that can be undone."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.core.exchange.bundle import ExchangedRating, Imported, ReadingExtras
from app.core.exchange.file_readings import FileReading, choose_readings, join_repeated
from app.core.exchange.match_recordings import Unmatched, match_recordings
from app.core.exchange.phrases import shorten
from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import Answer
from app.core.study.edits import Conflict, RateExplanation, SetAnswer, SetMark, SetNote
from app.core.study.full_reading import FullReading
from app.core.study.marks import MarkKind
from app.core.study.store import Study
from app.core.study.viewer import Viewer, is_sealed, sealed_from

log = logging.getLogger(__name__)

_Edit = SetAnswer | SetNote | SetMark | RateExplanation


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did: how many answers, notes, marks and ratings it `changed`, how many of the file's
    were the `same` in the study, and in sentences what was left out."""

    changed: int
    same: int
    remarks: tuple[str, ...]


def import_into(
    study: Study, imported: Imported, viewer: Viewer, *, reader: str | None = None, why: str = ""
) -> ImportOutcome:
    """Change the study to what the file says, with one undoable edit per answer that differs.

    All edits are made together or none is; `why` is kept with each in the history.
    `match_recordings` says which recordings are the same, `join_repeated` what becomes of a reading that the
    file holds twice. What the file leaves unanswered stays as it is,
    and so does what its format has no place for. Somebody may label meanwhile: what they change first is
    read again and stands in the history before what the file says. Readings that are sealed from the viewer
    are neither changed nor compared, since how much already matched would tell what they hold. Raises
    UserError.
    """
    for _attempt in range(_ATTEMPTS - 1):
        try:
            return _import(study, imported, viewer, reader, why)
        except Conflict:
            log.info("the study was changed during an import, which begins again")
    return _import(study, imported, viewer, reader, why)


_ATTEMPTS = 5


def _import(study: Study, imported: Imported, viewer: Viewer, reader: str | None, why: str) -> ImportOutcome:
    entries = imported.bundle.recordings
    numbers = match_recordings(entries, study.recordings())
    readers = sealed_from(study, viewer)
    found, unmatched = _RequestedEdits(), dict[str, None]()
    joined, repeated = join_repeated(choose_readings(imported, reader), entries, numbers)
    for one in joined:
        number = numbers[one.recording]
        if isinstance(number, Unmatched):
            unmatched.setdefault(number.value.format(shorten(entries[one.recording].recording.name)))
        else:
            found += _edits(study, number, one, imported.fields, readers)
    news = [edit for edit in found.edits if edit.before != edit.after]
    study.apply_all(news, why=why)
    remarks = (*imported.remarks, *unmatched, *repeated, *_left_out(found))
    return ImportOutcome(len(news), len(found.edits) - len(news), remarks)


@dataclass(frozen=True, slots=True)
class _RequestedEdits:
    """The edits that a file asks for, and how many readings and ratings of it are passed over."""

    edits: tuple[_Edit, ...] = ()
    sealed: int = 0
    sealed_ratings: int = 0
    outdated_ratings: int = 0

    def __add__(self, other: _RequestedEdits) -> _RequestedEdits:
        return _RequestedEdits(
            self.edits + other.edits,
            self.sealed + other.sealed,
            self.sealed_ratings + other.sealed_ratings,
            self.outdated_ratings + other.outdated_ratings,
        )


def _edits(
    study: Study,
    number: int,
    one: FileReading,
    fields: frozenset[str],
    readers: Sequence[ReaderIdentity],
) -> _RequestedEdits:
    if one.reading.reader.exact_key in study.sealed_readers(number, readers):
        return _RequestedEdits(sealed=1)
    now = study.full_reading(number, one.reading.reader)
    edits: tuple[_Edit, ...] = (
        *_answers(now.reading, number, one.reading, fields),
        *_notes(now, number, one.beside),
        *_marks(now, number, one.beside),
    )
    ratings = one.beside.ratings
    if is_sealed(study, number, readers):
        # Whether the same rating is there already is sealed, too.
        return _RequestedEdits(edits, sealed_ratings=len(ratings))
    current = [each for each in ratings if each.explanation == _said(now, one.reading, each.feature)]
    edits += tuple(_ratings(study, number, one.reading.reader, current))
    return _RequestedEdits(edits, outdated_ratings=len(ratings) - len(current))


def _left_out(found: _RequestedEdits) -> tuple[str, ...]:
    sentences = (
        (found.sealed, "Readings that are sealed from you were left as they are: {}."),
        (found.sealed_ratings, "Ratings in recordings that are sealed from you were left out: {}."),
        (found.outdated_ratings, "Ratings of explanations that have changed since were left out: {}."),
    )
    return tuple(sentence.format(count) for count, sentence in sentences if count)


def _answers(now: Reading, number: int, reading: Reading, fields: frozenset[str]) -> Iterator[SetAnswer]:
    for feature, answer in reading.answers.items():
        if answer != Answer(feature):
            before = now.answer(feature)
            after = replace(before, **{name: getattr(answer, name) for name in fields})
            yield SetAnswer(number, reading.reader, before, after)


def _notes(now: FullReading, number: int, beside: ReadingExtras) -> Iterator[SetNote]:
    for feature, note in beside.notes.items():
        yield SetNote(number, now.reading.reader, feature, now.note(feature), note)


def _marks(now: FullReading, number: int, beside: ReadingExtras) -> Iterator[SetMark]:
    """The edits for a file's marks: a phase is added, an onset or end replaces the study's."""
    single = {mark.kind: mark for mark in now.marks if mark.kind is not MarkKind.PHASE}
    for mark in beside.marks:
        if mark.kind is MarkKind.PHASE:
            yield SetMark(number, now.reading.reader, mark if mark in now.marks else None, mark)
        else:
            yield SetMark(number, now.reading.reader, single.get(mark.kind), mark)
            single[mark.kind] = mark


def _said(now: FullReading, reading: Reading, feature: str) -> str:
    """The explanation that the study will hold after the import."""
    answer = reading.answer(feature)
    return (now.reading.answer(feature) if answer == Answer(feature) else answer).explanation


def _ratings(
    study: Study, number: int, reader: ReaderIdentity, rated: Sequence[ExchangedRating]
) -> Iterator[RateExplanation]:
    for one in rated:
        kept = study.ratings(recording_id=number, reader=reader, rater=one.rater)
        # One of an explanation that the reader has changed since is not this one.
        before = next((each for each in kept if each.explained.feature == one.feature), None)
        if before is not None and before.rating == one.rating and before.explanation != one.explanation:
            yield RateExplanation(number, reader, one.feature, one.rater, before.rating, None)
            before = None
        yield RateExplanation(
            number, reader, one.feature, one.rater, before.rating if before else None, one.rating
        )
