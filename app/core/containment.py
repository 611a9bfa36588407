"""Access to files inside an untrusted folder without following links out of it.

The folder itself is chosen by the user and may be reached through links. Everything below it is opened step
by step: no symbolic link, junction or hard link is followed, neither for reading nor for writing nor for
removing. This program makes no hard links, so all are refused.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from app.core.atomic import write_atomically
from app.core.errors import UserError

_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)  # a named pipe is refused without blocking
_PRIVATE = getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_STEPWISE = bool(_NO_FOLLOW) and os.open in os.supports_dir_fd

_NAME_SURROGATE = 0x20000000
"""The bit in a Windows reparse tag that marks links to other places, in contrast to cloud files."""


class LeadsOutsideError(UserError):
    """An entry of a folder is a link, or not a regular file or folder."""


def check_inside(path: Path, within: Path, *, names: int = 1) -> None:
    """Check that neither `path` nor a folder between `within` and it is a link or a special file.

    A missing path is accepted; `names` is the allowed number of hard links. Raises LeadsOutsideError.
    """
    place = within
    for part in _parts(path, within):
        place = place / part
        try:
            status = place.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return
        if _is_link(status) or not _is_plain(status, names):
            raise _refusal(path, within)


def goes_through_link(path: Path, within: Path) -> bool:
    """Whether `path` or a folder between `within` and it is a symbolic link or a junction."""
    place = within
    for part in _parts(path, within):
        place = place / part
        try:
            if _is_link(place.lstat()):
                return True
        except (OSError, ValueError):  # missing, or an invalid name
            return False
    return False


def open_inside(path: Path, within: Path, flags: int) -> int:
    """The descriptor of the regular file at `path`, opened without following links below `within`.

    Raises LeadsOutsideError for a link, a second hard link or a special file, OSError as `os.open` does.
    """
    if not _STEPWISE:
        check_inside(path, within)
        handle = os.open(path, flags | _BINARY, 0o600)
    else:
        with _folder_of(path, within) as folder:
            try:
                handle = os.open(path.name, flags | _NO_FOLLOW | _AT_ONCE | _PRIVATE, 0o600, dir_fd=folder)
            except OSError as error:
                raise _told(error, path, within) from error
    if _is_only_here(os.fstat(handle)):
        return handle
    os.close(handle)
    raise _refusal(path, within)


def read_inside(path: Path, within: Path, *, largest: int) -> bytes:
    """The content of the file. Raises LeadsOutsideError, OSError, ValueError above `largest` bytes."""
    with os.fdopen(open_inside(path, within, os.O_RDONLY), "rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"{path.name} is larger than {largest} bytes")
    return content


def write_inside(path: Path, within: Path, content: bytes) -> None:
    """Write `content` to `path` atomically, readable by its owner only; a link there is replaced.

    Raises UserError.
    """
    check_inside(path.parent, within)
    write_atomically(path, content, private=True)


def make_folder_inside(path: Path, within: Path) -> None:
    """Make the folder and its missing parents below `within`, accessible by their owner only.

    Raises LeadsOutsideError, OSError.
    """
    place = within
    for part in _parts(path, within):
        place = place / part
        with contextlib.suppress(FileExistsError):
            place.mkdir(mode=0o700)
        check_inside(place, within)
    if not path.is_dir():
        raise _refusal(path, within)


def folders_inside(path: Path, within: Path, *, begins: str = "") -> tuple[Path, ...]:
    """The folders directly in `path` whose names start with `begins`, sorted, without links; () when it
    cannot be read."""
    found = _entries(path, within, begins)
    return tuple(path / name for name, status in found if stat.S_ISDIR(status.st_mode))


def files_inside(path: Path, within: Path, *, begins: str = "", most: int | None = None) -> tuple[Path, ...]:
    """The regular files directly in `path` whose names start with `begins`, sorted, without links or hard
    links.

    () when it cannot be read; at most the first `most` names are examined.
    """
    found = (path / name for name, status in _entries(path, within, begins) if _is_only_here(status))
    return tuple(islice(found, most))


def linked_files_inside(path: Path, within: Path) -> tuple[Path, ...]:
    """The files directly in `path` that `files_inside` omits because of a second hard link."""
    found = _entries(path, within)
    return tuple(
        path / name for name, status in found if stat.S_ISREG(status.st_mode) and not _is_only_here(status)
    )


def remove_left(path: Path, within: Path, form: re.Pattern[str], *, older_than: float | None = None) -> None:
    """Remove files and whole folders directly in `path` whose names match `form`.

    Links are neither followed nor removed. With `older_than` (seconds since 1970) only entries changed
    before. Raises nothing: what cannot be removed stays.
    """
    for name, status in tuple(_entries(path, within)):
        if not form.fullmatch(name) or (older_than is not None and status.st_mtime >= older_than):
            continue
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(status.st_mode):
                shutil.rmtree(path / name)  # which does not follow links either
            elif _is_only_here(status):
                (path / name).unlink()


def keep_to_owner(paths: Iterable[Path]) -> None:
    """Remove the access of others to these files, and the read access of a group without write access.

    Files that a group may write are shared on purpose. Files of other accounts are unchanged.
    """
    if os.name == "nt":
        return
    for path in paths:
        with contextlib.suppress(OSError):
            status = path.lstat()
            mode = stat.S_IMODE(status.st_mode)
            wanted = mode & ~0o007 if mode & 0o020 else mode & ~0o077
            if mode != wanted and _is_only_here(status) and status.st_uid == os.geteuid():
                path.chmod(wanted)


def _parts(path: Path, within: Path) -> tuple[str, ...]:
    """The path components from `within` to `path`. Raises ValueError when `path` is not below it."""
    parts = path.relative_to(within).parts
    if ".." in parts:
        raise ValueError("a path inside a folder never goes up")
    return parts


@contextlib.contextmanager
def _folder_of(path: Path, within: Path) -> Iterator[int]:
    """The descriptor of the folder that contains `path`, in a context."""
    *folders, _name = _parts(path, within)
    handle = os.open(within, os.O_RDONLY | _DIRECTORY | _PRIVATE)
    try:
        for name in folders:
            try:
                inner = os.open(name, os.O_RDONLY | _DIRECTORY | _NO_FOLLOW | _PRIVATE, dir_fd=handle)
            except OSError as error:
                raise _told(error, path, within) from error
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _told(error: OSError, path: Path, within: Path) -> Exception:
    """A LeadsOutsideError when a link on the path caused the error, else the error itself."""
    try:
        check_inside(path, within)
    except LeadsOutsideError as refusal:
        return refusal
    return error


def _entries(path: Path, within: Path, begins: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """The names in a folder that start with `begins`, with their status, without links."""
    try:
        check_inside(path, within)
        names = sorted(name for name in os.listdir(path) if name.startswith(begins))  # noqa: PTH208 - the entries are examined without following links
    except (OSError, LeadsOutsideError):
        return
    for name in names:
        try:
            status = (path / name).lstat()
        except OSError:
            continue  # it went away meanwhile
        if not _is_link(status):
            yield name, status


def _is_link(status: os.stat_result) -> bool:
    if stat.S_ISLNK(status.st_mode):
        return True
    return bool(getattr(status, "st_reparse_tag", 0) & _NAME_SURROGATE)


def _is_plain(status: os.stat_result, names: int) -> bool:
    return stat.S_ISDIR(status.st_mode) or _is_only_here(status, names)


def _is_only_here(status: os.stat_result, names: int = 1) -> bool:
    """Whether it is a file with at most `names` hard links."""
    return stat.S_ISREG(status.st_mode) and status.st_nlink <= names and not _is_link(status)


def _refusal(path: Path, within: Path) -> LeadsOutsideError:
    name = path.relative_to(within).as_posix()
    if _has_more_names(path):
        return LeadsOutsideError(
            f"In the folder “{within.name}”, {name} is a link of the kind that some backup programs "
            "make (a hard link), so it is not used: copy the whole folder, and open the copy."
        )
    return LeadsOutsideError(
        f"In the folder “{within.name}”, {name} is a link or not a regular file, so it is not used."
    )


def _has_more_names(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_nlink > 1
