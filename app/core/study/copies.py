"""Reading a copy of a study as it lies there: nothing is written, no journal beside it is used."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

QUICK_SECONDS = 2.0
"""How long a question about a copy may take that is asked of many copies, one after the other."""

_STEPS = 10_000
"""Instructions of SQLite between two looks at the clock."""

UNREADABLE = (sqlite3.Error, OSError, ValueError, TypeError, AttributeError, LookupError)
"""What reading values out of a damaged file may raise."""


def is_damage(error: Exception) -> bool:
    """Whether the error says that the file is not what was written to it.

    Python gives no code for a text that is not UTF-8, and cannot decode a message of SQLite that quotes one.
    """
    if isinstance(error, UnicodeDecodeError) or str(error).startswith("Could not decode to UTF-8"):
        return True
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True, slots=True)
class Held:
    """What a study's file holds: its id, the number and the hash of its last change, how many answers."""

    study_id: str
    changes: int
    head: str
    answers: int


def connect_immutable(path: Path, *, seconds: float = QUICK_SECONDS) -> sqlite3.Connection:
    """A connection to exactly the bytes of the file; files beside it are not looked at.

    Statements that are not finished after `seconds` fail, so that what somebody put into the file
    cannot keep the program waiting. Raises sqlite3.Error.
    """
    place = path.absolute().as_posix()
    address = f"file://{'' if place.startswith('/') else '/'}{quote(place)}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    return connection


def held(path: Path) -> Held | None:
    """What a copy holds; None when it cannot be read as a study."""
    try:
        with closing(connect_immutable(path)) as connection:
            return held_by(connection)
    except UNREADABLE:
        return None


def held_by(connection: sqlite3.Connection) -> Held | None:
    """What an open study holds; None when its end of the history is not known. Raises sqlite3.Error."""
    meta = dict(connection.execute("SELECT key, value FROM meta LIMIT 100"))
    (answers,) = connection.execute("SELECT count(*) FROM answers").fetchone()
    try:
        changes = int(meta["history_seq"])
        return Held(str(meta["study_id"]), changes, str(meta["history_hash"]), int(answers))
    except (KeyError, ValueError, TypeError):
        return None


def holds_change(path: Path, number: int, digest: str) -> bool:
    """Whether the file's history has this change, so that everything up to it is in there too."""
    try:
        with closing(connect_immutable(path)) as connection:
            row = connection.execute("SELECT hash FROM history WHERE seq = ?", (number,)).fetchone()
    except (*UNREADABLE, OverflowError):
        return False
    return row is not None and row[0] == digest
