"""Watching the file of an open recording: whether it changes, goes away and comes back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

logger = logging.getLogger(__name__)

_EVERY = 2.0


class FileState(StrEnum):
    """What has become of a file since it was opened."""

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
    """The new state of the file and a sentence about it."""

    state: FileState
    text: str


Signature = tuple[int, int, int]


def signature(path: Path) -> Signature:
    """Size, time of change and place of the file, which tell it from any other. Raises OSError."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def file_state(path: Path, opened: Signature) -> FileState:
    """What has become of the file whose signature was `opened`; may wait for a slow drive."""
    try:
        now = signature(path)
    except (OSError, ValueError):
        return FileState.VANISHED
    # A drive that was connected again may number its files anew.
    if now[:2] == opened[:2]:
        return FileState.SAME
    return FileState.SHORTER if now[0] < opened[0] else FileState.CHANGED


class FileWatch:
    """Looks at a file every `every` seconds from a thread of its own, which a dead drive may hold up without
    holding up anything else. `tell` is called in that thread, once for each new state."""

    def __init__(self, path: Path, tell: Callable[[FileNews], None], *, every: float = _EVERY) -> None:
        self._path = path
        self._tell = tell
        self._every = every
        self._ended = threading.Event()
        threading.Thread(target=self._work, name="file watch", daemon=True).start()

    def close(self) -> None:
        """Tell nothing any more; does not wait."""
        self._ended.set()

    def _work(self) -> None:
        try:
            opened = signature(self._path)
        except (OSError, ValueError):
            logger.info("The file went before it could be watched")
            return
        state = FileState.SAME
        while not self._ended.wait(self._every):
            now = file_state(self._path, opened)
            if now is not state and not self._ended.is_set():
                state = now
                self._tell(FileNews(state, _TEXTS[state].format(self._path.name)))
