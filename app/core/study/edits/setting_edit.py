"""The common base of edits of the study's settings."""

from __future__ import annotations

import sqlite3
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.study import setting_table
from app.core.study.edits.edit import Edit
from app.core.study.effects import Effects, Held, json_effect
from app.core.study.history import HistoryEntry, Subject


class SettingEdit(Edit):
    """A setting of the study: its name stands in the history's column of the feature, its value is JSON."""

    __slots__ = ()

    subject: ClassVar = "setting"
    label: ClassVar = "setting"
    plural: ClassVar = "settings"

    @property
    @abstractmethod
    def setting(self) -> str:
        """The name of the setting."""

    def value(self, connection: sqlite3.Connection, value: Any) -> str:
        """`before` or `after` as JSON."""
        return canonical(value)

    def about(self, connection: sqlite3.Connection) -> Subject:
        return Subject(self.subject, "", None, self.setting)

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        return self.value(connection, self.before), self.value(connection, self.after)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        value = None if self.after is None else self.value(connection, self.after)
        setting_table.put_setting(connection, self.setting, value)

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield f"setting {entry.feature}", json_effect(entry.new)

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        for name, value in connection.execute("SELECT name, value FROM settings").fetchall():
            if cls.is_named(name):
                yield ("", None, f"setting {name}"), value
