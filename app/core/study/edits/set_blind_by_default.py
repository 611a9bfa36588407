"""Whether first readings of a study are blind."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from app.core.study import rows, sealing
from app.core.study.edits.setting_edit import SettingEdit
from app.core.study.history import HistoryEntry


@dataclass(frozen=True, slots=True)
class SetBlindByDefault(SettingEdit):
    """Whether a person's reading is sealed from the others' until it is locked and revealed."""

    before: bool
    after: bool

    @property
    def setting(self) -> str:
        return sealing.BLIND_BY_DEFAULT

    @classmethod
    def is_named(cls, feature: str | None) -> bool:
        return feature == sealing.BLIND_BY_DEFAULT

    def stored(self, connection: sqlite3.Connection) -> bool:
        return sealing.blind_by_default(connection)

    @staticmethod
    def state_from_json(text: str) -> bool:
        return rows.truth_from_json(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> SetBlindByDefault:
        return cls(rows.truth_from_json(entry.old), rows.truth_from_json(entry.new))
