"""The schedule of a study's copies: when one is made, and which are removed afterwards."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from app.core.containment import remove_left
from app.core.errors import UserError
from app.core.study import copy_thinning, replay
from app.core.study.backup import FOLDER, UNPACKED, Backup, back_up, backups
from app.core.study.connection import is_whole
from app.core.study.copies import UNREADABLE, CopySummary, connect_to_copy, copy_summary, holds_change
from app.core.study.copy_thinning import DAILY, CopyQuestions, ReadableCopy, can_replace
from app.core.study.time_limit import seconds_for

HOURLY, CLOSING, BY_HAND = "hour", "close", "now"
"""The reasons of copies besides the daily ones: two that the program makes itself, and on request."""
AUTOMATIC = frozenset({DAILY, HOURLY, CLOSING})
"""The copies that are thinned out."""
MOST_BY_HAND = 20
"""The number of copies made on request that are kept."""

_STALE = timedelta(days=1)
_PARTIAL = re.compile(r"study-[0-9A-Za-z-]+\.partial(-wal|-shm|-journal)?")
_RESTORING = re.compile(re.escape(UNPACKED) + "[a-z0-9_]+")
_CHECKING = {"least": 60.0, "bytes_per_second": 1e6}
"""How long SQLite may read one copy before it counts as damaged."""


_ALL_SECONDS = 30.0
"""How long looking at all copies may take: a received study can have any number of them."""


def _held_in_time(copies: Iterable[Backup]) -> Iterator[tuple[Backup, CopySummary | None]]:
    """What each copy holds, the latest first; None when it cannot be read, or was not reached in time."""
    ends = time.monotonic() + _ALL_SECONDS
    for one in copies:
        yield one, copy_summary(one.path) if time.monotonic() < ends else None


def due(folder: Path, own: CopySummary | None, at: datetime) -> bool:
    """Whether there is no daily copy of this day (UTC) yet that can be read and is of this study (`own`)."""
    today = [one for one in backups(folder) if one.what == DAILY and one.at.date() == at.date()]
    return not any(of is not None and _same_study(of, own) for _one, of in _held_in_time(today))


def _same_study(one: CopySummary, other: CopySummary | None) -> bool:
    return other is None or one.study_id == other.study_id


def changed_since(folder: Path, own: CopySummary | None) -> bool:
    """Whether the study (`own`) has changes that no copy ends with."""
    if own is None or not own.changes:
        return False
    found = (of for _one, of in _held_in_time(backups(folder)) if of is not None)
    return all((of.study_id, of.head) != (own.study_id, own.head) for of in found)


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
    be read in time, and those made before the study was changed as a whole stay."""
    own = copy_summary(made)
    if own is None:
        return
    copies = [ReadableCopy(one, of) for one, of in _held_in_time(backups(folder)) if of is not None]
    ours = [one for one in copies if one.held.study_id == own.study_id]
    asked, hours = (
        CopyQuestions(lambda one: is_sound(one.copy.path), _contains),
        copy_thinning.hours_for(made.stat().st_size),
    )
    newest = next((one for one in ours if one.copy.path == made), None)
    if newest is None:
        return  # so many copies are dated later that it was not reached
    if newest.copy.what in AUTOMATIC:
        automatic = [one for one in ours if one.copy.what in AUTOMATIC]
        spare = copy_thinning.to_remove(automatic, newest, now, asked, hours=hours)
    else:
        by_hand = [one for one in ours if one.copy.what == BY_HAND and one is not newest]
        spare = [one for one in by_hand[MOST_BY_HAND - 1 :] if can_replace(newest, one, asked)]
    for one in spare:
        one.copy.path.unlink(missing_ok=True)


def _contains(one: ReadableCopy, other: ReadableCopy) -> bool:
    """Whether every change of the second copy is in the history of the first."""
    if one.held.changes < other.held.changes:
        return False
    return other.held.changes == 0 or holds_change(one.copy.path, other.held.changes, other.held.head)


def is_sound(path: Path) -> bool:
    """Whether a copy and its history are whole, and its answers agree with the history."""
    status = path.stat()
    return _is_sound(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _is_sound(path: Path, _changed: int, size: int) -> bool:
    # ReadableCopy for as long as the file is the same one: reading a long history takes its time.
    try:
        with closing(connect_to_copy(path, seconds=seconds_for(size, **_CHECKING))) as connection:
            whole = is_whole(connection)
            return whole and not replay.verify(connection)
    except (UserError, *UNREADABLE):
        return False


def _sweep(study: Path) -> None:
    """Remove unfinished files of killed programs; no copy or restoring takes a day."""
    oldest = (datetime.now(UTC) - _STALE).timestamp()
    remove_left(study / FOLDER, study, _PARTIAL, older_than=oldest)
    remove_left(study, study, _RESTORING, older_than=oldest)
