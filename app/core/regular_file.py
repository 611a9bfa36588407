"""Opens what should be a regular file; a named pipe, a device or a socket is refused without a wait."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)
"""Opening a named pipe without a writer would block for ever, and no signal would end that."""


class TooLargeError(OSError):
    """The file has more bytes than are read."""


class NotRegularError(OSError):
    """It is a named pipe, a device or a socket."""


def open_regular(path: Path) -> BinaryIO:
    """The file at `path`, opened for reading. Raises OSError for anything that is not a regular file."""
    _check(path.stat(), path)
    try:
        handle = os.open(path, _FLAGS | _WITHOUT_WAITING)
    except BlockingIOError:
        # A file server has lent the file out, as Samba does; it gets it back within seconds.
        _check(path.stat(), path)
        handle = os.open(path, _FLAGS)
    try:
        _check(os.fstat(handle), path)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _check(found: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise NotRegularError(errno.EINVAL, "not a file", str(path))


def read_at_most(path: Path, largest: int) -> bytes:
    """The regular file at `path`. Raises OSError, TooLargeError when it has more than `largest` bytes."""
    with open_regular(path) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise TooLargeError(errno.EFBIG, f"larger than {largest:,} bytes", str(path))
    return content
