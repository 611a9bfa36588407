"""A dialog that does not block the window is open once: asked for again, it comes to the front."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QDialog, QWidget

D = TypeVar("D", bound=QDialog)


def show_once(window: QWidget, kind: type[D], make: Callable[[], D]) -> D:
    """The open dialog of this kind in front of the others, or a new one that `make` makes."""
    found = next((one for one in window.findChildren(kind) if one.isVisible()), None)
    dialog = make() if found is None else found
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
    return dialog
