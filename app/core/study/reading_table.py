"""The tables of readings and marks, read and written inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from app.core.reading import ReaderIdentity
from app.core.study import reader_table, rows, values
from app.core.study.marks import Mark, sort_marks
from app.core.study.unreadable_rows import good_rows, quote


@dataclass(frozen=True, slots=True)
class ReadingState:
    """The progress of a reader with a recording; moments in UTC, `answered` features."""

    reader: ReaderIdentity
    begun: str
    changed: str
    locked: str | None
    revealed: str | None
    blind: bool | None
    answered: int


def states_of(connection: sqlite3.Connection, recording_id: int) -> list[ReadingState]:
    """The progress of every reader of the recording, the latest change first."""
    found = connection.execute(
        "SELECT kind, name, version, details, begun, changed, locked, revealed, "
        "iif(locked IS NULL, NULL, blind), "
        "(SELECT count(*) FROM answers AS given WHERE given.recording_id = readings.recording_id "
        f"AND given.reader_id = readings.reader_id AND {rows.ANSWERED}) "
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
    return f"how far the reader {quote(name)} is"


def locked_state(connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity) -> str | None:
    """What a reading said when it was locked, as the history keeps it (JSON); None while it is not locked."""
    row = connection.execute(
        "SELECT new FROM readings JOIN recordings ON recordings.id = recording_id "
        "JOIN readers ON readers.id = reader_id JOIN history ON history.recording = fingerprint "
        "AND history.reader = readers.key AND subject = 'lock' AND at = locked AND new <> 'null' "
        "WHERE recording_id = ? AND reader_id = ? ORDER BY seq DESC LIMIT 1",
        (recording_id, reader_table.reader_id(connection, identity)),
    ).fetchone()
    return None if row is None else str(row[0])


def has_reading(connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity) -> bool:
    found = connection.execute(
        "SELECT 1 FROM readings WHERE recording_id = ? AND reader_id = ?",
        (recording_id, reader_table.reader_id(connection, identity)),
    )
    return found.fetchone() is not None


def marks(connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity) -> tuple[Mark, ...]:
    """The reader's marks in order of time."""
    found = connection.execute(
        "SELECT kind, seconds, label FROM marks WHERE recording_id = ? AND reader_id = ?",
        (recording_id, reader_table.reader_id(connection, identity)),
    )
    whose = f"{quote(identity.name)} in recording {recording_id}"
    return sort_marks(
        good_rows(connection, found.fetchall(), rows.mark_from_row, lambda *_row: f"a mark of {whose}")
    )


def put_reading(connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity, at: str) -> int:
    """Record that the reader's reading has changed, or begins; the reader's number."""
    number = reader_table.put_reader(connection, identity)
    connection.execute(
        "INSERT INTO readings (recording_id, reader_id, begun, changed) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (recording_id, reader_id) DO UPDATE SET changed = excluded.changed",
        (recording_id, number, at, at),
    )
    return number
