"""One sentence over the picture, calm, until it is closed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.core.plain_text import breakable, plain
from app.ui.session import Changed, Session


class Banner(QWidget):
    """Shows the session's message as plain text; hidden while there is none."""

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
        close = QToolButton()
        close.setText("Close")
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.setMinimumSize(QSize(24, 24))
        close.clicked.connect(lambda: session.show_message(""))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(self.words, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        session.changed.connect(self._on_changed)
        self._recolour()
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if changed & (Changed.STATUS | Changed.RECORDING):
            self._show()
        if changed & Changed.THEME:
            self._recolour()

    def _show(self) -> None:
        self.words.setText(breakable(plain(self._session.message, 400)))
        self.setVisible(bool(self._session.message))

    def _recolour(self) -> None:
        theme = self._session.theme
        self.setStyleSheet(
            f"#banner {{ background: {theme.caution_ground}; }}"
            f"#banner QLabel {{ color: {theme.text}; }}"
            f"#banner QToolButton {{ background: transparent; color: {theme.caution}; }}"
        )
