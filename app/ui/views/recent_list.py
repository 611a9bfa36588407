"""A short list of recent studies or recordings: name, place, and how far the person is as a bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from app.core.plain_text import plain
from app.ui.theme import Theme, body_font
from app.ui.views.table_style import panel_style, plain_table
from app.ui.views.tool_tip import tool_tip

_ROW = 34
_BAR = 64
_PROGRESS = 190
_SHARE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class HowFar:
    """What is said of a row, the share (0–1) that the bar shows (None without a bar), and whether the row can
    be opened as far as is known."""

    words: str
    share: float | None = None
    reachable: bool = True


class _ProgressCell(QStyledItemDelegate):
    """Paints the bar before the words."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme | None = None

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        share, theme = index.data(_SHARE), self.theme
        super().paint(painter, option, index)
        if share is None or theme is None:
            return
        rect = QRectF(option.rect)
        bar = QRectF(rect.left() + 8, rect.center().y() - 2, _BAR, 4)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRoundedRect(bar, 2, 2)
        painter.setBrush(QColor(theme.mine))
        bar.setWidth(_BAR * share)
        painter.drawRoundedRect(bar, 2, 2)
        painter.restore()

    def initStyleOption(  # noqa: N802 - overrides Qt's, so the name is Qt's
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.displayAlignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RecentList(QTableWidget):
    """Opens a row by a click or by Return; its menu takes a row out of the list, or renames a study."""

    chosen = Signal(object)
    """The path of the row."""
    forgotten = Signal(object)
    """The path of a row that is to be listed no more."""
    rename_wanted = Signal(object)
    """The path of a study that is to be called otherwise."""

    def __init__(self, name: str, *, of_studies: bool = False) -> None:
        super().__init__(0, 3)
        self._of_studies = of_studies
        plain_table(self)
        self.setFont(body_font())
        self.setAccessibleName(name)
        self.horizontalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        head = self.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(2, _PROGRESS)
        self._progress = _ProgressCell()
        self.setItemDelegateForColumn(2, self._progress)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda place: self._ask_menu(self.rowAt(place.y())))
        self.cellClicked.connect(lambda row, _column: self._choose(row))
        self._paths: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is listed, in order."""
        return self._paths

    def show_paths(self, paths: tuple[Path, ...], names: Mapping[Path, str]) -> None:
        """List these under their names, where they are known; how far they are is not known yet."""
        self._paths = paths
        self.setRowCount(len(paths))
        for row, path in enumerate(paths):
            name = names.get(path) or (path.stem if self._of_studies else path.name)
            for column, words in enumerate((name, str(path.parent), "")):
                item = QTableWidgetItem(plain(words, 300))
                item.setToolTip(tool_tip(str(path)))
                self.setItem(row, column, item)
        self.setFixedHeight(max(1, len(paths)) * _ROW + 4)
        self.recolour_places()

    def name(self, path: Path, name: str) -> None:
        """Call one of them so."""
        item = self.item(self._paths.index(path), 0) if path in self._paths else None
        if item is not None:
            item.setText(plain(name, 300))

    def tell(self, path: Path, far: HowFar) -> None:
        """Say how far the person is with one of them."""
        if path not in self._paths:
            return
        row = self._paths.index(path)
        progress = self.item(row, 2)
        if progress is not None:
            progress.setText(far.words)
            progress.setData(_SHARE, far.share)
        theme = self._progress.theme
        if theme is not None and not far.reachable:
            for column in (0, 2):
                item = self.item(row, column)
                if item is not None:
                    item.setForeground(QColor(theme.muted))

    def recolour(self, theme: Theme) -> None:
        self._progress.theme = theme
        self.setStyleSheet(
            panel_style(theme) + "QTableView { background: transparent; }"
            f"QTableView::item:hover {{ background: {theme.hover}; }}"
            f"QTableView::item:selected {{ background: {theme.selection}; color: {theme.text}; }}"
        )
        self.recolour_places()

    def recolour_places(self) -> None:
        """Paint where something is more quietly than what it is called."""
        theme = self._progress.theme
        for row in range(self.rowCount()):
            for column in (1, 2):
                item = self.item(row, column)
                if item is not None and theme is not None:
                    item.setForeground(QColor(theme.muted))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selectRow(max(self.currentRow(), 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Only where the keys go a row is selected: there are two lists."""
        super().focusOutEvent(event)
        self.clearSelection()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentRow())
        elif event.key() == Qt.Key.Key_Delete:
            self._forget(self.currentRow())
        elif event.key() == Qt.Key.Key_F2:
            self._rename(self.currentRow())
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(560, self.height())

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._paths):
            self.chosen.emit(self._paths[row])

    def _forget(self, row: int) -> None:
        if 0 <= row < len(self._paths):
            self.forgotten.emit(self._paths[row])

    def _rename(self, row: int) -> None:
        if self._of_studies and 0 <= row < len(self._paths):
            self.rename_wanted.emit(self._paths[row])

    def _ask_menu(self, row: int) -> None:
        if 0 <= row < len(self._paths):
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Open", lambda: self._choose(row))
            if self._of_studies:
                menu.addAction("Rename…\tF2", lambda: self._rename(row))
            menu.addAction("Take out of this list", lambda: self._forget(row))
            menu.popup(self.viewport().mapToGlobal(self.visualRect(self.model().index(row, 0)).center()))
