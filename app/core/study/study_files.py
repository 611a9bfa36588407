"""Which files a study's folder holds, and that none of them leads out of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from app.core.containment import (
    LeadsOutsideError,
    check_inside,
    files_inside,
    folders_inside,
    linked_files_inside,
)

_DATABASE = "study.sqlite"
_ITS_FILES = (
    _DATABASE,
    "study.sqlite-wal",
    "study.sqlite-shm",
    "study.sqlite-journal",
    "writer.lock",
    "backups",
)


SET_ASIDE = "damaged"
"""How a folder among the copies begins that holds the files of a damaged study."""


def check_study(folder: Path) -> None:
    """Raise LeadsOutsideError (a UserError) when one of the study's own files is a link.

    The second name that the study's file has while a copy takes its place is accepted.
    """
    for name in _ITS_FILES:
        _check(folder / name, folder)


def is_strange(path: Path, folder: Path) -> bool:
    """Whether a link, a pipe or another name of a file elsewhere stands for one of the study's own files."""
    try:
        _check(path, folder)
    except LeadsOutsideError:
        return True
    return False


def _check(path: Path, folder: Path) -> None:
    check_inside(path, folder, names=1 + second_names(folder) if path.name == _DATABASE else 1)


def second_names(folder: Path) -> int:
    """Under how many further names the study's file lies among the files that were set aside."""
    try:
        status = (folder / _DATABASE).lstat()
    except OSError:
        return 0
    if status.st_nlink < 2:
        return 0
    places = (place / _DATABASE for place in set_aside_folders(folder))
    return sum(_is_same(place, status) for place in places) if stat.S_ISREG(status.st_mode) else 0


def _is_same(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.lstat(), status)
    except OSError:
        return False


def set_aside_folders(folder: Path) -> tuple[Path, ...]:
    """The folders among the study's copies that hold what was set aside, by name, links left out."""
    return folders_inside(folder / "backups", folder, begins=f"{SET_ASIDE}-")


def check_copy(path: Path, folder: Path) -> None:
    """The same for the copy at `path` of the study in `folder`, and for what SQLite may find beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        check_inside(path.with_name(path.name + suffix), folder)


def linked_copies_in(folder: Path) -> tuple[Path, ...]:
    """The copies of the study that are not used because they have a name elsewhere too."""
    return linked_files_inside(folder / "backups", folder)


def copies_in(folder: Path, *, most: int | None = None) -> tuple[Path, ...]:
    """The plain files among the study's copies that are named like one, links left out; at most so many."""
    return files_inside(folder / "backups", folder, begins="study-", most=most)
