"""Reading and writing the tables of a study, inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import FEATURE, Answer, Laterality, Presence, Span
from app.core.study import rows, values
from app.core.study.cameras import Cameras, cameras_from_json
from app.core.study.edits import Rating
from app.core.study.left_out import WRONG, good_rows, quoted, report_unreadable
from app.core.study.marks import Mark, in_order
from app.core.study.schema import now

T = TypeVar("T")

AnswerPlace = tuple[int, int | None, str]
"""Whose answer to what: the numbers of recording and reader, the feature."""

PRESENCES = ", ".join(f"'{one.value}'" for one in Presence)
SIDES = ", ".join(f"'{one.value}'" for one in Laterality)
ANSWERED = f"presence IN ({PRESENCES}) AND feature IN ({', '.join(map(repr, FEATURE))})"
"""The condition in SQL under which a row of the answers says something that this program can have written."""

_RECORDING = "SELECT id, fingerprint, name, path, sha256, duration, patient_box FROM recordings"


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A recording as the study keeps it; `path` is relative to the study's folder where that can be."""

    id: int
    fingerprint: str
    name: str
    path: str
    sha256: str | None
    duration: float
    patient_box: str | None


def recording(connection: sqlite3.Connection, recording_id: int) -> RecordingRow:
    """Raises LookupError when the study has no recording of that number."""
    row = connection.execute(f"{_RECORDING} WHERE id = ?", (recording_id,)).fetchone()
    if row is None:
        raise LookupError(f"the study has no recording {recording_id}")
    return _known_recording(connection, row)


def recordings(connection: sqlite3.Connection) -> list[RecordingRow]:
    """All of them, in the order in which they were added."""
    found = connection.execute(f"{_RECORDING} ORDER BY id").fetchall()
    return list(good_rows(connection, ([connection, row] for row in found), _recording_row, _what_recording))


def find_recording(connection: sqlite3.Connection, fingerprint: str) -> RecordingRow | None:
    row = connection.execute(f"{_RECORDING} WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return None if row is None else _known_recording(connection, row)


def _known_recording(connection: sqlite3.Connection, row: Sequence[Any]) -> RecordingRow:
    """Raises UserError for a row that cannot be used."""
    try:
        return _recording_row(connection, row)
    except ValueError as error:
        what = _what_recording(connection, row)
        raise UserError(
            f"What the study says of {what} cannot be read, so nothing is kept for it."
        ) from error


def _recording_row(connection: sqlite3.Connection, row: Sequence[Any]) -> RecordingRow:
    """Raises ValueError when the row is not what this program writes; what can be spared is None then."""
    number, fingerprint, name, path, sha256, duration, box = row
    what = f"recording {quoted(name)}"
    return RecordingRow(
        values.number(number),
        values.name(fingerprint),
        values.name(name),
        values.name(path),
        _spared(connection, partial(values.maybe, values.name), sha256, f"the SHA-256 of the {what}"),
        values.seconds(duration),
        _spared(connection, _box_text, box, f"the patient's box of the {what}"),
    )


def _what_recording(_connection: sqlite3.Connection, row: Sequence[Any]) -> str:
    return f"the recording {quoted(row[2])} (number {row[0]!r:.40})"


def _box_text(value: Any) -> str | None:
    rows.box_from_json(value)
    return None if value is None else str(value)


def _spared(
    connection: sqlite3.Connection, read: Callable[[Any], T | None], value: object, what: str
) -> T | None:
    """The value, or None for a wrong one, without which the rest of the row can be used."""
    try:
        return read(value)
    except WRONG:
        report_unreadable(connection, what)
        return None


def put_recording(
    connection: sqlite3.Connection, fingerprint: str, name: str, path: str, duration: float
) -> int:
    """Add the recording, or write down its new name and place; its number, which no other ever had."""
    (number,) = connection.execute(
        "INSERT INTO recordings (id, fingerprint, name, path, duration, added) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name, path = excluded.path RETURNING id",
        (last_recording(connection) + 1, fingerprint, name, path, duration, now()),
    ).fetchone()
    return int(number)


def last_recording(connection: sqlite3.Connection) -> int:
    """The highest number that a recording has, or had before the study was put back to a copy.

    A window that has it open would else take another recording for the one that it shows.
    """
    (number,) = connection.execute(
        "SELECT max(coalesce((SELECT max(id) FROM recordings), 0), "
        "coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last_recording'), 0))"
    ).fetchone()
    try:
        return values.number(number)
    except ValueError as error:
        raise UserError("The study is damaged: the numbers of its recordings are used up.") from error


def put_patient_box(connection: sqlite3.Connection, recording_id: int, box: str | None) -> None:
    connection.execute("UPDATE recordings SET patient_box = ? WHERE id = ?", (box, recording_id))


def cameras(connection: sqlite3.Connection, recording_id: int) -> Cameras:
    """The further cameras of the recording."""
    row = connection.execute("SELECT cameras FROM recordings WHERE id = ?", (recording_id,)).fetchone()
    text = None if row is None else row[0]
    what = f"what the cameras of recording {recording_id} are"
    return _spared(connection, cameras_from_json, text, what) or ()


def put_cameras(connection: sqlite3.Connection, recording_id: int, text: str | None) -> None:
    connection.execute("UPDATE recordings SET cameras = ? WHERE id = ?", (text, recording_id))


def reader(connection: sqlite3.Connection, key: str) -> ReaderIdentity:
    """Raises LookupError when the study has no reader of that key."""
    row = connection.execute(
        "SELECT kind, name, version, details FROM readers WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        raise LookupError("the study does not have that reader")
    try:
        return rows.reader_from_row(*row)
    except ValueError as error:
        report_unreadable(connection, _what_reader(*row))
        raise LookupError("what the study says of that reader cannot be read") from error


def _what_reader(_kind: object, name: object, *_rest: object) -> str:
    return f"the reader {quoted(name)}"


def reader_id(connection: sqlite3.Connection, identity: ReaderIdentity) -> int | None:
    """The reader's number, None when the study does not know them. A person is known by name alone."""
    if identity.kind is ReaderKind.PERSON:
        found = connection.execute(
            "SELECT id FROM readers WHERE kind = 'person' AND name = ?", (rows.text_of(identity.name),)
        )
    else:
        found = connection.execute("SELECT id FROM readers WHERE key = ?", (rows.reader_key(identity),))
    row = found.fetchone()
    return None if row is None else int(row[0])


def key_of(connection: sqlite3.Connection, reader_number: int) -> str:
    """How the history names the reader, whatever they are called now."""
    row = connection.execute("SELECT key FROM readers WHERE id = ?", (reader_number,)).fetchone()
    if row is None:
        raise UserError("The study is damaged: a reader is in its index and not in its table.")
    return str(row[0])


def put_reader(connection: sqlite3.Connection, identity: ReaderIdentity) -> int:
    """The reader's number; they are added when they are new."""
    known = reader_id(connection, identity)
    if known is not None:
        return known
    (number,) = connection.execute(
        "INSERT INTO readers (key, kind, name, version, details) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (
            _free_key(connection, identity),
            identity.kind.value,
            rows.text_of(identity.name),
            rows.text_of(identity.version),
            rows.canonical(dict(identity.details)),
        ),
    ).fetchone()
    return int(number)


def _free_key(connection: sqlite3.Connection, identity: ReaderIdentity) -> str:
    """The reader's key; for a person whose name somebody else had before, the key with a number."""
    key, number = rows.reader_key(identity), 1
    while connection.execute("SELECT 1 FROM readers WHERE key = ?", (key,)).fetchone():
        number += 1
        key = rows.canonical([identity.kind.value, identity.name, number])
    return key


def readers_of(connection: sqlite3.Connection, recording_id: int) -> list[ReaderIdentity]:
    """Who has read the recording, the latest change first."""
    found = connection.execute(
        "SELECT kind, name, version, details FROM readings JOIN readers ON readers.id = reader_id "
        "WHERE recording_id = ? ORDER BY changed DESC, reader_id",
        (recording_id,),
    )
    return list(good_rows(connection, found.fetchall(), rows.reader_from_row, _what_reader))


def people(connection: sqlite3.Connection) -> list[ReaderIdentity]:
    """All persons by name, whether or not they have read anything."""
    found = connection.execute(
        "SELECT kind, name, version, details FROM readers WHERE kind = 'person' ORDER BY name"
    )
    return list(good_rows(connection, found.fetchall(), rows.reader_from_row, _what_reader))


@dataclass(frozen=True, slots=True)
class ReadingState:
    """How far a reader is with a recording; moments in UTC, `answered` features."""

    reader: ReaderIdentity
    begun: str
    changed: str
    locked: str | None
    revealed: str | None
    blind: bool | None
    answered: int


def states_of(connection: sqlite3.Connection, recording_id: int) -> list[ReadingState]:
    """How far every reader of the recording is, the latest change first."""
    found = connection.execute(
        "SELECT kind, name, version, details, begun, changed, locked, revealed, "
        "iif(locked IS NULL, NULL, blind), "
        "(SELECT count(*) FROM answers AS given WHERE given.recording_id = readings.recording_id "
        f"AND given.reader_id = readings.reader_id AND {ANSWERED}) "
        "FROM readings JOIN readers ON readers.id = reader_id "
        "WHERE recording_id = ? ORDER BY changed DESC, reader_id",
        (recording_id,),
    )
    return list(good_rows(connection, found.fetchall(), _state, _what_state))


def _state(*row: Any) -> ReadingState:
    *who, begun, changed, locked, revealed, blind, answered = row
    return ReadingState(
        rows.reader_from_row(*who),
        values.moment(begun),
        values.moment(changed),
        values.maybe(values.moment, locked),
        values.maybe(values.moment, revealed),
        values.maybe(values.flag, blind),
        answered,
    )


def _what_state(_kind: object, name: object, *_rest: object) -> str:
    return f"how far the reader {quoted(name)} is"


def locked_state(connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity) -> str | None:
    """What a reading said when it was locked, as the history keeps it (JSON); None while it is not locked."""
    row = connection.execute(
        "SELECT new FROM readings JOIN recordings ON recordings.id = recording_id "
        "JOIN readers ON readers.id = reader_id JOIN history ON history.recording = fingerprint "
        "AND history.reader = readers.key AND subject = 'lock' AND at = locked AND new <> 'null' "
        "WHERE recording_id = ? AND reader_id = ? ORDER BY seq DESC LIMIT 1",
        (recording_id, reader_id(connection, identity)),
    ).fetchone()
    return None if row is None else str(row[0])


def has_reading(connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity) -> bool:
    found = connection.execute(
        "SELECT 1 FROM readings WHERE recording_id = ? AND reader_id = ?",
        (recording_id, reader_id(connection, identity)),
    )
    return found.fetchone() is not None


def answers(
    connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity, feature: str | None = None
) -> dict[str, Answer]:
    """What the reader has answered, by feature, of one feature or of all; without empty answers."""
    place: tuple[Any, ...] = (recording_id, reader_id(connection, identity))
    where = "WHERE recording_id = ? AND reader_id = ?"
    if feature is not None:
        where, place = f"{where} AND feature = ?", (*place, feature)
    whose = f"{quoted(identity.name)} in recording {recording_id}"
    held = connection.execute(
        f"SELECT feature, begins, ends FROM spans {where} ORDER BY feature, begins, ends", place
    ).fetchall()
    spans: dict[str, list[Span]] = {}
    for of, span in good_rows(connection, held, _span_of, lambda of, *_row: _what_span(of, whose)):
        spans.setdefault(of, []).append(span)
    found = connection.execute(
        f"SELECT feature, presence, confidence, laterality, explanation FROM answers {where}", place
    ).fetchall()
    given = good_rows(
        connection,
        found,
        lambda *row: rows.answer_from_row(row, spans.get(row[0], ())),
        lambda of, *_row: f"the answer to {quoted(of)} of {whose}",
    )
    return {answer.feature: answer for answer in given if answer != Answer(answer.feature)}


def _span_of(of: object, begins: object, ends: object) -> tuple[str, Span]:
    return values.feature(of), rows.span_from_row(begins, ends)


def _what_span(of: object, whose: str) -> str:
    return f"a span of the evidence for {quoted(of)} of {whose}"


def answer_at(connection: sqlite3.Connection, place: AnswerPlace) -> Answer:
    """One answer; unanswered where there is none, or none that can be read."""
    recording_id, _reader, feature = place
    row = answer_row(connection, place)
    if row is None:
        return Answer(feature)
    spans = good_rows(
        connection,
        span_rows(connection, place),
        rows.span_from_row,
        lambda *_row: _what_span(feature, f"recording {recording_id}"),
    )
    what = f"an answer to {quoted(feature)} in recording {recording_id}"
    read = partial(rows.answer_from_row, spans=tuple(spans))
    return _spared(connection, read, row, what) or Answer(feature)


def answer_row(connection: sqlite3.Connection, place: AnswerPlace) -> rows.AnswerRow | None:
    """One answer as it is kept, None where there never was one."""
    row: rows.AnswerRow | None = connection.execute(
        "SELECT feature, presence, confidence, laterality, explanation FROM answers "
        "WHERE recording_id = ? AND reader_id = ? AND feature = ?",
        place,
    ).fetchone()
    return row


def span_rows(connection: sqlite3.Connection, place: AnswerPlace) -> list[rows.SpanRow]:
    """The evidence of one answer as it is kept, in order; what is not a number is left out and stays."""
    return connection.execute(
        "SELECT begins, ends FROM spans WHERE recording_id = ? AND reader_id = ? AND feature = ? "
        "AND typeof(begins) = 'real' AND typeof(ends) = 'real' ORDER BY begins, ends",
        place,
    ).fetchall()


def spans_like(connection: sqlite3.Connection, place: AnswerPlace, span: rows.SpanRow) -> int:
    """How often the evidence of one answer holds this very span."""
    found = connection.execute(
        "SELECT count(*) FROM spans "
        "WHERE recording_id = ? AND reader_id = ? AND feature = ? AND begins = ? AND ends = ?",
        (*place, *span),
    )
    return int(found.fetchone()[0])


def notes(
    connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity, feature: str | None = None
) -> dict[str, str]:
    """The reader's notes by feature, without empty ones."""
    found = connection.execute(
        "SELECT feature, note FROM answers "
        "WHERE recording_id = ? AND reader_id = ? AND feature = coalesce(?, feature) AND note <> ''",
        (recording_id, reader_id(connection, identity), feature),
    )
    whose = f"{quoted(identity.name)} in recording {recording_id}"
    kept = good_rows(
        connection,
        found.fetchall(),
        lambda of, note: (values.feature(of), values.text(note)),
        lambda of, *_row: f"the note on {quoted(of)} of {whose}",
    )
    return dict(kept)


def marks(connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity) -> tuple[Mark, ...]:
    """The reader's marks in order of time."""
    found = connection.execute(
        "SELECT kind, seconds, label FROM marks WHERE recording_id = ? AND reader_id = ?",
        (recording_id, reader_id(connection, identity)),
    )
    whose = f"{quoted(identity.name)} in recording {recording_id}"
    return in_order(
        good_rows(connection, found.fetchall(), rows.mark_from_row, lambda *_row: f"a mark of {whose}")
    )


def rating_of(connection: sqlite3.Connection, row: Sequence[Any]) -> Rating | None:
    """The rating of a row (score, note), None when it cannot be read."""
    return _spared(connection, lambda kept: rows.rating_from_row(*kept), row, "a rating of an explanation")


def put_reading(connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity, at: str) -> int:
    """Say that the reader's reading of the recording was changed; it begins when it is new. Their number."""
    number = put_reader(connection, identity)
    connection.execute(
        "INSERT INTO readings (recording_id, reader_id, begun, changed) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (recording_id, reader_id) DO UPDATE SET changed = excluded.changed",
        (recording_id, number, at, at),
    )
    return number


def put_answers(
    connection: sqlite3.Connection,
    recording_id: int,
    identity: ReaderIdentity,
    written: Iterable[Answer],
    at: str,
) -> None:
    """Keep the answers over those of the same features; the reading begins with its first one."""
    number, kept = put_reading(connection, recording_id, identity, at), tuple(written)
    put_answer_rows(connection, recording_id, number, [rows.answer_to_row(answer) for answer in kept])
    for answer in kept:
        place = (recording_id, number, answer.feature)
        held = span_rows(connection, place)
        wanted = rows.spans_to_rows(answer.evidence)
        if held != wanted:
            before, after = Counter(held), Counter(wanted)
            put_spans(connection, place, (before - after).elements(), (after - before).elements())


def put_answer_rows(
    connection: sqlite3.Connection, recording_id: int, reader_number: int, written: Iterable[rows.AnswerRow]
) -> None:
    """Keep what answers say; their evidence and notes stay. The reading must have begun."""
    connection.executemany(
        "INSERT INTO answers (recording_id, reader_id, feature, presence, confidence, laterality, "
        "explanation) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (recording_id, reader_id, feature) DO UPDATE SET presence = excluded.presence, "
        "confidence = excluded.confidence, laterality = excluded.laterality, "
        "explanation = excluded.explanation",
        [(recording_id, reader_number, *row) for row in written],
    )


_ADD_SPAN = "INSERT INTO spans (recording_id, reader_id, feature, begins, ends) VALUES (?, ?, ?, ?, ?)"


def put_spans(
    connection: sqlite3.Connection,
    place: AnswerPlace,
    removed: Iterable[rows.SpanRow],
    added: Iterable[rows.SpanRow],
) -> None:
    """Take spans out of the evidence of one answer, once each, and put others in."""
    connection.executemany(
        "DELETE FROM spans WHERE rowid = (SELECT rowid FROM spans WHERE recording_id = ? "
        "AND reader_id = ? AND feature = ? AND begins = ? AND ends = ? LIMIT 1)",
        [(*place, *span) for span in removed],
    )
    connection.executemany(_ADD_SPAN, [(*place, *span) for span in added])


def begin_answer(connection: sqlite3.Connection, place: AnswerPlace) -> None:
    """Make the row of an answer that nothing was said of yet; the reading must have begun."""
    connection.execute(
        "INSERT INTO answers (recording_id, reader_id, feature, explanation) VALUES (?, ?, ?, '') "
        "ON CONFLICT DO NOTHING",
        place,
    )


def put_note(
    connection: sqlite3.Connection, recording_id: int, reader_number: int, feature: str, note: str
) -> None:
    """Keep the note beside the answer, which may be an empty one; the reading must have begun."""
    connection.execute(
        "INSERT INTO answers (recording_id, reader_id, feature, explanation, note) VALUES (?, ?, ?, '', ?) "
        "ON CONFLICT (recording_id, reader_id, feature) DO UPDATE SET note = excluded.note",
        (recording_id, reader_number, feature, note),
    )


def setting(connection: sqlite3.Connection, name: str) -> str | None:
    """A setting of the study as JSON, None when it was never set or was taken back."""
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def read_setting(connection: sqlite3.Connection, name: str, read: Callable[[str], T | None]) -> T | None:
    """What `read` makes of a setting; None when it is not set or cannot be read."""
    text = setting(connection, name)
    return None if text is None else _spared(connection, read, text, f"the setting {quoted(name)}")


def put_setting(connection: sqlite3.Connection, name: str, value: str | None) -> None:
    """Keep a setting (JSON); None goes back to the default."""
    if value is None:
        connection.execute("DELETE FROM settings WHERE name = ?", (name,))
        return
    connection.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
