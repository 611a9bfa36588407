"""A check that a database and its journals can be this program's, before SQLite reads them.

SQLite believes a journal next to a database: it deletes the file that a rollback journal names as
its super-journal, and makes a database as large as a log says. So the headers are read here first. Nothing
is changed, and no file is handed to SQLite.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.core.errors import UserError

APPLICATION_ID = 0x53454D49
"""“SEMI”, in the header of the file: what distinguishes a study from any other SQLite file."""

_DATABASE_MAGIC = b"SQLite format 3\0"
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_LOG_MAGICS = (0x377F0682, 0x377F0683)
_LOG_FORMAT = 3007000
_HEADER = 100
_UNKNOWN_COUNT = 0xFFFFFFFF
_SECTORS = frozenset(1 << power for power in range(5, 17))
_JOURNAL_HEADER = struct.Struct(">8sIIIII")
_LOG_HEADER = struct.Struct(">8I")
_FRAME_HEADER = struct.Struct(">2I8s")
LOG_HEADER_SIZE, FRAME_HEADER_SIZE = _LOG_HEADER.size, 24
"""Bytes before the first page of a write-ahead log, and before each page in it."""


class ForeignFileError(UserError):
    """This program cannot have written the file, so it must not reach SQLite.

    `because` says it of a journal, to be put after “because”; "" for any other file.
    """

    def __init__(self, sentence: str, because: str = "") -> None:
        super().__init__(sentence)
        self.because = because


@dataclass(frozen=True, slots=True)
class DatabaseHeader:
    """The header of a database: bytes in a page, pages in the file."""

    page_size: int
    pages: int


def check_files(path: Path) -> None:
    """Accept a database and the journals next to it if this program can have written them.

    An empty or missing database passes. Raises ForeignFileError, OSError when a file cannot be read.

    It opens and closes the database's own file: while SQLite has that open in this process the system would
    drop SQLite's locks on it.
    """
    try:
        _check_now(path)
    except ForeignFileError:
        # Another program can have made the study between two of the reads; a foreign file stays one.
        _check_now(path)


def _check_now(path: Path) -> None:
    """`check_files` by one reading of each file."""
    header = read_header(path)
    _check_beside(path, path.with_name(path.name + "-journal"), header, _journal_fault)
    _check_beside(path, path.with_name(path.name + "-wal"), header, _log_fault)
    _check_alone(path.with_name(path.name + "-shm"))


def read_header(path: Path) -> DatabaseHeader | None:
    """The header of a database of this program, None when the file is empty or missing.

    Raises ForeignFileError for any other file, OSError when it cannot be read. Same caution as `check_files`.
    """
    if not is_there(path):
        return None
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(_HEADER)
    return _header(start, size) if size else None


def is_there(path: Path) -> bool:
    """Whether the file exists. Raises ForeignFileError for a link, a pipe, or anything but a plain file."""
    return _names_of(path) > 0


def _names_of(path: Path) -> int:
    """How many names the file has, 0 without one. Raises ForeignFileError as `is_there` does."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0
    if not stat.S_ISREG(status.st_mode):
        raise ForeignFileError(
            f"The study “{path.parent.name}” was not opened because {path.name} is not a plain file."
        )
    return max(status.st_nlink, 1)  # a file that is just being removed has none


def _header(start: bytes, size: int) -> DatabaseHeader:
    if len(start) < _HEADER or not start.startswith(_DATABASE_MAGIC):
        raise ForeignFileError("This folder's study.sqlite is not a study.")
    page_size = _power_of_two(int.from_bytes(start[16:18], "big"))
    ours = (
        page_size
        # Versions for writing and reading, no reserved bytes, and fractions that have one value only.
        and start[18] in {1, 2}
        and start[19] in {1, 2}
        and start[20:24] == b"\0\x40\x20\x20"
        # The form of the definitions that SQLite knows.
        and int.from_bytes(start[44:48], "big") <= 4
        # UTF-8, or nothing yet in a file that has no tables.
        and int.from_bytes(start[56:60], "big") in {0, 1}
    )
    application = int.from_bytes(start[68:72], "big")
    # The application id of a new study may stand in its log alone until that is taken over.
    if not ours or application not in {0, APPLICATION_ID}:
        raise ForeignFileError("This folder's study.sqlite is not a study of this program.")
    return DatabaseHeader(page_size, -(-size // page_size))


def _power_of_two(written: int) -> int:
    """The page size that a database's header states; 0 for an invalid one."""
    size = 65536 if written == 1 else written
    return size if 512 <= size <= 65536 and size & (size - 1) == 0 else 0


def _check_alone(path: Path) -> None:
    """Raises ForeignFileError for a file that has a second name elsewhere: SQLite would write there too."""
    if _names_of(path) > 1:
        raise ForeignFileError(
            f"The study “{path.parent.name}” was not opened because {path.name} lies somewhere else as well."
        )


def _check_beside(
    database: Path,
    beside: Path,
    header: DatabaseHeader | None,
    fault_of: Callable[[BinaryIO, DatabaseHeader | None], str],
) -> None:
    """Raises ForeignFileError when `fault_of` says that this program cannot have left the file beside it."""
    _check_alone(beside)
    if not is_there(beside):
        return
    try:
        with beside.open("rb") as file:
            fault = fault_of(file, header)
    except FileNotFoundError:
        return  # the program that had it has just ended its change
    if fault:
        raise _refusal(database, beside, fault)


def _journal_fault(file: BinaryIO, header: DatabaseHeader | None) -> str:
    """Why this program cannot have left this rollback journal, "" when it can."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return ""  # made, and nothing was written into it
    if _names_another_file(file, size):
        return "it names another file"
    file.seek(0)
    start = file.read(_JOURNAL_HEADER.size).ljust(_JOURNAL_HEADER.size, b"\0")
    magic, records, _nonce, pages, sector, page_size = _JOURNAL_HEADER.unpack(start)
    # Until it is on disk the beginning of a journal is empty, and SQLite does not use it.
    begun = magic == _JOURNAL_MAGIC or not any(start[:12])
    if not begun or sector not in _SECTORS:
        return "it is not a journal"
    # A study that was just being made has nothing that could be restored.
    known = header or DatabaseHeader(page_size, 0)
    most = (size - sector) // (page_size + 8) if header else 0
    if page_size != known.page_size or pages > known.pages or most < records != _UNKNOWN_COUNT:
        return "it belongs to another database"
    return ""


def _names_another_file(file: BinaryIO, size: int) -> bool:
    """Whether it ends like a journal that is one of several, which no transaction of this program needs."""
    file.seek(max(size - len(_JOURNAL_MAGIC), 0))
    return size > len(_JOURNAL_MAGIC) and file.read() == _JOURNAL_MAGIC


def _log_fault(file: BinaryIO, header: DatabaseHeader | None) -> str:
    """Why this program cannot have left this write-ahead log, "" when it can."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    log = log_header(file.read(LOG_HEADER_SIZE))
    if log is None:
        return ""  # cut off by a power failure before its first change: SQLite finds nothing in it
    if header is None:
        return "there is no database that it belongs to"
    if not log.is_log or log.form != _LOG_FORMAT:
        return "it is not a log"
    if log.page_size != header.page_size:
        return "it belongs to another database"
    if not log.is_whole:
        return ""  # a header that a power failure tore: SQLite finds nothing in such a log
    return "" if _frames_fit(file, size, header, log.salts) else "it belongs to another database"


def _frames_fit(file: BinaryIO, size: int, header: DatabaseHeader, salts: bytes) -> bool:
    """Whether every page in the log can lie in a database that grew page by page."""
    step = FRAME_HEADER_SIZE + header.page_size
    most = header.pages + size // step
    for place in range(LOG_HEADER_SIZE, size - step + 1, step):
        file.seek(place)
        page, after, found = _FRAME_HEADER.unpack(file.read(_FRAME_HEADER.size))
        if found != salts:
            return True  # what follows is left from before and is not read
        if not (1 <= page <= most and after <= most):
            return False
    return True


@dataclass(frozen=True, slots=True)
class LogHeader:
    """The header of a write-ahead log.

    `is_log`: whether it begins as one; `form` is the version of the format; `page_size` in bytes; `salts`
    stand before every page that was written since the log was begun; `is_whole`: the checksum holds.
    """

    is_log: bool
    form: int
    page_size: int
    salts: bytes
    is_whole: bool


def log_header(start: bytes) -> LogHeader | None:
    """The header of a log by its first bytes; None when there is none, and so nothing in the log."""
    if len(start) < LOG_HEADER_SIZE or not any(start[:LOG_HEADER_SIZE]):
        return None
    magic, form, page_size, _round, _salt1, _salt2, *sums = _LOG_HEADER.unpack(start[:LOG_HEADER_SIZE])
    whole = _log_checksum(start[:24], little=magic == _LOG_MAGICS[0]) == tuple(sums)
    return LogHeader(magic in _LOG_MAGICS, form, page_size, start[16:24], whole)


def _log_checksum(data: bytes, *, little: bool) -> tuple[int, int]:
    """SQLite's checksum of a log's header."""
    words = struct.unpack(f"{'<' if little else '>'}{len(data) // 4}I", data)
    first = second = 0
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second


def _refusal(database: Path, journal: Path, fault: str) -> ForeignFileError:
    because = (
        f"this program did not write {journal.name} beside it ({fault}): "
        "move that file elsewhere to open the study without it"
    )
    return ForeignFileError(f"The study “{database.parent.name}” was not opened because {because}.", because)
