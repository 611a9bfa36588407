"""The further cameras that are shown beside a recording."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.errors import UserError
from app.core.study import recording_table
from app.core.study.cameras import MOST_CAMERAS, Cameras, cameras_from_json, cameras_to_json
from app.core.study.edits.edit import ColumnEdit


@dataclass(frozen=True, slots=True)
class SetCameras(ColumnEdit):
    """The further cameras that are shown beside a recording become `after`.

    Raises UserError for more than can be shown at once.
    """

    subject: ClassVar = "cameras"
    label: ClassVar = "cameras"
    plural: ClassVar = "choices of cameras"
    nothing: ClassVar = ()

    recording_id: int
    before: Cameras
    after: Cameras

    def __post_init__(self) -> None:
        if len(self.after) > MOST_CAMERAS:
            raise UserError(f"At most {MOST_CAMERAS + 1} cameras can be shown at once; close one first.")

    def stored(self, connection: sqlite3.Connection) -> Cameras:
        return recording_table.cameras(connection, self.recording_id)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return cameras_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> Cameras:
        return cameras_from_json(text)

    @staticmethod
    def describe(value: Any) -> str:
        return ", ".join(f"{one['name']} {one['offset']:+.3f} s" for one in value)
