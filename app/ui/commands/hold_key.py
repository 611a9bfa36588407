"""Marking by holding a key: it begins when a command runs and ends when the key is let go."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from app.ui.session.labels import Labels

_REPEAT = 80
"""Milliseconds: X11 tells a key that repeats as let go and pressed again, at times a moment apart."""


class HoldKey(QObject):
    """Watches the keyboard from `begin` until the key is released or the window loses it."""

    def __init__(self, labels: Labels, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        self._watching = False
        self._end_at: float | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REPEAT)
        self._later.timeout.connect(self._end)

    def begin(self) -> None:
        """The key is down; repeated while it is, which changes nothing."""
        self._later.stop()
        self._labels.hold()
        application = QApplication.instance()
        if application is not None and self._labels.holding is not None and not self._watching:
            self._watching = True
            application.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        kind = event.type()
        if kind is QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            if not event.isAutoRepeat() and not self._later.isActive():
                # It has ended where it is now, whatever is waited for.
                self._end_at = self._labels.cursor
                self._later.start()
        elif kind in (QEvent.Type.WindowDeactivate, QEvent.Type.ApplicationDeactivate):
            self._end_at = self._labels.cursor
            self._end()
        return False

    def _end(self) -> None:
        self._later.stop()
        application = QApplication.instance()
        if self._watching and application is not None:
            self._watching = False
            application.removeEventFilter(self)
            self._labels.let_go(self._end_at)
