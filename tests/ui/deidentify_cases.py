"""The dialog of de-identified clips on a recording, with stand-ins for poses and for the work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.deidentify import prepared_clips
from app.ui.dialogs.deidentify import DeidentifyDialog
from app.ui.memory import Memory
from app.ui.session.session import Session
from tests.core.deidentified_cases import make_clips
from tests.ui.made_poses import a_pose_track
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.setattr(prepared_clips, "pose_track", lambda *_a, **_k: a_pose_track(1.0))
    monkeypatch.setattr(prepared_clips, "run_process", make_clips)
    with opened(qtbot, recording_path) as session:
        yield session


@pytest.fixture
def memory(session: Session) -> Iterator[Memory]:
    """Closed before it is destroyed, because its timer can only be stopped in its own thread."""
    made = Memory()
    yield made
    made.close()


def dialog_of(qtbot: QtBot, session: Session, memory: Memory) -> DeidentifyDialog:
    dialog = DeidentifyDialog(session, memory)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog
