"""The page in place of the picture: what to do, or the running work."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.jobs import Progress

_INVITATION = "Open a recording, or drop a file here"


class EmptyState(QWidget):
    """An invitation to open a recording, or the running work."""

    def __init__(self, colour: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = QLabel(_INVITATION)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open_button = QPushButton("Open a recording…")
        self.demo_button = QPushButton("Open the demonstration")
        self.demo_button.setToolTip("A generated patient whose semiology is known exactly")
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.demo_button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addStretch()
        column.addWidget(self._words)
        column.addLayout(buttons)
        column.addStretch()
        self.recolour(colour)

    def show_work(self, work: Progress | None) -> None:
        """Show the running work and its progress; without work, the invitation."""
        self.open_button.setVisible(work is None)
        self.demo_button.setVisible(work is None)
        self._words.setText(_INVITATION if work is None else f"{work.what} … {work.done:.0%}")

    def recolour(self, colour: str) -> None:
        # A palette would be forgotten with the next style sheet of the program.
        self._words.setStyleSheet(f"color: {colour};")
