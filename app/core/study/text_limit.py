"""An end to what is read from a study: its pages can be linked so that a small file gives rows for ever."""

from __future__ import annotations

import math
import sqlite3

_LEAST = 64 << 20
_TIMES = 16
"""So many times the size of the file one piece of work may read: it asks for most rows once or twice."""
_VALUE = 64
"""Bytes that a value takes in memory beside its text."""


class TextLimit:
    """Makes text of what SQLite hands over, as the `text_factory` of one connection; first without a limit.

    What is not UTF-8 becomes text that no check lets pass, instead of an error of the whole question.
    """

    def __init__(self) -> None:
        self._left = math.inf

    def __call__(self, raw: bytes) -> str:
        self._left -= len(raw) + _VALUE
        if self._left < 0:
            raise TooMuchReadError
        return raw.decode("utf-8", "surrogateescape")

    def begin(self, connection: sqlite3.Connection) -> int:
        """From now on as much may be read as the file can hold, whose size in bytes this gives.

        Then TooMuchReadError is raised. Raises sqlite3.Error.
        """
        self._left = math.inf
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
        size = int(pages) * int(page_size)
        self._left = _LEAST + _TIMES * size
        return size


class TooMuchReadError(sqlite3.DatabaseError):
    """More was read than the file can hold."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT
