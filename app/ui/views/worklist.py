"""The recordings of the study: how far one is, who has read, who agrees; a click opens one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QHeaderView, QLineEdit, QTableView, QVBoxLayout, QWidget

from app.core.plain_text import plain
from app.ui.background import Background
from app.ui.session import Changed, Session
from app.ui.theme import small_font
from app.ui.views.table_style import panel_style, plain_table

if TYPE_CHECKING:
    from app.ui.study_look import WorkItem

Index = QModelIndex | QPersistentModelIndex

COLUMNS = ("Recording", "Mine", "Agree", "Readers")
STATUSES = ("unanswered", "started", "done", "locked")
_GLYPHS = {"unanswered": "·", "started": "…", "done": "✓", "locked": "✓ locked"}
_SORT = Qt.ItemDataRole.UserRole
_CALM = 400
"""Milliseconds after a change before the list is read again."""


class WorkModel(QAbstractTableModel):
    """The items as a table; sorted and filtered by what stands under `_SORT`."""

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
        if role == _SORT:
            return _order(item)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(_words(item, item.recording_id == self.open_number))
        return None


class _Filter(QSortFilterProxyModel):
    """By text in name and readers, and by status."""

    text = ""
    status = ""

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:  # noqa: N802 - Qt calls it so
        model = self.sourceModel()
        assert isinstance(model, WorkModel)
        item = model.items[row]
        wanted = self.text.casefold()
        named = any(wanted in text.casefold() for text in (item.name, *item.readers))
        return named and self.status in ("", item.status.value)


class WorklistView(QWidget):
    """Read in the background whenever something is answered."""

    several = Signal(bool)
    """Whether the study has more than one recording."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Worklist")
        self.model = WorkModel(self)
        self._filter = _Filter(self)
        self._filter.setSourceModel(self.model)
        self._filter.setSortRole(_SORT)
        self.table = QTableView()
        self.table.setAccessibleName("Recordings of the study")
        self.text = QLineEdit()
        self.status = QComboBox()
        self._reading = Background("worklist", self)
        self._reading.done.connect(self._show)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self._read)
        session.closing.connect(self._later.stop)
        self._arrange()
        session.changed.connect(self._on_changed)
        session.closing.connect(self._reading.close)
        self._recolour()

    def sizeHint(self) -> QSize:
        return QSize(300, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 120)

    def _arrange(self) -> None:
        plain_table(self.table)
        self.table.setModel(self._filter)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        header = self.table.horizontalHeader()
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 66), (2, 50), (3, 60)):
            self.table.setColumnWidth(column, width)
        self.table.activated.connect(self._open)
        self.table.doubleClicked.connect(self._open)
        self.text.setPlaceholderText("Filter by name or reader")
        self.text.setAccessibleName("Filter")
        self.text.textChanged.connect(self._filter_changed)
        self.status.addItem("any status", "")
        for status in STATUSES:
            self.status.addItem(status, status)
        self.status.setAccessibleName("Status")
        self.status.currentIndexChanged.connect(self._filter_changed)
        for widget in (self.text, self.status):
            widget.setFont(small_font())
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self.text, 1)
        row.addWidget(self.status)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(row)
        page.addWidget(self.table, 1)

    def _filter_changed(self) -> None:
        self._filter.beginFilterChange()
        self._filter.text, self._filter.status = self.text.text(), str(self.status.currentData())
        self._filter.endFilterChange()

    def _open(self, index: QModelIndex) -> None:
        item = self.model.items[self._filter.mapToSource(index).row()]
        self._session.readers.go_to(item.recording_id)

    def _on_changed(self, changed: Changed) -> None:
        if changed & Changed.THEME:
            self._recolour()
        if changed & (Changed.RECORDING | Changed.STUDY):
            self._read()
        elif changed & Changed.ANSWERS and self.isVisible():
            self._later.start()

    def _read(self) -> None:
        look = self._session.readers.look()
        if look is not None:
            self._reading.start(lambda _task: (look.worklist(), look.number))

    def _show(self, found: tuple[tuple[WorkItem, ...], int]) -> None:
        self.model.show(*found)
        self.several.emit(len(self.model.items) > 1)

    def _recolour(self) -> None:
        self.setStyleSheet(panel_style(self._session.theme))


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
