"""The recordings of a study in its table, read and written inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.core.errors import UserError
from app.core.study import rows, values
from app.core.study.cameras import Cameras, cameras_from_json
from app.core.study.effects import Held
from app.core.study.patient_data import NO_PATIENT_DATA, PatientData, patient_data_from_json
from app.core.study.schema import utc_now
from app.core.study.transaction_memory import forget, remembered
from app.core.study.unreadable_rows import good_rows, quote, value_or_none

_RECORDING = "SELECT id, fingerprint, name, path, sha256, duration, patient_box FROM recordings"


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """The stored data of a recording; `path` is relative to the study's folder where possible."""

    id: int
    fingerprint: str
    name: str
    path: str
    sha256: str | None
    duration: float
    patient_box: str | None

    @property
    def has_video(self) -> bool:
        """Whether there is a file; without one the recording is kept by its labels alone."""
        return self.path != ""


def recording(connection: sqlite3.Connection, recording_id: int) -> RecordingRow:
    """The recording of that number. Raises LookupError when the study has none."""
    row = connection.execute(f"{_RECORDING} WHERE id = ?", (recording_id,)).fetchone()
    if row is None:
        raise LookupError(f"the study has no recording {recording_id}")
    return _known_recording(connection, row)


def fingerprint_of(connection: sqlite3.Connection, recording_id: int) -> str:
    """The fingerprint of the recording of that number. Raises LookupError, and UserError as `recording`."""
    place = "fingerprint", recording_id
    return remembered(connection, place, lambda: recording(connection, recording_id).fingerprint)


def find_number(connection: sqlite3.Connection, fingerprint: str) -> int | None:
    """The number of the recording of that fingerprint, None without one. Raises UserError as `recording`."""

    def look_up() -> int | None:
        found = find_recording(connection, fingerprint)
        return None if found is None else found.id

    return remembered(connection, ("recording's number", fingerprint), look_up)


def recordings(connection: sqlite3.Connection) -> list[RecordingRow]:
    """All recordings, in the order in which they were added."""
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
    what = f"recording {quote(name)}"
    return RecordingRow(
        values.number(number),
        values.name(fingerprint),
        values.name(name),
        values.name(path),
        value_or_none(connection, partial(values.maybe, values.name), sha256, f"the SHA-256 of the {what}"),
        values.seconds(duration),
        value_or_none(connection, _box_text, box, f"the patient's box of the {what}"),
    )


def _what_recording(_connection: sqlite3.Connection, row: Sequence[Any]) -> str:
    return f"the recording {quote(row[2])} (number {row[0]!r:.40})"


def _box_text(value: Any) -> str | None:
    rows.box_from_json(value)
    return None if value is None else str(value)


def put_recording(
    connection: sqlite3.Connection, fingerprint: str, name: str, path: str, duration: float
) -> int:
    """Add the recording, or write down its new name and place; its number, which no other ever had."""
    forget(connection)
    (number,) = connection.execute(
        "INSERT INTO recordings (id, fingerprint, name, path, duration, added) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name, path = excluded.path RETURNING id",
        (last_recording(connection) + 1, fingerprint, name, path, duration, utc_now()),
    ).fetchone()
    return int(number)


def remove_without_content(connection: sqlite3.Connection, fingerprint: str) -> None:
    """Remove a recording of which nothing is kept, with what is left of readings; its number is not given
    again."""
    forget(connection)
    last = str(last_recording(connection))
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_recording', ?)", (last,))
    of = "WHERE recording_id = (SELECT id FROM recordings WHERE fingerprint = ?)"
    for table in ("answers", "readings"):
        connection.execute(f"DELETE FROM {table} {of}", (fingerprint,))
    connection.execute("DELETE FROM recordings WHERE fingerprint = ?", (fingerprint,))


def last_recording(connection: sqlite3.Connection) -> int:
    """The highest number that a recording has, or had before the study was restored from a copy.

    A window that has it open would otherwise take another recording for its own.
    """
    (number,) = connection.execute(
        "SELECT max(coalesce((SELECT max(id) FROM recordings), 0), "
        "coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last_recording'), 0))"
    ).fetchone()
    try:
        return values.number(number)
    except ValueError as error:
        raise UserError("The study is damaged: the numbers of its recordings are used up.") from error


def cameras(connection: sqlite3.Connection, recording_id: int) -> Cameras:
    """The further cameras of the recording."""
    row = connection.execute("SELECT cameras FROM recordings WHERE id = ?", (recording_id,)).fetchone()
    text = None if row is None else row[0]
    what = f"what the cameras of recording {recording_id} are"
    return value_or_none(connection, cameras_from_json, text, what) or ()


def patient_data(connection: sqlite3.Connection, recording_id: int) -> PatientData:
    """What is known of the patient and the event in the recording."""
    row = connection.execute("SELECT patient_data FROM recordings WHERE id = ?", (recording_id,)).fetchone()
    return _patient_data(connection, recording_id, None if row is None else row[0])


def all_patient_data(connection: sqlite3.Connection) -> dict[int, PatientData]:
    """The same of every recording of which anything is known, by number."""
    found = connection.execute("SELECT id, patient_data FROM recordings WHERE patient_data IS NOT NULL")
    return {number: _patient_data(connection, number, text) for number, text in found.fetchall()}


def without_video(connection: sqlite3.Connection) -> frozenset[int]:
    """The numbers of the recordings that are kept by their labels alone."""
    return frozenset(row[0] for row in connection.execute("SELECT id FROM recordings WHERE path = ''"))


def _patient_data(connection: sqlite3.Connection, recording_id: object, text: str | None) -> PatientData:
    what = f"the patient data of recording {recording_id!r:.40}"
    return value_or_none(connection, patient_data_from_json, text, what) or NO_PATIENT_DATA


def column_held(connection: sqlite3.Connection, column: str) -> Iterator[Held]:
    """What a column of the recordings holds, as the replay of the history compares it."""
    found = connection.execute(f"SELECT fingerprint, {column} FROM recordings WHERE {column} IS NOT NULL")
    yield from (((fingerprint, None, column), said) for fingerprint, said in found.fetchall())
