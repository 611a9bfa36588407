"""A study is given another name."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import ClassVar

from app.core.errors import UserError
from app.core.study import study_name, values
from app.core.study.edits.setting_edit import SettingEdit


@dataclass(frozen=True, slots=True)
class SetStudyName(SettingEdit):
    """The study is called `after` from now on; None is the name of its folder."""

    key: ClassVar = study_name.STUDY_NAME

    before: str | None
    after: str | None

    def check(self, connection: sqlite3.Connection) -> None:
        if self.after is not None and study_name.checked_name(self.after) != self.after:
            raise UserError("A study's name is one line of plain text.")

    def stored(self, connection: sqlite3.Connection) -> str | None:
        return study_name.given_name(connection)

    @staticmethod
    def state_from_json(text: str) -> str | None:
        return values.maybe(values.text, values.json_of(text))
