"""The worklist: listed, filtered, sorted, stepped through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.semiology import FEATURES, Presence
from app.ui.session.session import Session
from app.ui.views.worklist import WorklistView
from app.ui.views.worklist_model import short_names
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.found_widgets import choose, displayed, docked, rows_of
from tests.ui.session_cases import (
    QuickReader,
    add_recordings,
    at_rest,
    opened,
    opened_name,
    quick,
    recording_path,
    saved,
)

__all__ = ["quick", "recording_path"]

pytestmark = pytest.mark.usefixtures("statistics_are_loaded")


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        yield session


def test_the_worklist_lists_filters_and_opens(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    view = displayed(qtbot, WorklistView(session))
    several: list[bool] = []
    view.several.connect(several.append)
    other = write_recording(tmp_path / "second.mp4", frames=25, sound=tone(1.0))
    session.answers.answer("clonic", Presence.NO)
    session.worklist.add_recordings((other, tmp_path / "missing.mp4"))
    qtbot.waitUntil(lambda: view.model.rowCount() == 2)
    qtbot.waitUntil(lambda: "missing" in session.status.message)
    session.worklist.go_to(next(item.recording_id for item in view.model.rows if item.name == "second.mp4"))
    qtbot.waitUntil(lambda: opened_name(session) == "second.mp4")
    at_rest(qtbot, session)
    qtbot.waitUntil(lambda: view.model.rowCount() == 2)
    assert several[-1] is True
    table = view.table.model()
    assert {table.index(row, 0).data() for row in range(2)} == {"seizure", "▸ second"}
    view.text.setText("seiz")
    assert table.rowCount() == 1
    assert table.index(0, 1).data() == "1 of 20"
    choose(view.status, "locked")
    assert table.rowCount() == 0
    choose(view.status, "any status")
    view.table.doubleClicked.emit(table.index(0, 0))
    qtbot.waitUntil(lambda: opened_name(session) == "seizure.mp4")
    at_rest(qtbot, session)
    view.text.clear()
    table.sort(0, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: table.rowCount() == 2)
    assert "seizure" in table.index(0, 0).data()


def test_a_recording_that_is_there_already_is_said(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    other = write_recording(tmp_path / "second.mp4", frames=25, sound=tone(1.0))
    add_recordings(qtbot, session, other)
    assert session.status.line == "the study has 2 recordings"
    add_recordings(qtbot, session, other)
    assert session.status.line == "second.mp4 is in this study already; the study has 2 recordings"


def test_a_file_that_was_refused_is_not_being_added_any_more(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no recording")
    session.worklist.add_recordings((text,))
    qtbot.waitUntil(lambda: "text.mp4" in session.status.message)
    at_rest(qtbot, session)
    assert session.status.line == ""


def test_what_all_names_begin_with_does_not_hide_where_they_differ() -> None:
    names = ["Ward3_P01_2026_A.mp4", "Ward3_P02_2026_A.mp4", "Ward3_P02_2026_B.mkv"]
    assert [*short_names(names).values()] == ["…P01_2026_A", "…P02_2026_A", "…P02_2026_B"]
    assert short_names(names[:1]) == {names[0]: "Ward3_P01_2026_A"}, "alone it differs from none"
    assert [*short_names(["seizure 1.mp4", "second.mp4"]).values()] == ["seizure 1", "second"]
    assert [*short_names(["a_1.mp4", "a_2.mp4"]).values()] == ["a_1", "a_2"], "short enough"


@pytest.mark.parametrize(
    "names",
    [
        ["Seizure 1.mp4", "Seizure 1.avi"],
        ["Mueller .mp4", "Mueller .avi"],
        ["Mueller .mp4", "Mueller 2026.mp4"],
        ["Seizure 1.mp4", "Seizure 2.mp4"],
    ],
)
def test_a_name_is_not_cut_to_almost_nothing(names: list[str]) -> None:
    for name, short in short_names(names).items():
        assert name.startswith(short)
    same = short_names(["Ward3_night.mp4", "Ward3_night.avi"])
    assert [*same.values()] == ["…night.mp4", "…night.avi"]


def test_the_next_gap_is_found_in_the_whole_study(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    session.readers.read_blind(False)
    for feature in FEATURES:
        session.answers.answer(feature.id, Presence.YES if feature.id == "clonic" else Presence.NO)
    other = write_recording(tmp_path / "second.mp4", frames=25, sound=tone(1.0))
    add_recordings(qtbot, session, other)
    session.worklist.to_unanswered()
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)
    assert session.selection.feature == FEATURES[0].id
    for feature in FEATURES:
        session.answers.answer(feature.id, Presence.YES if feature.id in ("clonic", "tonic") else Presence.NO)
    session.worklist.to_unanswered()
    qtbot.waitUntil(lambda: "all features of all recordings" in session.status.line)
    session.worklist.go_to(1)
    qtbot.waitUntil(lambda: session.study.recording_number == 1)
    at_rest(qtbot, session)
    session.worklist.to_disagreement()
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    assert session.selection.feature == "tonic"
    at_rest(qtbot, session)


def test_filters_are_kept_chosen_deleted_and_undone(
    qtbot: QtBot, session: Session, recording_path: Path
) -> None:
    view = displayed(qtbot, WorklistView(session))
    session.answers.answer("clonic", Presence.NO)
    qtbot.waitUntil(lambda: view.model.rowCount() == 1 and view.model.rows[0].answered == 1)
    view.text.setText("seiz")
    choose(view.status, "started")
    view.fill_menu()
    rows_of(rows_of(view.menu)["Read by"])["signal"].trigger()
    assert view.asks.text() == "read by signal · 1 of 1"
    view.save("  mine  to do ")
    assert view.asks.text() == "mine to do · 1 of 1"
    saved(qtbot, session)
    assert session.status.line == "filter “mine to do” is saved in this study"
    view.fill_menu()
    rows_of(view.menu)["Show everything"].trigger()
    assert (view.text.text(), view.status.currentText(), view.asks.text()) == ("", "any status", "")
    rows_of(rows_of(view.menu)["Status"])["done"].trigger()
    rows_of(rows_of(view.menu)["Status"])["locked"].trigger()
    assert view.status.currentText() == "several"
    assert view.asks.text() == "0 of 1"
    view.save("finished")
    # Kept in the study: another view of another day has them.
    other = displayed(qtbot, WorklistView(session))
    other.fill_menu()
    rows_of(other.menu)["mine to do"].trigger()
    assert (other.text.text(), other.status.currentText()) == ("seiz", "started")
    rows_of(rows_of(other.menu)["Delete"])["mine to do"].trigger()
    assert set(session.worklist.saved_filters()) == {"finished"}
    session.undoing.undo()
    assert set(session.worklist.saved_filters()) == {"finished", "mine to do"}
    session.answers.answer("tonic", Presence.YES)
    session.undoing.undo()
    assert session.answers.mine.answer("tonic").presence is None
    session.undoing.undo()
    assert set(session.worklist.saved_filters()) == {"mine to do"}
    session.undoing.redo()
    assert set(session.worklist.saved_filters()) == {"finished", "mine to do"}
    session.undoing.undo()
    session.undoing.undo()
    session.undoing.undo()
    assert session.answers.mine.answer("clonic").presence is None
    assert session.worklist.saved_filters() == {}


def test_the_worklist_is_sorted_as_the_last_time(qtbot: QtBot, quick: type[QuickReader]) -> None:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window._panels.docks["worklist"].make_panel()
        worklist = docked(window, "worklist", WorklistView)
        assert worklist.sort == ""
        worklist.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        window.close()
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window._panels.docks["worklist"].make_panel()
        worklist = docked(window, "worklist", WorklistView)
        assert worklist.sort == "-Agree"
        assert worklist.table.horizontalHeader().sortIndicatorSection() == 2
        window.close()
