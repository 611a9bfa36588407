"""Atomic writing of files: written under a temporary name, synced, read back, then moved into place.

While a file is written its program holds a lock on it, so that the next program that writes into the folder
can recognise and remove the unfinished files of a killed one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from app.core.errors import UserError

UNFINISHED = ".semioscope-"
"""The start of the name of an unfinished file."""

UNFINISHED_NAME = re.compile(r"\.semioscope-[0-9a-f]{16}")
"""The form of the whole name of an unfinished file."""

_STALE = 86_400.0
"""Seconds after which an unfinished file counts as abandoned, in folders without locks."""

_HELD = "held"
"""The name of the locked file in an unfinished folder."""

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would convert line ends
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


def write_atomically(path: Path, content: bytes, *, private: bool = False, replace: bool = True) -> None:
    """Write `content` to `path`; an existing file remains until the new one is complete on disk, and for good
    without `replace`.

    Only the owner may read a new file; an existing one keeps its mode unless `private` is set. A link at
    `path` is replaced, not followed. Raises UserError when there is anything and no `replace`, the folder
    does not exist or cannot be written, the disk is full, or the written content is read back differently.
    """
    _remove_left_once(path.parent.absolute())
    handle, temporary = _beside(path)
    try:
        with os.fdopen(handle, "w+b") as file:
            file.write(content)
            file.flush()
            if not private:
                _take_mode(file.fileno(), path)
            os.fsync(file.fileno())
            if temporary.read_bytes() != content:  # a share or a failing disk can lose acknowledged data
                raise UserError(f"“{path.name}” could not be written: the disk returned different data.")
            if sys.platform != "win32":  # Windows cannot rename an open file
                put_in_place(temporary, path, replace=replace)
        if sys.platform == "win32":
            put_in_place(temporary, path, replace=replace)
    except OSError as error:
        raise UserError(f"“{path.name}” could not be written: {_reason(error)}.") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def put_in_place(finished: Path, path: Path, *, replace: bool) -> None:
    """Give a finished file in the same folder system its name `path`; what has it is replaced, or without
    `replace` kept, also when it came a moment before. Raises UserError then, OSError."""
    if replace:
        finished.replace(path)
        return
    try:
        _put_beside_nothing(finished, path)
    except FileExistsError:
        raise UserError(f"“{path.name}” exists already, so it was not replaced.") from None


def _put_beside_nothing(finished: Path, path: Path) -> None:
    """Raises FileExistsError when there is anything, OSError."""
    if sys.platform == "win32":  # where renaming replaces nothing
        finished.rename(path)
        return
    try:
        os.link(finished, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a folder system without hard links: the name is taken first, empty
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            finished.replace(path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
    else:
        finished.unlink()


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, where they are missing. Raises UserError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder “{folder.name}” cannot be made.") from error


def check_writable(path: Path) -> None:
    """Check that `write_atomically` can write there, before long work. Raises UserError."""
    if path.is_dir():
        raise UserError(f"“{path.name}” is a folder; give the name of a file.")
    _remove_left_once(path.parent.absolute())
    handle, temporary = _beside(path)
    os.close(handle)
    temporary.unlink()


@contextlib.contextmanager
def unfinished_folder(beside: Path) -> Iterator[Path]:
    """A temporary folder next to `beside` in a context that removes it, for files that are written in parts.

    Raises UserError when the folder cannot be written.
    """
    place = beside.with_name(f"{UNFINISHED}{os.urandom(8).hex()}")
    try:
        place.mkdir(mode=0o700)
        handle = os.open(place / _HELD, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        folder = beside.parent.name or str(beside.parent)
        raise UserError(f"The folder “{folder}” cannot be written: {_reason(error)}.") from error
    try:
        _locked(handle, stale=True)
        yield place
    finally:
        os.close(handle)
        shutil.rmtree(place, ignore_errors=True)


def has_unfinished(folder: Path) -> bool:
    """Whether `folder` contains unfinished files or folders. Raises OSError."""
    with os.scandir(folder) as entries:
        return any(UNFINISHED_NAME.fullmatch(entry.name) for entry in entries)


def remove_unfinished(folder: Path) -> None:
    """Remove the unfinished files of killed programs from `folder`.

    Only files with exactly this program's form of name, of this account, that no running program has locked.
    Links and files with a second hard link are kept. Raises nothing: what cannot be removed stays.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if UNFINISHED_NAME.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    _remove_when_left(Path(entry.path))


@lru_cache(maxsize=256)
def _remove_left_once(folder: Path) -> None:
    """Remove abandoned files, once per run of the program, which removes its own unfinished files itself."""
    remove_unfinished(folder)


def _remove_when_left(path: Path) -> None:
    status = path.lstat()
    if stat.S_ISDIR(status.st_mode):
        _remove_folder_when_left(path, status)
        return
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        return
    if sys.platform == "win32":
        if time.time() - status.st_mtime > _STALE:  # Windows cannot remove an open file
            path.unlink()
        return
    if status.st_uid != os.geteuid():
        return
    handle = os.open(path, os.O_RDWR | _NO_FOLLOW | os.O_NONBLOCK)
    try:
        if _locked(handle, stale=time.time() - status.st_mtime > _STALE):
            path.unlink()
    finally:
        os.close(handle)


def _remove_folder_when_left(path: Path, status: os.stat_result) -> None:
    stale = time.time() - status.st_mtime > _STALE
    if sys.platform == "win32":
        if stale:
            shutil.rmtree(path)
        return
    if status.st_uid != os.geteuid():
        return
    try:
        handle = os.open(path / _HELD, os.O_RDWR | _NO_FOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        if stale:
            shutil.rmtree(path)
        return
    try:
        if _locked(handle, stale=stale):
            shutil.rmtree(path)
    finally:
        os.close(handle)


def _beside(path: Path) -> tuple[int, Path]:
    """The handle of a new locked file next to `path`, and its path."""
    while True:
        temporary = path.with_name(f"{UNFINISHED}{os.urandom(8).hex()}")
        try:
            handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        except OSError as error:
            folder = path.parent.name or str(path.parent)
            raise UserError(f"The folder “{folder}” cannot be written: {_reason(error)}.") from error
        # Meanwhile another program may have taken it for abandoned and removed it.
        if sys.platform == "win32" or (_locked(handle, stale=True) and os.fstat(handle).st_nlink):
            return handle, temporary
        os.close(handle)


if sys.platform == "win32":

    def _locked(_handle: int, *, stale: bool) -> bool:
        return stale

else:
    import fcntl

    def _locked(handle: int, *, stale: bool) -> bool:
        """Whether the file could be locked; `stale` where locks are not supported."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in {errno.EWOULDBLOCK, errno.EAGAIN} and stale
        return True


def _take_mode(handle: int, path: Path) -> None:
    """Copy the mode of the file at `path` to the open file that replaces it."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(FileNotFoundError):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            os.fchmod(handle, stat.S_IMODE(status.st_mode) & 0o777)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
