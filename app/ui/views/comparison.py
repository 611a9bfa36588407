"""Two readers compared: every figure with its sentence, and a grid of recordings and features."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.plain_text import plain
from app.core.semiology import FEATURES
from app.ui.background import Background
from app.ui.comparing import EXPLAINED, Compared, GridRow, Standing, compare_readers
from app.ui.session import Changed, Session
from app.ui.theme import small_font
from app.ui.views.table_style import panel_style, plain_table

_CALM = 600
"""Milliseconds after a change before it is computed again."""
_LEGEND = " · ".join(f"{one.words}: {text}" for one, text in EXPLAINED.items() if one is not Standing.NOTHING)


class ComparisonView(QWidget):
    """Computed in the background, and only while it is seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown = Compared(())
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Comparison of readers")
        self._work = Background("comparison", self)
        self._work.done.connect(self.show_compared)
        self._work.failed.connect(self._say)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self._compute)
        self.first, self.second = QComboBox(), QComboBox()
        self.scope, self.sentence = QLabel(), QLabel()
        self.figures, self.grid = QTableWidget(), QTableWidget()
        self.as_grid = QToolButton()
        self.pages = QStackedWidget()
        self._arrange()
        session.changed.connect(self._on_changed)
        session.closing.connect(self._later.stop)
        session.closing.connect(self._work.close)
        self._recolour()

    def _arrange(self) -> None:
        for table in (self.figures, self.grid):
            plain_table(table)
            table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectItems)
            self.pages.addWidget(table)
        self.figures.setAccessibleName("Figures of agreement")
        self.grid.setAccessibleName("Recordings and features")
        self.figures.currentCellChanged.connect(lambda row, column, *_rest: self._explain(row, column))
        self.grid.currentCellChanged.connect(lambda row, column, *_rest: self._tell(row, column))
        self.grid.cellClicked.connect(self._go_to)
        self.grid.cellActivated.connect(self._go_to)
        self.as_grid.setText("Recording by recording")
        self.as_grid.setCheckable(True)
        self.as_grid.toggled.connect(self._turn)
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 4)
        for box in (self.first, self.second):
            box.setMinimumWidth(120)
            box.setAccessibleName("Reader")
            box.activated.connect(lambda _index: self._compute())
            row.addWidget(box)
            row.addSpacing(10)
        row.addWidget(self.scope, 1)
        row.addWidget(self.as_grid)
        for label in (self.scope, self.sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setContentsMargins(10, 4, 10, 6)
        self.sentence.setMinimumHeight(40)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        for widget in (self.first, self.second, self.scope, self.sentence, self.as_grid):
            widget.setFont(small_font())
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(row)
        page.addWidget(self.pages, 1)
        page.addWidget(self.sentence)

    # when it is computed

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._compute()

    def _on_changed(self, changed: Changed) -> None:
        if changed & Changed.THEME:
            self._recolour()
            self._fill_grid()
        if changed & (Changed.ANSWERS | Changed.RECORDING) and self.isVisible():
            self._later.start()

    def _compute(self) -> None:
        look = self._session.readers.look()
        if look is None:
            self._say("Open a recording; the readers of its study are compared here.")
            return
        wanted = (self.first.currentText(), self.second.currentText())
        if not self._shown.rows:
            self._say("Comparing …")
        self._work.start(lambda task: compare_readers(look, wanted, task))

    # what is shown

    def show_compared(self, compared: Compared) -> None:
        """Take what was computed."""
        self._shown = compared
        for box, number in ((self.first, 0), (self.second, 1)):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(list(compared.readers))
                if compared.chosen is not None:
                    box.setCurrentText(compared.chosen[number])
        if compared.chosen is None:
            sealed = self._session.own.sealed
            self._say(
                "The readers' answers stay sealed until you lock yours."
                if sealed
                else "Two readers who have answered are needed to compare them."
            )
        else:
            many = "recording" if compared.recordings == 1 else "recordings"
            self.scope.setText(f"over {compared.recordings} {many} that both have read")
            self._turn(self.as_grid.isChecked())
        self._fill_figures()
        self._fill_grid()

    def _fill_figures(self) -> None:
        compared, table = self._shown, self.figures
        table.setColumnCount(1 + len(compared.columns))
        table.setRowCount(len(compared.rows))
        table.setHorizontalHeaderLabels(["Feature", *compared.columns])
        for row, (name, cells) in enumerate(compared.rows):
            table.setItem(row, 0, QTableWidgetItem(name))
            for column, cell in enumerate(cells, 1):
                item = QTableWidgetItem(cell.words)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(cell.sentence)
                table.setItem(row, column, item)
        header = table.horizontalHeader()
        for column, name in enumerate(("Feature", *compared.columns)):
            heading = table.horizontalHeaderItem(column)
            if column and heading is not None:
                heading.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setColumnWidth(column, 170 if column == 0 else 150 if name == "κ" else 74)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def _fill_grid(self) -> None:
        rows, table = self._shown.grid, self.grid
        table.setColumnCount(1 + len(FEATURES) if rows else 0)
        table.setRowCount(len(rows))
        if not rows:
            return
        header = table.horizontalHeader()
        header.setDefaultAlignment(
            Qt.AlignmentFlag(
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
            )
        )
        header.setFixedHeight(46)
        table.setHorizontalHeaderLabels(["Recording", *(feature.name for feature in FEATURES)])
        table.setColumnWidth(0, 170)
        for column in range(1, table.columnCount()):
            table.setColumnWidth(column, 72)
        for number, row in enumerate(rows):
            self._fill_row(number, row)

    def _fill_row(self, number: int, row: GridRow) -> None:
        theme = self._session.theme
        strength = {Standing.DISAGREE: theme.caution, Standing.AGREE: theme.text}
        self.grid.setItem(number, 0, QTableWidgetItem(plain(row.name, 120)))
        for column, one in enumerate(row.standings, 1):
            item = QTableWidgetItem(one.words)
            item.setForeground(QColor(strength.get(one, theme.muted)))
            self.grid.setItem(number, column, item)

    def _turn(self, to_grid: bool) -> None:
        self.pages.setCurrentIndex(1 if to_grid else 0)
        if self._shown.chosen is None:
            return
        if to_grid:
            self._say(f"{_LEGEND}. A click opens the recording at the place.")
        else:
            self._say("Choose a figure to read what it means. * few cases · ! nearly all answers the same")

    def _explain(self, row: int, column: int) -> None:
        if 0 <= row < len(self._shown.rows) and column > 0:
            name, cells = self._shown.rows[row]
            self._say(f"{name}, {self._shown.columns[column - 1]}: {cells[column - 1].sentence}")

    def _tell(self, row: int, column: int) -> None:
        if 0 <= row < len(self._shown.grid) and column > 0:
            line = self._shown.grid[row]
            what = EXPLAINED[line.standings[column - 1]]
            self._say(f"{plain(line.name, 120)}, {FEATURES[column - 1].name}: {what}.")

    def _go_to(self, row: int, column: int) -> None:
        feature = FEATURES[column - 1].id if column > 0 else ""
        self._session.readers.go_to(self._shown.grid[row].number, feature)

    def _say(self, words: str) -> None:
        self.sentence.setText(words)

    def _recolour(self) -> None:
        self.setStyleSheet(panel_style(self._session.theme))
