"""Marking evidence while a key is held: from its command until its release."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.ui.commands.key_watch import KeyWatch
from app.ui.session.labels import Labels

_REPEAT = 80
"""Milliseconds: X11 reports a repeating key as released and pressed again, at times with a short delay."""


class HoldKey(QObject):
    """Marks from `begin` until the key is released or the window loses the keyboard."""

    def __init__(self, labels: Labels, keys: KeyWatch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        self._keys = keys
        self._key: int | None = None
        self._end_at = 0.0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REPEAT)
        self._later.timeout.connect(self._end)
        keys.pressed.connect(self._on_pressed)
        keys.released.connect(self._on_released)
        keys.lost.connect(self._on_lost)

    def begin(self) -> None:
        """The key is down; repeated while it is, which changes nothing. Without a key nothing is held."""
        if self._key is None and self._keys.latest is not None:
            self._labels.hold()
            self._key = self._keys.latest if self._labels.holding is not None else None

    def _on_pressed(self, key: int) -> None:
        if key == self._key:
            self._later.stop()

    def _on_released(self, key: int) -> None:
        if key == self._key:
            # It has ended where it is now, whatever is waited for.
            self._end_at = self._labels.cursor
            self._later.start()

    def _on_lost(self) -> None:
        if self._key is not None and not self._later.isActive():
            self._end_at = self._labels.cursor
        self._end()

    def _end(self) -> None:
        self._later.stop()
        if self._key is not None:
            self._key = None
            self._labels.let_go(self._end_at)
