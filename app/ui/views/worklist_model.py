"""The worklist as a table model: cells, order and filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtWidgets import QWidget

from app.core.plain_text import plain

if TYPE_CHECKING:
    from app.core.study.worklist import WorkFilter, WorkItem

Index = QModelIndex | QPersistentModelIndex

COLUMNS = ("Recording", "Mine", "Agree", "Readers")
STATUSES = ("unanswered", "started", "done", "locked")
_GLYPHS = {"unanswered": "·", "started": "…", "done": "✓", "locked": "✓ locked"}
SORT_ROLE = Qt.ItemDataRole.UserRole


class WorkModel(QAbstractTableModel):
    """The items as a table; sorted and filtered by what stands under `SORT_ROLE`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.items: tuple[WorkItem, ...] = ()
        self.open_number = 0

    def show(self, items: tuple[WorkItem, ...], open_number: int) -> None:
        self.beginResetModel()
        self.items, self.open_number = items, open_number
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.items)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802 - Qt calls it so
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _words(item, item.recording_id == self.open_number)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() in (0, 3):
            words = _words(item, False)[index.column()]
            # What looks like markup would be painted as such in a tip.
            return None if "<" in words else words
        if role == SORT_ROLE:
            return _order(item)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(_words(item, item.recording_id == self.open_number))
        return None


class FilteredWork(QSortFilterProxyModel):
    """The items that a filter lets through; all without one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.wanted: WorkFilter | None = None
        self.setSortRole(SORT_ROLE)

    def show(self, wanted: WorkFilter | None) -> None:
        self.beginFilterChange()
        self.wanted = wanted
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:  # noqa: N802 - Qt calls it so
        model = self.sourceModel()
        assert isinstance(model, WorkModel)
        return self.wanted is None or self.wanted.shows(model.items[row])


def _words(item: WorkItem, is_open: bool) -> tuple[str, ...]:
    status = item.status.value
    mine = f"{item.answered} of 20" if status == "started" else _GLYPHS[status]
    agree = "–" if item.agreement is None else f"{item.agreement:.0%}"
    name = plain(item.name, 120)
    return (f"▸ {name}" if is_open else name, mine, agree, plain(", ".join(item.readers), 200))


def _order(item: WorkItem) -> tuple[object, ...]:
    # What is not known stands below the least.
    agreement = -1.0 if item.agreement is None else item.agreement
    return (
        item.name.casefold(),
        STATUSES.index(item.status.value) * 100 + item.answered,
        agreement,
        len(item.readers),
    )
