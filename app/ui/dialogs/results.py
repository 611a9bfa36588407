"""The results of the study: readers scored against a reference, as tables and charts.

Every number leads to the recordings behind it. The window stays open beside the main one.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.evaluation.result_pages import (
    ASKS_FEATURE,
    ASKS_FIGURE,
    ASKS_READER,
    DRAWN,
    NOTHING,
    TITLES,
    ResultChoice,
    ResultPage,
    chart_of,
)
from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.semiology import FEATURE
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import button, sentence
from app.ui.dialogs.result_fields import add_fields, fill_box, rule_box, small_label
from app.ui.dialogs.result_files import ResultFiles
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.theme import ROW_HEIGHT
from app.ui.views.answers_used_box import AnswersUsedBox
from app.ui.views.combo_box import ComboBox
from app.ui.views.result_plot import ResultPlot
from app.ui.views.result_table import CaseTable, ResultTable
from app.ui.views.table_style import panel_style

if TYPE_CHECKING:
    from app.core.evaluation.cases_behind import CaseBehind, CasesWanted
    from app.core.evaluation.charts import Chart
    from app.core.evaluation.evaluate_readings import Evaluation
    from app.core.evaluation.study_results import ResultsChoice, StudyResults
    from app.core.study.access import StudyAccess

_CALM = 600
"""Milliseconds after a change before it is computed again."""
_HINT = "Choose a number to list the recordings behind it; a double click or Return opens a recording."


class ResultsDialog(QDialog):
    """A list of pages, the chosen page, and the recordings behind the chosen number."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._session = session
        self._results: StudyResults | None = None
        self._of: tuple[Path, str, bool] | None = None
        """Whose results are shown, see `StudyAccess.whose`."""
        self.setWindowTitle("Results")
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1120, 700)
        self.work = Background("results", self, one_at_a_time=True)
        self.work.done.connect(self._take)
        self.work.failed.connect(self._fail)
        self.files = ResultFiles(self, session.worklist.naming.places, self._shown_results)
        self.files.told.connect(self.say)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self._compute)
        self._make_fields()
        self._arrange()
        self._follow_session()
        self._recolour()

    def _make_fields(self) -> None:
        self.pages = QListWidget()
        self.pages.addItems(list(TITLES))
        self.pages.setAccessibleName("Pages of the results")
        for row in range(self.pages.count()):
            self.pages.item(row).setSizeHint(QSize(0, ROW_HEIGHT))
        self.reference, self.used, self.rule = ComboBox(), AnswersUsedBox(), rule_box()
        self.reader, self.figure, self.feature, self.group = (ComboBox() for _ in range(4))
        self.feature.addItem("All features", None)
        for feature in FEATURE.values():
            self.feature.addItem(feature.name, feature.id)
        self.as_table = CheckBox(self._session, "As a table")
        self.figures, self.numbers = (
            ResultTable("All figures of a reader"),
            ResultTable("Numbers of the chart"),
        )
        self.plot, self.methods = ResultPlot(), QPlainTextEdit()
        self.methods.setReadOnly(True)
        self.methods.setAccessibleName("Methods in words")
        self.empty = sentence()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.cases, self.behind = CaseTable(), small_label("")
        self.behind_pane = QWidget()
        self.told, self.note = sentence(), small_label("")
        charts_tip = "Pictures of all charts, each also as CSV"
        self.save = button("Save charts…", self.files.ask_for_charts, tip=charts_tip)
        page_tip = "All tables and charts as one HTML file"
        self.save_page = button("Save page…", self.files.ask_for_page, tip=page_tip)
        self.copy = button("Copy methods", self.copy_methods, tip="Sentences for the methods of a paper")

    def _arrange(self) -> None:
        for table in (self.figures, self.numbers):
            table.chosen.connect(self._list)
            table.told.connect(self.say)
        self.plot.chosen.connect(lambda point: self._list(point.wanted))
        self.plot.told.connect(self.say)
        self.cases.opened.connect(self._open)
        for shown in (self.empty, self.figures, self.numbers, self.plot, self.methods):
            self.stack.addWidget(shown)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._choices())
        column.addWidget(self.stack, 1)
        column.addWidget(self.note)
        column = QVBoxLayout(self.behind_pane)
        column.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.behind)
        column.addWidget(self.cases, 1)
        self.splitter = QSplitter()
        for widget, stretch in ((self.pages, 0), (left, 3), (self.behind_pane, 2)):
            self.splitter.addWidget(widget)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setSizes([156, 600, 340])
        self.splitter.setChildrenCollapsible(False)
        self.behind_pane.hide()  # until there is a number
        page = QVBoxLayout(self)
        page.setContentsMargins(12, 10, 12, 10)
        page.addLayout(self._head())
        page.addWidget(self.splitter, 1)
        page.addWidget(self.told)
        foot = QHBoxLayout()
        for one in (self.save, self.save_page, self.copy):
            foot.addWidget(one)
        foot.addStretch(1)
        foot.addWidget(button("Close", self.reject))
        page.addLayout(foot)
        self.told.setMinimumHeight(2 * self.told.fontMetrics().height() + 4)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        add_fields(row, (("&Reference", self.reference),))
        row.addWidget(self.used)
        add_fields(row, (("&Not assessable", self.rule),))
        row.addStretch(1)
        for box in (self.reference, self.used, self.rule):
            box.activated.connect(lambda _index: self._compute())
        return row

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        boxes = (self.reader, self.figure, self.feature, self.group)
        fields = tuple(zip(("Rea&der", "Fi&gure", "Fea&ture", "&By"), boxes, strict=True))
        self._labels = add_fields(row, fields)
        row.addWidget(self.as_table)
        row.addStretch(1)
        for box in boxes:
            box.activated.connect(lambda _index: self.show_page())
        self.as_table.toggled.connect(lambda _on: self.show_page())
        self.pages.currentRowChanged.connect(lambda _row: self._turn_page())
        return row

    def _follow_session(self) -> None:
        session = self._session
        for changed in (
            session.answers.mine_changed,
            session.answers.readings_changed,
            session.study.recordings_changed,
            session.opened.recording_changed,
        ):
            changed.connect(self._follow)
        session.answers.seal_changed.connect(self._forget)
        session.appearance.theme_changed.connect(self._recolour)
        session.closing.connect(self._later.stop)
        session.closing.connect(self.work.close)
        session.closing.connect(self.files.close)

    # when it is computed

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._compute()

    def _follow(self) -> None:
        """Clear the results of another study or person at once; compute again after a while."""
        if self._is_others():
            self._clear()
        self._later.start()

    def _forget(self) -> None:
        """What may be seen has changed: nothing of before stays on the screen while it is computed anew."""
        self._clear()
        self._later.start()

    def _is_others(self) -> bool:
        access = self._session.study.access()
        return self._of is not None and (access is None or access.whose != self._of)

    def _compute(self) -> None:
        from app.core.evaluation.confusion import Abstentions
        from app.core.evaluation.study_results import ResultsChoice

        access = self._session.study.access()
        if access is None:
            self._fail(self._session.readers.why_nothing("Open a recording of the study first."))
            return
        self._of = access.whose
        rule = Abstentions(str(self.rule.currentData()))
        choice = ResultsChoice(self.reference.currentData(), rule, self.used.used)
        if self._results is None:
            self.empty.setText("Computing …")
        self.work.start(partial(_results, access, choice))

    def _take(self, results: StudyResults) -> None:
        if self._of is None or self._is_others():
            return
        from app.core.evaluation.charts import FIGURE_NAMES, group_columns

        self._results = results
        found = results.evaluation
        self.used.offer(found.changed)
        fill_box(self.reference, [(plain(name, 60), name) for name in results.readers], found.reference)
        most = max(found.readers, key=lambda name: sum(each.n for each in found.readers[name].said.values()))
        before = self.reader.currentData()
        fill_box(self.reader, [(plain(name, 60), name) for name in found.readers], before or most)
        fill_box(self.figure, [(name, key) for key, name in FIGURE_NAMES.items()])
        groups = group_columns(found)
        fill_box(self.group, [("all recordings", ""), *((plain(one, 40), one) for one in groups)])
        self._list(None)
        self._say_hint()
        if self.pages.currentRow() < 0:
            self.pages.setCurrentRow(ResultPage.FIGURES)
        self.show_page()

    def _fail(self, words: str) -> None:
        self._clear()
        self.empty.setText(plain(words, 600))

    def _clear(self) -> None:
        self._results, self._of = None, None
        self._list(None)
        self.used.offer(0)
        for box in (self.reference, self.reader, self.group):
            box.clear()
        for table in (self.figures, self.numbers):
            table.setRowCount(0)
        self.plot.clear()
        self.methods.clear()
        self.say("")
        self.show_page()

    def _shown_results(self) -> tuple[Evaluation, str | None] | None:
        """The evaluation that is shown and the column of the prevalence; None without one."""
        if self._results is None or self._is_others():
            return None
        return self._results.evaluation, self.group.currentData() or None

    # what is shown

    @property
    def page(self) -> ResultPage:
        """The chosen page."""
        return ResultPage(max(self.pages.currentRow(), 0))

    def _turn_page(self) -> None:
        self._list(None)
        self._say_hint()
        self.show_page()

    def _say_hint(self) -> None:
        """Say what counts of what was read blind, the first remark, and what can be chosen."""
        if self._results is not None:
            found = self._results.evaluation
            self.say("\n".join((*found.remarks[: 2 if found.changed else 1], _HINT)))

    def show_page(self) -> None:
        """Show the chosen page of the results that there are."""
        page, results = self.page, self._results
        self._show_fields(page)
        for one in (self.save, self.save_page, self.copy):
            one.setEnabled(results is not None)
        self.note.setText("")
        if results is None:
            self.stack.setCurrentWidget(self.empty)
            return
        if page is ResultPage.METHODS:
            from app.core.evaluation.methods_text import methods_text

            self.methods.setPlainText(methods_text(results.evaluation))
            self.stack.setCurrentWidget(self.methods)
        elif page is ResultPage.FIGURES:
            from app.core.evaluation.chart_words import table_rows

            self.figures.show_rows(tuple(table_rows(results.evaluation, str(self.reader.currentData()))))
            self.stack.setCurrentWidget(self.figures)
        else:
            wanted = ResultChoice(
                str(self.reader.currentData()),
                str(self.figure.currentData()),
                self.feature.currentData(),
                str(self.group.currentData() or ""),
            )
            self._show_chart(chart_of(page, results.evaluation, wanted))

    def _show_fields(self, page: ResultPage) -> None:
        shown = {
            self.reader: page in ASKS_READER,
            self.figure: page in ASKS_FIGURE,
            self.feature: page in ASKS_FEATURE,
            self.group: page is ResultPage.PREVALENCE,
            self.as_table: page in DRAWN,
        }
        for field, on in shown.items():
            field.setVisible(on and self._results is not None)
            if field in self._labels:
                self._labels[field].setVisible(on and self._results is not None)

    def _show_chart(self, chart: Chart) -> None:
        from app.core.evaluation.charts import ChartKind

        self.note.setText(chart.note)
        drawn = chart.kind not in (ChartKind.HEAT_MAP, ChartKind.CONFUSION) and not self.as_table.isChecked()
        if not chart.points:
            self.note.setText(NOTHING[chart.kind.value])
        if drawn:
            self.plot.show_chart(chart, self._session.appearance.theme)
        else:
            self.numbers.show_chart(chart, self._session.appearance.theme)
        self.stack.setCurrentWidget(self.plot if drawn else self.numbers)

    def _list(self, wanted: CasesWanted | None) -> None:
        """List the cases behind a number; without one the page has the room of the list."""
        self.behind_pane.setVisible(wanted is not None and self._results is not None)
        if wanted is None or self._results is None:
            self.cases.show_cases(())
            self.behind.setText("")
            return
        from app.core.evaluation.cases_behind import cases_behind

        found = cases_behind(self._results.evaluation, wanted)
        self.cases.show_cases(found)
        self.behind.setText(f"{plural(len(found), 'case')} behind the number")

    def _open(self, case: CaseBehind) -> None:
        if self._results is not None and not self._is_others():
            self._session.worklist.go_to(self._results.numbers[case.place], case.feature)

    def say(self, words: str) -> None:
        """Show sentences below the page."""
        self.told.setText(plain(words, 600))

    def copy_methods(self) -> None:
        """Put the methods in words on the clipboard."""
        if self._results is not None:
            from app.core.evaluation.methods_text import methods_text

            QGuiApplication.clipboard().setText(methods_text(self._results.evaluation))
            self.say("The methods in words are on the clipboard.")

    def _recolour(self) -> None:
        self.setStyleSheet(panel_style(self._session.appearance.theme))
        self.show_page()

    def done(self, result: int) -> None:
        self._later.stop()
        self.work.leave_to(self._session)
        self.files.work.leave_to(self._session)
        super().done(result)


def _results(access: StudyAccess, choice: ResultsChoice, task: Task) -> StudyResults:
    from app.core.evaluation.study_results import results_of_study

    with access.open() as study:
        return results_of_study(study, access.viewer, choice, cancel=task.cancel)
