"""A player that checks its file often, and when it has begun to."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.core.recording import file_watch
from app.core.recording.file_watch import FileWatch, Signature, signature
from app.ui.player import player as player_module


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
