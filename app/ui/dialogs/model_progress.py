"""The table of a model's requests: a row for each segment, a column for each enhancement, and failures."""

from __future__ import annotations

from collections import Counter, defaultdict

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.enhance.enhancement import Enhancement
from app.core.plain_text import plain
from app.core.readers.models.reading_stage import STATUS_GLYPHS, Status
from app.core.readers.models.reading_state import NAMES, Cell
from app.core.readers.models.run_phrases import used_words
from app.core.semiology import Span
from app.ui.dialogs.form import button, sentence
from app.ui.session.session import Session
from app.ui.theme import Theme, body_font, small_font
from app.ui.views.model_answer import segment_clock

_ORDER = (
    Status.FAILED,
    Status.PARTLY,
    Status.ASKING,
    Status.WAITING,
    Status.ANSWERED,
    Status.NOT_SHOWN,
)
"""Of several requests about one clip the first of these is shown."""

EMPTY = "No model has been asked since this recording was opened."


class ModelProgressDialog(QDialog):
    """Follows the run; a double click shows what the model saw. Does not block."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[Cell, ...] = ()
        self.setWindowTitle("What the model was asked")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.empty = QLabel(EMPTY)
        self.empty.setFont(body_font())
        self.table = QTableWidget()
        self.used = sentence(small=True)
        self.failures = QPlainTextEdit()
        self.again = button("Ask for the rest…", session.models.again_wanted.emit)
        self.refused = button(
            "Retry the refused…",
            session.models.refused_wanted.emit,
            tip="Ask again where an answer could not be used, or only in part",
        )
        self._arrange()
        self._connections = (
            session.models.run_changed.connect(self._refresh),
            session.opened.recording_changed.connect(self._refresh),
            session.appearance.theme_changed.connect(self._on_theme),
        )
        self._recolour()
        self._refresh()

    def sizeHint(self) -> QSize:
        rows = min(max(self.table.rowCount(), 3), 14)
        return QSize(560, 130 + rows * 26 + (120 if self._session.models.failures else 0))

    def done(self, result: int) -> None:
        for connection in self._connections:
            QObject.disconnect(connection)
        super().done(result)

    def _arrange(self) -> None:
        table = self.table
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setAccessibleName("Requests by segment and enhancement")
        table.setColumnCount(len(Enhancement))
        table.setHorizontalHeaderLabels([NAMES[enhancement] for enhancement in Enhancement])
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        table.horizontalHeader().setFont(small_font())
        table.verticalHeader().setFont(small_font())
        table.verticalHeader().setDefaultSectionSize(26)
        table.cellDoubleClicked.connect(self._look)
        self.failures.setReadOnly(True)
        self.failures.setFont(small_font())
        self.failures.setMaximumHeight(130)
        self.failures.setAccessibleName("What failed, and why")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.addWidget(self.empty)
        column.addWidget(table, 1)
        column.addWidget(self.used)
        column.addWidget(self.failures)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.refused)
        row.addWidget(self.again)
        column.addLayout(row)

    def _on_theme(self) -> None:
        self._recolour()
        self._refresh()

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.table.setStyleSheet(
            f"QTableWidget {{ background: {theme.panel}; border: 1px solid {theme.line}; }}"
            f"QHeaderView {{ background: {theme.panel}; }}"
            f"QHeaderView::section {{ background: {theme.panel}; color: {theme.muted}; border: none;"
            " padding: 2px 8px; }"
            f"QTableCornerButton::section {{ background: {theme.panel}; border: none; }}"
        )
        # The signs are coloured by item.
        self._shown = ()

    def _refresh(self) -> None:
        models = self._session.models
        cells = models.cells
        self.empty.setVisible(not cells)
        self.table.setVisible(bool(cells))
        if cells != self._shown:
            self._shown = cells
            self._fill(cells)
        price = models.planned.estimate.price if models.planned is not None else None
        used = "" if models.used is None else used_words(models.used, price)
        self.used.setText(" ".join(filter(None, (used, plain(models.remark, 300)))))
        self.used.setVisible(bool(self.used.text()) and bool(cells))
        failures = models.failures
        self.failures.setVisible(bool(failures))
        # What was refused in an answer can tell what was answered.
        sealed = bool(self._session.answers.my_reading.sealed)
        text = "\n".join(failure_line(cell, told=not sealed) for cell in failures)
        if text != self.failures.toPlainText():
            self.failures.setPlainText(text)
        again = any(cell.status in {Status.FAILED, Status.WAITING} for cell in cells)
        self.again.setVisible(again and not models.stage.asking)
        partly = any(cell.status is Status.PARTLY for cell in cells)
        self.refused.setVisible(partly and not models.stage.asking)

    def _fill(self, cells: tuple[Cell, ...]) -> None:
        here: dict[tuple[Span, Enhancement], list[Cell]] = defaultdict(list)
        for cell in cells:
            here[cell.span, cell.enhancement].append(cell)
        spans = sorted({cell.span for cell in cells})
        self.table.setRowCount(len(spans))
        self.table.setVerticalHeaderLabels([segment_clock(span) for span in spans])
        for row, span in enumerate(spans):
            for column, enhancement in enumerate(Enhancement):
                self.table.setItem(row, column, self._item(here[span, enhancement]))

    def _item(self, here: list[Cell]) -> QTableWidgetItem:
        item = QTableWidgetItem(_words(here))
        if here:
            worst = min(here, key=lambda cell: _ORDER.index(cell.status))
            item.setData(Qt.ItemDataRole.UserRole, worst.clip)
            item.setForeground(QColor(_colour(self._session.appearance.theme, worst.status)))
        return item

    def _look(self, row: int, column: int) -> None:
        item = self.table.item(row, column)
        clip = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if clip:
            self._session.models.clip_wanted.emit(clip)


def failure_line(cell: Cell, *, told: bool = True) -> str:
    """The segment, what was shown of it, and, where it may be shown, why there is no whole answer."""
    if not told and cell.status is Status.PARTLY:
        return f"{segment_clock(cell.span)} {NAMES[cell.enhancement]}, {cell.status.value}"
    reason = plain(cell.reason, 400).replace("\n", " ")
    return f"{segment_clock(cell.span)} {NAMES[cell.enhancement]}, {cell.status.value}: {reason}"


def _words(cells: list[Cell]) -> str:
    if not cells:
        return ""
    count = Counter(cell.status for cell in cells)
    status = next(one for one in _ORDER if one in count)
    words = f"{STATUS_GLYPHS[status]}  {status.value}"
    return words if len(cells) == count[status] else f"{words} ({count[status]} of {len(cells)})"


def _colour(theme: Theme, status: Status) -> str:
    if status in {Status.FAILED, Status.PARTLY}:
        return theme.caution
    return theme.text if status in {Status.ANSWERED, Status.ASKING} else theme.muted
