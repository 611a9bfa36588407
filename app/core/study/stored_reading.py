"""A reader's reading of a recording put together from its tables, inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from app.core.reading import ReaderIdentity, Reading, RecordingIdentity
from app.core.study import answer_table, reading_table
from app.core.study.full_reading import FullReading
from app.core.study.recording_table import RecordingRow


def stored_reading(connection: sqlite3.Connection, row: RecordingRow, reader: ReaderIdentity) -> FullReading:
    """All that the reader has said of the recording."""
    return FullReading(
        Reading(identity_of(row), reader, answer_table.answers(connection, row.id, reader)),
        answer_table.notes(connection, row.id, reader),
        reading_table.marks(connection, row.id, reader),
    )


def identity_of(row: RecordingRow) -> RecordingIdentity:
    """The recording as a reading names it."""
    return RecordingIdentity(row.name, row.sha256 or "", row.duration)
