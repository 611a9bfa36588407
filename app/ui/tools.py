"""What the window offers beside its views: keys, the palette, going to a time; and what of it is kept."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from app.core.settings import with_look
from app.ui.actions import Actions
from app.ui.command import Command, Menu, rows_of
from app.ui.keymap import PRESETS, REVIEWER, Keymap
from app.ui.look import PLAIN, look_from_dict, look_to_dict
from app.ui.memory import Memory
from app.ui.session import Changed, Session


class Tools(QObject):
    """Made by the window before its actions, which it is given with `connect`."""

    def __init__(self, window: QWidget, session: Session, memory: Memory) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._memory = memory
        self._actions: Actions | None = None
        session.set_jump_seconds(memory.settings.jump_seconds)
        session.show_spectrogram(memory.settings.spectrogram)
        session.changed.connect(self._on_changed)

    def commands(self) -> tuple[Command, ...]:
        """The rows that need a window to show something in."""
        row = rows_of(Menu.PLAY)
        return (
            row("go_to", "Go to…", ("G",), "To a time or a frame that you type.", self.go_to, parted=True),
            Command(
                "jump_size",
                Menu.PLAY,
                "Length of the jump…",
                (),
                "How far Jump back and Jump forward go.",
                self.ask_jump,
            ),
            Command(
                "palette",
                Menu.HELP,
                "Find a command…",
                ("Ctrl+Shift+P",),
                "Every command by a few letters.",
                self.show_palette,
            ),
            Command("rebind", Menu.HELP, "Choose keys…", ("Ctrl+K",), "Other keys.", self.choose_keys),
            Command("keys", Menu.HELP, "Keys", ("?", "F1"), "Show this list.", self.show_keys),
        )

    def connect_actions(self, actions: Actions) -> None:
        """Take the actions and give them the person's own keys."""
        self._actions = actions
        kept = self._memory.settings
        known = {command.id for command in actions.commands}
        preset = kept.key_preset if kept.key_preset in PRESETS else REVIEWER
        actions.set_keymap(Keymap(preset, {id_: keys for id_, keys in kept.keys.items() if id_ in known}))

    # what is shown

    def go_to(self) -> None:
        from app.ui.dialogs.go_to import GoToDialog

        GoToDialog(self._session, self._window).open()

    def ask_jump(self) -> None:
        seconds, given = QInputDialog.getDouble(
            self._window, "Length of the jump", "Seconds", self._session.jump_seconds, 0.1, 600.0, 1
        )
        if given:
            self._session.set_jump_seconds(seconds)
            self._memory.change(jump_seconds=self._session.jump_seconds)

    def show_palette(self) -> None:
        from app.ui.dialogs.palette import Palette

        if self._actions is not None:
            Palette(self._actions, self._window).show_over(self._window)

    def choose_keys(self) -> None:
        from app.ui.dialogs.rebinding import RebindingDialog

        if self._actions is not None:
            dialog = RebindingDialog(self._actions, self._window)
            dialog.changed.connect(self._keep_keys)
            dialog.open()

    def show_keys(self) -> None:
        from app.ui.dialogs.keys import KeysDialog

        if self._actions is not None:
            KeysDialog(self._actions.commands, self._actions.keymap, self._window).show()

    # what is kept

    def _keep_keys(self, keymap: Keymap) -> None:
        self._memory.change(key_preset=keymap.preset, keys=dict(keymap.own))

    def _on_changed(self, changed: Changed) -> None:
        recording = self._session.recording
        if recording is None:
            return
        if changed & Changed.RECORDING:
            self._session.set_look(look_from_dict(self._memory.settings.looks.get(recording.fingerprint, {})))
        elif changed & Changed.LOOK:
            look = self._session.look
            kept = {} if look == PLAIN else look_to_dict(look)
            self._memory.replace(with_look(self._memory.settings, recording.fingerprint, kept))
            self._memory.change(spectrogram=self._session.spectrogram_shown)
