"""In tables of dialogs and of panels the head of a column begins where its cells begin."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QTableWidget, QTableWidgetItem, QVBoxLayout
from pytestqt.qtbot import QtBot

from app.ui.theme import DARK, LIGHT, Theme, apply
from app.ui.views.table_style import panel_style, plain_table
from tests.ui.found_widgets import displayed


def first_ink(image: QImage) -> int:
    """The first column, in pixels, in which something is drawn on the ground of its row."""
    for x in range(image.width()):
        column = {image.pixel(x, y) for y in range(4, image.height() - 4)}
        if len(column) > 1:
            return x
    raise AssertionError("nothing is drawn")


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("of_panel", [False, True], ids=["dialog", "panel in a dialog"])
def test_head_and_cell_begin_together(qtbot: QtBot, qapp: QApplication, theme: Theme, of_panel: bool) -> None:
    apply(qapp, theme)
    dialog = QDialog()
    table = QTableWidget(2, 2)
    plain_table(table)
    if of_panel:
        table.setStyleSheet(panel_style(theme))
    table.setHorizontalHeaderLabels(["HH", "HH"])
    for row in range(2):
        for column in range(2):
            table.setItem(row, column, QTableWidgetItem("HH"))
    QVBoxLayout(dialog).addWidget(table)
    dialog.resize(400, 300)
    displayed(qtbot, dialog)
    header = table.horizontalHeader()
    for column in range(2):
        left, wide = header.sectionViewportPosition(column), header.sectionSize(column)
        head = header.viewport().grab().toImage().copy(left + 1, 0, wide - 2, header.height())
        cell = table.viewport().grab().toImage().copy(left + 1, 0, wide - 2, table.rowHeight(0))
        assert first_ink(head) == first_ink(cell)
