"""The widgets of a window in the order in which Tab reaches them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def focus_chain(widget: QWidget) -> list[QWidget]:
    """All others of the widget's window in the tab order, that before the widget last, also those that do
    not take the keyboard.

    PySide makes each the child of the one before it when it is asked for, so that all that follow a widget
    would be invalid in Python once that is deleted. Each is given back to the parent that it has.
    """
    found: list[QWidget] = []
    one: QWidget | None = widget.nextInFocusChain()
    while one is not None:
        one.setParent(one.parentWidget())
        if one is widget:
            break
        found.append(one)
        one = one.nextInFocusChain()
    return found
