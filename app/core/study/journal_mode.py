"""How SQLite keeps a change until it is whole: in a log, or on shares in a rollback journal."""

from __future__ import annotations

import sqlite3
import sys
import time

_AGAIN_SECONDS = 0.01
"""How long to wait before the kind of journal is asked for again."""


def _journal_mode(connection: sqlite3.Connection, wanted: str, busy_seconds: float) -> str:
    """The kind of journal after this one was asked for.

    For this change SQLite does not wait by itself while another program makes the same one.
    """
    end = time.monotonic() + busy_seconds
    while True:
        try:
            return str(connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(_AGAIN_SECONDS)


def set_journal(connection: sqlite3.Connection, *, network: bool, busy_seconds: float) -> None:
    """Give the study the kind of journal that its place allows, synced so that acknowledged changes stay.

    Raises sqlite3.Error, also when another program keeps the study busy for so many seconds.
    """
    mode = _journal_mode(connection, "delete" if network else "wal", busy_seconds)
    # In rollback mode FULL does not sync the end of the journal; EXTRA does, so that a change that
    # was acknowledged cannot come undone by a power cut.
    connection.execute(f"PRAGMA synchronous = {'FULL' if mode == 'wal' else 'EXTRA'}")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
