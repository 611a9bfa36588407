"""The box that says who in the picture the patient is."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.picture_box import Box
from app.core.study import recording_table, rows
from app.core.study.edits.edit import ColumnEdit


@dataclass(frozen=True, slots=True)
class SetPatientBox(ColumnEdit):
    """The box that says who the patient is becomes `after`; None is no box."""

    subject: ClassVar = "patient_box"
    label: ClassVar = "patient's box"
    plural: ClassVar = "patient's boxes"

    recording_id: int
    before: Box | None
    after: Box | None

    def stored(self, connection: sqlite3.Connection) -> Box | None:
        return rows.box_from_json(recording_table.recording(connection, self.recording_id).patient_box)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return rows.box_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> Box | None:
        return rows.box_from_json(text)

    @staticmethod
    def describe(value: Any) -> str:
        return ", ".join(f"{side:.3f}" for side in value)
