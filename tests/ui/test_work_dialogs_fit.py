"""Dialogs about queued work and clips show what matters whole, with long names and long reasons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.batch.overnight_of_study import OvernightState, ShownJob
from app.core.batch.queue_orders import AnalysisOrder, AnalysisOrders, OrderState
from app.core.batch.work_queue import QueueView
from app.core.deidentify.prepared_clips import PreparedClip
from app.core.privacy.overnight_jobs import OvernightJob
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.model_work import destination_of
from app.core.semiology import Span
from app.ui.dialogs.check_clip import ClipCheckDialog
from app.ui.dialogs.overnight_jobs import OvernightJobsDialog
from app.ui.dialogs.queue import QueueDialog
from app.ui.memory import Memory
from app.ui.session.session import Session

LONG = "Nothing was asked: sending to this destination is not allowed, which is said in a long sentence here."
NAME = "a-recording-of-the-corridor-camera-2026-11-30.mp4"


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session()
    yield session
    session.close()


def test_a_long_reason_leaves_the_recordings_name_its_room(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    overnight = session.models.overnight
    monkeypatch.setattr(overnight, "look", lambda: None)
    place = destination_of(ModelChoice(provider="gemini", model="gemini-tiny"))
    asked, then = ("a" * 64,), "2026-11-30T21:05:00+00:00"
    job = OvernightJob("overnight-0000000000000001", place, "/d", "r", "u", asked, then)
    overnight.jobs = (ShownJob(job, OvernightState.WAITING, LONG, NAME),)
    dialog = OvernightJobsDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.table.columnWidth(0) >= 200
    assert dialog.table.horizontalHeader().length() <= dialog.table.viewport().width()
    item = dialog.table.item(0, 4)
    assert item is not None
    assert LONG in item.toolTip()


def test_the_queue_says_each_state_in_words(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = (OrderState.DONE, OrderState.RUNNING, OrderState.FAILED, OrderState.WAITING)
    rows = (
        AnalysisOrder(tmp_path, n, NAME if n else "", "f", 9.0, state=state, reason=LONG, id=n)
        for n, state in enumerate(states)
    )
    queue = session.analysis.queue
    monkeypatch.setattr(queue, "begin", lambda: None)
    queue._view = QueueView(AnalysisOrders(tuple(rows)), {1: 0.37})
    dialog = QueueDialog(session, Memory(), 4)
    qtbot.addWidget(dialog)
    dialog.show()

    def column(number: int) -> list[str]:
        items = (dialog.table.item(row, number) for row in range(4))
        return [item.text() for item in items if item is not None]

    assert column(3) == ["analysed and kept", "being analysed, 37%", f"failed: {LONG}", "waiting, number 1"]
    assert column(0) == ["recording 0", NAME, NAME, NAME]
    assert dialog.table.horizontalHeader().length() <= dialog.table.viewport().width()


def test_the_sheet_of_a_clip_is_seen_as_a_whole_where_the_screen_has_room(
    qtbot: QtBot, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.png"
    picture = QImage(1920, 912, QImage.Format.Format_RGB32)
    picture.fill(0)
    picture.save(str(sheet))
    clip = PreparedClip(Span(0, 1), sheet, sheet, tmp_path / "clip.mp4", 90, 0, 0.08, 90, 0, 1)
    dialog = ClipCheckDialog(SimpleNamespace(clips=(clip,)))  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    room = dialog.screen().availableSize()
    assert dialog.area.verticalScrollBar().maximum() <= 4
    assert dialog.height() <= room.height()
    assert dialog.width() <= room.width()
    assert "in the place that you named" in dialog.found.text()
    assert "not a face of the recording" in dialog.legend.text()
