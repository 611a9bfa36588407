"""The held keys: the only filter for the keys of a whole window, where its focus is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from app.ui.commands.printed_keys import latin_keys

OWN_RETURN = "own_return"
"""The property of a button to which Return does something else than a click."""
TYPED_INTO = "typed_into"
"""The property of a field that people type into also while it is read-only: what they type runs nothing."""

_PRESSES = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
_LOSSES = (QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked)
_WATCHED = frozenset((*_PRESSES, *_LOSSES, QEvent.Type.KeyRelease))
_PRESSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KeyWatch(QObject):
    """Signals presses and releases of keys; an auto-repeated key is pressed once.

    A press counts in a main window only, with no menu open, and never where it is typed as text. All keys
    count as released when the window loses the keyboard or a dialog blocks it.
    """

    pressed = Signal(int)
    released = Signal(int)
    lost = Signal()
    """The window has lost the keyboard, so that no key is held."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._held: list[int] = []
        self.run_latin: Callable[[str], bool] = _nothing
        """Runs what a key does that writes no Latin letter, by the letter that is printed beside; whether it
        does anything."""
        self._window = window
        self._focus: QObject | None = None
        # Where keys arrive and nowhere else: a filter of the whole program is called for every event.
        window.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusObjectChanged.connect(self._watch_focus)
            application.applicationStateChanged.connect(self._on_state)
            self._watch_focus(application.focusObject())

    def _watch_focus(self, focus: QObject | None) -> None:
        if not isValid(self._window):  # it is being taken down, which moves the focus
            return
        if self._focus is not None and self._focus is not self._window and isValid(self._focus):
            self._focus.removeEventFilter(self)
        self._focus = focus
        if focus is not None:
            focus.installEventFilter(self)
        # While a menu is open, the releases of keys reach the window of the system only.
        handle = self._window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state is not Qt.ApplicationState.ApplicationActive:
            self._lose()

    @property
    def latest(self) -> int | None:
        """The held key that was pressed last; None without one."""
        return self._held[-1] if self._held else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        kind = event.type()
        if kind not in _WATCHED:
            return False
        if kind in _LOSSES:
            self._lose()
        elif not isinstance(event, QKeyEvent):
            return False
        elif kind is QEvent.Type.KeyRelease:
            self._release(event)
        elif _is_for_commands(watched):
            self._press(event)
            return kind is QEvent.Type.KeyPress and self._is_used(watched, event)
        return False

    def _is_used(self, watched: QObject, event: QKeyEvent) -> bool:
        """Use a press that has run no command: Return presses a button, since Space plays."""
        if event.key() in _PRESSING and isinstance(watched, QAbstractButton):
            if not event.isAutoRepeat() and not watched.property(OWN_RETURN):
                watched.click()
                return True
            return False
        keys = latin_keys(event)
        return bool(keys) and not event.isAutoRepeat() and self.run_latin(keys)

    def _press(self, event: QKeyEvent) -> None:
        key = _identity(event)
        if not event.isAutoRepeat() and key not in self._held:
            self._held.append(key)
            self.pressed.emit(key)

    def _release(self, event: QKeyEvent) -> None:
        key = _identity(event)
        if not event.isAutoRepeat() and key in self._held:
            self._held.remove(key)
            self.released.emit(key)

    def _lose(self) -> None:
        self._held.clear()
        self.lost.emit()


def _nothing(_keys: str) -> bool:
    return False


def _identity(event: QKeyEvent) -> int:
    """An identifier of the physical key, independent of Shift; macOS gives all keys the scan code 1."""
    code = event.nativeScanCode()
    return code if code > 1 else event.key()


def _is_for_commands(watched: QObject) -> bool:
    if not isinstance(watched, QWidget) or not isinstance(watched.window(), QMainWindow):
        return False
    typed = is_text_field(watched) or is_text_field(QApplication.focusWidget())
    return not typed and QApplication.activePopupWidget() is None


def is_text_field(widget: QWidget | None) -> bool:
    """Whether `widget` takes pressed keys as text."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return not widget.isReadOnly() or bool(widget.property(TYPED_INTO))
    return isinstance(widget, QAbstractSpinBox)
