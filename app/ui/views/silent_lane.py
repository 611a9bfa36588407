"""The room of the waveform's panel while there is no sound to show: a line, the rest for the other panels."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtWidgets import QMainWindow

from app.ui.session.session import Session
from app.ui.views.late_dock import LateDock

LINE = 22
"""Device-independent pixels of a panel that only says that there is no sound."""
_CHANGED = 24
"""A panel that is so much higher than a line was made so by the person."""
_MARK = b"\0semioscope-waveform:"
"""Stands in a remembered layout before the person's height of the panel, where Qt's part holds another."""


class SilentLane(QObject):
    """Folds the panel to a line for a recording without sound, and gives it its height again for another one.

    The height that the person gave it is what is remembered, also while it is a line. A line that the person
    draws larger stays so.
    """

    def __init__(self, window: QMainWindow, dock: LateDock, session: Session) -> None:
        super().__init__(window)
        self._window, self._dock, self._session = window, dock, session
        self._least: int | None = None
        """The least height of the panel as it was made; None until it is."""
        self._folded = False
        """Whether it was made a line; the person may have drawn it larger since."""
        self._given = 0
        """The person's height in pixels from before it was made a line; 0 while it is none."""
        self._restoring = False
        session.opened.recording_changed.connect(self.fit)
        dock.visibilityChanged.connect(self._on_seen)

    def fit(self) -> None:
        """Fold the panel or unfold it, as the open recording asks for; without one it stays as it is, because
        the next one may be like the last. One that is not seen has its turn when it is shown."""
        recording, view = self._session.opened.recording, self._dock.widget()
        if recording is None or view is None or self._restoring:
            return
        if self._least is None:
            self._least = view.minimumHeight()
        # As a tab it shares the room of the others, and a line would be all that they had.
        silent = recording.audio is None and not self._window.tabifiedDockWidgets(self._dock)
        view.setMinimumHeight(LINE if silent else self._least)
        if not self._dock.isVisible():
            return
        if silent:
            self._fold()
        elif self._folded:
            self._unfold()

    def fold_anew(self) -> None:
        """The panels were arranged by the program: a panel that was a line is one again."""
        if self._folded:
            self._folded, self._given = False, 0
            self.fit()

    def take_room_back(self, before: Mapping[str, int], given: Mapping[str, int]) -> None:
        """Remember the height from `before` other panels took room, where it is what they left (`given`), by
        the names of the panels."""
        name = self._dock.objectName()
        if self._folded and name in before and self._given == given.get(name):
            self._given = before[name]

    def state(self, version: int) -> QByteArray:
        """The layout of the window's panels as they are, with the person's height of this one."""
        saved = QMainWindow.saveState(self._window, version)
        return (
            QByteArray(bytes(saved.data()) + _MARK + str(self._wanted()).encode()) if self._folded else saved
        )

    def restore(self, state: bytes | bytearray | memoryview[int], version: int) -> bool:
        """Lay the panels out as `state` gave them, this one as the open recording asks for; whether that
        could be done, without which nothing is changed."""
        layout, _mark, given = bytes(state).partition(_MARK)
        self._restoring = True
        try:
            known = QMainWindow.restoreState(self._window, QByteArray(layout), version)
        finally:
            self._restoring = False
        if known:
            self._given = int(given) if given.isdigit() and len(given) < 6 else 0
            self._folded = self._given > 0
        self.fit()
        return known

    def _on_seen(self, seen: bool) -> None:
        # The height of a dock in a window that is not on the screen is none that it had.
        if not seen and self._is_drawn() and self._window.isVisible() and not self._restoring:
            self._given = self._dock.height()
        self.fit()

    def _wanted(self) -> int:
        """The person's height of the folded panel: that which it is drawn to, or the one before."""
        return self._dock.height() if self._is_drawn() and self._dock.isVisible() else self._given

    def _is_drawn(self) -> bool:
        return self._folded and not self._is_near_a_line()

    def _is_near_a_line(self) -> bool:
        return self._dock.height() < LINE + _CHANGED

    def _fold(self) -> None:
        if not self._folded:
            self._given, self._folded = self._dock.height(), True
            self._resize(LINE)
        elif self._is_near_a_line() and self._dock.height() > LINE:
            self._resize(LINE)

    def _unfold(self) -> None:
        given, self._given, self._folded = self._given, 0, False
        if not self._window.tabifiedDockWidgets(self._dock) and self._is_near_a_line():
            self._resize(given)

    def _resize(self, height: int) -> None:
        self._window.resizeDocks([self._dock], [height], Qt.Orientation.Vertical)
