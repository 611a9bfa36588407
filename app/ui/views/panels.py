"""Movable panels: when off, the panels have no title and stay; when on, they can be dragged."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

_FIXED = QDockWidget.DockWidgetFeature.DockWidgetClosable
_LOOSE = (
    QDockWidget.DockWidgetFeature.DockWidgetClosable
    | QDockWidget.DockWidgetFeature.DockWidgetMovable
    | QDockWidget.DockWidgetFeature.DockWidgetFloatable
)


class Panels(QObject):
    """Switches whether the panels of a window can be moved; their places are stored with its layout."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.loose = False

    def toggle(self) -> None:
        """Let the panels be moved, or keep them where they are."""
        self.loose = not self.loose
        if not isinstance(self._window, QMainWindow):
            return
        for dock in self._window.findChildren(QDockWidget):
            before = dock.titleBarWidget()
            # Without a title bar Qt draws its title, which is what can be dragged.
            dock.setTitleBarWidget(None if self.loose else QWidget())  # type: ignore[arg-type]  # None is Qt's own
            dock.setFeatures(_LOOSE if self.loose else _FIXED)
            if before is not None:
                before.deleteLater()
