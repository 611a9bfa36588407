"""What a file says becomes answers in a study: one edit each, so that each can be undone."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import UserError
from app.core.exchange.bundle import Beside, Imported, Rated
from app.core.exchange.phrases import shown
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.semiology import Answer
from app.core.study.edits import Conflict, RateExplanation, SetAnswer, SetMark, SetNote
from app.core.study.full import FullReading
from app.core.study.marks import MarkKind
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study

log = logging.getLogger(__name__)

_Edit = SetAnswer | SetNote | SetMark | RateExplanation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did: answers, notes, marks and ratings changed, those that were so already, what was
    left out."""

    changed: int
    same: int
    remarks: tuple[str, ...]


def readings_of(imported: Imported, reader: str | None) -> tuple[tuple[Reading, Beside], ...]:
    """The readings that are meant.

    With `reader` those of that name, or those that the file gives no name, which then are that
    person's. Without, all, under the names of the file. Raises UserError when there are none, or when
    a file without names is read without one.
    """
    found = tuple(pair for entry in imported.bundle.recordings for pair in entry.with_beside())
    names = sorted({reading.reader.name for reading, _ in found} - {""})
    if reader is None:
        if any(not reading.reader.name for reading, _ in found):
            raise UserError("The file does not say who answered; give the reader's name.")
        return found
    meant = tuple(
        (one if one.reader.name else replace(one, reader=person(reader)), beside)
        for one, beside in found
        if one.reader.name in ("", reader)
    )
    if not meant:
        others = f"; it has {', '.join(shown(name) for name in names[:5])}" if names else ""
        raise UserError(f"The file has no answers by {shown(reader)}{others}.")
    return meant


def import_into(
    study: Study,
    imported: Imported,
    *,
    reader: str | None = None,
    viewer: ReaderIdentity | None = None,
    why: str = "",
) -> Outcome:
    """Make the study say what the file says; one undoable edit per answer that differs.

    All edits are made together or none is; `why` is kept with each in the history.
    A recording is known by its SHA-256, else by a name (with or without its ending) that only one
    recording of the study has. What the file leaves unanswered stays as it is, and so does what its
    format has no place for. Somebody may label meanwhile: what they change first is looked at again and
    stands in the history before what the file says. With `viewer`, readings that are sealed from them are
    neither changed nor compared, since how much was so already would tell what they hold. Raises UserError.
    """
    for _attempt in range(_ATTEMPTS - 1):
        try:
            return _import(study, imported, reader, viewer, why)
        except Conflict:
            log.info("the study was changed during an import, which begins again")
    return _import(study, imported, reader, viewer, why)


_ATTEMPTS = 5


def _import(
    study: Study, imported: Imported, reader: str | None, viewer: ReaderIdentity | None, why: str
) -> Outcome:
    known = study.recordings()
    edits: list[_Edit] = []
    outdated = sealed = 0
    missing: dict[str, None] = {}
    for reading, beside in readings_of(imported, reader):
        number = _number(reading.recording, known)
        if number is None:
            missing.setdefault(shown(reading.recording.name))
            continue
        if _is_sealed(study, number, reading.reader, viewer):
            sealed += 1
            continue
        now = study.full_reading(number, reading.reader)
        edits += _answers(now.reading, number, reading, imported.fields)
        edits += _notes(now, number, beside)
        edits += _marks(now, number, beside)
        rated = [one for one in beside.ratings if one.explanation == _said(now, reading, one.feature)]
        edits += _ratings(study, number, reading.reader, rated)
        outdated += len(beside.ratings) - len(rated)
    news = [edit for edit in edits if edit.before != edit.after]
    study.apply_all(news, why=why)
    remarks = tuple(
        f"The study has not one recording “{name}”; its answers were left out." for name in missing
    )
    if sealed:
        remarks += (f"Readings that are sealed from you were left as they are: {sealed}.",)
    if outdated:
        remarks += (f"Ratings of explanations that are other ones now were left out: {outdated}.",)
    return Outcome(len(news), len(edits) - len(news), imported.remarks + remarks)


def _is_sealed(study: Study, number: int, reader: ReaderIdentity, viewer: ReaderIdentity | None) -> bool:
    """Whether there is such a reading and the viewer may not see it; a new one tells nothing."""
    withheld = (row.reader for row in study.readers(number, viewer=viewer) if row.withheld)
    return reader.exact_key in (one.exact_key for one in withheld)


def _number(wanted: RecordingIdentity, known: tuple[RecordingRow, ...]) -> int | None:
    if wanted.sha256:
        for row in known:
            if row.sha256 == wanted.sha256:
                return int(row.id)
    # Two different contents are two recordings, whatever they are called.
    candidates = [row for row in known if not (wanted.sha256 and row.sha256)]
    name = wanted.name.strip()
    for called in (lambda row: row.name, lambda row: Path(row.name).stem):
        named = [row for row in candidates if called(row) == name]
        if named:
            return int(named[0].id) if len(named) == 1 else None
    return None


def _answers(now: Reading, number: int, reading: Reading, fields: frozenset[str]) -> Iterator[SetAnswer]:
    for feature, answer in reading.answers.items():
        if answer != Answer(feature):
            before = now.answer(feature)
            after = replace(before, **{name: getattr(answer, name) for name in fields})
            yield SetAnswer(number, reading.reader, before, after)


def _notes(now: FullReading, number: int, beside: Beside) -> Iterator[SetNote]:
    for feature, note in beside.notes.items():
        yield SetNote(number, now.reading.reader, feature, now.note(feature), note)


def _marks(now: FullReading, number: int, beside: Beside) -> Iterator[SetMark]:
    """A phase is added; an onset or end takes the place of the one that is there."""
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
    study: Study, number: int, reader: ReaderIdentity, rated: Sequence[Rated]
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
