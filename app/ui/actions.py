"""The commands as actions of the window: menus, keys, and no single keys while somebody is typing."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.ui.commands import Command, Menu
from app.ui.session import Changed, Session


class Actions(QObject):
    """The rows as QActions of the window: menus, keys, and no single keys while somebody is typing."""

    def __init__(self, window: QWidget, session: Session, commands: Iterable[Command]) -> None:
        super().__init__(window)
        self._session = session
        self.commands = tuple(commands)
        self._actions: dict[str, QAction] = {}
        for command in self.commands:
            self._actions[command.id] = self._make(command, window)
        session.changed.connect(self._on_changed)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)
        self._update()

    def __getitem__(self, id_: str) -> QAction:
        return self._actions[id_]

    def fill(self, bar: QMenuBar) -> dict[Menu, QMenu]:
        """Make the menus; given back so that the window can add what changes."""
        menus = {menu: bar.addMenu(menu.value) for menu in Menu}
        for command in self.commands:
            if command.parted:
                menus[command.menu].addSeparator()
            menus[command.menu].addAction(self._actions[command.id])
        return menus

    def _make(self, command: Command, window: QWidget) -> QAction:
        action = QAction(command.name, window)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setStatusTip("")
        action.setToolTip(command.help)
        action.setCheckable(command.checked is not None)
        action.triggered.connect(lambda _checked=False: self._run(command))
        window.addAction(action)
        return action

    def _run(self, command: Command) -> None:
        command.slot()
        self._update()

    def _update(self) -> None:
        for command in self.commands:
            action = self._actions[command.id]
            if command.checked is not None:
                action.setChecked(command.checked())
            if command.needs_recording:
                action.setEnabled(self._session.recording is not None)

    def _on_changed(self, changed: Changed) -> None:
        shown = Changed.RECORDING | Changed.OVERLAY | Changed.PATIENT | Changed.THEME | Changed.PLAYING
        if changed & shown:
            self._update()

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        typing = is_text_field(now)
        for command in self.commands:
            keys = [QKeySequence(key) for key in command.keys]
            if typing:
                keys = [key for key, name in zip(keys, command.keys, strict=True) if not is_single_key(name)]
            self._actions[command.id].setShortcuts(keys)


def is_text_field(widget: QWidget | None) -> bool:
    """Whether keys that are pressed now are text for `widget`."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox)


def is_single_key(keys: str) -> bool:
    """Whether a shortcut is a key alone, or with Shift, so that typing would press it."""
    return not any(modifier in keys for modifier in ("Ctrl+", "Alt+", "Meta+")) and not (
        len(keys) > 1 and keys.startswith("F") and keys[1:].isdigit()
    )
