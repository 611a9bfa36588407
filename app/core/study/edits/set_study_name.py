"""A study is given another name."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from app.core.errors import UserError
from app.core.study import study_name, values
from app.core.study.edits.setting_edit import SettingEdit
from app.core.study.history import HistoryEntry


@dataclass(frozen=True, slots=True)
class SetStudyName(SettingEdit):
    """The study is called `after` from now on; None is the name of its folder."""

    before: str | None
    after: str | None

    @property
    def setting(self) -> str:
        return study_name.STUDY_NAME

    @classmethod
    def is_named(cls, feature: str | None) -> bool:
        return feature == study_name.STUDY_NAME

    def check(self, connection: sqlite3.Connection) -> None:
        if self.after is not None and study_name.checked_name(self.after) != self.after:
            raise UserError("A study's name is one line of plain text.")

    def stored(self, connection: sqlite3.Connection) -> str | None:
        return study_name.given_name(connection)

    @staticmethod
    def state_from_json(text: str) -> str | None:
        return _name_or_none(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> SetStudyName:
        return cls(_name_or_none(entry.old), _name_or_none(entry.new))


def _name_or_none(text: str) -> str | None:
    return values.maybe(values.text, values.json_of(text))
