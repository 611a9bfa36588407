"""Whole copies of a study in the folder `backups` inside it: when they are made, and which of them go."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path

from app.core.study import thinning
from app.core.study.copies import Held, held, holds_change, is_whole
from app.core.study.durable import sync_file, sync_folder
from app.core.study.thinning import DAILY, Kept

FOLDER = "backups"
UNPACKED = ".restoring-"
"""How the folder begins in which a copy is made ready to take the study's place."""
SET_ASIDE = "damaged"
"""How a folder in `backups` begins that holds the files of a damaged study, and what such a copy is for."""

HOURLY, CLOSING, BY_HAND = "hour", "close", "now"
"""What a copy was made for by the program itself (beside the daily ones), and on request."""
AUTOMATIC = frozenset({DAILY, HOURLY, CLOSING})
"""The copies that are thinned out."""
MOST_BY_HAND = 20
"""How many copies that were made on request are kept."""

_STAMP = "%Y%m%dT%H%M%S%fZ"
_STALE = timedelta(days=1)


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


def stamp_of(at: datetime) -> str:
    """The moment as it stands in the names of copies."""
    return at.strftime(_STAMP)


def _free_place(folder: Path, what: str, at: datetime) -> tuple[Path, Path]:
    """Where the copy goes, and an empty file beside it to write it to; no copy is overwritten."""
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


def backups(folder: Path) -> tuple[Backup, ...]:
    """The copies in a study's folder, the latest first."""
    found = (_backup(path) for path in (folder / FOLDER).glob("study-*.sqlite"))
    return tuple(sorted((one for one in found if one), key=lambda one: one.at, reverse=True))


def _backup(path: Path) -> Backup | None:
    try:
        _study, what, stamp = path.stem.split("-")
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None  # a copy that somebody made by hand and that is none of ours to count
    return Backup(path, what, at)


def due(folder: Path, own: Held | None, at: datetime) -> bool:
    """Whether there is no daily copy of this day (UTC) yet that can be read and is of this study (`own`)."""
    today = [one.path for one in backups(folder) if one.what == DAILY and one.at.date() == at.date()]
    return not any(of is not None and _same_study(of, own) for of in map(held, today))


def _same_study(one: Held, other: Held | None) -> bool:
    return other is None or one.study_id == other.study_id


def changed_since(folder: Path, own: Held | None) -> bool:
    """Whether the study (`own`) has changes that no copy ends with."""
    if own is None or not own.changes:
        return False
    copies = (held(one.path) for one in backups(folder))
    return all(one is None or (one.study_id, one.head) != (own.study_id, own.head) for one in copies)


def back_up_and_thin_out(path: Path, what: str, at: datetime) -> Path:
    """A copy, and after it has proved whole the removal of copies that hold nothing more than others.

    Raises sqlite3.Error or OSError as `back_up` does; no older copy is removed then.
    """
    made = back_up(path, what, at)
    thin_out(path.parent, made, at)
    _sweep(path.parent)
    return made


def thin_out(folder: Path, made: Path, now: datetime) -> None:
    """Remove the copies that may go now that `made` is there; copies of other studies, copies that cannot
    be read, and those made before the study was changed as a whole stay."""
    own = held(made)
    if own is None:
        return
    copies = [Kept(one, of) for one in backups(folder) if (of := held(one.path)) is not None]
    ours = [one for one in copies if one.held.study_id == own.study_id]
    contains, hours = _container(made), thinning.hours_for(made.stat().st_size)
    (newest,) = (one for one in ours if one.copy.path == made)
    if newest.copy.what in AUTOMATIC:
        automatic = [one for one in ours if one.copy.what in AUTOMATIC]
        spare = thinning.to_remove(automatic, newest, now, contains, hours=hours)
    else:
        by_hand = [one for one in ours if one.copy.what == BY_HAND and one is not newest]
        spare = [one for one in by_hand[MOST_BY_HAND - 1 :] if contains(newest, one)]
    for one in spare:
        one.copy.path.unlink(missing_ok=True)


def _container(made: Path) -> thinning.Contains:
    """Whether a copy holds all of another; `made` was checked when it was made, others are checked once."""
    whole = lru_cache(maxsize=None)(is_whole)

    def contains(one: Kept, other: Kept) -> bool:
        if one.held.changes < other.held.changes:
            return False
        if not (one.copy.path == made or whole(one.copy.path)):
            return False
        return other.held.changes == 0 or holds_change(one.copy.path, other.held.changes, other.held.head)

    return contains


def _sweep(study: Path) -> None:
    """Remove what a killed program left half-made; nobody takes a day for a copy or for going back to one."""
    oldest = (datetime.now(UTC) - _STALE).timestamp()
    for left in (*(study / FOLDER).glob("study-*.partial*"), *study.glob(f"{UNPACKED}*")):
        try:
            if left.stat().st_mtime >= oldest:
                continue
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()
        except FileNotFoundError:
            continue  # another program swept it
