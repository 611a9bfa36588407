"""Moving the keyboard focus between the panels of the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from app.ui.commands.command import Command, Menu
from app.ui.views.focus_chain import focus_chain


class PanelFocus(QObject):
    """Moves the focus: the picture first, then the panels in reading order."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window

    def commands(self) -> tuple[Command, ...]:
        """The rows of the menus."""
        return (
            Command(
                "next_panel",
                Menu.VIEW,
                "Next panel",
                ("F6",),
                "Move the keyboard focus to the next panel; Tab moves within it.",
                self._going(1),
                parted=True,
            ),
            Command(
                "panel_before",
                Menu.VIEW,
                "Previous panel",
                ("Shift+F6",),
                "Move the keyboard focus to the previous panel.",
                self._going(-1),
            ),
        )

    def _going(self, direction: int) -> Callable[[], None]:
        return lambda: self.go(direction)

    def go(self, direction: int) -> None:
        """Give the keyboard to the next panel (or the one before) that can take it, round to the first."""
        stops = [stop for panel in self._panels() if (stop := first_stop(panel)) is not None]
        if not stops:
            return
        here = self._here(stops)
        stops[(here + direction) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)

    def _panels(self) -> list[QWidget]:
        docks = [dock for dock in self._window.findChildren(QDockWidget) if is_seen(dock)]
        docks.sort(key=lambda dock: (dock.x(), dock.y()))
        centre = self._window.centralWidget()
        return [*docks] if centre is None else [centre, *docks]

    def _here(self, stops: list[QWidget]) -> int:
        now = QApplication.focusWidget()
        for number, panel in enumerate(panel for panel in self._panels() if first_stop(panel) is not None):
            if now is not None and (now is panel or panel.isAncestorOf(now)):
                return number
        # From nowhere the first step leads to the first panel, or to the last.
        return -1 if stops else 0


def is_seen(panel: QWidget) -> bool:
    """Whether any part is on the screen; a panel behind another tab is not."""
    # What is covered by an opaque widget inside it has no visible region although that one has.
    parts = (panel, *panel.findChildren(QWidget))
    return any(part.isVisible() and not part.visibleRegion().isEmpty() for part in parts)


def first_stop(panel: QWidget) -> QWidget | None:
    """The widget that takes the focus in a panel: the last one, else its list, else the first that can.

    What stands in the head of a list is reached from the list.
    """
    view = panel.widget() if isinstance(panel, QDockWidget) else None
    kept, entry = panel.focusWidget(), getattr(view, "entry", None)
    if isinstance(entry, QWidget) and _can_take(entry) and (kept is None or entry.isAncestorOf(kept)):
        return entry
    if kept is not None and _can_take(kept):
        return kept
    return next((child for child in _in_order(panel) if _can_take(child)), None)


def _in_order(panel: QWidget) -> list[QWidget]:
    """The widgets of the panel in tab order."""
    return [panel, *(one for one in focus_chain(panel) if panel.isAncestorOf(one))]


def _can_take(widget: QWidget) -> bool:
    tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(tab) and widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None
