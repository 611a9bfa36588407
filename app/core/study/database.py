"""The SQLite file of a study: opened safely, one transaction at a time, its failures told in one sentence."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from app.core.errors import UserError
from app.core.study import damage, schema
from app.core.study.backup import back_up
from app.core.study.copies import is_damage
from app.core.study.filesystem import on_network_share

FILE_NAME = "study.sqlite"

_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk or share that holds the study failed",
    sqlite3.SQLITE_CANTOPEN: "the study's file cannot be opened",
    sqlite3.SQLITE_READONLY: "the study's file cannot be written",
    sqlite3.SQLITE_PERM: "the study's file may not be opened",
    sqlite3.SQLITE_AUTH: "the study's file may not be opened",
    sqlite3.SQLITE_BUSY: "another program keeps the study busy",
    sqlite3.SQLITE_LOCKED: "another program keeps the study busy",
    sqlite3.SQLITE_PROTOCOL: "another program keeps the study busy",
    sqlite3.SQLITE_CORRUPT: "the study's file is damaged",
    sqlite3.SQLITE_NOTADB: "its study.sqlite is not a study",
}
"""What the system can do to us, by SQLite's primary result code; every other code is a bug of ours."""


_DAMAGED = "the study's file is damaged"


@contextmanager
def told(what: str, folder: Path) -> Iterator[None]:
    """Turn what the system does to the study into a UserError: `what` "because" the reason.

    It is a DamagedStudyError when the file in the study's `folder` is not what was written to it.
    """
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        reason = _REASONS.get(getattr(error, "sqlite_errorcode", -1) & 0xFF)
        if is_damage(error):
            raise damage.damaged(f"{what} because {reason or _DAMAGED}", folder) from error
        if reason is None:
            raise
        raise UserError(f"{what} because {reason}.") from error
    except OSError as error:
        raise UserError(f"{what} because of this: {(error.strerror or 'unknown').lower()}.") from error


class Database:
    """One connection to a study's file; may be used by any thread, one transaction at a time.

    Nothing in this program may open and close the file by itself while it is in use: the system
    would drop SQLite's locks on it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, steps: Sequence[schema.Step]) -> None:
        self._connection = connection
        self._path = path
        self._steps = steps
        self._lock = threading.RLock()
        self._file = _identity(path)
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One moment of the study, whatever other processes write meanwhile. Raises UserError."""
        with self._lock, told("The study cannot be read", self._path.parent), self._transaction("BEGIN"):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One change: on disk when the block has ended, not there at all when it raised.

        Raises UserError in one sentence when the system does not let it through; the study can be
        used on, and the next change succeeds once the cause is gone.
        """
        with self._lock, told("The change was not kept", self._path.parent):
            self._check_place()
            with self._transaction("BEGIN IMMEDIATE"):
                yield self._connection

    def others_changes(self, *, wait: bool = True) -> int | None:
        """A number that is another one after another connection has changed the study. Raises UserError.

        None when another program is writing just now and is not to be waited for, or after `close`.
        """
        with self._lock:
            if self._closed:
                return None
            return self._others_changes(wait=wait)

    def _others_changes(self, *, wait: bool) -> int | None:
        with told("The study cannot be read", self._path.parent), self._waiting(wait):
            try:
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.OperationalError as error:
                if wait or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                return None

    @contextmanager
    def _waiting(self, wait: bool) -> Iterator[None]:
        """With or without patience for other programs that keep the study busy."""
        (usual,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
        self._connection.execute(f"PRAGMA busy_timeout = {usual if wait else 0}")
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {usual}")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._connection.execute(begin)
        try:
            # A newer program may have brought it up to date meanwhile: what it means now is not known here.
            schema.check_version(schema.stored_version(self._connection), self._steps)
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite has already rolled back by itself after some failures.
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
            raise

    def _check_place(self) -> None:
        """A file that was moved away or deleted would take changes that nobody finds again."""
        try:
            same = _identity(self._path) == self._file
        except FileNotFoundError:
            same = False
        if not same:
            raise UserError(
                "The change was not kept because the study's file was moved or deleted meanwhile; "
                "open the recording again."
            )

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._connection.close()


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def open_for_writing(path: Path, *, busy_seconds: float, steps: Sequence[schema.Step]) -> Database:
    """The study's file, made or migrated where needed. Raises UserError, sqlite3.Error, OSError."""
    connection = _connect(str(path), busy_seconds)
    try:
        network = on_network_share(path.parent)
        if network:
            # Without this a log left by a local disk would need the shared memory that shares lack.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        schema.check_version(schema.stored_version(connection), steps)
        _set_journal(connection, network=network)
        connection.execute("PRAGMA locking_mode = NORMAL")
        _bring_up_to_date(connection, path, steps)
    except BaseException:
        connection.close()
        raise
    return Database(connection, path, steps)


def open_for_looking(path: Path, *, busy_seconds: float, steps: Sequence[schema.Step]) -> Database:
    """The study's file without changing it. Raises UserError, sqlite3.Error, OSError."""
    connection = connect_for_looking(path, busy_seconds=busy_seconds)
    try:
        version = schema.stored_version(connection)
        schema.check_version(version, steps)
        if version < schema.version_of(steps):
            raise UserError(
                "This study was made with an older version of Semioscope and cannot be brought up to "
                "date here, because it cannot be written."
            )
    except BaseException:
        connection.close()
        raise
    return Database(connection, path, steps)


def connect_for_looking(path: Path, *, busy_seconds: float) -> sqlite3.Connection:
    """A connection that changes nothing in the study, whatever is asked of it. Raises sqlite3.Error, OSError.

    Where the folder can be written it still finishes what a killed program left in the log.
    """
    *others, last = _addresses_for_looking(path)
    for address in others:
        try:
            return _connect_for_looking(address, busy_seconds)
        except sqlite3.OperationalError as error:
            if not forbids_writing(error):
                raise
    return _connect_for_looking(last, busy_seconds)


def _addresses_for_looking(path: Path) -> list[str]:
    """What is tried in turn, the safest first: as usual, without writing, as a file that never changes."""
    place = path.absolute().as_posix()
    read_only = f"file://{'' if place.startswith('/') else '/'}{quote(place)}?mode=ro"
    log = path.with_name(path.name + "-wal")
    # In write-ahead mode even looking needs files beside the study, which cannot be made everywhere;
    # without a log there is nothing in them that would be missed.
    settled = not log.exists() or log.stat().st_size == 0
    return [
        *([str(path)] if writable(path) else []),
        read_only,
        *([f"{read_only}&immutable=1"] if settled else []),
    ]


def _connect_for_looking(address: str, busy_seconds: float) -> sqlite3.Connection:
    connection = _connect(address, busy_seconds)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def forbids_writing(error: sqlite3.Error | OSError) -> bool:
    """Whether the failure means that nothing can be written here, as on an archive share."""
    if isinstance(error, OSError):
        return error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def writable(path: Path) -> bool:
    """Whether the study's file can be written, and the files that SQLite puts beside it made.

    Some systems say yes and mean no (Windows, shares): the first write tells.
    """
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _connect(target: str, busy_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        target,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        uri=target.startswith("file:"),
    )
    # A study can come from somebody else: nothing in its file may run functions of ours.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _set_journal(connection: sqlite3.Connection, *, network: bool) -> None:
    wanted = "delete" if network else "wal"
    (mode,) = connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()
    # In rollback mode FULL does not sync the end of the journal; EXTRA does, so that a change that
    # was acknowledged cannot come undone by a power cut.
    connection.execute(f"PRAGMA synchronous = {'FULL' if mode == 'wal' else 'EXTRA'}")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")


def _bring_up_to_date(connection: sqlite3.Connection, path: Path, steps: Sequence[schema.Step]) -> None:
    if schema.stored_version(connection) == schema.version_of(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been here first.
        version = schema.stored_version(connection)
        if version == 0:
            schema.create(connection)
        elif version < schema.version_of(steps):
            back_up(path, f"v{version}")
            schema.migrate(connection, steps)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
