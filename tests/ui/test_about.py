"""The dialog about the program."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication
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
    assert "Copied" in dialog.outcome.text()


def test_the_licences_of_all_parts_are_listed(qtbot: QtBot) -> None:
    dialog = LicencesDialog()
    qtbot.addWidget(dialog)
    text = child(dialog, QPlainTextEdit).toPlainText()
    assert text.startswith("Semioscope")
    assert "\nnumpy " in text


def test_every_key_of_it_presses_one_button(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    keys = [one.shortcut().toString() for one in dialog.findChildren(QPushButton)]
    given = [key for key in keys if key]
    assert len(given) == 3
    assert len(set(given)) == 3, "two buttons with one key are only focused by it, not pressed"


def test_it_says_when_nothing_shows_the_log_folder(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _place: False)
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    (logs,) = [one for one in dialog.findChildren(QPushButton) if "log" in one.text()]
    logs.click()
    assert "No program here shows folders" in dialog.outcome.text()
