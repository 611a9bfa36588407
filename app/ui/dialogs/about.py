"""The dialog about the program: intended use, where data and logs are, licences."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from app import __version__
from app.core.installation import account_folders, installation_report, package_licences
from app.ui.dialogs.form import CLOSE, button, buttons, lay_out, selectable, sentence, side_by_side, title

TEXT = f"""Semioscope {__version__}

Review seizure videos: picture, pose, sound and the 20 ILAE semiology features, \
your answers beside a reader's.

Research use. This is not a medical device: it must not be used to diagnose or to decide on a treatment. \
The signal reader is a rule-based measurement that has not been validated on patients.

Nothing leaves this computer unless you set up a model, have seen what is sent, and allow it."""


class AboutDialog(QDialog):
    """Plain text, the folders of the account, a report to copy. Does not block the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "About Semioscope")
        words = selectable(sentence(TEXT))
        words.setMinimumWidth(460)
        self.outcome = sentence(small=True)
        actions = side_by_side(
            button("Open log &folder", self._open_logs),
            button("Co&py report", self._copy, tip="Versions and system, for a question about the program"),
            button("&Licences…", self._show_licences),
        )
        lay_out(self, words, *self._folders(), actions, self.outcome, buttons(self, CLOSE))

    def _folders(self) -> list[QWidget]:
        """What is kept where; long paths are wrapped and can be copied."""
        lines = (f"{folder.holds}: {breakable(folder.path)}" for folder in account_folders())
        shown = (selectable(sentence(line, small=True)) for line in lines)
        return [sentence("Kept for this account", bold=True), *shown]

    def _open_logs(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(account_folders()[-1].path))):
            self.outcome.setText("No program here shows folders; the path above can be copied.")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(installation_report())
        self.outcome.setText("Copied: versions and system, nothing of recordings or accounts.")

    def _show_licences(self) -> None:
        LicencesDialog(self).show()


class LicencesDialog(QDialog):
    """The licences of the program and of everything that it is made of."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Licences")
        rows = "\n".join(f"{name}: {licence}" for name, licence in package_licences())
        text = QPlainTextEdit(f"Semioscope {__version__}: Apache License 2.0\n\nMade with:\n{rows}")
        text.setReadOnly(True)
        text.setAccessibleName("Licences")
        self.resize(520, 480)
        lay_out(self, text, buttons(self, CLOSE), growing=text)


def breakable(path: Path) -> str:
    """A path that may be broken into lines at its separators."""
    return str(path).replace("/", "/\u200b").replace("\\", "\\\u200b")
