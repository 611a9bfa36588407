"""The user's guide, in a window that can stay open beside the work."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QTextBrowser, QWidget

from app.core.folders import resource
from app.ui.dialogs.form import CLOSE, buttons, lay_out, title
from app.ui.theme import body_font


class GuideDialog(QDialog):
    """One page, which is the program's own text. Does not block the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "User's guide")
        self.page = QTextBrowser()
        self.page.setFont(body_font())
        self.page.setAccessibleName("User's guide")
        self.page.setMarkdown(resource("users_guide.md").read_text(encoding="utf-8"))
        lay_out(self, self.page, buttons(self, CLOSE), growing=self.page)

    def sizeHint(self) -> QSize:
        return QSize(640, 640)
