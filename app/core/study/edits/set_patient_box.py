"""The box that says who in the picture the patient is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.picture_box import Box
from app.core.study import recording_table, rows
from app.core.study.edits.edit import Edit
from app.core.study.effects import Effects, Held, json_effect
from app.core.study.history import HistoryEntry, Subject


@dataclass(frozen=True, slots=True)
class SetPatientBox(Edit):
    """The box that says who the patient is becomes `after`; None is no box."""

    subject: ClassVar = "patient_box"
    label: ClassVar = "patient's box"
    plural: ClassVar = "patient's boxes"

    recording_id: int
    before: Box | None
    after: Box | None

    def stored(self, connection: sqlite3.Connection) -> Box | None:
        return rows.box_from_json(recording_table.recording(connection, self.recording_id).patient_box)

    def about(self, connection: sqlite3.Connection) -> Subject:
        return Subject(self.subject, recording_table.fingerprint_of(connection, self.recording_id))

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        return rows.box_to_json(self.before), rows.box_to_json(self.after)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        box = None if self.after is None else rows.box_to_json(self.after)
        connection.execute("UPDATE recordings SET patient_box = ? WHERE id = ?", (box, self.recording_id))

    @staticmethod
    def state_to_json(state: Any) -> str:
        return rows.box_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> Box | None:
        return rows.box_from_json(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> SetPatientBox:
        return cls(recording_id, rows.box_from_json(entry.old), rows.box_from_json(entry.new))

    @staticmethod
    def describe(value: Any) -> str:
        return ", ".join(f"{side:.3f}" for side in value)

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield cls.subject, json_effect(entry.new)

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        return recording_table.column_held(connection, "patient_box")
