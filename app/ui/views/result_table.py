"""Results as tables: all figures of a reader, a chart's numbers on a heat map or without, and cases."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from app.core.evaluation.cases_behind import CaseBehind, CasesWanted
from app.core.evaluation.chart_words import TABLE_HEAD, ResultRow, describe_case, describe_point
from app.core.evaluation.charts import Chart, ChartKind, ChartPoint
from app.core.evaluation.figure_text import interval, number
from app.core.plain_text import plain
from app.core.timeline.even_colours import even_scale
from app.ui.theme import Mode, Theme, contrast
from app.ui.views.table_style import plain_table, with_row_heads

_WANTED, _SENTENCE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter
_HEADS = 196
_FEATURE = 1
CASE_HEAD = ("Recording", "Feature", "Reference", "Reader", "")


class ColouredCells(QStyledItemDelegate):
    """Paints the colour of a cell, which a style sheet would leave out."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        chosen = option.state & QStyle.StateFlag.State_Selected
        if ground is not None and not chosen:
            painter.fillRect(option.rect, ground)
        super().paint(painter, option, index)


class ResultTable(QTableWidget):
    """Cells that each lead to cases."""

    chosen = Signal(object)
    """The CasesWanted of the cell that was chosen."""
    told = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        plain_table(self)
        with_row_heads(self, _HEADS)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectItems)
        self.setAccessibleName(name)
        self.setItemDelegate(ColouredCells(self))
        self.currentItemChanged.connect(self._choose)

    def show_rows(self, rows: Sequence[ResultRow]) -> None:
        """All figures of a reader."""
        self._begin([row.name for row in rows], TABLE_HEAD)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row.cells):
                self._set(at, column, cell.text, cell.sentence, cell.wanted)
        self.resizeColumnsToContents()

    def show_chart(self, chart: Chart, theme: Theme) -> None:
        """The numbers of a chart; of a heat map and of confusion on colours."""
        self._begin(chart.rows, chart.columns)
        coloured = chart.kind in (ChartKind.HEAT_MAP, ChartKind.CONFUSION)
        for point in chart.points:
            item = self._set(
                point.row, point.column, _point_text(chart, point), describe_point(chart, point), point.wanted
            )
            if coloured:
                item.setTextAlignment(_CENTRE)
                _paint(item, _share(chart, point), theme)
        self.resizeColumnsToContents()
        for column in range(len(chart.columns) if coloured else 0):
            self.setColumnWidth(column, max(self.columnWidth(column), 84))

    def _begin(self, rows: Sequence[str], columns: Sequence[str]) -> None:
        self.blockSignals(True)
        self.clear()
        self.setRowCount(len(rows))
        self.setColumnCount(len(columns))
        self.setVerticalHeaderLabels([plain(name, 60) for name in rows])
        self.setHorizontalHeaderLabels([plain(name, 40) for name in columns])
        self.blockSignals(False)

    def _set(self, row: int, column: int, text: str, sentence: str, wanted: CasesWanted) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setTextAlignment(_RIGHT)
        item.setData(_WANTED, wanted)
        item.setData(_SENTENCE, sentence)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, sentence or text)
        self.setItem(row, column, item)
        return item

    def _choose(self, item: QTableWidgetItem | None, _before: QTableWidgetItem | None) -> None:
        if item is not None and item.data(_WANTED) is not None:
            self.told.emit(str(item.data(_SENTENCE)))
            self.chosen.emit(item.data(_WANTED))


class CaseTable(QTableWidget):
    """The recordings behind a number; Return or a double click opens one at its feature."""

    opened = Signal(object)
    """The CaseBehind that is to be opened."""

    def __init__(self) -> None:
        super().__init__()
        plain_table(self)
        self.setAccessibleName("Recordings behind the number")
        self.setColumnCount(len(CASE_HEAD))
        self._cases: Sequence[CaseBehind] = ()
        self.itemActivated.connect(lambda item: self.opened.emit(self._cases[item.row()]))

    def show_cases(self, cases: Sequence[CaseBehind]) -> None:
        """List these; columns without anything, and the feature when it is one alone, are left out."""
        self._cases = cases
        cells = [describe_case(case) for case in cases]
        self.clear()
        self.setHorizontalHeaderLabels(CASE_HEAD)
        self.setRowCount(len(cells))
        for row, texts in enumerate(cells):
            for column, text in enumerate(texts):
                self.setItem(row, column, QTableWidgetItem(plain(text, 120)))
        self.setColumnHidden(_FEATURE, len({case.feature for case in cases}) == 1)
        for column in range(_FEATURE + 2, len(CASE_HEAD)):
            self.setColumnHidden(column, not any(texts[column] for texts in cells))
        self.resizeColumnsToContents()


def _point_text(chart: Chart, point: ChartPoint) -> str:
    if chart.kind is ChartKind.CONFUSION:
        return str(point.n)
    bounds = interval(point.estimate) if chart.kind is not ChartKind.HEAT_MAP else ""
    text = number(point.estimate, ".2f")
    return f"{text}  [{bounds}]" if bounds else text


def _share(chart: Chart, point: ChartPoint) -> float | None:
    """How far up the scale of colours a number is (0–1)."""
    if chart.kind is ChartKind.HEAT_MAP:
        value = point.estimate.value
        return None if value is None else (value + 1) / 2 if chart.axis[0] < 0 else value
    total = sum(one.n for one in chart.points if one.row == point.row)
    return point.n / total if total else None


def _paint(item: QTableWidgetItem, share: float | None, theme: Theme) -> None:
    if share is None:
        return
    colours = even_scale(dark=theme.mode is Mode.DARK)
    colour = QColor.fromRgba(colours[round(255 * min(max(share, 0.0), 1.0))])
    words = max(("#000000", "#ffffff"), key=lambda one: contrast(one, colour.name()))
    item.setBackground(colour)
    item.setForeground(QColor(words))
