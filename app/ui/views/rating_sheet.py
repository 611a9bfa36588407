"""The yes/no questions beside a rating, of the particulars that the explanation names."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from app.core.agreement.faithfulness_sheet import SheetQuestion, sheet_questions, sheet_words
from app.core.study.rating import Particular
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.tool_tip import tool_tip

_SIGNS: dict[bool | None, tuple[str, str]] = {None: ("?", "open"), True: (" ✓", "yes"), False: (" ✕", "no")}
_NEXT: dict[bool | None, bool | None] = {None: True, True: False, False: None}


class RatingSheet(QWidget):
    """A button for each question; each press goes on from open to yes, to no, and back to open."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(3)
        self._asked: tuple[SheetQuestion, ...] = ()
        self.buttons: dict[Particular, QToolButton] = {}
        for particular in Particular:
            button = QToolButton()
            button.setFont(small_font())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _on=False, one=particular: self._press(one))
            self.buttons[particular] = button
            self._row.addWidget(button)
        self.words = QLabel()
        self.words.setFont(small_font())
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self._row.addSpacing(4)
        self._row.addWidget(self.words, 1)

    def show_sheet(self) -> None:
        """Show the questions and answers of the selected feature."""
        self._asked = sheet_questions(self._session.selection.feature)
        answers = dict(self._session.ratings.sheet)
        asked = {one.particular: one for one in self._asked}
        for particular, button in self.buttons.items():
            question = asked.get(particular)
            button.setVisible(question is not None)
            if question is not None:
                sign, word = _SIGNS[answers.get(particular)]
                button.setText(f"{question.name}{sign}")
                button.setToolTip(
                    tool_tip(f"{question.text}\nPress for yes, again for no, once more to leave it open.")
                )
                button.setAccessibleName(f"{question.text} {word}")
        self.words.setText(sheet_words(self._session.ratings.sheet))

    def _press(self, particular: Particular) -> None:
        answers = dict(self._session.ratings.sheet)
        self._session.ratings.answer_sheet(particular, _NEXT[answers.get(particular)])
        self.show_sheet()
