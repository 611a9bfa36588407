"""A set of prompts: its text to be read, and a copy of it to be changed."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.readers.models.prompt_files import prompt_sets, save_prompts
from app.core.readers.models.prompts import PROMPT_SETS, PromptSet
from app.core.semiology import FEATURES
from app.ui.session.session import Session
from app.ui.theme import body_font, small_font

RULES = "Rules for all"


class PromptsDialog(QDialog):
    """The program's own sets can only be read; *Edit a copy* makes a set of one's own of them."""

    kept = Signal(str)
    """The name of a set that was saved."""

    def __init__(self, session: Session, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        sets = prompt_sets()
        self._set: PromptSet = sets.get(name, PROMPT_SETS["expert"])
        self._texts = [self._set.rules, *(self._set.questions[feature.id] for feature in FEATURES)]
        self._row = 0
        self.setWindowTitle("Questions")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = QLineEdit(self._set.name)
        self.about = QLabel()
        self.list = QListWidget()
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.problem = QLabel()
        self.copy = QPushButton("Edit a copy")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Close
        )
        self._arrange()
        self._let_edit(name not in PROMPT_SETS)

    def sizeHint(self) -> QSize:
        return QSize(760, 460)

    def edit_copy(self) -> None:
        """Make a set of one's own of this one, under another name."""
        names = prompt_sets()
        number = next(n for n in range(1, 1000) if f"my {self._set.name} {n}" not in names)
        self.name.setText(f"my {self._set.name} {number}")
        self._let_edit(True)
        self.name.setFocus()
        self.name.selectAll()

    def save(self) -> None:
        """Keep it as a file in the settings folder; what is wrong is told in the dialog."""
        self._take_text()
        questions = {feature.id: text for feature, text in zip(FEATURES, self._texts[1:], strict=True)}
        made = replace(self._set, name=self.name.text(), rules=self._texts[0], questions=questions)
        try:
            kept = save_prompts(made)
        except UserError as error:
            self.problem.setText(plain(str(error), 300))
            return
        self.kept.emit(kept.name)
        self.accept()

    def _arrange(self) -> None:
        for label in (self.about, self.problem):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.about.setFont(small_font())
        self.problem.setStyleSheet(f"color: {self._session.appearance.theme.caution};")
        self.list.addItems([RULES, *(feature.name for feature in FEATURES)])
        self.list.setAccessibleName("Parts of the set")
        self.list.setMaximumWidth(210)
        self.list.setSpacing(1)
        self.list.currentRowChanged.connect(self._choose)
        self.text.setFont(body_font())
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Text of the chosen part")
        self.name.setAccessibleName("Name of the set")
        self.name.setMaxLength(40)
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self.edit_copy)
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(self.copy)
        halves = QHBoxLayout()
        halves.addWidget(self.list)
        halves.addWidget(self.text, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.addLayout(top)
        column.addWidget(self.about)
        column.addLayout(halves, 1)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)
        self.list.setCurrentRow(0)
        for button in self.buttons.buttons():
            button.setIcon(QIcon())

    def _let_edit(self, on: bool) -> None:
        self.name.setReadOnly(not on)
        self.text.setReadOnly(not on)
        self.copy.setVisible(not on)
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setVisible(on)
        self.about.setText(
            "Saved in the settings folder. The hash of these words is kept with every answer."
            if on
            else f"Version {plain(self._set.version, 20)} of one of the program's own sets; change a copy."
        )

    def _choose(self, row: int) -> None:
        self._take_text()
        self._row = max(0, row)
        self.text.setPlainText(self._texts[self._row])

    def _take_text(self) -> None:
        if not self.text.isReadOnly():
            self._texts[self._row] = self.text.toPlainText()
