"""The commands as actions of the window: menus, keys, and no single keys while somebody is typing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QMenu,
    QMenuBar,
    QWidget,
)

from app.ui.commands.command import Command, Menu
from app.ui.commands.held_keys import HeldKeys
from app.ui.commands.key_watch import KeyWatch, is_text_field
from app.ui.commands.keymap import Keymap, Keys
from app.ui.session.session import Session

OWN_KEYS = "own_keys"
"""The property of a table that keeps the arrows for itself while the keyboard is there."""


class Actions(QObject):
    """The rows as QActions of the window: menus, keys, and none that the focused widget needs itself."""

    def __init__(
        self, window: QWidget, session: Session, commands: Iterable[Command], keys: KeyWatch
    ) -> None:
        super().__init__(window)
        self._session = session
        self.commands = tuple(commands)
        self._keymap = Keymap()
        self._taken: Callable[[str], bool] = no_key
        self._held = HeldKeys(session, keys, self)
        self._actions: dict[str, QAction] = {}
        for command in self.commands:
            self._actions[command.id] = self._make(command, window)
        session.opened.recording_changed.connect(self._on_recording)
        session.picture.overlay_changed.connect(self._show_checked)
        session.picture.presentation_changed.connect(self._show_checked)
        session.patient.drawing_changed.connect(self._show_checked)
        session.appearance.theme_changed.connect(self._show_checked)
        session.sound.volume_changed.connect(self._show_checked)
        session.sound_detail.spectrogram_shown_changed.connect(self._show_checked)
        session.labels.drawing_changed.connect(self._show_checked)
        session.order.changed.connect(self._show_checked)
        session.answers.seal_changed.connect(self._show_checked)
        session.cameras.changed.connect(self._show_checked)
        session.eeg.chosen_changed.connect(self._show_checked)
        session.eeg.file_changed.connect(self._show_checked)
        session.eeg_selection.measuring_changed.connect(self._show_checked)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)
        self._on_recording()

    def __getitem__(self, id_: str) -> QAction:
        return self._actions[id_]

    @property
    def keymap(self) -> Keymap:
        return self._keymap

    def set_keymap(self, keymap: Keymap) -> None:
        """Assign these keys to the commands."""
        self._keymap = keymap
        self._set_keys()

    def keys_of(self, command: Command) -> Keys:
        """The keys that run a command now."""
        return self._keymap.keys_of(command)

    def run(self, command: Command) -> None:
        """Run a command that has been chosen from a list; nothing when it cannot be used now."""
        if self._actions[command.id].isEnabled():
            self._run(command)

    def fill(self, bar: QMenuBar) -> dict[Menu, QMenu]:
        """The menus, made; the window adds what changes."""
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
        action.setAutoRepeat(not command.held)
        action.triggered.connect(lambda _checked=False: self._run(command))
        window.addAction(action)
        return action

    def _run(self, command: Command) -> None:
        command.slot()
        if command.held:
            self._held.began(command.slot)
        if command.checked is not None:
            self._actions[command.id].setChecked(command.checked())

    def _show_checked(self) -> None:
        """Show which of the switches are on."""
        for command in self.commands:
            if command.checked is not None:
                self._actions[command.id].setChecked(command.checked())

    def _on_recording(self) -> None:
        opened = self._session.opened.recording is not None
        for command in self.commands:
            if command.needs_recording:
                self._actions[command.id].setEnabled(opened)
        self._show_checked()

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        taken = keys_taken_by(now)
        if taken is not self._taken:
            self._taken = taken
            self._set_keys()

    def _set_keys(self) -> None:
        for command in self.commands:
            keys = self._keymap.keys_of(command)
            now = [key for key in keys if not self._taken(key)]
            self._actions[command.id].setShortcuts([QKeySequence(key) for key in now])


_MOVING = frozenset({"Up", "Down", "Left", "Right", "PgUp", "PgDown", "Home", "End"})


def keys_taken_by(widget: QWidget | None) -> Callable[[str], bool]:
    """The keys that the focused widget handles itself, which therefore run no command of the window.

    Text fields need all single keys, tables and sliders the arrows, buttons Space; the lists of the window,
    such as the checklist, are moved by the window's commands.
    """
    if is_text_field(widget):
        return is_single_key
    if isinstance(widget, QAbstractButton):
        return is_pressing
    if isinstance(widget, QComboBox):
        return is_choosing
    own = widget is not None and widget.property(OWN_KEYS)
    return is_moving if own or isinstance(widget, QAbstractSlider) else no_key


def is_moving(keys: str) -> bool:
    """Whether a shortcut is a key that moves through rows or a value."""
    return keys in _MOVING


def is_pressing(keys: str) -> bool:
    """Whether a shortcut is a key that presses a button."""
    return keys == "Space"


def is_choosing(keys: str) -> bool:
    """Whether a shortcut is a key that moves through or opens a list."""
    return is_moving(keys) or is_pressing(keys)


def no_key(_keys: str) -> bool:
    """False for every shortcut: the widget leaves all keys to the commands."""
    return False


def is_single_key(keys: str) -> bool:
    """Whether a shortcut is a key alone, or with Shift, so that typing would press it."""
    return not any(modifier in keys for modifier in ("Ctrl+", "Alt+", "Meta+")) and not (
        len(keys) > 1 and keys.startswith("F") and keys[1:].isdigit()
    )
