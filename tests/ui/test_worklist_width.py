"""All columns of the worklist have room side by side: what is cut is in a tip, nothing scrolls sideways."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.core.study.patient_data import PatientData
from app.core.study.worklist import WorkStatus
from app.ui.views.recording_times import RecordingTimes
from app.ui.views.table_style import CountedNames, CutSentences
from app.ui.views.worklist import WorklistView
from app.ui.views.worklist_model import AGREE, MINE, PATIENT, READERS, TIME
from tests.ui.found_widgets import displayed
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]

LONG = "Ward3_P{:03d}_night_recording_of_the_second_admission_camera_2.mp4"


BEGAN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture
def view(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """The panel with sixty recordings of which everything is known."""
    with opened(qtbot, recording_path) as session:
        view = displayed(qtbot, WorklistView(session))
        view.read()
        qtbot.waitUntil(lambda: view.model.rowCount() == 1, timeout=20_000)
        (one,) = view.model.rows
        items = tuple(
            replace(
                one,
                recording_id=number,
                name=LONG.format(number),
                status=WorkStatus.STARTED,
                answered=12,
                agreement=0.87,
                readers=("Anna Lindgren", "Benjamin Okafor", "signal"),
                patient_data=PatientData(patient=f"patient {number:03d}", event="second seizure"),
            )
            for number in range(60)
        )
        monkeypatch.setattr(RecordingTimes, "known", {item.recording_id: BEGAN for item in items})
        view._show((items, 0))
        yield view


def show_at(qtbot: QtBot, view: WorklistView, wide: int) -> None:
    view.resize(wide, 500)
    qtbot.wait(20)


@pytest.mark.parametrize("wide", [220, 260, 300, 420, 700])
def test_nothing_has_to_be_scrolled_to(qtbot: QtBot, view: WorklistView, wide: int) -> None:
    show_at(qtbot, view, wide)
    assert view.table.verticalScrollBar().isVisible()
    assert view.table.horizontalScrollBar().maximum() == 0
    assert view.table.columnWidth(0) >= 64


@pytest.mark.parametrize("wide", [300, 420, 700])
def test_a_head_is_cut_later_than_a_name(qtbot: QtBot, view: WorklistView, wide: int) -> None:
    view._show((tuple(replace(one, patient_data=PatientData()) for one in view.model.rows), 0))
    show_at(qtbot, view, wide)
    header, shown = view.table.horizontalHeader(), [MINE, TIME, AGREE, READERS]
    assert [column for column in shown if not view.table.isColumnHidden(column)] == shown
    for column in shown:
        words = str(view.model.headerData(column, Qt.Orientation.Horizontal))
        assert view.table.columnWidth(column) >= header.fontMetrics().horizontalAdvance(words) + 12, words


def test_with_some_more_width_every_column_is_there_and_what_is_cut_is_in_a_tip(
    qtbot: QtBot, view: WorklistView
) -> None:
    show_at(qtbot, view, 340)
    model = view.table.model()
    for column in (0, PATIENT, MINE, TIME, AGREE, READERS):
        assert not view.table.isColumnHidden(column)
        tip = str(model.index(7, column).data(Qt.ItemDataRole.ToolTipRole))
        if column == 0:
            assert tip == f"{LONG.format(7)}\nRead by Anna Lindgren, Benjamin Okafor, signal"
        elif column != TIME:
            assert str(model.index(7, column).data()) in tip


def test_a_narrow_panel_leaves_out_what_matters_least(qtbot: QtBot, view: WorklistView) -> None:
    show_at(qtbot, view, 220)
    hidden = [column for column in (READERS, TIME, AGREE) if view.table.isColumnHidden(column)]
    assert hidden == [READERS, TIME, AGREE]
    assert not view.table.isColumnHidden(PATIENT)
    show_at(qtbot, view, 300)
    hidden = [column for column in (READERS, TIME, AGREE) if view.table.isColumnHidden(column)]
    assert hidden == [READERS]


def test_the_width_that_a_person_has_given_stays(qtbot: QtBot, view: WorklistView) -> None:
    show_at(qtbot, view, 700)
    view.table.setColumnWidth(PATIENT, 140)
    show_at(qtbot, view, 690)
    assert view.table.columnWidth(PATIENT) == 140


@pytest.fixture
def unanswered(view: Any) -> Any:
    """The same recordings, of which the person has answered nothing."""
    items = tuple(replace(one, status=WorkStatus.UNANSWERED, answered=0) for one in view.model.rows)
    view._show((items, 0))
    return view


@pytest.mark.parametrize("wide", range(200, 232, 4))
def test_recordings_that_are_not_answered_have_to_be_scrolled_to_neither(
    qtbot: QtBot, unanswered: WorklistView, wide: int
) -> None:
    unanswered._has_queue = True
    unanswered._show_columns()
    show_at(qtbot, unanswered, wide)
    assert unanswered.table.horizontalScrollBar().maximum() == 0


@pytest.fixture
def queued(view: WorklistView) -> WorklistView:
    """Recordings with short names, of which all columns say something."""
    items = tuple(
        replace(one, name=f"event{number}.mp4", status=WorkStatus.UNANSWERED, answered=0)
        for number, one in enumerate(view.model.rows[:8])
    )
    view._show((items, 0))
    view._has_queue = True
    view._show_columns()
    return view


@pytest.mark.parametrize("wide", range(220, 420, 10))
def test_a_queue_has_room_and_no_head_is_cut_through(qtbot: QtBot, queued: WorklistView, wide: int) -> None:
    show_at(qtbot, queued, wide)
    header, table = queued.table.horizontalHeader(), queued.table
    assert table.horizontalScrollBar().maximum() == 0
    assert header.textElideMode() is Qt.TextElideMode.ElideRight
    words = str(queued.model.headerData(0, Qt.Orientation.Horizontal))
    dropped = any(table.isColumnHidden(column) for column in (READERS, TIME, AGREE))
    assert dropped or table.columnWidth(0) >= header.fontMetrics().horizontalAdvance(words) + 12


def test_a_resize_measures_no_cell(qtbot: QtBot, view: WorklistView, monkeypatch: pytest.MonkeyPatch) -> None:
    show_at(qtbot, view, 300)
    measured: list[int] = []

    def measure(column: int) -> int:
        measured.append(column)
        return 80

    monkeypatch.setattr(view.table, "sizeHintForColumn", measure)
    show_at(qtbot, view, 320)
    assert not measured
    view._show((view.model.rows, 0))
    assert measured, "other rows, other widths"


@pytest.mark.parametrize("column", [READERS, TIME, AGREE])
@pytest.mark.parametrize("wide", [205, 260])
def test_the_column_that_the_rows_are_sorted_by_is_seen(
    qtbot: QtBot, view: WorklistView, column: int, wide: int
) -> None:
    show_at(qtbot, view, wide)
    view.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
    qtbot.wait(20)
    assert not view.table.isColumnHidden(column)
    assert view.table.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("column", [READERS, PATIENT])
def test_a_column_that_is_dragged_leaves_nothing_to_be_scrolled_to(
    qtbot: QtBot, view: WorklistView, column: int
) -> None:
    show_at(qtbot, view, 700)
    for wanted in (200, 2000):
        view.table.horizontalHeader().resizeSection(column, wanted)
        qtbot.wait(20)
        assert view.table.horizontalScrollBar().maximum() == 0
        assert view.table.columnWidth(column) >= 200


def test_only_columns_whose_width_is_remembered_can_be_dragged(view: WorklistView) -> None:
    header = view.table.horizontalHeader()
    dragged = [
        column
        for column in range(header.count())
        if header.sectionResizeMode(column) is QHeaderView.ResizeMode.Interactive
    ]
    assert sorted(dragged) == sorted((READERS, PATIENT))


def test_the_names_have_their_room_before_the_readers(qtbot: QtBot, view: WorklistView) -> None:
    show_at(qtbot, view, 520)
    least = view.table.columnWidth(READERS)
    show_at(qtbot, view, 1200)
    assert view.table.columnWidth(0) >= view.table.sizeHintForColumn(0)
    assert view.table.columnWidth(READERS) > least
    assert least <= 60


@pytest.mark.parametrize("number", [1, 2, 4])
def test_readers_are_counted_where_their_names_have_no_room(
    qtbot: QtBot, view: WorklistView, number: int
) -> None:
    names = ("Anna Lindgren", "Benjamin Okafor", "Carla", "Emre")[:number]
    view._show((tuple(replace(one, readers=names) for one in view.model.rows), 0))
    show_at(qtbot, view, 700)
    table, said = view.table, ", ".join(names)
    index, delegate = table.model().index(0, READERS), table.itemDelegateForColumn(READERS)
    assert isinstance(delegate, CountedNames)

    def shown() -> str:
        option = QStyleOptionViewItem()
        option.rect = table.visualRect(index)
        delegate.initStyleOption(option, index)
        return str(option.text)

    table.horizontalHeader().resizeSection(READERS, 60)
    assert shown() == (str(number) if number > 1 else said)
    table.horizontalHeader().resizeSection(READERS, 400)
    assert shown() == said
    assert index.data(Qt.ItemDataRole.ToolTipRole) == said


def test_who_the_patient_is_is_cut_last(view: WorklistView) -> None:
    delegate, option = view.table.itemDelegateForColumn(PATIENT), QStyleOptionViewItem()
    assert isinstance(delegate, CutSentences)
    delegate.initStyleOption(option, view.model.index(0, PATIENT))
    assert option.textElideMode is Qt.TextElideMode.ElideRight
