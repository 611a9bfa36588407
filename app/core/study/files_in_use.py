"""Which study files this process has open, so that none of them is opened and closed beside SQLite.

POSIX systems drop all locks of a process on a file when the process closes any handle of that file. SQLite
takes care of that for its own handles, but not for those that read headers here, nor for immutable ones.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import UserError
from app.core.study.journals import check_files

Identity = tuple[int, int]

_PATIENCE = 3.0
_changed = threading.Condition()
_locked: Counter[Identity] = Counter()
"""The number of open connections with SQLite's locks, by file."""
_looked_at: Counter[Identity] = Counter()
"""The number of open connections without locks, by file."""
_alone: set[Identity] = set()
"""The files that one piece of work holds alone."""


@dataclass(frozen=True, slots=True)
class FileHold:
    """A hold on an open file until `release`: `locked` with SQLite's locks, else read as unchanging."""

    identity: Identity
    locked: bool

    def release(self) -> None:
        with _changed:
            held = _locked if self.locked else _looked_at
            held[self.identity] -= 1
            _changed.notify_all()


def identity(path: Path) -> Identity:
    """Device and number of the file, the same under every name that it has. Raises OSError."""
    status = path.stat()
    return status.st_dev, status.st_ino


def hold_for_writing(path: Path) -> FileHold:
    """A hold on a file that SQLite is about to open with its locks, after a check of it and its journals.

    What this process has open already was checked when it was opened.
    Raises UserError (ForeignFileError), OSError.
    """
    own = identity(path)
    with _changed:
        _wait(path, lambda: not _looked_at[own] and own not in _alone)
        if _locked[own]:
            return _held(own, locked=True)
        _alone.add(own)
    return _held_after(own, lambda: check_files(path), locked=True)


def hold_for_viewing(path: Path, check: Callable[[Path], object]) -> FileHold:
    """A hold on a file that is about to be read, without locks if this process has none on it.

    `check` is asked first then: it may open and close the file. Raises what that raises, and OSError.
    """
    own = identity(path)
    with _changed:
        _wait(path, lambda: own not in _alone)
        if _locked[own]:
            return _held(own, locked=True)
        _alone.add(own)
    return _held_after(own, lambda: check(path), locked=False)


def _held(own: Identity, *, locked: bool) -> FileHold:
    (_locked if locked else _looked_at)[own] += 1
    return FileHold(own, locked)


def _held_after(own: Identity, check: Callable[[], object], *, locked: bool) -> FileHold:
    """The hold on a file that nobody else has, once it was checked.

    Not under the lock: a disk that does not answer must not keep those waiting who open other files.
    """
    try:
        check()
        with _changed:
            return _held(own, locked=locked)
    finally:
        with _changed:
            _alone.discard(own)
            _changed.notify_all()


@contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """Hold the file alone: nothing else in this process has it open, or opens it, while the block runs.

    Raises UserError when something has it open for longer than a moment. A missing file is held by nobody.
    """
    try:
        own = identity(path)
    except FileNotFoundError:
        yield
        return
    with _changed:
        _wait(path, lambda: not _locked[own] and not _looked_at[own] and own not in _alone)
        _alone.add(own)
    try:
        yield
    finally:
        with _changed:
            _alone.discard(own)
            _changed.notify_all()


def _wait(path: Path, free: Callable[[], bool]) -> None:
    if not _changed.wait_for(free, _PATIENCE):
        raise UserError(f"The study “{path.parent.name}” is busy; open it again.")
