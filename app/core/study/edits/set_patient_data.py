"""Patient, event, diagnosis, split and free columns of a recording."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.study import recording_table
from app.core.study.edits.edit import ColumnEdit
from app.core.study.patient_data import (
    NO_PATIENT_DATA,
    PatientData,
    patient_data_from_json,
    patient_data_to_json,
)


@dataclass(frozen=True, slots=True)
class SetPatientData(ColumnEdit):
    """What is known of the patient and the event in a recording becomes `after`."""

    subject: ClassVar = "patient_data"
    label: ClassVar = "patient data"
    plural: ClassVar = "rows of patient data"
    nothing: ClassVar = NO_PATIENT_DATA

    recording_id: int
    before: PatientData
    after: PatientData

    def stored(self, connection: sqlite3.Connection) -> PatientData:
        return recording_table.patient_data(connection, self.recording_id)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return patient_data_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> PatientData:
        return patient_data_from_json(text)

    @staticmethod
    def describe(value: Any) -> str:
        said = patient_data_from_json(canonical(value)).texts
        return ", ".join(f"{title} {text}" for title, text in said.items())
