"""The dialog for the reader: one of the study's readers, or a new name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.core.reading import LONGEST_NAME
from app.ui.dialogs.form import CANCEL, OK, buttons, lay_out, sentence, title
from app.ui.session.session import Session
from app.ui.views.tool_tip import tool_tip


class ReadersDialog(QDialog):
    """A name to read under; nothing changes until it is accepted."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        title(self, "Reader")
        words = sentence(
            "Answers are saved under a reader's name, separately for each reader. "
            "Answers of other readers are not changed."
        )
        self.people = QListWidget()
        self.people.setAccessibleName("Readers of this study")
        # A long name is cut with an ellipsis.
        self.people.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        people = session.readers.candidates or session.answers.my_reading.people
        for name in people:
            item = QListWidgetItem(name)
            item.setToolTip(tool_tip(name))
            self.people.addItem(item)
        self.people.setVisible(bool(people))
        self.name = QLineEdit(session.readers.me)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name of the reader")
        self.name.selectAll()
        ends = buttons(self, OK, CANCEL)
        self.people.currentTextChanged.connect(self.name.setText)
        self.people.itemDoubleClicked.connect(lambda _item: self.accept())
        self.name.textChanged.connect(lambda text: ends.button(OK).setEnabled(bool(text.strip())))
        lay_out(self, words, self.people, self.name, ends)
        self.setMinimumWidth(380)
        self.name.setFocus()

    @property
    def chosen(self) -> str:
        """The name as it will be kept."""
        return " ".join(self.name.text().split())

    def accept(self) -> None:
        if self.chosen and self._session.readers.become(self.chosen):
            super().accept()
