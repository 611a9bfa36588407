"""The common base of edits of the study's settings."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, ClassVar, Self

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

    key: ClassVar[str]
    """The name of the setting, where every edit of the kind is of the same one."""

    @property
    def setting(self) -> str:
        """The name of the setting."""
        return self.key

    @classmethod
    def is_named(cls, feature: str | None) -> bool:
        return feature == cls.key

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
    def from_entry(cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> Self:
        made: Any = cls  # a dataclass, which this base cannot say of itself
        edit: Self = made(cls.state_from_json(entry.old), cls.state_from_json(entry.new))
        return edit

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield f"setting {entry.feature}", json_effect(entry.new)

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        for name, value in connection.execute("SELECT name, value FROM settings").fetchall():
            if cls.is_named(name):
                yield ("", None, f"setting {name}"), value
