"""A sentence over the picture until it is closed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.core.plain_text import breakable, plain
from app.ui.session.session import Session

_LONGEST = 800
"""Characters of a message: the reasons for several files have room, and a picture is left below it."""


class Banner(QWidget):
    """Shows the session's message and what is offered as plain text; hidden while there is neither."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("banner")
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.words.setAccessibleName("Message")
        self.accept = QToolButton()
        self.accept.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.accept.setMinimumSize(QSize(24, 24))
        self.accept.clicked.connect(self._accept)
        close = QToolButton()
        close.setText("Close")
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.setMinimumSize(QSize(24, 24))
        close.clicked.connect(self._close)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(self.words, 1)
        row.addWidget(self.accept, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        session.status.message_changed.connect(self._show)
        session.status.offer_changed.connect(self._show)
        session.appearance.theme_changed.connect(self._recolour)
        self._recolour()
        self._show()

    def _show(self) -> None:
        message, offer = self._session.status.message, self._session.status.offer
        sentences = [plain(message, _LONGEST)] if message else []
        if offer is not None:
            if offer.sentence:
                sentences.append(plain(offer.sentence, 200))
            self.accept.setText(plain(offer.label, 40))
        self.words.setText(breakable(" ".join(sentences)))
        self.accept.setVisible(offer is not None)
        self.setVisible(bool(sentences))

    def _accept(self) -> None:
        offer = self._session.status.offer
        if offer is not None:
            self._session.status.make_offer(None)
            offer.accept()

    def _close(self) -> None:
        self._session.status.make_offer(None)
        self._session.status.show_message("")

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            f"#banner {{ background: {theme.caution_ground}; }}"
            f"#banner QLabel {{ color: {theme.text}; }}"
            f"#banner QToolButton {{ background: transparent; color: {theme.caution}; }}"
        )
