"""The page in place of the picture: the running work."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.core.jobs import Progress


class EmptyState(QWidget):
    """The running work as long as there is no picture; the start page covers it without any."""

    def __init__(self, colour: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.addStretch()
        column.addWidget(self._words)
        column.addStretch()
        self.recolour(colour)

    def show_work(self, work: Progress | None) -> None:
        """Show the running work and its progress."""
        self._words.setText("" if work is None else f"{work.what} … {work.done:.0%}")

    def recolour(self, colour: str) -> None:
        # A palette would be forgotten with the next style sheet of the program.
        self._words.setStyleSheet(f"color: {colour};")
