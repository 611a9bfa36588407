"""Whose readings vote in a study, as its tables hold them."""

from __future__ import annotations

import sqlite3

from app.core.reading import ReaderIdentity, ReaderKey
from app.core.study import rows, values
from app.core.study.consensus import votes
from app.core.study.edits.set_people_only import is_people_only
from app.core.study.unreadable_rows import good_rows, quote

Voters = dict[int, dict[int, ReaderIdentity]]
"""By the number of a recording: who votes on it, by the reader's number."""


def voters(connection: sqlite3.Connection) -> Voters:
    """Who takes part in the consensus, each in the version whose reading of the recording changed last."""
    only, known = is_people_only(connection), _readers(connection)
    found: dict[int, dict[ReaderKey, int]] = {}
    for recording, number in connection.execute(
        "SELECT recording_id, reader_id FROM readings ORDER BY changed DESC, reader_id"
    ):
        reader = known.get(number)
        if isinstance(recording, int) and reader is not None and votes(reader, people_only=only):
            found.setdefault(recording, {}).setdefault(reader.key, number)
    return {recording: {one: known[one] for one in latest.values()} for recording, latest in found.items()}


def _readers(connection: sqlite3.Connection) -> dict[int, ReaderIdentity]:
    """By their numbers; who cannot be read is left out."""
    found = connection.execute("SELECT id, kind, name, version, details FROM readers").fetchall()
    return dict(
        good_rows(connection, found, _reader, lambda _id, _kind, name, *_row: f"the reader {quote(name)}")
    )


def _reader(number: object, *row: object) -> tuple[int, ReaderIdentity]:
    return values.number(number), rows.reader_from_row(*row)
