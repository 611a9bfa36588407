"""Whether only people take part in the consensus of a study."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import ClassVar

from app.core.study import rows, setting_table
from app.core.study.edits.setting_edit import SettingEdit

_PEOPLE_ONLY = "consensus_people_only"


@dataclass(frozen=True, slots=True)
class SetPeopleOnly(SettingEdit):
    """Whether nothing that a program or a model says enters the consensus of the study."""

    key: ClassVar = _PEOPLE_ONLY

    before: bool
    after: bool

    def stored(self, connection: sqlite3.Connection) -> bool:
        return is_people_only(connection)

    @staticmethod
    def state_from_json(text: str) -> bool:
        return rows.truth_from_json(text)


def is_people_only(connection: sqlite3.Connection) -> bool:
    """Whether only people decide together in this study; they do until the study says otherwise."""
    value = setting_table.read_setting(connection, _PEOPLE_ONLY, rows.truth_from_json)
    return True if value is None else value
