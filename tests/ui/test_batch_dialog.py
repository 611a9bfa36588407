"""Several recordings analysed from the window: ticked, put into the queue, read once, kept in the study."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel
from pytestqt.qtbot import QtBot

from app.core.batch.unit import Unit, UnitReading
from app.core.jobs import CancelToken, Report
from app.core.reading import Reading
from app.ui.dialogs.batch import BatchDialog
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.worklist import WorklistView
from tests.core.batch_cases import CountingReading
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, opened, quick, stored

__all__ = ["quick"]


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> CountingReading:
    reading = CountingReading()

    def read(_self: UnitReading, unit: Unit, report: Report, cancel: CancelToken) -> Reading:
        return reading(unit, report, cancel)

    monkeypatch.setattr(UnitReading, "__call__", read)
    return reading


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], counting: CountingReading, tmp_path: Path
) -> Iterator[Session]:
    first = write_recording(tmp_path / "a.mp4", frames=12)
    second = write_recording(tmp_path / "b.mp4", frames=13)
    with opened(qtbot, first) as session:
        with qtbot.waitSignal(session.worklist._adding.ended):
            session.worklist.add_recordings((second,))
        access = session.study.access()
        assert access is not None
        with access.open() as study:
            study.recording_without_video("labels.mp4")
        yield session


def shown(qtbot: QtBot, session: Session, ticked: frozenset[int] = frozenset()) -> BatchDialog:
    dialog = BatchDialog(session, Memory(), ticked)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.list.count() == 3 and not dialog.work.running)
    return dialog


def settled(session: Session) -> bool:
    view = session.analysis.queue.view
    return view is not None and bool(view.orders.rows) and not view.orders.left


def test_ticked_recordings_are_read_once_and_kept(
    qtbot: QtBot, session: Session, counting: CountingReading
) -> None:
    dialog = shown(qtbot, session, frozenset({2}))
    assert dialog.ticked == {2}
    with qtbot.waitSignal(session.requests.queue):
        dialog.choose()
    qtbot.waitUntil(lambda: settled(session))
    with stored(session) as study:
        assert [one.answer("tonic").explanation for one in study.readings(2, viewer=None)] == ["b.mp4"]
    dialog = shown(qtbot, session)
    assert dialog.ticked == {1, 2}, "a recording by its labels alone cannot be ticked"
    dialog.choose()
    view = session.analysis.queue.view
    qtbot.waitUntil(lambda: counting.asked["a.mp4"] == 1 and settled(session))
    assert view is not None
    assert counting.asked == {"a.mp4": 1, "b.mp4": 1}
    dialog = shown(qtbot, session)
    dialog.recordings.tick_none()
    dialog.choose()
    assert "Tick the recordings" in dialog.outcome.text()


def test_the_worklist_offers_what_is_selected(qtbot: QtBot, session: Session) -> None:
    view = WorklistView(session)
    qtbot.addWidget(view)
    view.show()
    view.read()
    qtbot.waitUntil(lambda: len(view.model.rows) == 3)
    model, rows = view.table.model(), QItemSelectionModel.SelectionFlag.Rows
    for row in (0, 1):
        selection = view.table.selectionModel()
        selection.select(model.index(row, 0), rows | QItemSelectionModel.SelectionFlag.Select)
    assert view.selected() == {1, 2}
    asked: list[frozenset[int]] = []
    session.requests.batch.connect(asked.append)
    session.requests.batch.emit(view.selected())
    assert asked == [frozenset({1, 2})]


def test_the_keyboard_begins_at_the_recordings(qtbot: QtBot, session: Session) -> None:
    dialog = shown(qtbot, session)
    assert dialog.focusWidget() is dialog.list
