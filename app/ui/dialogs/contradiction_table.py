"""What contradicts itself, a row each with a choice of the sides; used where answers come together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
)

from app.core.exchange.joined_readings import Contradiction, ContradictionKey
from app.core.plain_text import plain
from app.ui.views.tool_tip import tool_tip

_LONGEST = 200
MOST_CHOICES = 200
"""Rows with a choice that are shown; a file with more was not written by this program."""
_MOST_SHOWN_ROWS = 5
UNDECIDED = "Choose…"
_NEITHER = "Neither"


class ContradictionTable(QTableWidget):
    """The contradictions, and which side of each was chosen."""

    chosen = Signal()
    """A side of a contradiction was chosen."""

    def __init__(self, name: str) -> None:
        super().__init__()
        _prepare(self, name)
        self._keys: tuple[ContradictionKey, ...] = ()
        self._boxes: list[QComboBox] = []

    def show_contradictions(self, contradictions: Sequence[Contradiction]) -> None:
        """One row for each, with a choice of its sides; what was chosen before stays."""
        shown = contradictions[:MOST_CHOICES]
        before = self.settled
        self._keys = tuple(one.key for one in shown)
        self._boxes = []
        clear_rows(self, ("Recording", "Reader", "What", "Take"), len(shown))
        for row, one in enumerate(shown):
            put_texts(self, row, (one.recording, one.reader, one.what))
            box = QComboBox()
            box.setAccessibleName(plain(f"What is meant for {one.what}", _LONGEST))
            box.addItem(UNDECIDED)
            for side in one.alternatives:
                box.addItem(" ".join(plain(f"{side.text} ({side.place})", _LONGEST).split()))
            box.addItem(_NEITHER)
            if one.key in before:
                number = before[one.key]
                box.setCurrentIndex(box.count() - 1 if number is None else number + 1)
            box.activated.connect(lambda _number: self.chosen.emit())
            self.setCellWidget(row, 3, box)
            self._boxes.append(box)

    @property
    def settled(self) -> dict[ContradictionKey, int | None]:
        """The chosen side of every contradiction for which one was chosen; None for neither."""
        return {
            key: None if box.currentIndex() == box.count() - 1 else box.currentIndex() - 1
            for key, box in zip(self._keys, self._boxes, strict=True)
            if box.currentIndex() > 0
        }

    @property
    def undecided(self) -> int:
        """How many contradictions wait for a choice."""
        return len(self._keys) - len(self.settled)


def table_of_choices(name: str) -> QTableWidget:
    """An empty table in which each row has a choice."""
    table = QTableWidget()
    _prepare(table, name)
    return table


def _prepare(table: QTableWidget, name: str) -> None:
    table.setAccessibleName(name)
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)


def clear_rows(table: QTableWidget, titles: Sequence[str], rows: int) -> None:
    table.clear()
    table.setColumnCount(len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    table.setRowCount(rows)
    for column in range(len(titles)):
        table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)


def put_texts(table: QTableWidget, row: int, texts: Sequence[str]) -> None:
    for column, text in enumerate(texts):
        item = QTableWidgetItem(" ".join(plain(text, _LONGEST).split()))
        item.setToolTip(tool_tip(item.text()))
        table.setItem(row, column, item)


def fit_rows(table: QTableWidget) -> None:
    """Give the table the height of its rows, of many that of the first."""
    height = table.horizontalHeader().sizeHint().height() + 4
    shown = min(max(table.rowCount(), 1), _MOST_SHOWN_ROWS)
    table.setFixedHeight(height + shown * table.verticalHeader().defaultSectionSize())
