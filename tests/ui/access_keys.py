"""The letters that press or reach something in a window, and those that two things share: Alt with such a
letter presses neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QGroupBox, QLabel, QTabBar, QWidget


def shared_access_keys(window: QWidget) -> list[str]:
    """Each key that two of what is shown and enabled have, with their words."""
    found = [*_access_keys(window)]
    counts = Counter(key for key, _ in found)
    return [
        f"{key}: {', '.join(words for other, words in found if other == key)}"
        for key, count in sorted(counts.items())
        if count > 1
    ]


def _access_keys(window: QWidget) -> Iterator[tuple[str, str]]:
    for widget in window.findChildren(QWidget):
        if widget.window() is window and widget.isVisible() and widget.isEnabled():
            for words in _words(widget):
                if key := QKeySequence.mnemonic(words).toString():
                    yield key, words


def _words(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QGroupBox):
        yield widget.title()
    elif isinstance(widget, QLabel) and widget.buddy() is not None:
        yield widget.text()
    elif isinstance(widget, QTabBar):
        yield from (widget.tabText(tab) for tab in range(widget.count()) if widget.isTabEnabled(tab))
