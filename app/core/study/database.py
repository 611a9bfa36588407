"""The SQLite file of a study: opened safely, one transaction at a time, each failure as one sentence."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from app.core.containment import LeadsOutsideError
from app.core.errors import StorageError
from app.core.folders import STUDY_FILE
from app.core.study import damage, schema
from app.core.study.backup import back_up
from app.core.study.connection import (
    StudyConnection,
    checked_version,
    connect,
    connect_for_viewing,
    read_only_address,
)
from app.core.study.copies import is_damage
from app.core.study.exact_schema import check_schema
from app.core.study.files_in_use import FileHold, hold_for_writing, identity
from app.core.study.filesystem import on_network_share
from app.core.study.journal_mode import set_journal
from app.core.study.journals import ForeignFileError
from app.core.study.time_limit import seconds_for
from app.core.study.transaction_memory import remembering

__all__ = [
    "FILE_NAME",
    "Database",
    "connect_for_viewing",
    "open_for_viewing",
    "open_for_writing",
    "user_errors",
]

FILE_NAME = STUDY_FILE

_WRONG_TYPE = 3091
"""SQLITE_CONSTRAINT_DATATYPE, which Python does not name: a row held a wrong type before it was changed."""

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
    sqlite3.SQLITE_INTERRUPT: "it took too long",
    _WRONG_TYPE: "the study's file holds a value that no program of ours writes",
    sqlite3.SQLITE_MISMATCH: "the study's file holds a value that no program of ours writes",
    sqlite3.SQLITE_TOOBIG: "something in it is larger than anything that this program writes",
}
"""Failures of the system by SQLite's result code; every other code is a bug of this program."""


_DAMAGED = "the study's file is damaged"


@contextmanager
def user_errors(what: str, folder: Path) -> Iterator[None]:
    """Turn failures of the system into a StorageError: `what`, "because", the reason.

    It is a DamagedStudyError when the file in the study's `folder` is not what was written to it.
    """
    try:
        yield
    except (ForeignFileError, LeadsOutsideError) as error:
        raise damage.damage_error(str(error).removesuffix("."), folder) from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", -1)
        reason = _REASONS.get(code) or _REASONS.get(code & 0xFF)
        if is_damage(error):
            raise damage.damage_error(f"{what} because {reason or _DAMAGED}", folder) from error
        if reason is None:
            raise
        raise StorageError(f"{what} because {reason}.") from error
    except OSError as error:
        raise StorageError(f"{what} because of this: {(error.strerror or 'unknown').lower()}.") from error


class Database:
    """One connection to a study's file; may be used by any thread, one transaction at a time.

    Nothing in this program may open and close the file by itself while it is in use: the system
    would drop SQLite's locks on it (`app.core.study.files_in_use`).
    """

    def __init__(self, connection: StudyConnection, path: Path, steps: Sequence[schema.Step]) -> None:
        self._connection = connection
        self._path = path
        self._steps = steps
        self._lock = threading.RLock()
        self._file = identity(path)
        self._checked_schema: int | None = None
        self._reading_seconds, self._writing_seconds = _READING_SECONDS, _WRITING_SECONDS
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One moment of the study, whatever other processes write meanwhile. Raises UserError."""
        with (
            self._lock,
            user_errors("The study cannot be read", self._path.parent),
            self._connection.limit.of(self._reading_seconds),
            self._transaction("BEGIN", self._reading_seconds),
        ):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One change: on disk when the block has ended, not there at all when it raised.

        Raises UserError in one sentence when the system does not let it through; the study can be
        used on, and the next change succeeds once the cause is gone.
        """
        with self._lock, user_errors("The change was not kept", self._path.parent):
            self._check_place()
            with (
                self._connection.limit.of(self._writing_seconds),
                self._transaction("BEGIN IMMEDIATE", self._writing_seconds),
            ):
                yield self._connection

    def faults(self) -> tuple[str, ...]:
        """The faults that were found in the study until now, a sentence each."""
        return self._connection.faults.all()

    def others_changes(self, *, wait: bool = True) -> int | None:
        """A number that changes when another connection has changed the study. Raises UserError.

        None when another program is writing just now and is not to be waited for, or after `close`.
        """
        with self._lock:
            if self._closed:
                return None
            return self._others_changes(wait=wait)

    def _others_changes(self, *, wait: bool) -> int | None:
        with user_errors("The study cannot be read", self._path.parent), self._waiting(wait):
            try:
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.OperationalError as error:
                if wait or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                return None

    @contextmanager
    def _waiting(self, wait: bool) -> Iterator[None]:
        """Set whether the block waits for other programs that keep the study busy."""
        (usual,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
        self._connection.execute(f"PRAGMA busy_timeout = {usual if wait else 0}")
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {usual}")

    @contextmanager
    def _transaction(self, begin: str, seconds: float) -> Iterator[None]:
        """One transaction, in at least so many `seconds`; longer where the study has grown large since."""
        self._connection.execute(begin)
        try:
            self._connection.limit.begin(
                _seconds_for(self._connection.text_limit.begin(self._connection), seconds)
            )
            # A newer program may have brought it up to date meanwhile: what it means now is not known here.
            schema.check_version(schema.stored_version(self._connection), self._steps)
            self._check_schema()
            with remembering(self._connection):
                yield
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite has already rolled back by itself after some failures.
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
            raise

    def _check_schema(self) -> None:
        """Raise UserError when somebody has put foreign SQL into the study since it was opened."""
        (number,) = self._connection.execute("PRAGMA schema_version").fetchone()
        if number != self._checked_schema:
            check_schema(self._connection, schema.version_of(self._steps), tuple(self._steps))
            self._checked_schema = number

    def _check_place(self) -> None:
        """Raise UserError when the file was moved or deleted: changes written to it would be lost."""
        try:
            same = identity(self._path) == self._file
        except FileNotFoundError:
            same = False
        if not same:
            raise StorageError(
                "The change was not kept because the study's file was moved or deleted meanwhile; "
                "open the recording again."
            )

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._connection.close()


def check_before_opening(path: Path) -> FileHold:
    """Say that the file is opened now, after everything has been checked that must not reach SQLite.

    Raises UserError for a file or a journal that this program cannot have written, OSError.
    """
    return hold_for_writing(path)


def open_for_writing(path: Path, *, busy_seconds: float, steps: Sequence[schema.Step]) -> Database:
    """The study's file, made or migrated where needed. Raises UserError, sqlite3.Error, OSError."""
    connection = _connect_held(path, busy_seconds)
    try:
        with connection.limit.of(_seconds_for(path.stat().st_size, _WRITING_SECONDS)):
            network = on_network_share(path.parent)
            if network:
                # Without this a log left by a local disk would need the shared memory that shares lack.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            # After SQLite has restored what a journal holds, which can be any content at all.
            checked_version(connection, steps)
            set_journal(connection, network=network, busy_seconds=busy_seconds)
            connection.execute("PRAGMA locking_mode = NORMAL")
            _bring_up_to_date(connection, path, steps)
    except BaseException:
        connection.close()
        raise
    return Database(connection, path, steps)


def open_for_viewing(path: Path, *, busy_seconds: float, steps: Sequence[schema.Step]) -> Database:
    """The study's file without changing it; one of an older version is brought up to date in memory alone.

    Raises UserError, sqlite3.Error, OSError.
    """
    hold = check_before_opening(path)
    try:
        connection = _connect_without_changes(path, busy_seconds=busy_seconds)
    except BaseException:
        hold.release()
        raise
    connection.hold = hold
    try:
        seconds = _seconds_for(path.stat().st_size, _READING_SECONDS)
        with connection.limit.of(seconds):
            version = checked_version(connection, steps)
            if version < schema.version_of(steps):
                connection = _migrated_in_memory(connection, steps, seconds)
    except BaseException:
        connection.close()
        raise
    return Database(connection, path, steps)


def _migrated_in_memory(
    stored: StudyConnection, steps: Sequence[schema.Step], seconds: float
) -> StudyConnection:
    """A migrated copy of the study in memory; the connection to its file is closed."""
    connection = connect(":memory:", busy_seconds=0.0)
    try:
        stored.backup(connection)
        connection.text_limit.begin(connection)
        with connection.limit.of(seconds):
            connection.execute("BEGIN")
            schema.migrate(connection, steps)
            connection.execute("COMMIT")
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    stored.close()
    return connection


def _connect_held(path: Path, busy_seconds: float) -> StudyConnection:
    hold = check_before_opening(path)
    try:
        connection = connect(path, busy_seconds)
    except BaseException:
        hold.release()
        raise
    connection.hold = hold
    return connection


def _connect_without_changes(path: Path, *, busy_seconds: float) -> StudyConnection:
    """A connection that changes nothing in the study. Raises sqlite3.Error, OSError.

    Where the folder can be written it still finishes what a killed program left in the log.
    """
    *others, last = _addresses_for_looking(path)
    for address in others:
        try:
            return _connect_query_only(address, busy_seconds)
        except sqlite3.OperationalError as error:
            if not forbids_writing(error):
                raise
    return _connect_query_only(last, busy_seconds)


def _addresses_for_looking(path: Path) -> list[Path | str]:
    """The addresses to try in turn, the safest first: as usual, without writing, as an unchanging file."""
    log = path.with_name(path.name + "-wal")
    # In write-ahead mode even reading needs files beside the study, which cannot be made everywhere;
    # without a log there is nothing in them that would be missed.
    settled = not log.exists() or log.stat().st_size == 0
    return [
        *([path] if writable(path) else []),
        read_only_address(path),
        *([read_only_address(path, immutable=True)] if settled else []),
    ]


def _connect_query_only(address: Path | str, busy_seconds: float) -> StudyConnection:
    connection = connect(address, busy_seconds)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA user_version").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


_READING_SECONDS = 20.0
_WRITING_SECONDS = 60.0
"""Longer than for reading: a migration or going back to a copy writes every row anew."""


def _seconds_for(size: int, least: float) -> float:
    """A busy computer replays 4 MB of history in a second; a slow one needs several times as long."""
    return seconds_for(size, least=least, bytes_per_second=5e5)


def forbids_writing(error: sqlite3.Error | OSError) -> bool:
    """Whether the failure means that nothing can be written here, as on an archive share."""
    if isinstance(error, OSError):
        return error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def writable(path: Path) -> bool:
    """Whether the study's file can be written, and the files that SQLite puts beside it made.

    On some systems (Windows, shares) only the first write shows it.
    """
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


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
    # What looks at the file without its log finds the tables of a new study in it, and its id.
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
