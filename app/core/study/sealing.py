"""Blind reading: what a reader may see before their answers are locked."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from app.core.errors import UserError
from app.core.reading import ReaderIdentity
from app.core.study import reader_table, recording_table, rows, setting_table, values
from app.core.study.transaction_memory import remembered
from app.core.study.unreadable_rows import good_rows

BLIND_BY_DEFAULT = "blind_by_default"


class Sealed(UserError):  # noqa: N818 - nobody's fault either
    """Another reader's answers are withheld from a reader whose reading is not locked."""


def blind_by_default(connection: sqlite3.Connection) -> bool:
    """Whether a first reading is blind in this study; it is until the study says otherwise."""
    value = setting_table.read_setting(connection, BLIND_BY_DEFAULT, rows.truth_from_json)
    return True if value is None else value


def is_recording_sealed(
    connection: sqlite3.Connection, recording_id: int, viewer: ReaderIdentity | None
) -> bool:
    """Whether the others' answers to this recording are withheld from the viewer; from None nothing is.

    They are in a blind study, until what the viewer answered is locked and the others' were revealed.
    """
    if viewer is None:
        return False
    row = connection.execute(
        "SELECT revealed FROM readings WHERE recording_id = ? AND reader_id = ?",
        (recording_id, reader_table.reader_id(connection, viewer)),
    ).fetchone()
    return (row is None or not _is_moment(row[0])) and blind_by_default(connection)


def _is_moment(value: object) -> bool:
    """Whether it is a date; nothing is shown because of a value that this program did not write."""
    try:
        values.moment(value)
    except ValueError:
        return False
    return True


def is_reading_withheld(
    connection: sqlite3.Connection, recording_id: int, reader: ReaderIdentity, viewer: ReaderIdentity | None
) -> bool:
    """Whether the viewer may not see this reader's answers. The viewer's are never withheld."""
    if viewer is None or not is_recording_sealed(connection, recording_id, viewer):
        return False
    own = reader_table.reader_id(connection, viewer)
    if own is None:  # who has said nothing in this study yet
        return not reader.is_same(viewer)
    return reader_table.reader_id(connection, reader) != own


def check_not_withheld(
    connection: sqlite3.Connection, recording_id: int, reader: ReaderIdentity, viewer: ReaderIdentity | None
) -> None:
    """Raises Sealed when the viewer may not see this reader's answers."""
    if is_reading_withheld(connection, recording_id, reader, viewer):
        raise Sealed("These answers are sealed until you have locked your own and revealed the others'.")


def open_recordings(connection: sqlite3.Connection, viewer: ReaderIdentity | None) -> frozenset[int] | None:
    """The recordings of which the viewer may see everything; None is all of them."""
    if viewer is None or not blind_by_default(connection):
        return None
    found = connection.execute(
        "SELECT recording_id, revealed FROM readings WHERE reader_id = ? AND revealed IS NOT NULL",
        (reader_table.reader_id(connection, viewer),),
    )
    return frozenset(number for number, revealed in found if _is_moment(revealed))


def read_blind(connection: sqlite3.Connection, recording_id: int, reader: ReaderIdentity) -> bool:
    """Whether the reading has been sealed from its beginning until now."""
    if not is_recording_sealed(connection, recording_id, reader):
        return False
    opened = connection.execute(
        "SELECT 1 FROM readings WHERE recording_id = ? AND reader_id = ? "
        "AND (coalesce(blind, 1) <> 1 OR EXISTS (SELECT 1 FROM history "
        "WHERE recording = '' AND subject = 'setting' AND feature = ? AND at >= begun))",
        (recording_id, reader_table.reader_id(connection, reader), BLIND_BY_DEFAULT),
    )
    return opened.fetchone() is None and not _seen_before_a_restore(connection, recording_id, reader)


@dataclass(frozen=True, slots=True)
class ShownAnswers:
    """What was shown in states of a study that were replaced by a copy since: others' answers, `revealed` to
    readers (fingerprint of the recording, key of the reader) or `opened` to everybody (fingerprints)."""

    revealed: frozenset[tuple[str, str]]
    opened: frozenset[str]


def shown_before_restores(connection: sqlite3.Connection) -> ShownAnswers:
    """What was shown in states of the study that were replaced by a copy; nobody can unsee it."""
    found = connection.execute("SELECT old FROM history WHERE recording = '' AND subject = 'restore'")
    shown = list(
        good_rows(connection, found.fetchall(), _seen, lambda *_row: "what was seen before a restore")
    )
    return ShownAnswers(
        frozenset(one for each in shown for one in each.revealed),
        frozenset(one for each in shown for one in each.opened),
    )


def _seen(old: str) -> ShownAnswers:
    """What a row of the history says of it. Raises ValueError when it cannot be read."""
    row = values.fields(values.json_of(old))
    pairs = [values.items(pair) for pair in values.items(row.get("revealed", []))]
    return ShownAnswers(
        frozenset((values.name(place), values.text(key)) for place, key in pairs),
        frozenset(values.name(place) for place in values.items(row.get("opened", []))),
    )


def _seen_before_a_restore(connection: sqlite3.Connection, recording_id: int, reader: ReaderIdentity) -> bool:
    """Whether the others' answers were shown in a state of the study that was replaced by a copy since."""
    number, seen = reader_table.reader_id(connection, reader), shown_before_restores(connection)
    place = recording_table.fingerprint_of(connection, recording_id)
    key = None if number is None else reader_table.key_of(connection, number)
    return place in seen.opened or (place, key) in seen.revealed


def check_open_for_changes(connection: sqlite3.Connection, recording_id: int, reader: ReaderIdentity) -> None:
    """UserError when the reading is locked and the others' were not revealed yet."""
    number = reader_table.reader_id(connection, reader)
    place = "locked", recording_id, number
    if remembered(connection, place, lambda: _is_locked(connection, recording_id, number)):
        raise UserError("This reading is locked: unlock it, or reveal the others' answers first.")


def _is_locked(connection: sqlite3.Connection, recording_id: int, reader_number: int | None) -> bool:
    row = connection.execute(
        "SELECT locked, revealed FROM readings WHERE recording_id = ? AND reader_id = ?",
        (recording_id, reader_number),
    ).fetchone()
    return row is not None and row[0] is not None and row[1] is None
