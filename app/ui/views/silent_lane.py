"""The room of the waveform's panel while there is no sound to show: a line, the rest for the other panels."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.ui.session.session import Session

LINE = 22
"""Device-independent pixels of a panel that only says that there is no sound."""
_CHANGED = 24
"""A panel that is so much higher than a line was made so by the person."""


class SilentLane(QObject):
    """Folds the panel to a line for a recording without sound, and gives it its height again for another one.

    The height that the person gave it is what is remembered, also while it is a line.
    """

    def __init__(self, window: QMainWindow, dock: QDockWidget, session: Session) -> None:
        super().__init__(window)
        view = dock.widget()
        assert view is not None
        self._window, self._dock, self._view, self._session = window, dock, view, session
        self._least = view.minimumHeight()
        self._height = 0
        """That of the panel before it was folded; 0 while it is not."""
        session.opened.recording_changed.connect(self.fit)
        dock.visibilityChanged.connect(self.fit)

    def fit(self) -> None:
        """Fold the panel or unfold it, as the open recording asks for; without one it stays as it is, because
        the next one may be like the last."""
        recording = self._session.opened.recording
        if recording is not None and recording.audio is None:
            self._fold()
        elif recording is not None:
            self._unfold()

    def state(self, version: int) -> QByteArray:
        """The layout of the window's panels, in which this one has the person's height."""
        folded = self._height > 0
        self._unfold()
        saved = QMainWindow.saveState(self._window, version)
        if folded:
            self.fit()
        return saved

    def _fold(self) -> None:
        # As a tab it shares the room of the others, and a line would be all that they had.
        if self._height or self._dock.isHidden() or self._window.tabifiedDockWidgets(self._dock):
            return
        self._height = self._dock.height()
        self._view.setMinimumHeight(LINE)
        self._resize(LINE)

    def _unfold(self) -> None:
        height, self._height = self._height, 0
        self._view.setMinimumHeight(self._least)
        if height and self._dock.height() < LINE + _CHANGED:
            self._resize(height)

    def _resize(self, height: int) -> None:
        self._window.resizeDocks([self._dock], [height], Qt.Orientation.Vertical)
