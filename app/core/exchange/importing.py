"""What a file says becomes answers in a study: one edit each, so that each can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import UserError
from app.core.exchange.bundle import Imported, person
from app.core.exchange.words import shown
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.core.study.tables import RecordingRow


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did: answers changed, answers that were so already, and what was left out."""

    changed: int
    same: int
    remarks: tuple[str, ...]


def readings_of(imported: Imported, reader: str | None) -> tuple[Reading, ...]:
    """The readings that are meant.

    With `reader` those of that name, or those that the file gives no name, which then are that
    person's. Without, all, under the names of the file. Raises UserError when there are none, or when
    a file without names is read without one.
    """
    found = imported.bundle.readings
    names = sorted({reading.reader.name for reading in found} - {""})
    if reader is None:
        if any(not reading.reader.name for reading in found):
            raise UserError("The file does not say who answered; give the reader's name.")
        return found
    meant = tuple(
        reading if reading.reader.name else replace(reading, reader=person(reader))
        for reading in found
        if reading.reader.name in ("", reader)
    )
    if not meant:
        others = f"; it has {', '.join(shown(name) for name in names[:5])}" if names else ""
        raise UserError(f"The file has no answers by {shown(reader)}{others}.")
    return meant


def import_into(study: Study, imported: Imported, *, reader: str | None = None, why: str = "") -> Outcome:
    """Make the study say what the file says; one undoable edit per answer that differs.

    All edits of one reading are made together or not at all; `why` is kept with each in the history.

    A recording is known by its SHA-256, else by a name (with or without its
    ending) that only one recording of the study has. What
    the file leaves unanswered stays as it is, and so does what its format has no place for. Raises
    UserError.
    """
    known = study.recordings()
    changed = same = 0
    missing: dict[str, None] = {}
    for reading in readings_of(imported, reader):
        number = _number(reading.recording, known)
        if number is None:
            missing.setdefault(shown(reading.recording.name))
            continue
        edits = tuple(_edits(study, number, reading, imported.fields))
        news = [edit for edit in edits if edit.before != edit.after]
        study.apply_all(news, why=why)
        changed += len(news)
        same += len(edits) - len(news)
    remarks = tuple(f"The study has no recording “{name}”; its answers were left out." for name in missing)
    return Outcome(changed, same, imported.remarks + remarks)


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


def _edits(study: Study, number: int, reading: Reading, fields: frozenset[str]) -> Iterator[SetAnswer]:
    now = study.reading(number, reading.reader)
    for feature, answer in reading.answers.items():
        if answer != Answer(feature):
            before = now.answer(feature)
            after = replace(before, **{name: getattr(answer, name) for name in fields})
            yield SetAnswer(number, reading.reader, before, after)
