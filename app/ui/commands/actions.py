"""The commands as actions of the window: menus, keys, and no single keys while somebody is typing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QKeySequence, QShortcutEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QApplication,
    QComboBox,
    QMenu,
    QMenuBar,
    QWidget,
)

from app.ui.commands.command import Command, Menu, normal
from app.ui.commands.held_keys import HeldKeys
from app.ui.commands.key_modes import KeyMode, slot_in
from app.ui.commands.key_watch import KeyWatch, is_text_field
from app.ui.commands.keymap import Keymap, Keys
from app.ui.session.session import Session

OWN_KEYS = "own_keys"
"""The property of a table that keeps the arrows for itself while the keyboard is there."""


class _KeyAction(QAction):
    """An action whose keys may mean something else for a while."""

    def __init__(self, name: str, window: QWidget, claim: Callable[[str], bool]) -> None:
        super().__init__(name, window)
        self._claim = claim

    def event(self, event: QEvent) -> bool:
        """Qt has recognised the keys, on whichever keyboard; what they do is asked only now."""
        if isinstance(event, QShortcutEvent) and self._claim(_portable(event.key())):
            return True
        return super().event(event)


class Actions(QObject):
    """The rows as QActions of the window: menus, keys, and none that the focused widget needs itself.

    Every key is recognised by Qt's shortcuts, as it is printed on the keyboard, and by nothing else.
    """

    def __init__(
        self,
        window: QWidget,
        session: Session,
        commands: Iterable[Command],
        keys: KeyWatch,
        modes: Iterable[KeyMode] = (),
    ) -> None:
        super().__init__(window)
        self._session = session
        self._modes = tuple(modes)
        self.commands = tuple(commands)
        self._keymap = Keymap()
        self._taken: Callable[[str], bool] = no_key
        self._held = HeldKeys(session, keys, self)
        self._actions: dict[str, QAction] = {}
        self._shown: dict[str, Keys] = {}
        """The keys that each action has: every change of one is an event for all that watch the window."""
        for command in self.commands:
            self._actions[command.id] = self._make(command, window)
        # Keys that only a mode has.
        self._others = _KeyAction("", window, self._run_in_mode)
        self._others.setAutoRepeat(False)
        window.addAction(self._others)
        keys.run_latin = self.press
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
        session.eeg.file_changed.connect(self._on_recording)
        session.attached_eeg.changed.connect(self._on_recording)
        session.eeg_selection.measuring_changed.connect(self._show_checked)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)
        self._on_recording()
        self._set_keys()

    def __getitem__(self, id_: str) -> QAction:
        return self._actions[id_]

    @property
    def keymap(self) -> Keymap:
        return self._keymap

    def set_keymap(self, keymap: Keymap) -> None:
        """Assign these keys to the commands."""
        if keymap != self._keymap:
            self._keymap = keymap
            self._set_keys()

    def keys_of(self, command: Command) -> Keys:
        """The keys that run a command now."""
        return self._keymap.keys_of(command)

    def run(self, command: Command) -> None:
        """Run a command that has been chosen from a list; nothing when it cannot be used now."""
        if self._actions[command.id].isEnabled():
            self._run(command)

    def press(self, keys: str) -> bool:
        """Do what these keys do now, in Qt's portable spelling; whether that is anything."""
        if self._taken(keys):
            return False
        command = self._keymap.holder(keys, self.commands)
        if self._run_in_mode(keys):
            return True
        if command is not None:
            self.run(command)
        return command is not None

    def _run_in_mode(self, keys: str) -> bool:
        slot = slot_in(self._modes, keys)
        if slot is not None:
            slot()
        return slot is not None

    def fill(self, bar: QMenuBar) -> dict[Menu, QMenu]:
        """The menus, made; the window adds what changes."""
        menus = {menu: bar.addMenu(menu.value) for menu in Menu}
        groups: dict[tuple[Menu, str], QMenu] = {}
        for command in self.commands:
            menu, place = menus[command.menu], (command.menu, command.group)
            if command.parted:
                groups.get(place, menu).addSeparator()  # above the submenu if it is its first row
            if command.group and place not in groups:
                groups[place] = menu.addMenu(command.group)
            groups.get(place, menu).addAction(self._actions[command.id])
        return menus

    def _make(self, command: Command, window: QWidget) -> QAction:
        action = _KeyAction(command.name, window, self._run_in_mode)
        self._show_keys(action, command.id, self._keymap.keys_of(command))
        action.setToolTip(command.help)
        action.setCheckable(command.checked is not None)
        action.setEnabled(not command.needs_recording)
        # A key that rests on the keyboard answers nothing twice.
        action.setAutoRepeat(not command.held and not command.once)
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
        there = self._session.attached_eeg.current is not None or self._session.eeg.file is not None
        for command in self.commands:
            if command.needs_recording:
                self._actions[command.id].setEnabled(opened and (there or not command.needs_eeg))
        self._show_checked()

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        taken = keys_taken_by(now)
        if taken is not self._taken:
            self._taken = taken
            self._set_keys()

    def _set_keys(self) -> None:
        held: set[str] = set()
        for command in self.commands:
            keys = self._keymap.keys_of(command)
            now = tuple(key for key in keys if not self._taken(key))
            held.update(map(normal, keys))
            self._show_keys(self._actions[command.id], command.id, now)
        left = {key for mode in self._modes for key in mode.slots if key not in held and not self._taken(key)}
        self._others.setShortcuts([QKeySequence(key) for key in sorted(left)])

    def _show_keys(self, action: QAction, id_: str, keys: Keys) -> None:
        if self._shown.get(id_, ()) != keys:
            self._shown[id_] = keys
            action.setShortcuts([QKeySequence(key) for key in keys])


def _portable(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.PortableText)


_MOVING = frozenset({"Up", "Down", "Left", "Right", "PgUp", "PgDown", "Home", "End"})


def keys_taken_by(widget: QWidget | None) -> Callable[[str], bool]:
    """The keys that the focused widget handles itself, which therefore run no command of the window.

    Text fields need all single keys, tables and sliders the arrows; Space plays wherever the focus is, and
    Return presses a button. The lists of the window, such as the checklist, are moved by its commands.
    """
    if is_text_field(widget):
        return is_single_key
    own = widget is not None and widget.property(OWN_KEYS)
    return is_moving if own or isinstance(widget, QAbstractSlider | QComboBox) else no_key


def is_moving(keys: str) -> bool:
    """Whether a shortcut is a key that moves through rows or a value."""
    return keys in _MOVING


def no_key(_keys: str) -> bool:
    """False for every shortcut: the widget leaves all keys to the commands."""
    return False


def is_single_key(keys: str) -> bool:
    """Whether a shortcut is a key alone, or with Shift, so that typing would press it."""
    return not any(modifier in keys for modifier in ("Ctrl+", "Alt+", "Meta+")) and not (
        len(keys) > 1 and keys.startswith("F") and keys[1:].isdigit()
    )
