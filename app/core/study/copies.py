"""Reading a copy of a study from its file alone: nothing is written, no journal beside it is used."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import UserError
from app.core.study.connection import StudyConnection, checked_version, connect_without_journals
from app.core.study.journals import is_there
from app.core.study.schema import STEPS
from app.core.study.time_limit import seconds_for

QUICK_SECONDS = 2.0
"""How long a question about a copy may take that is asked of many copies, one after the other."""
_HELD = {"least": QUICK_SECONDS, "bytes_per_second": 20e6}
"""The same where the answers are counted, which lie in a small part of the file."""

_BUSY_SECONDS = 2.0

UNREADABLE = (sqlite3.Error, OSError, ValueError, TypeError, AttributeError, LookupError)
"""The errors that reading values from a damaged file may raise."""


_WITHOUT_CODE = ("Could not decode to UTF-8", "unsupported file format")


def is_damage(error: Exception) -> bool:
    """Whether the error says that the file is not what was written to it.

    Python gives no code for a text that is not UTF-8, and cannot decode a message of SQLite that quotes one;
    SQLite gives no code for a header with a form of definitions that it does not know.
    """
    if isinstance(error, UnicodeDecodeError) or str(error).startswith(_WITHOUT_CODE):
        return True
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True, slots=True)
class CopySummary:
    """What a study's file holds: its id, the number and the hash of its last change, how many answers."""

    study_id: str
    changes: int
    head: str
    answers: int


def connect_immutable(path: Path, *, seconds: float = QUICK_SECONDS) -> StudyConnection:
    """A connection to exactly the bytes of the file, whatever they are; files beside it are not read.

    A file that this process has open is read through its log instead, because looking at it in any other way
    would drop SQLite's locks on it. Everything together may take so many `seconds`. Raises sqlite3.Error,
    OSError, UserError when it is a link or no plain file (a pipe would be waited for), or when it is about
    to be opened for work all the time.
    """
    is_there(path)
    return connect_without_journals(path, _of_any_kind, busy_seconds=_BUSY_SECONDS, seconds=seconds)


def _of_any_kind(_path: Path) -> None:
    """No check: damaged files are read too, and SQLite reads no journal of them."""


def connect_to_copy(path: Path, *, seconds: float = QUICK_SECONDS) -> StudyConnection:
    """A connection like `connect_immutable`'s, for a file with exactly the tables of a study, of any version.

    Raises UserError for any other file, sqlite3.Error, OSError.
    """
    connection = connect_immutable(path, seconds=seconds)
    try:
        if not checked_version(connection, STEPS):
            raise UserError("it is empty")
    except BaseException:
        connection.close()
        raise
    return connection


def copy_summary(path: Path) -> CopySummary | None:
    """What a copy holds; None when it cannot be read as a study."""
    try:
        seconds = seconds_for(path.stat().st_size, **_HELD)
        with closing(connect_to_copy(path, seconds=seconds)) as connection:
            return summary_in(connection)
    except (UserError, *UNREADABLE):
        return None


def summary_in(connection: sqlite3.Connection) -> CopySummary | None:
    """What an open study holds; None when its end of the history is not known. Raises sqlite3.Error."""
    meta = dict(connection.execute("SELECT key, value FROM meta LIMIT 100"))
    # Not count(*): nothing ends that before it has met every page, and hostile pages have no end.
    (answers,) = connection.execute("SELECT coalesce(sum(1), 0) FROM answers").fetchone()
    try:
        changes = int(meta["history_seq"])
        return CopySummary(str(meta["study_id"]), changes, str(meta["history_hash"]), int(answers))
    except (KeyError, ValueError, TypeError):
        return None


def holds_change(path: Path, number: int, digest: str) -> bool:
    """Whether the file's history has this change, so that everything up to it is in there too."""
    try:
        with closing(connect_to_copy(path)) as connection:
            row = connection.execute("SELECT hash FROM history WHERE seq = ?", (number,)).fetchone()
    except (UserError, *UNREADABLE, OverflowError):
        return False
    return row is not None and row[0] == digest
