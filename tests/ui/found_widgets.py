"""Widgets that a test finds in a window, with their types, and values that change between two assertions."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtWidgets import QComboBox, QDockWidget, QMainWindow, QMenu, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

T = TypeVar("T")
W = TypeVar("W", bound=QWidget)


def child(parent: QWidget, kind: type[W], name: str = "") -> W:
    """The first widget of that class below `parent`, and with that object name if one is given."""
    found = parent.findChild(kind, name) if name else parent.findChild(kind)
    assert isinstance(found, kind)
    return found


def docked(window: QMainWindow, name: str, kind: type[W]) -> W:
    """What the panel of that object name shows."""
    found = child(window, QDockWidget, name).widget()
    assert isinstance(found, kind)
    return found


def centre(window: QMainWindow) -> QWidget:
    """The widget between the panels."""
    found = window.centralWidget()
    assert found is not None
    return found


def cell_text(table: QTableWidget, row: int, column: int) -> str:
    """What a cell shows, which must be there."""
    cell = table.item(row, column)
    assert cell is not None
    return cell.text()


def now(value: T) -> T:
    """The value, unchanged. A type checker does not conclude from an assertion about it what it is later."""
    return value


def displayed(qtbot: QtBot, view: Any) -> Any:
    """The view on the screen, large enough for its rows; the test closes it."""
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    return view


def choose(box: QComboBox, words: str) -> None:
    """As by hand."""
    box.setCurrentText(words)
    box.activated.emit(box.currentIndex())


def box_in(table: QTableWidget, row: int) -> QComboBox:
    """The box of choices in a row of a table."""
    cells = (table.cellWidget(row, column) for column in range(table.columnCount()))
    return next(cell for cell in cells if isinstance(cell, QComboBox))


def pick(box: QComboBox, place: int) -> None:
    """Choose the line of that number (from 0), as by hand."""
    box.setCurrentIndex(place)
    box.activated.emit(place)


def row_top(timeline: Any, feature: str) -> float:
    """The top of the row of a feature in the timeline, in pixels of the panel."""
    return float(timeline._row_box(feature).top())


def rows_of(menu: QMenu) -> dict[str, Any]:
    """What a menu offers, by its words; menus within it as menus."""
    return {action.text(): action.menu() or action for action in menu.actions() if action.text()}
