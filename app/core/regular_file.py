"""Opens what should be a regular file; a named pipe, a device or a socket is refused without a wait."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    # Opening a named pipe without a writer would block for ever, and no signal would end that.
    | getattr(os, "O_NONBLOCK", 0)
)


def open_regular(path: Path) -> BinaryIO:
    """The file at `path`, opened for reading. Raises OSError for anything that is not a regular file."""
    handle = os.open(path, _FLAGS)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_at_most(path: Path, largest: int) -> bytes:
    """The first `largest` bytes of the regular file at `path`. Raises OSError."""
    with open_regular(path) as file:
        return file.read(largest)
