"""Whole copies of a study in the folder `backups` inside it: how one is made, and which there are."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from app.core.study.connection import is_whole
from app.core.study.durable import sync_file, sync_folder
from app.core.study.study_files import copies_in

FOLDER = "backups"
UNPACKED = ".restoring-"
"""The beginning of the name of a folder in which a copy is prepared to replace the study."""

_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a study: `what` is why it was made (“v1”: before a migration from version 1); `at` in UTC."""

    path: Path
    what: str
    at: datetime


def back_up(path: Path, what: str, at: datetime | None = None) -> Path:
    """A whole copy of the study's file, checked and on disk when this returns; its place.

    Programs may write meanwhile; the copy is of one moment. The caller may hold a transaction in
    which nothing was written yet. Raises sqlite3.Error or OSError when the copy cannot be made or
    is not whole; nothing is left then that could be taken for a copy.
    """
    folder = path.parent / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    backup, partial = _free_place(folder, what, at or datetime.now(UTC))
    try:
        # A separate connection: SQLite copies nothing through one that is about to write.
        with (
            closing(sqlite3.connect(path.absolute())) as source,
            closing(sqlite3.connect(partial.absolute())) as copy,
        ):
            source.backup(copy)
            # A backup that needs files beside it could be copied without them.
            copy.execute("PRAGMA journal_mode = DELETE")
            if not is_whole(copy):
                damaged = sqlite3.DatabaseError("the backup is damaged")
                damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise damaged
        sync_file(partial)
        partial.replace(backup)
    except BaseException:
        _remove_with_journals(partial)
        raise
    sync_folder(folder)
    return backup


def _remove_with_journals(partial: Path) -> None:
    """Remove what was written of a copy; what cannot be removed hides neither the rest nor the reason, and is
    removed by the schedule a day later."""
    for ending in ("-journal", "-wal", "-shm", ""):
        with contextlib.suppress(OSError):
            partial.with_name(f"{partial.name}{ending}").unlink(missing_ok=True)


def stamp_of(at: datetime) -> str:
    """The moment as the names of copies write it."""
    return at.strftime(_STAMP)


def _free_place(folder: Path, what: str, at: datetime) -> tuple[Path, Path]:
    """A free path for a copy, and an empty file next to it to write to; no copy is overwritten."""
    for later in count():
        backup = folder / f"study-{what}-{stamp_of(at + timedelta(microseconds=later))}.sqlite"
        partial = backup.with_suffix(".partial")
        if backup.exists():
            continue
        try:
            partial.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            continue
        return backup, partial
    raise AssertionError("there are more microseconds than copies")


def backups(folder: Path, *, most: int | None = None) -> tuple[Backup, ...]:
    """The copies in a study's folder, the latest first; of more than `most` only some."""
    found = (_backup(path) for path in copies_in(folder, most=most) if path.suffix == ".sqlite")
    return tuple(sorted((one for one in found if one), key=lambda one: one.at, reverse=True))


def _backup(path: Path) -> Backup | None:
    try:
        _study, what, stamp = path.stem.split("-")
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None  # a copy that somebody made by hand, which is not counted
    return Backup(path, what, at)
