"""The window of results: every number lists its recordings and opens them, and nothing sealed is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.core.evaluation.cases_behind import cases_behind
from app.core.evaluation.charts import Chart, ChartKind
from app.core.evaluation.result_pages import ResultPage
from app.core.semiology import FEATURES, Presence
from app.ui.dialogs.results import ResultsDialog
from app.ui.session.session import Session
from app.ui.theme import DARK, Theme
from app.ui.views.result_plot import ResultPlot
from app.ui.views.result_table import CASE_HEAD
from tests.core.read_study import EVA, GOOD_MODEL, fill_study
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, opened, opened_name, quick

__all__ = ["quick"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], tmp_path: Path) -> Iterator[Session]:
    first = write_recording(tmp_path / "a.mp4", frames=12)
    second = write_recording(tmp_path / "b.mp4", frames=13)
    with opened(qtbot, first) as session:
        with qtbot.waitSignal(session.worklist._adding.ended):
            session.worklist.add_recordings((second,))
        access = session.study.access()
        assert access is not None
        with access.open() as study:
            for number in range(6):
                study.recording_without_video(f"labels{number}.mp4")
            fill_study(study, [row.id for row in study.recordings()])
        yield session


def shown(qtbot: QtBot, session: Session) -> ResultsDialog:
    dialog = ResultsDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog._results is not None and not dialog.work.running)
    return dialog


def choose_reference(qtbot: QtBot, dialog: ResultsDialog, name: str) -> None:
    dialog.reference.setCurrentIndex(dialog.reference.findData(name))
    with qtbot.waitSignal(dialog.work.ended):
        dialog.reference.activated.emit(dialog.reference.currentIndex())
    qtbot.waitUntil(lambda: dialog._results is not None)


def listed(dialog: ResultsDialog) -> list[list[str]]:
    items = [
        [dialog.cases.item(row, column) for column in range(len(CASE_HEAD))]
        for row in range(dialog.cases.rowCount())
    ]
    return [["" if item is None else item.text() for item in row] for row in items]


def test_a_figure_lists_its_recordings_and_opens_one(qtbot: QtBot, session: Session) -> None:
    dialog = shown(qtbot, session)
    choose_reference(qtbot, dialog, "Eva")
    dialog.reader.setCurrentIndex(dialog.reader.findText("good", Qt.MatchFlag.MatchContains))
    dialog.show_page()
    assert not dialog.behind_pane.isVisible(), "the figures have its room until one is chosen"
    assert dialog.figures.rowCount() == len(FEATURES) + 2
    dialog.figures.setFocus()
    dialog.figures.setCurrentCell(0, 1)
    cell = dialog.figures.item(0, 1)
    assert cell is not None
    count = int(cell.text())
    assert dialog.behind.text() == f"{count} case{'' if count == 1 else 's'} behind the number"
    assert dialog.behind_pane.isVisible()
    assert len(listed(dialog)) == count > 0
    assert {row[2] for row in listed(dialog)} == {"yes"}
    dialog.figures.setCurrentCell(0, 0)
    names = [row[0] for row in listed(dialog)]
    dialog.cases.setCurrentCell(names.index("b.mp4"), 0)
    dialog.cases.setFocus()
    qtbot.keyClick(dialog.cases, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened_name(session) == "b.mp4")
    assert session.selection.feature == FEATURES[0].id


def test_every_page_shows_what_the_answers_hold(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = shown(qtbot, session)
    charts: list[Chart] = []
    show_chart = dialog.numbers.show_chart

    def note_and_show(chart: Chart, theme: Theme) -> None:
        charts.append(chart)
        show_chart(chart, theme)

    monkeypatch.setattr(dialog.numbers, "show_chart", note_and_show)
    choose_reference(qtbot, dialog, "Eva")
    for page in ResultPage:
        dialog.pages.setCurrentRow(page)
        for as_table in (True, False):
            dialog.as_table.setChecked(as_table)
            current = dialog.stack.currentWidget()
            assert current is not None
            if page is ResultPage.METHODS:
                assert "8 recordings" in dialog.methods.toPlainText()
            elif current is dialog.plot:
                assert dialog.plot._places
            elif current is dialog.numbers:
                filled = sum(
                    dialog.numbers.item(row, column) is not None
                    for row in range(dialog.numbers.rowCount())
                    for column in range(dialog.numbers.columnCount())
                )
                assert filled == len(charts[-1].points) > 0


def test_a_dot_leads_to_its_cases(qtbot: QtBot, session: Session) -> None:
    dialog = shown(qtbot, session)
    choose_reference(qtbot, dialog, "Eva")
    for page in (
        ResultPage.INTERVALS,
        ResultPage.RELIABILITY,
        ResultPage.FAITHFULNESS,
        ResultPage.PREVALENCE,
    ):
        dialog.pages.setCurrentRow(page)
        plot = dialog.plot._plot
        assert plot is not None
        qtbot.waitUntil(lambda plot=plot: plot.isVisible() and plot.getViewBox().width() > 50)  # type: ignore[misc]
        chart, results = dialog.plot._chart, dialog._results
        assert chart is not None
        assert results is not None
        point = max(chart.points, key=lambda one: one.estimate.value or 0.0)
        x, y = next((x, y) for x, y, one in dialog.plot._places if one == point)
        place = plot.getViewBox().mapViewToScene(QPointF(x, y)).toPoint()
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
        expected = cases_behind(results.evaluation, point.wanted)
        qtbot.waitUntil(lambda cases=expected: len(listed(dialog)) == len(cases))  # type: ignore[misc]
        assert [row[0] for row in listed(dialog)] == [case.name for case in expected]


def test_what_is_sealed_is_in_no_number(qtbot: QtBot, session: Session) -> None:
    dialog = shown(qtbot, session)
    choose_reference(qtbot, dialog, "Eva")
    for page in (ResultPage.METHODS, ResultPage.HEAT_MAP, ResultPage.INTERVALS, ResultPage.FIGURES):
        dialog.pages.setCurrentRow(page)
    dialog.figures.setCurrentCell(0, 0)
    assert listed(dialog)
    session.readers.read_blind(True)
    qtbot.waitUntil(lambda: session.answers.my_reading.sealed)
    assert dialog._results is None, "at once, not only when it is computed anew"
    _nothing_is_left(dialog)
    qtbot.waitUntil(lambda: "two readers" in dialog.empty.text())
    _nothing_is_left(dialog)


def _nothing_is_left(dialog: ResultsDialog) -> None:
    assert listed(dialog) == []
    tables = (dialog.figures, dialog.numbers)
    assert [table.rowCount() for table in tables] == [0, 0]
    assert dialog.plot._chart is None
    boxes = (dialog.reference, dialog.reader, dialog.group)
    assert [box.count() for box in boxes] == [0, 0, 0], "not even who has read"
    labels = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    words = " ".join((*labels, dialog.methods.toPlainText()))
    for name in (EVA.name, GOOD_MODEL.name):
        assert name not in words


def test_names_are_plain_text(qtbot: QtBot, session: Session) -> None:
    dialog = shown(qtbot, session)
    choose_reference(qtbot, dialog, "Eva")
    dialog.pages.setCurrentRow(ResultPage.INTERVALS)
    labels = [label for label in dialog.findChildren(QLabel) if "<b>" in label.text()]
    assert labels
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}


def test_charts_page_and_methods_are_taken_along(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    dialog = shown(qtbot, session)
    choose_reference(qtbot, dialog, "Eva")
    with qtbot.waitSignal(dialog.files.work.ended, timeout=120_000):
        dialog.files.write_charts(tmp_path / "charts", "svg")
    assert (tmp_path / "charts" / "heat-map.svg").exists()
    assert "written to" in dialog.told.text()
    # What was saved meanwhile is counted anew, and there is nothing to copy until that is done.
    qtbot.waitUntil(dialog.copy.isEnabled)
    dialog.copy.click()
    assert "clipboard" in dialog.told.text()


def test_a_study_with_one_reader_says_so(qtbot: QtBot, quick: type[QuickReader], tmp_path: Path) -> None:
    with opened(qtbot, write_recording(tmp_path / "a.mp4", frames=12)) as session:
        dialog = ResultsDialog(session)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: "two readers" in dialog.empty.text())
        assert not dialog.save.isEnabled()
        session.answers.answer("clonic", Presence.YES)
        qtbot.waitUntil(lambda: dialog._results is not None)


def test_it_has_a_button_that_closes_it(qtbot: QtBot, session: Session) -> None:
    dialog = shown(qtbot, session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    (close,) = (one for one in dialog.findChildren(QPushButton) if one.text() == "Close")
    close.click()
    assert not dialog.isVisible()


def test_no_list_of_recordings_is_shown_while_it_is_computed(qtbot: QtBot, session: Session) -> None:
    dialog = ResultsDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.behind_pane.isHidden()


def test_no_two_readers_of_a_chart_have_one_mark(qtbot: QtBot) -> None:
    columns = tuple(f"reader {number}" for number in range(13))
    chart = Chart(ChartKind.INTERVALS, "F1", ("Tonic",), columns, (), "F1")
    plot = ResultPlot()
    qtbot.addWidget(plot)
    plot.show_chart(chart, DARK)
    legend = [one.pixmap().toImage() for one in plot.legend.findChildren(QLabel) if not one.text()]
    assert len(legend) == 13
    assert all(one != other for place, one in enumerate(legend) for other in legend[:place])
