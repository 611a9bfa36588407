"""The person who reads, at the head of their column: the name, and a list of the known readers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.core.plain_text import plain
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.tool_tip import tool_tip

_LONGEST = 60


class WhoReads(QPushButton):
    """The person's name in their colour; its menu changes who reads from now on."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFlat(True)
        session.answers.seal_changed.connect(self._refresh)
        session.study.recordings_changed.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        session.appearance.theme_changed.connect(self._recolour)
        self._refresh()
        self._recolour()

    def fit(self, width: int) -> None:
        """Take this many pixels."""
        if self.width() != width:
            self.setFixedWidth(width)
            self._refresh()

    def open_list(self) -> None:
        """Open the list; a digit chooses."""
        self._menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _refresh(self) -> None:
        asked = bool(self._session.readers.candidates)
        name = "Reader?" if asked else plain(self._session.readers.me, _LONGEST)
        room = max(40, self.width() - 26)
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        self.setText(shown.replace("&", "&&"))
        self.setAccessibleName(name if asked else f"Reader: {name}")
        tip = "Choose the reader (F9)" if asked else f"{name} reads; another reader can be chosen here (F9)"
        self.setToolTip(tool_tip(tip))

    def _fill(self) -> None:
        self._menu.clear()
        for number, name in enumerate(self._session.readers.known, 1):
            key = f"&{number}  " if number < 10 else ""
            self._row(f"{key}{plain(name, _LONGEST).replace('&', '&&')}", name)
        self._menu.addSeparator()
        self._row("&New…", "")

    def _row(self, words: str, name: str) -> None:
        action = QAction(words, self._menu)
        action.setCheckable(bool(name))
        action.setChecked(name == self._session.readers.me and not self._session.readers.candidates)
        action.triggered.connect(lambda _on=False: self._session.requests.reader.emit(name))
        self._menu.addAction(action)

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            f"QPushButton {{ background: {theme.panel}; color: {theme.mine}; border: 1px solid transparent;"
            " text-align: left; padding: 1px 4px 1px 7px; font-weight: bold; }"
            f"QPushButton:hover {{ background: {theme.hover}; }}"
            f"QPushButton:focus {{ border-color: {theme.edge}; }}"
        )
