"""The dialog about the program."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.core.folders import log_folder
from app.core.installation import installation_report
from app.ui.dialogs.about import AboutDialog, LicencesDialog
from tests.ui.found_widgets import child


def test_it_shows_where_things_are_and_copies_a_report(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    shown = "\n".join(label.text() for label in dialog.findChildren(QLabel)).replace("\u200b", "")
    assert f"Logs: {log_folder()}" in shown
    assert "not a medical device" in shown
    (copy,) = [one for one in dialog.findChildren(QPushButton) if one.text() == "Co&py report"]
    copy.click()
    assert QGuiApplication.clipboard().text() == installation_report()
    assert "Copied" in dialog.copied.text()


def test_the_licences_of_all_parts_are_listed(qtbot: QtBot) -> None:
    dialog = LicencesDialog()
    qtbot.addWidget(dialog)
    text = child(dialog, QPlainTextEdit).toPlainText()
    assert text.startswith("Semioscope")
    assert "\nnumpy " in text
