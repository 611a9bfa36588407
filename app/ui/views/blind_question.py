"""The question over the picture, once in a study, whether first readings are blind."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.ui.session.session import Session

QUESTION = (
    "Read this study blind? The readers' answers stay sealed until you have locked your own, so that they "
    "cannot influence you. You can change this in the menu Reader; the choice is kept in the study's history."
)


class BlindQuestion(QWidget):
    """Shown at a first reading of a study that nobody has decided on yet."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("blind")
        words = QLabel(QUESTION)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.blind = QPushButton("Read blind")
        self.open = QPushButton("Read open")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(words, 1)
        for button, on in ((self.blind, True), (self.open, False)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _checked=False, on=on: session.readers.read_blind(on))
            row.addWidget(button)
        session.answers.seal_changed.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        session.appearance.theme_changed.connect(self._recolour)
        self._refresh()
        self._recolour()

    def _refresh(self) -> None:
        self.setVisible(self._session.readers.asking)

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            f"#blind {{ background: {theme.raised}; }} #blind QLabel {{ color: {theme.text}; }}"
            f"#blind QPushButton {{ background: {theme.panel}; border-color: {theme.edge}; }}"
            f"#blind QPushButton:focus {{ border-color: {theme.text}; }}"
        )
