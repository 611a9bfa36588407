"""The selected feature and the person's answer in one line, where no checklist is seen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QWidget

from app.core.answer_words import answer_words
from app.core.plain_text import plain
from app.core.semiology import FEATURE, FEATURES
from app.core.study.quick_answers import lacking
from app.ui.session.session import Session
from app.ui.theme import body_font, small_font


class AnswerStrip(QWidget):
    """What a key would change: in full screen, and while another panel hides the checklist."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._seen: dict[QDockWidget, bool] = {}
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.words, self.count = QLabel(), QLabel()
        for label, font in ((self.words, body_font()), (self.count, small_font())):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(font)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(self.words, 1)
        row.addWidget(self.count)
        session.selection.selected.connect(self._refresh)
        session.answers.mine_changed.connect(self._refresh)
        session.answers.seal_changed.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        session.appearance.theme_changed.connect(self._recolour)
        self._recolour()
        self._refresh()

    def hide_beside(self, dock: QDockWidget) -> None:
        """Stay hidden while this panel is seen, which says the same."""
        self._seen[dock] = False
        dock.visibilityChanged.connect(lambda seen: self._on_seen(dock, seen))

    def _on_seen(self, dock: QDockWidget, seen: bool) -> None:
        self._seen[dock] = seen
        self._refresh()

    def _refresh(self) -> None:
        session = self._session
        self.setVisible(session.opened.recording is not None and not any(self._seen.values()))
        if self.isHidden():
            return
        feature = session.selection.feature
        answer = session.answers.mine.answer(feature)
        spans = len(answer.evidence)
        parts = [answer_words(answer), *([f"{spans} span{'s' if spans > 1 else ''}"] if spans else [])]
        missing = "".join(f" · no {part} yet" for part in lacking(answer))
        self.words.setText(f"{FEATURE[feature].name}:  {', '.join(parts)}{missing}")
        answered = sum(one.presence is not None for one in session.answers.mine.answers.values())
        self.count.setText(f"{plain(session.readers.me, 40)} · {answered} of {len(FEATURES)} answered")

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            f"#strip {{ background: {theme.panel}; border-top: 1px solid {theme.line}; }}"
            f"#strip QLabel {{ color: {theme.text}; }}"
        )
        self.count.setStyleSheet(f"color: {theme.muted};")
