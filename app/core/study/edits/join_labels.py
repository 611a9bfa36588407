"""A recording that a study keeps by its labels alone becomes one with the recording of its video."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.study import recording_table, rows, values
from app.core.study.edits.edit import Conflict, RecordingEdit
from app.core.study.effects import Effects
from app.core.study.history import HistoryEntry
from app.core.study.joined_labels import SUBJECT
from app.core.study.without_video import fingerprint_without_video


@dataclass(frozen=True, slots=True)
class JoinLabels(RecordingEdit):
    """The labels alone that were kept under the name `before` are those of this recording from now on.

    What was said there is moved by other edits, made together with this one: only a recording of which
    nothing is kept goes. The inverse (`after` is the name) keeps it again.
    Raises ValueError unless one of both is a name.
    """

    subject: ClassVar = SUBJECT
    label: ClassVar = "join of labels"
    plural: ClassVar = "joins of labels"

    recording_id: int
    before: str | None
    after: str | None

    def __post_init__(self) -> None:
        if (self.before is None) is (self.after is None):
            raise ValueError("an edit joins labels, or parts them again")

    @property
    def _fingerprint(self) -> str:
        return fingerprint_without_video(self.before or self.after or "")

    def stored(self, connection: sqlite3.Connection) -> str | None:
        row = recording_table.find_recording(connection, self._fingerprint)
        return None if row is None or row.has_video else row.name

    def check(self, connection: sqlite3.Connection) -> None:
        if not recording_table.recording(connection, self.recording_id).has_video:
            raise Conflict("There is no video with which these labels could be joined.")
        if self.before is not None and self._is_said_more(connection):
            raise Conflict("Something was said of these labels meanwhile; look at them again.")

    def _is_said_more(self, connection: sqlite3.Connection) -> bool:
        row = recording_table.find_recording(connection, self._fingerprint)
        return row is not None and any(
            connection.execute(question, (row.id,)).fetchone() is not None for question in _SAID
        )

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        if self.after is not None:
            recording_table.put_recording(connection, self._fingerprint, self.after, "", 0.0)
        else:
            recording_table.remove_without_content(connection, self._fingerprint)

    @staticmethod
    def state_from_json(text: str) -> str | None:
        return values.maybe(values.name, values.json_of(text))

    @staticmethod
    def describe(value: Any) -> str:
        return f"labels alone of {rows.text_of(str(value))}"

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        cls.state_from_json(entry.new)
        yield from ()


_OF = "WHERE recording_id = ?"
_SAID = (
    f"SELECT 1 FROM answers {_OF} AND (presence IS NOT NULL OR confidence IS NOT NULL "
    "OR laterality IS NOT NULL OR explanation <> '' OR note <> '' OR extras IS NOT NULL)",
    *(f"SELECT 1 FROM {table} {_OF}" for table in ("spans", "marks", "ratings", "eeg_files")),
    f"SELECT 1 FROM readings {_OF} AND (locked IS NOT NULL OR revealed IS NOT NULL)",
    "SELECT 1 FROM recordings WHERE id = ? AND (patient_data IS NOT NULL OR cameras IS NOT NULL "
    "OR patient_box IS NOT NULL)",
)
"""Each gives a row when something is kept of the recording of that number."""
