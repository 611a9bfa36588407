"""The further cameras that are shown beside a recording."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.errors import UserError
from app.core.study import recording_table
from app.core.study.cameras import MOST_CAMERAS, Cameras, cameras_from_json, cameras_to_json
from app.core.study.edits.edit import Edit
from app.core.study.effects import Effects, Held, json_effect
from app.core.study.history import HistoryEntry, Subject


@dataclass(frozen=True, slots=True)
class SetCameras(Edit):
    """The further cameras that are shown beside a recording become `after`.

    Raises UserError for more than can be shown at once.
    """

    subject: ClassVar = "cameras"
    label: ClassVar = "cameras"
    plural: ClassVar = "choices of cameras"

    recording_id: int
    before: Cameras
    after: Cameras

    def __post_init__(self) -> None:
        if len(self.after) > MOST_CAMERAS:
            raise UserError(f"At most {MOST_CAMERAS + 1} cameras can be shown at once; close one first.")

    def stored(self, connection: sqlite3.Connection) -> Cameras:
        return recording_table.cameras(connection, self.recording_id)

    def about(self, connection: sqlite3.Connection) -> Subject:
        return Subject(self.subject, recording_table.fingerprint_of(connection, self.recording_id))

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        return cameras_to_json(self.before), cameras_to_json(self.after)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        text = cameras_to_json(self.after) if self.after else None
        connection.execute("UPDATE recordings SET cameras = ? WHERE id = ?", (text, self.recording_id))

    @staticmethod
    def state_to_json(state: Any) -> str:
        return cameras_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> Cameras:
        return cameras_from_json(text)

    @classmethod
    def from_entry(cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> SetCameras:
        return cls(recording_id, cameras_from_json(entry.old), cameras_from_json(entry.new))

    @staticmethod
    def describe(value: Any) -> str:
        return ", ".join(f"{one['name']} {one['offset']:+.3f} s" for one in value)

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield cls.subject, json_effect(entry.new)

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        return recording_table.column_held(connection, "cameras")
