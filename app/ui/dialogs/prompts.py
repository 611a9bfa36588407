"""A set of prompts: its text to be read, and a copy of it to be changed."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QPlainTextEdit, QWidget

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.readers.models.prompt_files import prompt_sets, save_prompts
from app.core.readers.models.prompts import ABOUT, PROMPT_SETS, PromptSet
from app.core.semiology import FEATURES
from app.ui.dialogs.form import CLOSE, SAVE, Problem, button, buttons, lay_out, sentence, side_by_side, title
from app.ui.session.session import Session
from app.ui.theme import body_font

RULES = "Rules for all"


class PromptsDialog(QDialog):
    """Shows a set of prompts. Those of the program can only be read; *Edit a copy* makes a personal set."""

    kept = Signal(str)
    """The name of a set that was saved."""

    def __init__(self, session: Session, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sets = prompt_sets()
        self._set: PromptSet = sets.get(name, PROMPT_SETS["expert"])
        self._texts = [self._set.rules, *(self._set.questions[feature.id] for feature in FEATURES)]
        self._row = 0
        title(self, "Questions")
        self.name = QLineEdit(self._set.name)
        self.about = sentence(small=True)
        self.list = QListWidget()
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.problem = Problem(session.appearance.theme)
        self.copy = button("Edit a copy", self.edit_copy)
        self.buttons = buttons(self, SAVE, CLOSE)
        self._arrange()
        self._let_edit(name not in PROMPT_SETS)

    def sizeHint(self) -> QSize:
        return QSize(760, 460)

    def edit_copy(self) -> None:
        """Copy this set to a personal one under another name."""
        names = prompt_sets()
        number = next(n for n in range(1, 1000) if f"my {self._set.name} {n}" not in names)
        self.name.setText(f"my {self._set.name} {number}")
        self._let_edit(True)
        self.name.setFocus()
        self.name.selectAll()

    def accept(self) -> None:
        """Keep it as a file in the settings folder; what is wrong is shown in the dialog."""
        self._take_text()
        questions = {feature.id: text for feature, text in zip(FEATURES, self._texts[1:], strict=True)}
        made = replace(self._set, name=self.name.text(), rules=self._texts[0], questions=questions)
        try:
            kept = save_prompts(made)
        except UserError as error:
            self.problem.tell(str(error))
            return
        self.kept.emit(kept.name)
        super().accept()

    def _arrange(self) -> None:
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
        top = side_by_side(self.name, self.copy, growing=self.name)
        halves = QHBoxLayout()
        halves.addWidget(self.list)
        halves.addWidget(self.text, 1)
        lay_out(self, top, self.about, halves, self.problem, self.buttons, growing=halves)
        self.list.setCurrentRow(0)

    def _let_edit(self, on: bool) -> None:
        self.name.setReadOnly(not on)
        self.text.setReadOnly(not on)
        self.copy.setVisible(not on)
        self.buttons.button(SAVE).setVisible(on)
        self.about.setText(
            "Saved in the settings folder. The hash of these words is kept with every answer."
            if on
            else f"Version {plain(self._set.version, 20)} of one of the program's own sets; change a copy. "
            f"{ABOUT.get(self._set.name, '')}".rstrip()
        )

    def _choose(self, row: int) -> None:
        self._take_text()
        self._row = max(0, row)
        self.text.setPlainText(self._texts[self._row])

    def _take_text(self) -> None:
        if not self.text.isReadOnly():
            self._texts[self._row] = self.text.toPlainText()
