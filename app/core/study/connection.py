"""Connections to a study's file, which can come from somebody else: what SQLite may do with it is limited."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Hashable, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from app.core.atomic import unfinished_folder
from app.core.containment import read_inside
from app.core.errors import UserError
from app.core.folders import cache_folder, temporary_folder
from app.core.study import schema
from app.core.study.exact_schema import check_schema
from app.core.study.faults import Faults
from app.core.study.files_in_use import FileHold, hold_for_viewing
from app.core.study.filesystem import on_network_share
from app.core.study.journals import check_files, read_header
from app.core.study.text_limit import TextLimit
from app.core.study.time_limit import TimeLimit, seconds_for

LARGEST_VALUE = 256 << 20
"""Bytes of one value or row at most."""

_LARGEST_COPY = 64 << 20
"""Bytes of a file and its log that are copied together to be read."""
_COPIES = 3
"""How often what changes meanwhile is copied."""

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LARGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 5,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
_LOOK = {"least": 5.0, "bytes_per_second": 2e6}
"""How long everything may take that is asked of a study that is only read."""


class StudyConnection(sqlite3.Connection):
    """A connection that knows what was found wrong in the study, and ends its questions in time and size."""

    def __init__(self, database: str, **how: object) -> None:
        super().__init__(database, **how)  # type: ignore[arg-type]
        self.faults = Faults()
        self.limit = TimeLimit(self)
        self.text_limit = TextLimit()
        self.hold: FileHold | None = None
        self.memory: dict[Hashable, object] | None = None
        """What was looked up in the present transaction (`transaction_memory`)."""

    def close(self) -> None:
        super().close()
        hold, self.hold = self.hold, None
        if hold is not None:
            hold.release()


def is_whole(connection: sqlite3.Connection) -> bool:
    """Whether SQLite finds every page of the file in order; a large one takes seconds."""
    return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))


def connect(target: Path | str, busy_seconds: float) -> StudyConnection:
    """A connection to a file, or to what an address (text that begins with file:) says of one.

    Raises sqlite3.Error.
    """
    connection = sqlite3.connect(
        # Not relative: a folder can be called “file:…”, and some builds of SQLite take that for an address.
        target if isinstance(target, str) else str(target.absolute()),
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        uri=isinstance(target, str),
        factory=StudyConnection,
    )
    connection.text_factory = connection.text_limit
    # A study can come from somebody else: nothing in its file may run functions of ours.
    for setting in (
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "recursive_triggers = OFF",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {setting}")
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    return connection


def connect_for_viewing(path: Path, *, busy_seconds: float, seconds: float | None = None) -> StudyConnection:
    """A connection to a study that is only read: as its file is, without its journals.

    It changes nothing, makes no file, and waits for nothing. Everything together may take so many `seconds`
    (None: by the size of the file); then sqlite3.OperationalError is raised. Raises UserError for what is not
    a study of this program, sqlite3.Error, OSError.
    """
    return _of_study(connect_without_journals(path, read_header, busy_seconds=busy_seconds, seconds=seconds))


def connect_with_log(path: Path, *, busy_seconds: float, seconds: float) -> StudyConnection:
    """As `connect_for_viewing`, and with what stands in the log beside the file, where there is one: a killed
    program leaves there what it has written last, and one that runs has it there.

    Nothing in the study's folder changes or is made. SQLite would make the file through which all programs
    share a log, owned by this account, and a colleague could no longer write. So a study that this process
    does not have open is read from a private copy in memory. The log is left out on a share, of a large study
    and where both cannot be copied. What cannot be this program's log is never given to SQLite.
    """
    log = path.with_name(path.name + "-wal")
    if not log.exists() or log.stat().st_size == 0 or on_network_share(path.parent):
        return connect_for_viewing(path, busy_seconds=busy_seconds, seconds=seconds)
    hold = hold_for_viewing(path, check_files)
    if hold.locked:
        return _of_study(_read_only(path, hold, busy_seconds, seconds))
    try:
        copied = _in_memory(path, log, busy_seconds)
    except (OSError, ValueError, UserError, sqlite3.Error):
        copied = None
    finally:
        hold.release()
    if copied is None:
        return connect_for_viewing(path, busy_seconds=busy_seconds, seconds=seconds)
    return _of_study(_limited(copied, seconds))


def _in_memory(path: Path, log: Path, busy_seconds: float) -> StudyConnection | None:
    """A copy of the file with its log taken over; None if they are too large or change all the time.

    Raises OSError, ValueError, LeadsOutsideError, sqlite3.Error.
    """
    for _ in range(_COPIES):
        before = _states(path, log)
        if sum(size for size, _changed in before) > _LARGEST_COPY:
            return None
        content, logged = (read_inside(one, path.parent, largest=_LARGEST_COPY) for one in (path, log))
        if _states(path, log) == before:
            return _opened_in_memory(content, logged, busy_seconds)
    return None


def _states(*paths: Path) -> list[tuple[int, int]]:
    return [(status.st_size, status.st_mtime_ns) for status in (path.stat() for path in paths)]


def _opened_in_memory(content: bytes, log: bytes, busy_seconds: float) -> StudyConnection:
    # Only SQLite can take over a log, and only from files: here those of a killed program are removed.
    try:
        with unfinished_folder(cache_folder() / "study") as place:
            return _taken_over(place, content, log, busy_seconds)
    except (OSError, UserError):  # the account's folder is full or read-only
        with unfinished_folder(temporary_folder() / "study") as place:
            return _taken_over(place, content, log, busy_seconds)


def _taken_over(place: Path, content: bytes, log: bytes, busy_seconds: float) -> StudyConnection:
    copy = place / "study.sqlite"
    for path, part in ((copy, content), (copy.with_name(f"{copy.name}-wal"), log)):
        path.touch(0o600, exist_ok=False)
        path.write_bytes(part)
    with closing(connect(copy, busy_seconds)) as source:
        source.execute("PRAGMA locking_mode = EXCLUSIVE")  # makes no file through which logs are shared
        memory = connect("file::memory:", busy_seconds)
        try:
            source.backup(memory)
        except BaseException:
            memory.close()
            raise
    return memory


def _of_study(connection: StudyConnection) -> StudyConnection:
    try:
        checked_version(connection, schema.STEPS)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_without_journals(
    path: Path, check: Callable[[Path], object], *, busy_seconds: float, seconds: float | None
) -> StudyConnection:
    """A connection that reads the file alone, limited in time (as above) and amount; `check` is asked first.

    A file that this process has open is read through its log instead, because looking at it in any other way
    would drop SQLite's locks on it. Raises what `check` raises, sqlite3.Error, OSError.
    """
    return _read_only(path, hold_for_viewing(path, check), busy_seconds, seconds)


def _read_only(path: Path, hold: FileHold, busy_seconds: float, seconds: float | None) -> StudyConnection:
    """A connection that is limited in time and amount; with a hold without locks it reads the file alone."""
    try:
        connection = connect(read_only_address(path, immutable=not hold.locked), busy_seconds)
    except BaseException:
        hold.release()
        raise
    connection.hold = hold
    try:
        allowed = seconds_for(path.stat().st_size, **_LOOK) if seconds is None else seconds
    except BaseException:
        connection.close()
        raise
    return _limited(connection, allowed)


def _limited(connection: StudyConnection, seconds: float) -> StudyConnection:
    try:
        connection.limit.begin(seconds)
        connection.execute("PRAGMA query_only = ON")
        connection.text_limit.begin(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def checked_version(connection: sqlite3.Connection, steps: Sequence[schema.Step]) -> int:
    """The version of a study whose tables are exactly ours, 0 for an empty file.

    Raises UserError for everything else, sqlite3.Error when it cannot be read.
    """
    with schema.one_moment(connection):
        version = schema.stored_version(connection)
        schema.check_version(version, steps)
        if version:
            check_schema(connection, version, tuple(steps))
    return version


def read_only_address(path: Path, *, immutable: bool = False) -> str:
    """The path as an address under which SQLite writes nothing into the file.

    An `immutable` file is read without locks and without the files beside it.
    """
    place = path.absolute().as_posix()
    address = f"file://{'' if place.startswith('/') else '/'}{quote(os.fsencode(place))}?mode=ro"
    return address + ("&immutable=1" if immutable else "")
