"""Monitoring of the file of an open recording: changed, vanished, back again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_EVERY = 2.0


class FileState(StrEnum):
    """The state of a file since it was opened."""

    SAME = "same"
    CHANGED = "changed"
    SHORTER = "shorter"
    VANISHED = "vanished"


_TEXTS = {
    FileState.SAME: "“{}” is there again.",
    FileState.CHANGED: "“{}” has changed since it was opened; open it again. Your answers are kept.",
    FileState.SHORTER: "“{}” has become shorter since it was opened; open it again. Your answers are kept.",
    FileState.VANISHED: "“{}” is gone: it was moved or its drive disconnected. Your answers are kept.",
}


@dataclass(frozen=True, slots=True)
class FileNews:
    """A new state of the file with a sentence for people."""

    state: FileState
    text: str


Signature = tuple[int, int, int]


def signature(path: Path) -> Signature:
    """Size, modification time and inode of a file, which identify it. Raises OSError."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def file_state(path: Path, opened: Signature) -> FileState:
    """The state of the file whose signature was `opened`; may block on a slow drive."""
    try:
        now = signature(path)
    except (OSError, ValueError):
        return FileState.VANISHED
    # A reconnected drive may renumber its files.
    if now[:2] == opened[:2]:
        return FileState.SAME
    return FileState.SHORTER if now[0] < opened[0] else FileState.CHANGED


class FileWatch:
    """A monitor that checks a file every `every` seconds in a background thread, so that a dead drive blocks
    nothing else. `tell` is called in that thread, once for each new state."""

    def __init__(self, path: Path, tell: Callable[[FileNews], None], *, every: float = _EVERY) -> None:
        self._path = path
        self._tell = tell
        self._every = every
        self._ended = threading.Event()
        threading.Thread(target=self._work, name="file watch", daemon=True).start()

    def close(self) -> None:
        """Stop without waiting; `tell` is not called afterwards."""
        self._ended.set()

    def _work(self) -> None:
        opened = self._first_signature()
        state = FileState.SAME
        while True:
            now = FileState.VANISHED if opened is None else file_state(self._path, opened)
            if now is not state and not self._ended.is_set():
                state = now
                self._tell(FileNews(state, _TEXTS[state].format(self._path.name)))
            if self._ended.wait(self._every):
                return
            opened = opened or self._first_signature()

    def _first_signature(self) -> Signature | None:
        """The signature of the file; None where it went between being opened and being watched."""
        try:
            return signature(self._path)
        except (OSError, ValueError):
            return None
