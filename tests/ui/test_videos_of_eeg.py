"""The dialog that lists the videos of a day of EEG, and opens one for its EEG to be attached."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.eeg.sync import Sync
from app.ui.dialogs.attach_eeg import AttachEegDialog
from app.ui.dialogs.videos_of_eeg import VideosOfEegDialog
from app.ui.session.session import Session
from app.ui.window import Window
from tests.media import write_recording
from tests.ui.eeg_cases import wait_read, write_eeg
from tests.ui.session_cases import at_rest, is_open, quick, saved
from tests.ui.stand_in_player import StandInPlayer

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["quick"]


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    one = Window(Session(make_player=StandInPlayer))  # type: ignore[arg-type]
    qtbot.addWidget(one)
    one.show()
    yield one
    one.close()


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """Two minutes of EEG with two videos, and one of no known time."""
    started = datetime(2026, 3, 2, 10, 0, 0)  # noqa: DTZ001 - EDF has local times
    path = write_eeg(tmp_path / "day" / "day.edf", seconds=120, started=started, notes=())
    for name in ("ward_20260302_100010", "ward_20260302_100100", "nameless"):
        write_recording(path.with_name(f"{name}.mp4"), frames=50)
    return path


def _cells(dialog: VideosOfEegDialog) -> list[tuple[str, ...]]:
    table = dialog.table
    items = [[table.item(row, column) for column in range(3)] for row in range(table.rowCount())]
    return [tuple("" if item is None else item.text() for item in row) for row in items]


def test_videos_and_gaps_are_listed_and_one_is_opened_with_its_eeg(
    qtbot: QtBot, window: Window, day: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getOpenFileName", lambda *_args: (str(day), ""))
    window.actions_["eeg_videos"].trigger()
    (dialog,) = window.findChildren(VideosOfEegDialog)
    qtbot.waitUntil(lambda: dialog.table.rowCount() > 0)
    assert _cells(dialog) == [
        ("0:00.0", "0:10.0", "no video"),
        ("0:10.0", "0:02.0", "ward_20260302_100010.mp4"),
        ("0:12.0", "0:48.0", "no video"),
        ("1:00.0", "0:02.0", "ward_20260302_100100.mp4"),
        ("1:02.0", "0:58.0", "no video"),
        ("", "", "nameless.mp4"),
    ]
    assert "2 videos, 3 gaps without a picture, 1 that cannot be placed" in dialog.about.text()
    dialog.table.selectRow(0)
    assert not dialog.open_button.isEnabled()
    dialog.table.selectRow(3)
    video = day.with_name("ward_20260302_100100.mp4")
    assert dialog.chosen == video
    dialog.open_button.click()
    qtbot.waitUntil(lambda: is_open(window.session, video))
    (asked,) = window.findChildren(AttachEegDialog)
    qtbot.waitUntil(lambda: asked.examined is not None and asked.examined.complete)
    at_rest(qtbot, window.session)
    assert asked.sync == Sync(-60.0)
    asked.accept()
    qtbot.waitUntil(lambda: bool(window.session.attached_eeg.files))
    wait_read(qtbot, window.session, window.session.attached_eeg.files[0])
    saved(qtbot, window.session)


def test_what_is_no_eeg_is_said(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    (tmp_path / "odd.edf").write_bytes(b"no EEG")
    dialog = VideosOfEegDialog(window.session, tmp_path / "odd.edf")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "odd.edf" in dialog.problem.text())
    assert dialog.table.rowCount() == 0
