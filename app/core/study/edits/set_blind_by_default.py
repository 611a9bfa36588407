"""Whether first readings of a study are blind."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import ClassVar

from app.core.study import rows, sealing
from app.core.study.edits.setting_edit import SettingEdit


@dataclass(frozen=True, slots=True)
class SetBlindByDefault(SettingEdit):
    """Whether a person's reading is sealed from the others' until it is locked and revealed."""

    key: ClassVar = sealing.BLIND_BY_DEFAULT

    before: bool
    after: bool

    def stored(self, connection: sqlite3.Connection) -> bool:
        return sealing.blind_by_default(connection)

    @staticmethod
    def state_from_json(text: str) -> bool:
        return rows.truth_from_json(text)
