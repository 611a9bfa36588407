"""The history of the open recording: who changed what, when, from what to what, and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.plain_text import plain
from app.core.plural import plural
from app.core.semiology import FEATURE
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.table_style import panel_style, plain_table
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.study.history_search import HistoryPage, HistoryRow

_LEAST_WHAT = 92
"""Pixels of the column of what was changed."""
COLUMNS = ("When", "Who", "Feature", "What", "Before", "After", "Why")


class HistoryView(QWidget):
    """The changes, the latest first; a click goes to the feature. Read again only while visible."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._next: int | None = None
        self._asked = 0
        self._rows: list[HistoryRow] = []
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("History")
        self.only = QToolButton()
        self.only.setText("Only the selected feature")
        self.only.setCheckable(True)
        self.only.setFont(small_font())
        self.only.toggled.connect(lambda _on: self._read())
        self.count = QLabel()
        self.count.setFont(small_font())
        self.more = QToolButton()
        self.more.setText("Older changes")
        self.more.setFont(small_font())
        self.more.clicked.connect(lambda _on=False: self._read_on())
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setAccessibleName("Changes, the latest first")
        self._arrange()
        session.study.edited.connect(self._read)
        session.study.reread.connect(self._read)
        session.opened.recording_changed.connect(self._read)
        session.selection.selected.connect(self._on_selected)
        session.appearance.theme_changed.connect(self._recolour)
        self._recolour()

    @property
    def entry(self) -> QWidget:
        """The widget that takes the focus when the panel is opened."""
        return self.table

    def _arrange(self) -> None:
        plain_table(self.table)
        self.table.setHorizontalHeaderLabels(COLUMNS)
        header = self.table.horizontalHeader()
        for column, width in enumerate((154, 96, 120, _LEAST_WHAT, 170, 170, 90)):
            self.table.setColumnWidth(column, width)
        header.setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(5, QHeaderView.ResizeMode.Stretch)
        self.table.itemClicked.connect(lambda item: self._go_to(item.row()))
        self.table.itemActivated.connect(lambda item: self._go_to(item.row()))
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 2)
        row.addWidget(self.only)
        row.addStretch(1)
        row.addWidget(self.count)
        row.addWidget(self.more)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(row)
        page.addWidget(self.table, 1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()

    def _on_selected(self) -> None:
        if self.only.isChecked():
            self._read()

    def _read(self) -> None:
        if self.isVisible():
            self._ask_before(None)

    def _read_on(self) -> None:
        self._ask_before(self._next)

    def _ask_before(self, number: int | None) -> None:
        """Ask for the changes before one of the history's rows, None for the latest."""
        self._asked += 1
        asked = self._asked

        def show(page: HistoryPage | None) -> None:
            # What was asked for another reader or recording is no longer shown.
            if asked == self._asked:
                self._begin_list(number)
                self._show_page(page)

        feature = self._session.selection.feature if self.only.isChecked() else None
        self._session.study.history(feature, number, show)

    def _begin_list(self, number: int | None) -> None:
        if number is None:
            self._rows = []
            self.table.setRowCount(0)

    def _show_page(self, page: HistoryPage | None) -> None:
        self._next = None if page is None else page.next
        rows, first = (() if page is None else page.rows), len(self._rows)
        self._rows += rows
        self.table.setRowCount(len(self._rows))
        for number, row in enumerate(rows, first):
            for column, words in enumerate(_cells(row)):
                item = QTableWidgetItem(words)
                if column in (4, 5, 6) and len(words) > 30:
                    item.setToolTip(tool_tip(words))
                self.table.setItem(number, column, item)
        # What came after unblinding has the longest text, and is what one looks for.
        self.table.setColumnWidth(3, max(self.table.sizeHintForColumn(3), _LEAST_WHAT))
        self.more.setVisible(self._next is not None)
        empty = "Nothing has been changed yet" if not self._rows else _counted(len(self._rows))
        self.count.setText(empty)

    def _go_to(self, row: int) -> None:
        feature = self._rows[row].entry.feature
        if feature in FEATURE:
            self._session.worklist.go_to(self._session.study.recording_number, feature)

    def _recolour(self) -> None:
        self.setStyleSheet(panel_style(self._session.appearance.theme))


def _counted(changes: int) -> str:
    return plural(changes, "change")


def _cells(row: HistoryRow) -> tuple[str, ...]:
    entry = row.entry
    name = FEATURE[entry.feature].name if entry.feature in FEATURE else entry.feature or ""
    who = entry.who if row.reader in ("", entry.who) else f"{entry.who}, for {row.reader}"
    texts = (_local(entry.at), who, name, row.what, row.old or "–", row.new or "–", entry.why)
    return tuple(plain(text, 300) for text in texts)


def _local(at: str) -> str:
    """A time of the history (UTC) in local time."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return at
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
