"""Which labels alone were joined with the recording of their video, as the history of a study says."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from app.core.study import history, recording_table, values
from app.core.study.history import HistoryEntry
from app.core.study.unreadable_rows import good_rows

SUBJECT = "joined_labels"
"""What a row of the history is about that joins labels with their video, or parts them again."""


def joined_labels(connection: sqlite3.Connection) -> Mapping[str, int]:
    """The number of the recording by the name of each label-only recording that was joined with it."""
    found = history.entries(connection, conditions=[("subject = ?", (SUBJECT,))])
    rows = ((entry,) for entry in found)
    # The last row on a name says what holds.
    fingerprints = dict(good_rows(connection, rows, _joined, lambda entry: f"row {entry.seq} of the history"))
    # A row that cannot be read has no number, and costs nothing else.
    numbers = {row.fingerprint: row.id for row in recording_table.recordings(connection)}
    return {
        name: numbers[fingerprint]
        for name, fingerprint in fingerprints.items()
        if fingerprint is not None and fingerprint in numbers
    }


def _joined(entry: HistoryEntry) -> tuple[str, str | None]:
    """The name of the labels, and the fingerprint of the recording; None where they were parted again."""
    before, after = (values.maybe(values.name, values.json_of(text)) for text in (entry.old, entry.new))
    if before is None:
        return values.name(after), None
    return before, values.name(entry.recording)
