"""The EEG files of recordings in their table, read and written inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from app.core.study import values
from app.core.study.effects import Held
from app.core.study.stored_eeg import (
    MOST_EEGS,
    AgreedSync,
    BadChannels,
    StoredEeg,
    StoredEegs,
    bad_channels_from_json,
    bad_channels_to_json,
    sort_eegs,
    sync_from_json,
    sync_to_json,
)
from app.core.study.unreadable_rows import good_rows, quote

_COLUMNS = "fingerprint, name, path, size, sync, bad_channels"


def eegs(connection: sqlite3.Connection, recording_id: int) -> StoredEegs:
    """The EEG files of a recording, in the order in which they begin."""
    # A study that was not written by this program may name any number of files.
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM eeg_files WHERE recording_id = ? ORDER BY fingerprint LIMIT ?",
        (recording_id, MOST_EEGS),
    ).fetchall()
    return sort_eegs(good_rows(connection, found, _eeg, _what))


def eeg(connection: sqlite3.Connection, recording_id: int, fingerprint: str) -> StoredEeg | None:
    """One EEG file of a recording by its content; None when it is not there or cannot be read."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM eeg_files WHERE recording_id = ? AND fingerprint = ?",
        (recording_id, fingerprint),
    ).fetchall()
    return next(good_rows(connection, found, _eeg, _what), None)


def count(connection: sqlite3.Connection, recording_id: int) -> int:
    """How many EEG files the recording has."""
    (number,) = connection.execute(
        "SELECT count(*) FROM eeg_files WHERE recording_id = ?", (recording_id,)
    ).fetchone()
    return int(number)


def put(connection: sqlite3.Connection, recording_id: int, eeg: StoredEeg) -> None:
    """Store an EEG file, in place of what is known of the same content."""
    sync, bad = sync_to_json(eeg.agreed), bad_channels_to_json(eeg.bad_channels)
    connection.execute(
        f"INSERT OR REPLACE INTO eeg_files (recording_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (recording_id, eeg.fingerprint, eeg.name, eeg.path, eeg.size, sync, bad),
    )


def remove(connection: sqlite3.Connection, recording_id: int, fingerprint: str) -> None:
    connection.execute(
        "DELETE FROM eeg_files WHERE recording_id = ? AND fingerprint = ?", (recording_id, fingerprint)
    )


def put_sync(connection: sqlite3.Connection, recording_id: int, fingerprint: str, agreed: AgreedSync) -> None:
    _update(connection, "sync", sync_to_json(agreed), (recording_id, fingerprint))


def put_bad_channels(
    connection: sqlite3.Connection, recording_id: int, fingerprint: str, labels: BadChannels
) -> None:
    _update(connection, "bad_channels", bad_channels_to_json(labels), (recording_id, fingerprint))


def _update(connection: sqlite3.Connection, column: str, text: str, place: tuple[int, str]) -> None:
    connection.execute(
        f"UPDATE eeg_files SET {column} = ? WHERE recording_id = ? AND fingerprint = ?", (text, *place)
    )


def held(connection: sqlite3.Connection) -> Iterator[Held]:
    """What the table holds, as the replay of the history compares it."""
    found = connection.execute(
        f"SELECT recordings.fingerprint, {', '.join(f'eeg_files.{one}' for one in _COLUMNS.split(', '))} "
        "FROM eeg_files JOIN recordings ON recordings.id = recording_id"
    ).fetchall()
    for recording, *row in found:
        for stored in good_rows(connection, [row], _eeg, _what):
            for what, said in said_of(stored):
                yield (recording, None, what), said


def said_of(eeg: StoredEeg) -> Iterator[tuple[str, str]]:
    """What is said of an EEG, in the parts that change by themselves."""
    name = eeg.fingerprint
    yield file_of(name), f"{eeg.size} {eeg.name} {eeg.path}"
    yield sync_of(name), sync_to_json(eeg.agreed)
    yield bad_channels_of(name), bad_channels_to_json(eeg.bad_channels)


def file_of(fingerprint: str) -> str:
    """The name of the file of an EEG in a `StatePlace`."""
    return f"EEG {fingerprint}"


def sync_of(fingerprint: str) -> str:
    """The name of the sync of an EEG in a `StatePlace`."""
    return f"sync of EEG {fingerprint}"


def bad_channels_of(fingerprint: str) -> str:
    """The name of the bad channels of an EEG in a `StatePlace`."""
    return f"bad channels of EEG {fingerprint}"


def _eeg(*row: object) -> StoredEeg:
    """Raises ValueError when the row is not what this program writes."""
    fingerprint, name, path, size, sync, bad = row
    return StoredEeg(
        values.name(fingerprint),
        values.name(name),
        values.name(path),
        values.number(size),
        sync_from_json(values.text(sync)),
        bad_channels_from_json(values.text(bad)),
    )


def _what(*row: object) -> str:
    columns: Sequence[object] = row
    return f"the EEG {quote(columns[1])} of a recording"
