"""Positioned reads of an open file.

A memory map is not used: when the mapped file becomes shorter or its drive disconnects, access to a lost page
ends the whole process (SIGBUS). A positioned read returns fewer bytes instead, which is reported to the user,
and costs no more for whole records.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.core.closing import Closing
from app.core.errors import UserError

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    # Opening a named pipe without a writer would block for ever.
    | getattr(os, "O_NONBLOCK", 0)
)


class FileBytes(Closing):
    """A file that had `size` bytes when it was opened; several threads may read at once.

    `name` is what messages call it, otherwise the file's. `scattered` asks the system not to read ahead, for
    small reads far apart.
    """

    def __init__(self, path: Path, *, name: str = "", scattered: bool = False) -> None:
        """Open the file. Raises UserError when it does not exist or cannot be read."""
        self.path = path
        self.name = name or path.name or str(path)
        self._lock = threading.Lock()
        self._position = threading.Lock()
        self._readers = 0
        self._closed = False
        try:
            self._handle = os.open(path, _FLAGS)
        except (OSError, ValueError) as error:
            raise UserError(_why_not_opened(path, self.name, error)) from error
        try:
            self._opened = os.fstat(self._handle)
            self._check_kind()
            if scattered and hasattr(os, "posix_fadvise"):
                os.posix_fadvise(self._handle, 0, 0, os.POSIX_FADV_RANDOM)
        except BaseException:
            self.close()
            raise
        self.size = self._opened.st_size

    def close(self) -> None:
        """Close the file once no thread reads from it; may be called twice.

        Not immediately: the system could give the handle's number to another file, which a thread would then
        read.
        """
        with self._lock:
            if not self._closed:
                self._closed = True
                self._close_unless_read()

    def read(self, offset: int, count: int) -> bytes:
        """Exactly `count` bytes from byte `offset` on.

        Raises UserError when they no longer exist or the drive does not answer, ValueError after `close`.
        """
        whole = self._read_some(offset, count)
        if len(whole) == count:
            return whole
        parts, missing = [whole], count - len(whole)
        while missing:
            part = self._read_some(offset + count - missing, missing)
            if not part:
                raise UserError(
                    f"“{self.name}” has become shorter since it was opened; open it again to see the rest."
                )
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def read_each(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        """The bytes at several places, each an offset and a count, as `read` gives them. The handle is held
        once for all of them, which halves the time of a day's small reads."""
        if not hasattr(os, "pread"):
            return [self.read(offset, count) for offset, count in places]
        with self._reading():
            found = [os.pread(self._handle, count, offset) for offset, count in places]
        return [
            part if len(part) == count else self.read(offset, count)
            for part, (offset, count) in zip(found, places, strict=True)
        ]

    def reopened(self) -> FileBytes:
        """A second handle of the same file for scattered reads.

        Raises UserError when another file, or a shorter one, has taken its place.
        """
        other = FileBytes(self.path, name=self.name, scattered=True)
        if other.size < self.size or not os.path.samestat(other._opened, self._opened):
            other.close()
            raise UserError(f"“{self.name}” has changed since it was opened; open it again.")
        return other

    def change_message(self) -> str | None:
        """A sentence about a change of the file since it was opened; None without a change.

        May block on a slow drive.
        """
        try:
            now = self.path.stat()
        except (OSError, ValueError):
            return f"“{self.name}” is gone: it was moved or its drive disconnected."
        if now.st_size > self.size:
            return f"“{self.name}” is growing: it is still being recorded or copied; open it again."
        if now.st_size < self.size:
            return f"“{self.name}” has become shorter since it was opened; open it again to see the rest."
        if now.st_mtime_ns != self._opened.st_mtime_ns:
            return f"“{self.name}” has changed since it was opened; open it again."
        return None

    def _check_kind(self) -> None:
        if stat.S_ISDIR(self._opened.st_mode):
            raise UserError(_folder_message(self.name))
        if not stat.S_ISREG(self._opened.st_mode):
            raise UserError(f"“{self.name}” is not a file.")

    def _read_some(self, offset: int, count: int) -> bytes:
        with self._reading():
            if hasattr(os, "pread"):
                return os.pread(self._handle, count, offset)
            with self._position:  # Windows: the handle has one position for all threads
                os.lseek(self._handle, offset, os.SEEK_SET)
                return os.read(self._handle, count)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Keep the handle open meanwhile. Raises ValueError after `close`, UserError for a failed read."""
        with self._lock:
            if self._closed:
                raise ValueError("the file was closed")
            self._readers += 1
        try:
            yield
        except OSError as error:
            raise UserError(
                f"“{self.name}” can no longer be read: its drive may have been disconnected."
            ) from error
        finally:
            with self._lock:
                self._readers -= 1
                self._close_unless_read()

    def _close_unless_read(self) -> None:
        if self._closed and not self._readers:
            os.close(self._handle)


def _folder_message(name: str) -> str:
    return f"“{name}” is a folder; choose the EDF or BDF file inside it."


def _why_not_opened(path: Path, name: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"“{name}” was not found; it may have been moved or its drive disconnected."
    if isinstance(error, PermissionError) and not _is_folder(path):
        return f"“{name}” cannot be read: your account has no permission to read it."
    return _folder_message(name) if _is_folder(path) else f"“{name}” cannot be read."


def _is_folder(path: Path) -> bool:
    """Whether the path is a folder, which Windows reports as a missing permission."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
