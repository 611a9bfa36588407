"""Patient, event, diagnosis, split and free columns of a recording."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.study import recording_table
from app.core.study.edits.edit import Edit
from app.core.study.effects import Effects, Held, json_effect
from app.core.study.history import HistoryEntry, Subject
from app.core.study.patient_data import (
    NO_PATIENT_DATA,
    PatientData,
    patient_data_from_json,
    patient_data_to_json,
)


@dataclass(frozen=True, slots=True)
class SetPatientData(Edit):
    """What is known of the patient and the event in a recording becomes `after`."""

    subject: ClassVar = "patient_data"
    label: ClassVar = "patient data"
    plural: ClassVar = "rows of patient data"

    recording_id: int
    before: PatientData
    after: PatientData

    def stored(self, connection: sqlite3.Connection) -> PatientData:
        return recording_table.patient_data(connection, self.recording_id)

    def about(self, connection: sqlite3.Connection) -> Subject:
        return Subject(self.subject, recording_table.fingerprint_of(connection, self.recording_id))

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        return patient_data_to_json(self.before), patient_data_to_json(self.after)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        text = None if self.after == NO_PATIENT_DATA else patient_data_to_json(self.after)
        connection.execute("UPDATE recordings SET patient_data = ? WHERE id = ?", (text, self.recording_id))

    @staticmethod
    def state_to_json(state: Any) -> str:
        return patient_data_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> PatientData:
        return patient_data_from_json(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> SetPatientData:
        return cls(recording_id, patient_data_from_json(entry.old), patient_data_from_json(entry.new))

    @staticmethod
    def describe(value: Any) -> str:
        said = patient_data_from_json(canonical(value)).texts
        return ", ".join(f"{title} {text}" for title, text in said.items())

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield cls.subject, json_effect(entry.new)

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        return recording_table.column_held(connection, "patient_data")
