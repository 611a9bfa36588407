"""What is wrong with the files of a study, as far as it shows before SQLite opens them for writing."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

from app.core.containment import LeadsOutsideError, files_inside, folders_inside, open_inside
from app.core.errors import DamagedStudyError, UserError
from app.core.study import backup, schema
from app.core.study.copies import connect_immutable, is_damage
from app.core.study.files_in_use import hold_for_viewing
from app.core.study.journals import (
    APPLICATION_ID,
    FRAME_HEADER_SIZE,
    LOG_HEADER_SIZE,
    ForeignFileError,
    LogHeader,
    check_files,
    log_header,
)
from app.core.study.readings_folder import READINGS
from app.core.study.study_files import copies_in, second_names, set_aside_folders

LOG, INDEX, JOURNAL = "-wal", "-shm", "-journal"
BESIDE = (JOURNAL, LOG, INDEX)
"""The suffixes of the files that SQLite keeps next to a study's file and that belong to it."""

_EMPTY = "its study.sqlite is empty"
_MISSING = "its study.sqlite is missing"
_NOT_A_STUDY = "its study.sqlite is not a study"
_DAMAGED = "its study.sqlite is damaged"
_NOT_A_FILE = "its study.sqlite is not a file"
_UNREADABLE = "its study.sqlite may not be read by this account"
_INTERRUPTED = "the restoring of a copy was interrupted"
_FOREIGN_LOG = "the log beside it (study.sqlite-wal) is that of another file"
_DAMAGED_LOG = "the log beside it (study.sqlite-wal) is damaged"

_MOST_COUNTED = 500
_WAITS = (0.02, 0.06, 0.0)
"""Seconds after each look at a file in which something is wrong."""
"""The most copies that are counted: the window shows the number at once, and a study can have any number."""
_LARGEST_LOG = 64 << 20
"""Bytes at the beginning of a log that are looked through for the study's id."""
_STUDY_ID = re.compile(rb"study_id([0-9a-f]{32})")


def damage_error(what: str, folder: Path) -> DamagedStudyError:
    """The error that says `what` (without a full stop) of the study in `folder` and of its copies."""
    return DamagedStudyError(what, folder, len(backup.backups(folder, most=_MOST_COUNTED)))


def check_before_opening(path: Path) -> None:
    """DamagedStudyError when the study's file, or a file next to it, is not what this program left there.

    Nothing is changed. A file that is not there, or empty, in a folder that holds nothing of a study
    is none: a new study can be made there. Raises OSError when the folder cannot be looked into.
    """
    fault = _lasting_fault_of(path)
    if fault:
        raise damage_error(f"The study “{path.parent.name}” cannot be opened because {fault}", path.parent)


def _lasting_fault_of(path: Path) -> str:
    """A fault that stays: while another program makes the study, it looks damaged for a moment."""
    for wait in _WAITS:
        if not (fault := fault_of(path)):
            return ""
        time.sleep(wait)
    return fault


def fault_of(path: Path) -> str:
    """What is wrong, to be put after “because”; "" when nothing is, as far as it shows quickly."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return _MISSING if has_traces(path) else ""
    if not stat.S_ISREG(status.st_mode):
        return _NOT_A_FILE
    if status.st_nlink > 1 and is_being_replaced(path):
        return _INTERRUPTED
    if status.st_size == 0:
        return _EMPTY if has_traces(path) else ""
    return _fault_of_content(path) if os.access(path, os.R_OK) else _UNREADABLE


def has_traces(path: Path) -> bool:
    """Whether the folder holds what only a study leaves: copies, clips, a ledger, a log that is not empty."""
    folder = path.parent
    return (
        bool(copies_in(folder, most=1))
        or any(set_aside_folders(folder))
        or any((*folders_inside(folder / READINGS, folder), *files_inside(folder / READINGS, folder)))
        or os.path.lexists(folder / "egress.jsonl")
        or _begin(_beside(path, LOG)) != b""
        or _pages_before(_begin(_beside(path, JOURNAL))) > 0
    )


def is_being_replaced(path: Path) -> bool:
    """Whether a program was stopped between setting this very file aside and putting a copy in its place."""
    return second_names(path.parent) > 0


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _begin(path: Path, count: int = LOG_HEADER_SIZE) -> bytes:
    """The first bytes of a file beside the study; b"" when there is none, or it is no file.

    Never of the study's own file: closing that would drop SQLite's locks on it.
    """
    try:
        with os.fdopen(open_inside(path, path.parent, os.O_RDONLY), "rb") as file:
            return file.read(count)
    except (FileNotFoundError, IsADirectoryError, LeadsOutsideError):
        return b""


def _pages_before(journal: bytes) -> int:
    """How many pages the file had before the change that a rollback journal would take back."""
    return int.from_bytes(journal[16:20], "big") if len(journal) >= 20 else 0


def _fault_of_content(path: Path) -> str:
    if _begin(_beside(path, JOURNAL)).strip(b"\0"):
        # A change was interrupted: what is in the file is not what SQLite will make of it.
        return _fault_of_journal(path)
    place = _beside(path, LOG)
    begun = _begin(place)
    log = b"" if (place, begun) in _known_logs else _begin(place, _LARGEST_LOG)
    try:
        with closing(connect_immutable(path)) as connection:
            schema.stored_version(connection)
            (page_size,) = connection.execute("PRAGMA page_size").fetchone()
            study_id = _study_id(connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # A checkpoint that a full disk stopped leaves a first page of more pages than the file has, also
        # where the log was known to be of the study before.
        if not is_damage(error) or _brings_first_page(_begin(place, _LARGEST_LOG)):
            return ""
        not_a_study = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_NOTADB
        return _NOT_A_STUDY if not_a_study else _DAMAGED
    except UserError:
        return _NOT_A_STUDY if has_traces(path) else ""
    fault = _fault_of_log(log, page_size, study_id)
    if not fault and begun:
        _known_logs.add((place, begun))
    return fault


_known_logs: set[tuple[Path, bytes]] = set()
"""Logs, by their place and header, that were found to be of their study: a study is opened again and again
while its log grows."""


def _fault_of_journal(path: Path) -> str:
    try:
        hold_for_viewing(path, check_files).release()
    except ForeignFileError as error:
        return error.because
    return ""


def _study_id(connection: sqlite3.Connection) -> str:
    """The study's id; "" while the file has no tables, which are then still in the log."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return ""
    row = connection.execute("SELECT value FROM meta WHERE key = 'study_id'").fetchone()
    return str(row[0]) if row is not None else ""


def _brings_first_page(log: bytes) -> bool:
    """Whether the log holds a first page of a study, which SQLite reads in place of the one in the file."""
    return any(
        number == 1 and content[:16] == b"SQLite format 3\0" and _application(content) == APPLICATION_ID
        for number, content in _frames(log)
    )


def _application(page: bytes) -> int:
    return int.from_bytes(page[68:72], "big")


def _frames(log: bytes) -> list[tuple[int, bytes]]:
    """Number and content of the pages in a log that were written since it was begun."""
    header = log_header(log)
    if header is None or not _can_be_used(header):
        return []
    size, found = header.page_size, []
    for at in range(LOG_HEADER_SIZE, len(log) - FRAME_HEADER_SIZE - size + 1, FRAME_HEADER_SIZE + size):
        if log[at + 8 : at + 16] != header.salts:
            break
        begin = at + FRAME_HEADER_SIZE
        found.append((int.from_bytes(log[at : at + 4], "big"), log[begin : begin + size]))
    return found


def _fault_of_log(log: bytes, page_size: int, study_id: str) -> str:
    """What is wrong with the log of a file with this size of pages and this study's id ("" for a new one)."""
    header = log_header(log)
    if header is None:
        return ""  # it was begun and nothing was acknowledged in it
    if not _can_be_used(header):
        return _DAMAGED_LOG
    if header.page_size != page_size:
        return _FOREIGN_LOG
    frames = _frames(log)
    first_pages = [content for number, content in frames if number == 1]
    known = {APPLICATION_ID} if study_id else {APPLICATION_ID, 0}
    if any(_application(page) not in known for page in first_pages):
        return _FOREIGN_LOG
    ids = {found.decode() for _number, content in frames for found in _STUDY_ID.findall(content)}
    return _FOREIGN_LOG if study_id and ids and study_id not in ids else ""


def _can_be_used(header: LogHeader) -> bool:
    """Whether SQLite would use the log; it drops any other one without a word."""
    return header.is_log and header.is_whole and header.page_size in {1 << bits for bits in range(9, 17)}
