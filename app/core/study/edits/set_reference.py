"""The reader that others are scored against in a study."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.reading import ReaderIdentity
from app.core.study import reader_table, rows, setting_table
from app.core.study.edits.setting_edit import SettingEdit
from app.core.study.history import HistoryEntry
from app.core.study.unreadable_rows import report_unreadable

_REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class SetReference(SettingEdit):
    """The reader that others are scored against in this study; None is nobody."""

    key: ClassVar = _REFERENCE

    before: ReaderIdentity | None
    after: ReaderIdentity | None

    def value(self, connection: sqlite3.Connection, value: Any) -> str:
        """The reader's key, which stays when they are renamed."""
        number = None if value is None else reader_table.reader_id(connection, value)
        return canonical(None if number is None else reader_table.key_of(connection, number))

    def check(self, connection: sqlite3.Connection) -> None:
        if self.after is not None and reader_table.reader_id(connection, self.after) is None:
            raise UserError("This study has no such reader that could be its reference.")

    def stored(self, connection: sqlite3.Connection) -> ReaderIdentity | None:
        return reference(connection)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return rows.reader_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> ReaderIdentity | None:
        return rows.reader_from_json(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> SetReference:
        keys = (rows.name_from_json(entry.old), rows.name_from_json(entry.new))
        before, after = (None if key is None else reader_table.reader(connection, key) for key in keys)
        return cls(before, after)


def reference(connection: sqlite3.Connection) -> ReaderIdentity | None:
    """The reader that others are scored against, None when none was chosen."""
    key = setting_table.read_setting(connection, _REFERENCE, rows.name_from_json)
    try:
        return None if key is None else reader_table.reader(connection, key)
    except LookupError:
        report_unreadable(connection, "who the reference is")
        return None


def is_reference(connection: sqlite3.Connection, key: str) -> bool:
    """Whether the reader of that key is the reference."""
    return setting_table.setting(connection, _REFERENCE) == canonical(key)
