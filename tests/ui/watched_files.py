"""Whether a file is opened, and a player that checks its file often, and when it has begun to."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.recording import file_watch
from app.core.recording.file_watch import FileWatch, Signature, signature
from app.ui.player import player as player_module

IN_OPEN = 0x20


def opens(path: Path, work: Callable[[], object]) -> int:
    """How many bytes inotify tells of `path` being opened while `work` is done, by whatever library."""
    library = ctypes.CDLL(None, use_errno=True)
    watch = library.inotify_init1(os.O_NONBLOCK)
    try:
        assert library.inotify_add_watch(watch, os.fsencode(path), IN_OPEN) >= 0
        work()
        try:
            return len(os.read(watch, 65_536))
        except BlockingIOError:
            return 0
    finally:
        os.close(watch)


def watch_often(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Files are checked every 20 ms; the event is set once the first state of one is known."""
    begun = threading.Event()

    def known(path: Path) -> Signature:
        found = signature(path)
        begun.set()
        return found

    monkeypatch.setattr(file_watch, "signature", known)
    monkeypatch.setattr(player_module, "FileWatch", lambda path, tell: FileWatch(path, tell, every=0.02))
    return begun
