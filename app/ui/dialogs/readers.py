"""Who reads: one of the study's readers, or a new name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.ui.session.session import Session


class ReadersDialog(QDialog):
    """A name to read under; nothing changes until it is accepted."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Who reads")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = QLabel(
            "Every answer is kept under a name, and each reader's answers stand for themselves. "
            "What others have answered is not changed."
        )
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        self.people = QListWidget()
        self.people.setAccessibleName("Readers of this study")
        for name in session.answers.my_reading.people:
            self.people.addItem(QListWidgetItem(name))
        self.people.setVisible(bool(session.answers.my_reading.people))
        self.name = QLineEdit(session.readers.me)
        self.name.setMaxLength(60)
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name of who reads")
        self.name.selectAll()
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.people.currentTextChanged.connect(self.name.setText)
        self.people.itemDoubleClicked.connect(lambda _item: self.accept())
        self.name.textChanged.connect(
            lambda text: buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(text.strip()))
        )
        column = QVBoxLayout(self)
        column.setSpacing(10)
        for widget in (words, self.people, self.name, buttons):
            column.addWidget(widget)
        self.setMinimumWidth(380)
        self.name.setFocus()

    @property
    def chosen(self) -> str:
        """The name as it will be kept."""
        return " ".join(self.name.text().split())

    def accept(self) -> None:
        if self.chosen and self._session.readers.become(self.chosen):
            super().accept()
