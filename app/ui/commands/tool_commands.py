"""The commands of tools: keys, palette, going to a time, and their stored settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.core.recording.presentation import PLAIN, presentation_from_dict, presentation_to_dict
from app.core.saving_places import SaveKind
from app.core.settings import with_look
from app.core.timeline.clock_text import TimeForm, written
from app.ui.commands.actions import Actions
from app.ui.commands.command import Command, Menu, key_words, rows_of
from app.ui.commands.keymap import PRESETS, REVIEWER, Keymap
from app.ui.commands.seekable_copy import SeekableCopies
from app.ui.dialogs.single_dialog import show_once
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.panels import Panels
from app.ui.views.save_dialog import ask_where
from app.ui.views.snapshots import Snapshots
from app.ui.views.transport import TransportView
from app.ui.views.work_progress import WorkProgress

if TYPE_CHECKING:
    from app.ui.dialogs.sound import SoundDialog

HIDDEN_TITLE = "Save the picture (people and text covered)"
RECORDED_TITLE = "Save the picture as recorded (people can be recognised)"
_PATIENCE = 0.7
"""Seconds after which a picture that is still being made shows how far it is."""


class Tools(QObject):
    """The tools of a window; they get its actions later, with `connect_actions`."""

    def __init__(self, window: QWidget, session: Session, memory: Memory) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._memory = memory
        self._actions: Actions | None = None
        self._snapshots = Snapshots(session, self)
        self._progress = WorkProgress(self._snapshots.work, "Picture", window, after=_PATIENCE)
        self._copies = SeekableCopies(session, window)
        self._panels = Panels(window)
        session.playback.set_jump_seconds(memory.settings.jump_seconds)
        session.sound_detail.show_spectrogram(memory.settings.spectrogram)
        session.sound.set_volume(memory.settings.volume)
        session.sound.set_device(memory.settings.sound_device or None)
        session.sound.set_scrub_sound(memory.settings.scrub_sound)
        session.opened.recording_changed.connect(self._recall)
        session.picture.presentation_changed.connect(self._keep_presentation)
        session.sound.volume_changed.connect(self._keep_sound)
        session.sound.output_changed.connect(self._keep_sound)
        session.sound_detail.spectrogram_shown_changed.connect(self._keep_spectrogram)

    def close(self) -> None:
        """Returns when everything has ended."""
        self._snapshots.close()
        self._progress.close()
        self._copies.close()

    def commands(self) -> tuple[Command, ...]:
        """The commands that need a window."""
        return (
            *self._copies.commands(),
            *self._play_rows(),
            *self._picture_rows(),
            *self._help_rows(),
        )

    def _play_rows(self) -> tuple[Command, ...]:
        row = rows_of(Menu.PLAY)

        def copied(form: TimeForm) -> Callable[[], None]:
            return lambda: self.copy_time(form)

        return (
            row("go_to", "Go to…", ("G",), "Go to a time or a frame number.", self.go_to, parted=True),
            Command(
                "jump_size",
                Menu.PLAY,
                "Length of the jump…",
                (),
                "How far Jump back and Jump forward go.",
                self.ask_jump,
            ),
            row(
                "copy_time",
                "Copy the time",
                ("C",),
                "Copy the time as hours, minutes and seconds.",
                copied(TimeForm.CLOCK),
                parted=True,
            ),
            row(
                "sound",
                "Sound and picture…",
                ("Shift+S",),
                "Volume, output, tracks, offset.",
                self.show_sound,
            ),
            row(
                "copy_seconds", "Copy the seconds", (), "Copy the time in seconds.", copied(TimeForm.SECONDS)
            ),
            row(
                "copy_frame",
                "Copy the frame's number",
                (),
                "Copy the frame's number, counted from 0.",
                copied(TimeForm.FRAME),
            ),
        )

    def _picture_rows(self) -> tuple[Command, ...]:
        row = rows_of(Menu.PICTURE)
        return (
            row(
                "light",
                "Brightness and contrast…",
                ("E",),
                "Brightness, contrast and gamma.",
                self.show_light,
            ),
            row(
                "picture_track",
                "Picture track…",
                (),
                "Which of several pictures in the file is shown.",
                self.show_picture_tracks,
            ),
            row(
                "copy_picture",
                "Copy the picture",
                ("Ctrl+C",),
                "Copy the frame; people and text in it are covered.",
                self._snapshots.copy,
                parted=True,
            ),
            row(
                "save_picture",
                "Save the picture as…",
                ("Ctrl+S",),
                "Save the frame in full size as PNG; people and text in it are covered.",
                self.save_picture,
            ),
            row(
                "copy_recorded_picture",
                "Copy the picture as recorded",
                ("Ctrl+Shift+C",),
                "Copy the bare frame with its overlays: people can be recognised.",
                partial(self._snapshots.copy, as_recorded=True),
            ),
            row(
                "save_recorded_picture",
                "Save the picture as recorded…",
                (),
                "Save the bare frame in full size with its overlays, as PNG: people can be recognised.",
                partial(self.save_picture, as_recorded=True),
            ),
        )

    def _help_rows(self) -> tuple[Command, ...]:
        return (
            Command(
                "move_panels",
                Menu.VIEW,
                "Movable panels",
                (),
                "Show title bars by which the panels can be dragged.",
                self._panels.toggle,
                lambda: self._panels.loose,
            ),
            Command(
                "palette",
                Menu.HELP,
                "Find a command…",
                ("Ctrl+Shift+P",),
                "Find a command by typing part of its name.",
                self.show_palette,
            ),
            Command(
                "rebind",
                Menu.EDIT,
                "Customise keys…",
                ("Ctrl+K",),
                "Choose other keys for the commands.",
                self.choose_keys,
            ),
            Command("keys", Menu.HELP, "Keys", ("?", "F1"), "Show this list.", self.show_keys),
        )

    def connect_actions(self, actions: Actions) -> None:
        """Take the actions and give them the person's keys."""
        self._actions = actions
        kept = self._memory.settings
        known = {command.id for command in actions.commands}
        preset = kept.key_preset if kept.key_preset in PRESETS else REVIEWER
        actions.set_keymap(Keymap(preset, {id_: keys for id_, keys in kept.keys.items() if id_ in known}))

        self._tell_keys()

    def _tell_keys(self) -> None:
        """Name the present keys in the tool tips of the buttons."""
        transport = self._window.findChild(TransportView)
        if self._actions is not None and isinstance(transport, TransportView):
            keymap = self._actions.keymap
            transport.set_keys({one.id: key_words(keymap.keys_of(one)[:1]) for one in self._actions.commands})

    # what is shown

    def go_to(self) -> None:
        from app.ui.dialogs.go_to import GoToDialog

        GoToDialog(self._session, self._window).open()

    def show_light(self) -> None:
        from app.ui.dialogs.brightness import LightDialog

        show_once(self._window, LightDialog, lambda: LightDialog(self._session, self._window))

    def show_sound(self) -> None:
        self.sound_dialog()

    def sound_dialog(self) -> SoundDialog:
        from app.ui.dialogs.sound import SoundDialog

        return show_once(self._window, SoundDialog, lambda: SoundDialog(self._session, self._window))

    def show_picture_tracks(self) -> None:
        self.sound_dialog().picture.setFocus()

    def copy_time(self, form: TimeForm) -> None:
        recording = self._session.opened.recording
        if recording is not None:
            times = None if recording.video is None else recording.video.times
            text = written(self._session.playback.cursor, form, times)
            QGuiApplication.clipboard().setText(text)
            self._session.status.say(f"copied {text}")

    def save_picture(self, *, as_recorded: bool = False) -> None:
        """Ask where to, and save the frame: hidden, or `as_recorded`."""
        kind = SaveKind.PICTURE if as_recorded else SaveKind.HIDDEN_PICTURE
        title = RECORDED_TITLE if as_recorded else HIDDEN_TITLE
        words = self._snapshots.suggested_words(as_recorded=as_recorded)
        places = self._session.worklist.naming.places
        path, _ = ask_where(self._window, places, kind, title, words, kinds="Pictures (*.png)")
        if path is not None:
            self._snapshots.save(path, as_recorded=as_recorded)

    def ask_jump(self) -> None:
        from PySide6.QtWidgets import QInputDialog

        seconds, given = QInputDialog.getDouble(
            self._window, "Length of the jump", "Seconds", self._session.playback.jump_seconds, 0.1, 600.0, 1
        )
        if given:
            self._session.playback.set_jump_seconds(seconds)
            self._memory.change(jump_seconds=self._session.playback.jump_seconds)

    def show_palette(self) -> None:
        if self._actions is not None:
            from app.ui.dialogs.palette import Palette

            Palette(self._actions, self._window).show_over(self._window)

    def choose_keys(self) -> None:
        if self._actions is not None:
            from app.ui.dialogs.rebinding import RebindingDialog

            dialog = RebindingDialog(self._actions, self._window)
            dialog.changed.connect(self._keep_keys)
            dialog.open()

    def show_keys(self) -> None:
        actions = self._actions
        if actions is not None:
            from app.ui.dialogs.keys import KeysDialog

            show_once(
                self._window, KeysDialog, lambda: KeysDialog(actions.commands, actions.keymap, self._window)
            )

    # what is kept

    def _keep_keys(self, keymap: Keymap) -> None:
        self._memory.change(key_preset=keymap.preset, keys=dict(keymap.own))
        self._tell_keys()

    def _keep_sound(self) -> None:
        sound = self._session.sound
        device = sound.device or ""
        self._memory.change(volume=sound.volume, sound_device=device, scrub_sound=sound.scrub_sound)

    def _keep_spectrogram(self, on: bool) -> None:
        self._memory.change(spectrogram=on)

    def _recall(self) -> None:
        """Restore the presentation of the recording."""
        recording = self._session.opened.recording
        if recording is not None:
            kept = self._memory.settings.looks.get(recording.fingerprint, {})
            self._session.picture.present(presentation_from_dict(kept))

    def _keep_presentation(self) -> None:
        recording, presentation = self._session.opened.recording, self._session.picture.presentation
        if recording is not None:
            kept = {} if presentation == PLAIN else presentation_to_dict(presentation)
            self._memory.replace(with_look(self._memory.settings, recording.fingerprint, kept))
