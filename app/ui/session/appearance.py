"""The colours of the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.ui.theme import DARK, THEMES, Mode, Theme


class WindowAppearance(QObject):
    """The theme that everything is painted in."""

    theme_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK

    @property
    def theme(self) -> Theme:
        return self._theme

    def set_mode(self, mode: Mode) -> None:
        """Paint light or dark."""
        self._theme = THEMES[mode]
        self.theme_changed.emit()
