"""Two parts of a dialog that share a key are found; `test_contrast.py` looks at every dialog."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QLineEdit, QPushButton, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.access_keys import shared_access_keys


def test_what_shares_a_key_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QFormLayout(window)
    column.addRow("&Pictures", QLineEdit())
    other, tabs = QPushButton("&Preview…"), QTabWidget()
    tabs.addTab(QWidget(), "&Tab")
    for widget in (other, QPushButton("Save && close"), QPushButton("&Keep"), tabs):
        column.addRow(widget)
    window.show()
    assert shared_access_keys(window) == ["Alt+P: &Pictures, &Preview…"]
    other.setEnabled(False)
    assert shared_access_keys(window) == []
    tabs.setTabText(0, "&keep")
    assert shared_access_keys(window) == ["Alt+K: &Keep, &keep"]
