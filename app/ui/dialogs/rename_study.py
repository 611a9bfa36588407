"""The dialog for another name of a study."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.study.study_name import LONGEST_NAME, checked_name
from app.ui.dialogs.form import CANCEL, OK, Problem, buttons, form, lay_out, sentence, title
from app.ui.theme import Theme

_ABOUT = "The folder of the study keeps its name, so that nothing that leads to it is lost."


class RenameStudyDialog(QDialog):
    """A field with the present name; what can be no name is said as it is typed."""

    named = Signal(str)
    """The name, once it is accepted."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Rename study")
        self._before = name
        self.name = QLineEdit(plain(name, LONGEST_NAME))
        self.name.setMaxLength(LONGEST_NAME)
        self.name.selectAll()
        self.problem = Problem(theme)
        ends = buttons(self, OK, CANCEL)
        self._rename = ends.button(OK)
        self._rename.setText("Rename")
        self.name.textChanged.connect(self._look)
        lay_out(self, form((("&Name", self.name),)), sentence(_ABOUT, small=True), self.problem, ends)
        self.setMinimumWidth(440)
        self._look()
        self.name.setFocus()

    def accept(self) -> None:
        if self._rename.isEnabled():
            self.named.emit(checked_name(self.name.text()))
            super().accept()

    def _look(self) -> None:
        try:
            other = checked_name(self.name.text()) != self._before
            self.problem.tell("")
        except UserError as error:
            other = False
            self.problem.tell(str(error))
        self._rename.setEnabled(other)
