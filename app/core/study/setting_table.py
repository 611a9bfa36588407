"""The settings of a study in their table, read and written inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from app.core.study.unreadable_rows import quote, value_or_none

T = TypeVar("T")


def setting(connection: sqlite3.Connection, name: str) -> str | None:
    """A setting of the study as JSON, None when it was never set or was taken back."""
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def read_setting(connection: sqlite3.Connection, name: str, read: Callable[[str], T | None]) -> T | None:
    """The value of a setting, parsed by `read`; None when it is not set or cannot be read."""
    text = setting(connection, name)
    return None if text is None else value_or_none(connection, read, text, f"the setting {quote(name)}")


def put_setting(connection: sqlite3.Connection, name: str, value: str | None) -> None:
    """Keep a setting (JSON); None goes back to the default."""
    if value is None:
        connection.execute("DELETE FROM settings WHERE name = ?", (name,))
        return
    connection.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
