"""Reading and writing the tables of a study, inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.reading import ReaderIdentity
from app.core.semiology import Answer
from app.core.study import rows
from app.core.study.schema import now

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
    return RecordingRow(*row)


def recordings(connection: sqlite3.Connection) -> list[RecordingRow]:
    """All of them, in the order in which they were added."""
    return [RecordingRow(*row) for row in connection.execute(f"{_RECORDING} ORDER BY id").fetchall()]


def find_recording(connection: sqlite3.Connection, fingerprint: str) -> RecordingRow | None:
    row = connection.execute(f"{_RECORDING} WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return None if row is None else RecordingRow(*row)


def put_recording(
    connection: sqlite3.Connection, fingerprint: str, name: str, path: str, duration: float
) -> int:
    """Add the recording, or write down its new name and place; its number."""
    (number,) = connection.execute(
        "INSERT INTO recordings (fingerprint, name, path, duration, added) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name, path = excluded.path RETURNING id",
        (fingerprint, name, path, duration, now()),
    ).fetchone()
    return int(number)


def put_patient_box(connection: sqlite3.Connection, recording_id: int, box: str | None) -> None:
    connection.execute("UPDATE recordings SET patient_box = ? WHERE id = ?", (box, recording_id))


def reader(connection: sqlite3.Connection, key: str) -> ReaderIdentity:
    """Raises LookupError when the study has no reader of that key."""
    row = connection.execute(
        "SELECT kind, name, version, details FROM readers WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        raise LookupError("the study does not have that reader")
    return rows.reader_from_row(*row)


def readers_of(connection: sqlite3.Connection, recording_id: int) -> list[ReaderIdentity]:
    """Who has read the recording, the latest change first."""
    found = connection.execute(
        "SELECT kind, name, version, details FROM readings JOIN readers ON readers.id = reader_id "
        "WHERE recording_id = ? ORDER BY changed DESC, reader_id",
        (recording_id,),
    )
    return [rows.reader_from_row(*row) for row in found.fetchall()]


def has_reading(connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity) -> bool:
    found = connection.execute(
        "SELECT 1 FROM readings JOIN readers ON readers.id = reader_id WHERE recording_id = ? AND key = ?",
        (recording_id, rows.reader_key(identity)),
    )
    return found.fetchone() is not None


def answers(
    connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity, feature: str | None = None
) -> dict[str, Answer]:
    """What the reader has answered, by feature, of one feature or of all; without empty answers."""
    found = connection.execute(
        "SELECT feature, presence, confidence, laterality, explanation, evidence "
        "FROM answers JOIN readers ON readers.id = reader_id "
        "WHERE recording_id = ? AND key = ? AND feature = coalesce(?, feature)",
        (recording_id, rows.reader_key(identity), feature),
    )
    given = (rows.answer_from_row(row) for row in found.fetchall())
    return {answer.feature: answer for answer in given if answer != Answer(answer.feature)}


def put_answers(
    connection: sqlite3.Connection,
    recording_id: int,
    identity: ReaderIdentity,
    written: Iterable[Answer],
    at: str,
) -> None:
    """Keep the answers over those of the same features; the reading begins with its first one."""
    reader_id = _reader_id(connection, identity)
    connection.execute(
        "INSERT INTO readings (recording_id, reader_id, begun, changed) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (recording_id, reader_id) DO UPDATE SET changed = excluded.changed",
        (recording_id, reader_id, at, at),
    )
    connection.executemany(
        "INSERT INTO answers (recording_id, reader_id, feature, presence, confidence, laterality, "
        "explanation, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (recording_id, reader_id, feature) DO UPDATE SET presence = excluded.presence, "
        "confidence = excluded.confidence, laterality = excluded.laterality, "
        "explanation = excluded.explanation, evidence = excluded.evidence",
        [(recording_id, reader_id, *rows.answer_to_row(answer)) for answer in written],
    )


def _reader_id(connection: sqlite3.Connection, identity: ReaderIdentity) -> int:
    key = rows.reader_key(identity)
    found = connection.execute("SELECT id FROM readers WHERE key = ?", (key,)).fetchone()
    if found is None:
        found = connection.execute(
            "INSERT INTO readers (key, kind, name, version, details) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (
                key,
                identity.kind.value,
                rows.text_of(identity.name),
                rows.text_of(identity.version),
                rows.canonical(dict(identity.details)),
            ),
        ).fetchone()
    return int(found[0])
