"""A study restored from a copy, whatever state it is in; damaged files are set aside whole and never read."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from app.core.bounded_json import canonical
from app.core.containment import check_inside
from app.core.errors import DamagedStudyError, UserError
from app.core.study import copies, damage, history, recording_table
from app.core.study.backup import FOLDER, Backup, backups, stamp_of
from app.core.study.copies import UNREADABLE, connect_to_copy
from app.core.study.copy_schedule import is_sound
from app.core.study.database import FILE_NAME, user_errors
from app.core.study.durable import make_folder, sync_file, sync_folder
from app.core.study.files_in_use import held_alone
from app.core.study.history import Operation, Subject
from app.core.study.restoring import Restored, prepared, revealed_in, seen_in, seen_of
from app.core.study.schema import NewerStudyError
from app.core.study.sealing import ShownAnswers
from app.core.study.store import Study
from app.core.study.study_files import SET_ASIDE, is_strange, set_aside_folders
from app.core.study.writer_lock import WriterLock

ITSELF = "itself"
"""The purpose of the study's own file among the copies, when only the files next to it are damaged."""


def restorable_copies(folder: Path) -> tuple[Backup, ...]:
    """The files that can replace the study, the latest first: its copies, and files that were set aside.

    While the study cannot be opened its own file is one too, as it is without the files beside it.
    """
    found = [*backups(folder), *_set_aside(folder)]
    own = folder / FILE_NAME
    if damage.fault_of(own) and copies.copy_summary(own) is not None:
        found.append(Backup(own, ITSELF, _changed_at(own)))
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def study_id_of(folder: Path) -> str:
    """The id of the study in the folder, as far as its file can be read; "" when it cannot."""
    of = copies.copy_summary(folder / FILE_NAME)
    return "" if of is None else of.study_id


def _set_aside(folder: Path) -> Iterator[Backup]:
    for path in (place / FILE_NAME for place in set_aside_folders(folder)):
        status = path.lstat() if os.path.lexists(path) else None
        if status is not None and stat.S_ISREG(status.st_mode) and status.st_size:
            yield Backup(path, SET_ASIDE, _changed_at(path))


def _changed_at(path: Path) -> datetime:
    """When the file was changed; of a moment that no calendar has, the beginning of 1970."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def restore_from_copy(folder: Path, copy: Backup, author: str) -> Restored:
    """Restore the study in `folder` from the copy; its former state is kept.

    A study that is whole is kept as a copy and changed in one transaction, also while programs read it.
    The files of any other one, or of a newer version of the program, are set aside whole in
    `backups/damaged-…`; no other program may have it open then. Killed at any moment, the study's file is
    the former one or the restored one. Raises UserError: the copy is damaged, empty, of another study or of
    a newer version, or another window or program has the study open.
    """
    check_inside(folder / FOLDER, folder)
    if _is_whole(folder):
        with Study.open(folder, author=author, create=False) as study:
            return study.restore(copy)
    with user_errors("The study was not restored", folder):
        return _replace(folder / FILE_NAME, copy, author)


def _is_whole(folder: Path) -> bool:
    """Whether the study is what its history says; then its id can be believed too. Nothing is changed.

    Raises UserError when that cannot be found out.
    """
    try:
        with Study.open_for_viewing(folder) as study:
            study.check()
    except (DamagedStudyError, NewerStudyError, *UNREADABLE):
        return False
    return True


def _replace(path: Path, copy: Backup, author: str) -> Restored:
    lock = WriterLock.acquire(path.parent)
    if lock is None:
        raise UserError("The study is open in another window; close it there first.")
    try:
        with prepared(copy, path.parent) as restored:
            kept = _set_links_aside(path) or _folder_for_damaged(path)
            _write_down(restored, path, copy, author, kept)
            sync_file(restored)
            with _nobody_has_open(path):
                make_folder(kept)
                _set_aside_all(path, kept)
                restored.replace(path)
                sync_folder(path.parent)
    finally:
        lock.release()
    return Restored(copy, kept)


def _set_links_aside(path: Path) -> Path | None:
    """Where links, pipes and further names of files elsewhere were put that stood for the study's own files.

    None when there are none. They are renamed and never opened: no place that they lead to is touched.
    """
    folder = path.parent
    own = [path, *(path.with_name(path.name + ending) for ending in damage.BESIDE)]
    strange = [one for one in own if is_strange(one, folder)]
    if not strange:
        return None
    kept = folder / FOLDER / f"{SET_ASIDE}-{stamp_of(datetime.now(UTC))}"
    make_folder(kept)
    for one in strange:
        one.rename(kept / one.name)
    sync_folder(kept)
    sync_folder(folder)
    return kept


def _folder_for_damaged(path: Path) -> Path:
    """A new folder, or the one where a program that was stopped has put this very file already."""
    for place in set_aside_folders(path.parent):
        if path.exists() and (place / path.name).exists() and (place / path.name).samefile(path):
            return place
    return path.parent / FOLDER / f"{SET_ASIDE}-{stamp_of(datetime.now(UTC))}"


def _set_aside_all(path: Path, kept: Path) -> None:
    """Put the study's file and all that belongs to it into the folder `kept`.

    The file itself stays in its place too until the copy takes it, as a second name of the same
    file: by this the next program knows that a log is missing beside it, should this one be stopped here.
    """
    _link(path, kept / path.name)
    sync_folder(kept)
    for ending in damage.BESIDE:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(kept / (path.name + ending))
    sync_folder(kept)
    sync_folder(path.parent)


def _link(path: Path, place: Path) -> None:
    if place.exists() or not os.path.lexists(path):
        return
    try:
        os.link(path, place, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a folder, or a disk without links
        path.rename(place)


def _write_down(restored: Path, path: Path, copy: Backup, author: str, kept: Path) -> None:
    """Say in the history of the restored study what was done, and what persons have seen since the copy."""
    with closing(sqlite3.connect(restored.absolute(), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("PRAGMA journal_mode = DELETE")
        (study_id,) = connection.execute("SELECT value FROM meta WHERE key = 'study_id'").fetchone()
        former = _Former().with_own(path, connection, study_id)
        for one in backups(path.parent):
            former = former.with_copy(one.path, connection, study_id)
        connection.execute("BEGIN IMMEDIATE")
        last = max(former.last_recording, recording_table.last_recording(connection))
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_recording', ?)", (str(last),))
        history.append(
            connection,
            Subject(history.RESTORE, ""),
            who=author,
            operation=Operation.RESTORED,
            old=canonical(
                {
                    "history_seq": former.head[0],
                    "history_hash": former.head[1],
                    "kept": kept.name,
                    **seen_of(former.seen),
                }
            ),
            new=canonical({"copy": copy.path.name}),
        )
        connection.execute("COMMIT")


_NOTHING_SEEN = ShownAnswers(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class _Former:
    """The readable rest of the former study, in its file and in its other copies."""

    seen: ShownAnswers = _NOTHING_SEEN
    last_recording: int = 0
    head: tuple[str, str] = ("", "")

    def with_own(self, path: Path, restored: sqlite3.Connection, study_id: str) -> _Former:
        """With what the study's own file adds, as far as it can be read.

        Raises UserError when it is whole and of another study than the copy.
        """
        of = copies.copy_summary(path)
        if of is not None and of.study_id != study_id and is_sound(path):
            raise UserError("This is a copy of another study, so nothing was changed.")
        head = self.head if of is None else (str(of.changes), of.head)
        return replace(self._with(path, restored), head=head)

    def with_copy(self, path: Path, restored: sqlite3.Connection, study_id: str) -> _Former:
        """With what a copy of the study adds; nothing when it is of another one."""
        of = copies.copy_summary(path)
        return self._with(path, restored) if of is not None and of.study_id == study_id else self

    def _with(self, path: Path, restored: sqlite3.Connection) -> _Former:
        try:
            with closing(connect_to_copy(path)) as connection:
                seen = _seen_in(connection, restored)
                last = max(self.last_recording, recording_table.last_recording(connection))
        except (UserError, *UNREADABLE):
            return self
        both = ShownAnswers(self.seen.revealed | seen.revealed, self.seen.opened | seen.opened)
        return replace(self, seen=both, last_recording=last)


def _seen_in(connection: sqlite3.Connection, restored: sqlite3.Connection) -> ShownAnswers:
    """What persons were shown; of a file whose history cannot be read what its readings say."""
    try:
        return seen_in(connection, restored)
    except UNREADABLE:
        return ShownAnswers(frozenset(revealed_in(connection) - revealed_in(restored)), frozenset())


@contextmanager
def _nobody_has_open(path: Path) -> Iterator[None]:
    """Hold what every program holds that has the study open. Raises UserError when another one does.

    It would go on writing to the files that are set aside, and remove the log of the restored study.
    """
    with held_alone(path):
        handle = _opened(path)
        try:
            if handle is not None and not _locked_alone(handle):
                raise UserError("Another program has the study open; close it there first.")
            yield
        finally:
            if handle is not None:
                os.close(handle)


def _opened(path: Path) -> int | None:
    """The file, opened to be locked; None where it cannot be: then no other program has it open either."""
    if path.is_symlink() or not path.is_file():
        return None
    try:
        return os.open(path, os.O_RDWR)
    except OSError:
        return None


if sys.platform == "win32":

    def _locked_alone(_handle: int) -> bool:
        return True  # no file that another program has open is renamed there

else:
    import fcntl

    def _locked_alone(handle: int) -> bool:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_BYTES, _SHARED_FIRST)
        except OSError as error:
            # A share may know no locks at all.
            return error.errno not in {errno.EACCES, errno.EAGAIN}
        return True


_SHARED_FIRST, _SHARED_BYTES = 0x40000002, 510
"""The bytes that SQLite locks, on every system with POSIX locks, while a file is open in write-ahead mode."""
