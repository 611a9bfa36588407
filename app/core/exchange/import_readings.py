"""The import of a file's answers into a study, each as an edit that can be undone."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.core.errors import UserError
from app.core.exchange.bundle import ExchangedRating, Imported, ReadingExtras
from app.core.exchange.file_readings import FileReading, choose_readings, describe_spellings
from app.core.exchange.joined_readings import (
    Contradiction,
    ContradictionError,
    Settlement,
    join_readings,
)
from app.core.exchange.match_recordings import RecordingDoubt, Unmatched, match_recordings
from app.core.exchange.phrases import shorten
from app.core.exchange.said_answers import without_repeated_spans
from app.core.exchange.within_recording import within_recording
from app.core.reading import ReaderIdentity, ReaderKind, Reading
from app.core.semiology import Answer, ConfidenceKind
from app.core.study.edits import Conflict, RateExplanation, SetAnswer, SetMark, SetNote
from app.core.study.full_reading import FullReading
from app.core.study.marks import MarkKind
from app.core.study.store import Study
from app.core.study.viewer import SEES_ALL, SealedFrom, Viewer, is_sealed, sealed_from

log = logging.getLogger(__name__)

ImportEdit = SetAnswer | SetNote | SetMark | RateExplanation


UNSETTLED = Settlement()
"""Nobody has said what is meant where a file contradicts itself."""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did: how many answers, notes, marks and ratings it `changed`, how many of the file's
    were the `same` in the study, in sentences what was left out, and as `asides` how the rest was read;
    `doubts` are names that fit several recordings of the study."""

    changed: int
    same: int
    remarks: tuple[str, ...]
    doubts: tuple[RecordingDoubt, ...] = ()
    asides: tuple[str, ...] = ()

    @property
    def is_all_left_out(self) -> bool:
        """Whether nothing of the file is in the study, and something was left out."""
        return bool(self.remarks or self.doubts) and not (self.changed or self.same)


def import_into(
    study: Study,
    imported: Imported,
    viewer: Viewer,
    *,
    reader: str | None = None,
    why: str = "",
    settlement: Settlement = UNSETTLED,
) -> ImportOutcome:
    """Change the study to what the file says, with one undoable edit per answer that differs.

    All edits are made together or none is; `why` is kept with each in the history.
    `match_recordings` says which recordings are the same, `join_readings` what becomes of what the file
    says several times, `settlement` what is meant where it contradicts itself. What the file leaves
    unanswered stays as it is, and so does what its format has no place for. Somebody may label meanwhile:
    what they change first is read again and stands in the history before what the file says. Readings that
    are sealed from the viewer are neither changed nor compared, since how much already matched would tell
    what they hold. Raises UserError, ContradictionError while a contradiction is not settled.
    """
    for _attempt in range(_ATTEMPTS - 1):
        try:
            return _apply(study, plan_import(study, imported, viewer, reader, settlement), why)
        except Conflict:
            log.info("the study was changed during an import, which begins again")
    return _apply(study, plan_import(study, imported, viewer, reader, settlement), why)


MOST_BESIDE = 1_000
"""Marks, and ratings, of a reading that is imported."""

_ATTEMPTS = 5


def _apply(study: Study, plan: ImportPlan, why: str) -> ImportOutcome:
    plan.check()
    study.apply_all(plan.edits, why=why)
    return ImportOutcome(len(plan.edits), plan.same, plan.remarks, plan.doubts, plan.asides)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do: `edits` that change something, how many of the file's answers, notes, marks
    and ratings are the `same` in the study, the contradictions that nobody has settled, in sentences what is
    left out, and as `asides` how the rest was read. `names` are those of the recordings by number; `doubts`
    those that fit several."""

    edits: tuple[ImportEdit, ...] = ()
    same: int = 0
    unsettled: tuple[Contradiction, ...] = ()
    remarks: tuple[str, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    doubts: tuple[RecordingDoubt, ...] = ()
    asides: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises ContradictionError while a contradiction is not settled."""
        if self.unsettled:
            raise ContradictionError(self.unsettled)


def plan_import(
    study: Study,
    imported: Imported,
    viewer: Viewer,
    reader: str | None = None,
    settlement: Settlement = UNSETTLED,
) -> ImportPlan:
    """What `import_into` would do, without doing it. Raises UserError."""
    entries, rows = imported.bundle.recordings, study.recordings()
    matches = match_recordings(entries, rows, settlement.recordings, study.joined_labels())
    numbers = matches.numbers
    readers = sealed_from(study, viewer)
    found, sentences = _RequestedEdits(), dict[str, None]()
    viewers = viewer.readers if isinstance(viewer, SealedFrom) else ()
    readings = choose_readings(imported, reader, study.people(), viewers)
    joined = join_readings(readings, entries, numbers, settlement)
    lengths = {row.id: row.duration for row in rows}
    for one in joined.readings:
        number, name = numbers[one.recording], entries[one.recording].recording.name
        if isinstance(number, Unmatched):
            sentences.setdefault(number.value.format(shorten(name)))
            continue
        _check_beside(one)
        checked, beyond = within_recording(one, name, lengths[number])
        sentences |= dict.fromkeys(beyond)
        found += _edits(study, number, checked, readers)
    unsettled = tuple(one for one in joined.contradictions if not settlement.settles(one))
    return ImportPlan(
        tuple(edit for edit in found.edits if edit.before != edit.after),
        sum(edit.before == edit.after for edit in found.edits),
        unsettled,
        (*imported.remarks, *sentences, *joined.sentences, *_left_out(found), *_why_sealed(study, found)),
        {row.id: row.name for row in rows},
        matches.doubts,
        (*imported.asides, *describe_spellings(readings)),
    )


def _check_beside(one: FileReading) -> None:
    """Raises UserError for too many marks or ratings, of which each is compared with all others."""
    for what, count in (("marks", len(one.beside.marks)), ("ratings", len(one.beside.ratings))):
        if count > MOST_BESIDE:
            raise UserError(f"A reading has at most {MOST_BESIDE:,} {what}, not {count:,}.")


@dataclass(frozen=True, slots=True)
class _RequestedEdits:
    """The edits that a file asks for, and how many readings and ratings of it are passed over."""

    edits: tuple[ImportEdit, ...] = ()
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
    readers: Sequence[ReaderIdentity],
) -> _RequestedEdits:
    if one.reading.reader.exact_key in study.sealed_readers(number, readers):
        return _RequestedEdits(sealed=1)
    now = study.full_reading(number, one.reading.reader, viewer=SEES_ALL)
    edits: tuple[ImportEdit, ...] = (
        *_answers(now.reading, number, one),
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


def _why_sealed(study: Study, found: _RequestedEdits) -> tuple[str, ...]:
    """Of a study of which nobody can have seen that it is read blind: that it counts as that."""
    if not (found.sealed or found.sealed_ratings) or study.blindness_decided():
        return ()
    return ("Nobody has said yet whether this study is read blind; until then others' answers are sealed.",)


def _answers(now: Reading, number: int, one: FileReading) -> Iterator[SetAnswer]:
    for feature, answer in one.reading.answers.items():
        if answer != Answer(feature):
            before = now.answer(feature)
            after = replace(before, **_told(one, before, answer))
            after = replace(after, evidence=without_repeated_spans(after.evidence))
            yield SetAnswer(number, one.reading.reader, before, after)


def _told(one: FileReading, before: Answer, answer: Answer) -> dict[str, Any]:
    """The fields of an answer that a file tells.

    What a person's file leaves open takes nothing away; a program's answer is a whole.
    """
    told = {name: getattr(answer, name) for name in one.fields}
    if one.reading.reader.kind is ReaderKind.PERSON:
        empty = Answer(answer.feature)
        told = {name: value for name, value in told.items() if value != getattr(empty, name)}
    # How a confidence came about goes with it, and how the side changes with the side: most files have no
    # place for them, so that what is the same as before leaves them as they are.
    said = answer.confidence_kind is not ConfidenceKind.STATED
    if "confidence" in told and (said or answer.confidence != before.confidence):
        told["confidence_kind"] = answer.confidence_kind
    if "laterality" in told and (answer.sides or answer.laterality is not before.laterality):
        told["sides"] = answer.sides
    return told


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
        kept = study.ratings(recording_id=number, reader=reader, rater=one.rater, viewer=SEES_ALL)
        # One of an explanation that the reader has changed since is not this one.
        before = next((each for each in kept if each.explained.feature == one.feature), None)
        if before is not None and before.rating == one.rating and before.explanation != one.explanation:
            yield RateExplanation(number, reader, one.feature, one.rater, before.rating, None)
            before = None
        yield RateExplanation(
            number, reader, one.feature, one.rater, before.rating if before else None, one.rating
        )
