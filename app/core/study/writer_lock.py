"""One window at a time may change a study; the system lets go of the lock when the window is killed."""

from __future__ import annotations

import errno
import logging
import os
import sys
from pathlib import Path

from app.core.containment import open_inside
from app.core.errors import UserError

log = logging.getLogger(__name__)

FILE_NAME = "writer.lock"

_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}


class WriterLock:
    """The lock of one study folder, held from `acquire` until `release` or the end of the process."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def acquire(cls, folder: Path, within: Path | None = None) -> WriterLock | None:
        """The lock, or None when another window holds it.

        Nothing below `within`, else below `folder`, may be a link. Raises LeadsOutsideError for one, OSError
        when the file cannot be made.
        """
        handle = open_inside(folder / FILE_NAME, within or folder, os.O_RDWR | os.O_CREAT)
        try:
            _lock(handle)
        except OSError as error:
            if error.errno in _HELD:
                os.close(handle)
                return None
            # Some shares know no locks. SQLite's own transactions still keep two writers apart.
            log.warning("The study's folder does not support locks (%s)", error)
        return cls(handle)

    @classmethod
    def is_free(cls, folder: Path) -> bool:
        """Whether no window holds the lock of the study in `folder`; False where that cannot be found."""
        try:
            lock = cls.acquire(folder)
        except (OSError, UserError):
            return False
        if lock is not None:
            lock.release()
        return lock is not None

    def release(self) -> None:
        """Let go; harmless when done twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        # flock belongs to the open file, so that two stores in one process exclude each other too.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
