"""Whole copies of a study in the folder `backups` inside it: before a migration, and one a day."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from app.core.containment import remove_left
from app.core.study.durable import sync_file, sync_folder
from app.core.study.study_files import copies_in

FOLDER = "backups"
UNPACKED = ".restoring-"
"""How the folder begins in which a copy is made ready to take the study's place."""
DAILY = "day"
DAYS, WEEKS = 7, 4
"""How many daily and how many weekly copies are kept."""

_STAMP = "%Y%m%dT%H%M%S%fZ"
_STALE = timedelta(days=1)
_PARTIAL = re.compile(r"study-[0-9A-Za-z-]+\.partial(-wal|-shm|-journal)?")
_RESTORING = re.compile(re.escape(UNPACKED) + "[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a study: `what` is “day”, or “v1” before a migration from version 1; `at` in UTC."""

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
    stamp = (at or datetime.now(UTC)).strftime(_STAMP)
    backup = folder / f"study-{what}-{stamp}.sqlite"
    partial = backup.with_suffix(".partial")
    partial.touch(mode=0o600, exist_ok=False)
    try:
        # A connection of its own: SQLite copies nothing through one that is about to write.
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            # A backup that needs files beside it could be copied without them.
            copy.execute("PRAGMA journal_mode = DELETE")
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                damaged = sqlite3.DatabaseError("the backup is damaged")
                damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise damaged
        sync_file(partial)
        partial.replace(backup)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return backup


def backups(folder: Path) -> tuple[Backup, ...]:
    """The copies in a study's folder, the latest first."""
    found = (_backup(path) for path in copies_in(folder) if path.suffix == ".sqlite")
    return tuple(sorted((one for one in found if one), key=lambda one: one.at, reverse=True))


def _backup(path: Path) -> Backup | None:
    try:
        _study, what, stamp = path.stem.split("-")
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None  # a copy that somebody made by hand and that is none of ours to count
    return Backup(path, what, at)


def due(folder: Path, at: datetime) -> bool:
    """Whether the study has no daily copy of this day (UTC) yet."""
    return all(one.at.date() != at.date() for one in backups(folder) if one.what == DAILY)


def to_keep(times: Iterable[datetime]) -> frozenset[datetime]:
    """Of daily copies those that stay: the last of each of 7 days, and of each of 4 weeks before them.

    Days and weeks without a copy do not count, so that a study that rests keeps its copies.
    """
    ordered = sorted(times, reverse=True)
    days = [next(group) for _day, group in groupby(ordered, key=lambda at: at.date())]
    recent, earlier = days[:DAYS], days[DAYS:]
    weeks = [next(group) for _week, group in groupby(earlier, key=lambda at: at.isocalendar()[:2])]
    return frozenset((*recent, *weeks[:WEEKS]))


def back_up_daily(path: Path, at: datetime) -> Path:
    """Today's copy, and after it has proved whole the removal of daily copies that are too old.

    Raises sqlite3.Error or OSError as `back_up` does; no older copy is removed then.
    """
    made = back_up(path, DAILY, at)
    daily = [one for one in backups(path.parent) if one.what == DAILY]
    kept = to_keep(one.at for one in daily)
    for one in daily:
        if one.at not in kept:
            one.path.unlink(missing_ok=True)
    _sweep(path.parent)
    return made


def _sweep(study: Path) -> None:
    """Remove what a killed program left half-made; nobody takes a day for a copy or for going back to one."""
    oldest = (datetime.now(UTC) - _STALE).timestamp()
    remove_left(study / FOLDER, study, _PARTIAL, older_than=oldest)
    remove_left(study, study, _RESTORING, older_than=oldest)
