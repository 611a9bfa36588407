"""The readers of a study in their table, read and written inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.study import rows
from app.core.study.transaction_memory import forget, remembered
from app.core.study.unreadable_rows import good_rows, quote, report_unreadable


def reader(connection: sqlite3.Connection, key: str) -> ReaderIdentity:
    """The reader of that key. Raises LookupError when the study has none."""
    return remembered(connection, ("reader", key), lambda: _reader(connection, key))


def _reader(connection: sqlite3.Connection, key: str) -> ReaderIdentity:
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
    return f"the reader {quote(name)}"


def reader_id(connection: sqlite3.Connection, identity: ReaderIdentity) -> int | None:
    """The reader's number, None when the study does not know them. A person is known by name alone."""
    known = identity.name if identity.kind is ReaderKind.PERSON else identity.exact_key
    place = "reader's number", identity.kind, known
    return remembered(connection, place, lambda: _reader_id(connection, identity))


def _reader_id(connection: sqlite3.Connection, identity: ReaderIdentity) -> int | None:
    if identity.kind is ReaderKind.PERSON:
        found = connection.execute(
            "SELECT id FROM readers WHERE kind = 'person' AND name = ?", (rows.text_of(identity.name),)
        )
    else:
        found = connection.execute("SELECT id FROM readers WHERE key = ?", (identity.exact_key,))
    row = found.fetchone()
    return None if row is None else int(row[0])


def key_of(connection: sqlite3.Connection, reader_number: int) -> str:
    """The key by which the history names the reader, whatever their present name is."""
    return remembered(connection, ("reader's key", reader_number), lambda: _key_of(connection, reader_number))


def _key_of(connection: sqlite3.Connection, reader_number: int) -> str:
    row = connection.execute("SELECT key FROM readers WHERE id = ?", (reader_number,)).fetchone()
    if row is None:
        raise UserError("The study is damaged: a reader is in its index and not in its table.")
    return str(row[0])


def put_reader(connection: sqlite3.Connection, identity: ReaderIdentity) -> int:
    """The reader's number; they are added when they are new."""
    known = reader_id(connection, identity)
    if known is not None:
        return known
    forget(connection)
    (number,) = connection.execute(
        "INSERT INTO readers (key, kind, name, version, details) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (
            _free_key(connection, identity),
            identity.kind.value,
            rows.text_of(identity.name),
            rows.text_of(identity.version),
            canonical(dict(identity.details)),
        ),
    ).fetchone()
    return int(number)


def rename_person(connection: sqlite3.Connection, reader_number: int, name: str | None) -> None:
    """Give a person another name; None removes them."""
    forget(connection)
    if name is None:
        connection.execute("DELETE FROM readers WHERE id = ?", (reader_number,))
    else:
        connection.execute("UPDATE readers SET name = ? WHERE id = ?", (name, reader_number))


def _free_key(connection: sqlite3.Connection, identity: ReaderIdentity) -> str:
    """The reader's key; for a person whose name somebody else had before, the key with a number."""
    key, number = identity.exact_key, 1
    while connection.execute("SELECT 1 FROM readers WHERE key = ?", (key,)).fetchone():
        number += 1
        key = canonical([identity.kind.value, identity.name, number])
    return key


def readers_of(connection: sqlite3.Connection, recording_id: int) -> list[ReaderIdentity]:
    """The readers of the recording, the latest change first."""
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
