"""The person's rating, 1 to 5, of how faithful the shown reader's explanation is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.core.agreement.anchors import ANCHORS
from app.core.reading import ReaderKind
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.rating_sheet import RatingSheet
from app.ui.views.table_style import chosen_button
from app.ui.views.tool_tip import tool_tip

_ENDS = f"{ANCHORS[0].score} {ANCHORS[0].name.lower()} … {ANCHORS[-1].score} {ANCHORS[-1].name.lower()}"
"""What the numbers mean, while none is chosen."""


class RatingRow(QWidget):
    """Five numbers with the study's anchors; shown beside a model's explanation."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._title = QLabel("Explanation faithful?")
        self._title.setFont(small_font())
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setToolTip("Is what the explanation says there to be seen or heard in the recording?")
        self.meaning = QLabel()
        self.meaning.setFont(small_font())
        self.meaning.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons: dict[int, QToolButton] = {}
        self.sheet = RatingSheet(session)
        both = QVBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(2)
        row = QHBoxLayout()
        both.addLayout(row)
        both.addWidget(self.sheet)
        row.setSpacing(3)
        row.addWidget(self._title)
        row.addSpacing(4)
        for anchor in ANCHORS:
            button = self._button(anchor.score)
            button.setToolTip(tool_tip(f"{anchor.name} ({anchor.percent} %): {anchor.meaning}"))
            button.setAccessibleName(f"Rate {anchor.score}: {anchor.name}")
            row.addWidget(button)
        row.addSpacing(4)
        row.addWidget(self.meaning, 1)
        session.selection.selected.connect(self._refresh)
        session.answers.readings_changed.connect(self._refresh)
        session.answers.ratings_changed.connect(self._refresh)
        session.study.reread.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        session.appearance.theme_changed.connect(self._recolour)
        self._refresh()
        self._recolour()

    def _button(self, score: int) -> QToolButton:
        button = QToolButton()
        button.setText(str(score))
        button.setCheckable(True)
        button.setFont(small_font())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _on=False: self._rate(score))
        self.buttons[score] = button
        return button

    def _rate(self, score: int) -> None:
        ratings = self._session.ratings
        ratings.rate(None if ratings.score == score else score)
        self._refresh()

    def _refresh(self) -> None:
        shown = self._session.answers.shown
        by_model = shown is not None and shown.reader.kind in (ReaderKind.MODEL, ReaderKind.SIGNAL)
        explained = shown is not None and bool(
            shown.answer(self._session.selection.feature).explanation.strip()
        )
        self.setVisible(by_model and explained and not self._session.study.read_only)
        if not by_model:
            return
        self.sheet.show_sheet()
        score = self._session.ratings.score
        for number, button in self.buttons.items():
            button.setChecked(number == score)
        self.meaning.setText(next((one.name for one in ANCHORS if one.score == score), _ENDS))

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            f"QLabel {{ color: {theme.muted}; }}"
            f"QToolButton {{ background: transparent; color: {theme.muted}; padding: 1px 6px; }}"
            f"QToolButton:hover {{ background: {theme.hover}; color: {theme.text}; }}"
            f"{chosen_button(theme)}"
        )
