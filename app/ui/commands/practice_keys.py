"""The keys of the practice window: those that the same commands have in the main window, and Return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QLineEdit, QWidget

from app.core.semiology import Laterality, Presence
from app.ui.commands.command import normal
from app.ui.commands.keymap import Keys
from app.ui.session.practice import Practice, PracticeStage

if TYPE_CHECKING:
    from app.ui.views.clip_pair import ClipPair

KeysOf = Callable[[str], Keys]
"""Gives the keys of a command of the main window by its id."""

LOOK_UP, COMPARE = "Shift+H", "Shift+L"
RETURN = ("Return", "Enter")
KEYS = "keys"
"""The command of the main window whose keys list those of this one here."""
_ANSWERING = (PracticeStage.QUESTION, PracticeStage.FOIL)


class PracticeKeys(QObject):
    """Runs what the keys mean in this window; a text field keeps the keys that are typed into it."""

    def __init__(
        self,
        window: QWidget,
        practice: Practice,
        keys_of: KeysOf,
        *,
        confirm: Callable[[], None],
        repeat: Callable[[], None],
        compare: Callable[[], None],
        compared: Callable[[], ClipPair | None],
        list_keys: Callable[[], object],
    ) -> None:
        """`confirm` is what Return does, `repeat` repeats the span that is compared, `compare` shows what
        looks alike or the clip again; `compared` gives the two clips that are shown instead of it;
        `list_keys` shows the keys."""
        super().__init__(window)
        self._window = window
        self._practice = practice
        self._confirm = confirm
        self._compared = compared
        self._hold_keys = frozenset(normal(key) for key in keys_of("hold"))
        self._held = False
        commands = {**self._moving(), **self._answering(), "loop_next": repeat, KEYS: list_keys}
        for name, slot in commands.items():
            for key in keys_of(name):
                self._bind(key, slot)
        for key in RETURN:
            self._bind(key, self.press_return)
        self._bind(LOOK_UP, practice.look_up)
        self._bind(COMPARE, compare)

    def _bind(self, key: str, slot: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(key), self._window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(slot)

    def _moving(self) -> Mapping[str, Callable[[], object]]:
        playback, loop = self._practice.clip.playback, self._practice.clip.loop
        return {
            "play": self.press_space,
            "slower": partial(playback.change_speed, -1),
            "faster": partial(playback.change_speed, 1),
            "speed_one": partial(playback.set_speed, 1.0),
            "frame_back": partial(self._step, -1),
            "frame_forward": partial(self._step, 1),
            "back": lambda: playback.seek(playback.cursor - 1),
            "forward": lambda: playback.seek(playback.cursor + 1),
            "far_back": partial(playback.jump, -1),
            "far_forward": partial(playback.jump, 1),
            "start": lambda: playback.seek(0.0),
            "end": lambda: playback.seek(self._practice.clip.opened.duration),
            "mute": self._practice.clip.toggle_mute,
            "loop_start": loop.begin_here,
            "loop_stop": loop.end_here,
            "loop_end": loop.forget,
        }

    def _answering(self) -> Mapping[str, Callable[[], object]]:
        draft, playback = self._practice.draft, self._practice.clip.playback
        rows: dict[str, Callable[[], object]] = {
            "yes": partial(draft.say, Presence.YES),
            "no": partial(draft.say, Presence.NO),
            "unable": partial(draft.say, Presence.NOT_ASSESSABLE),
            "clear": draft.take_back,
            "side_left": partial(draft.toggle_side, Laterality.LEFT),
            "side_right": partial(draft.toggle_side, Laterality.RIGHT),
            "side_both": partial(draft.toggle_side, Laterality.BOTH),
            "mark_start": lambda: draft.begin_span(playback.cursor),
            "mark_end": lambda: draft.end_span(playback.cursor),
            "how_sure": self._go_to_certainty,
        }
        return {name: partial(self._if_answering, slot) for name, slot in rows.items()}

    def _if_answering(self, slot: Callable[[], object]) -> None:
        if self._practice.stage in _ANSWERING and not self._practice.busy:
            slot()

    def _go_to_certainty(self) -> None:
        field = self._window.findChild(QAbstractSpinBox)
        if isinstance(field, QAbstractSpinBox):
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            field.selectAll()

    def press_return(self) -> None:
        """Leave a text field, press the focused button, or else confirm."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractSpinBox):
            focus.interpretText()
        if isinstance(focus, QAbstractSpinBox | QLineEdit):
            focus.clearFocus()
        elif isinstance(focus, QAbstractButton) and focus.isEnabled() and self._window.isAncestorOf(focus):
            focus.click()
        else:
            self._confirm()

    def press_space(self) -> None:
        """Press the focused button, or else play or pause."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton) and self._window.isAncestorOf(focus):
            focus.click()
        else:
            self.play()

    def play(self) -> None:
        """Play or pause what is shown; nothing when the time for the card is up."""
        pair = self._compared()
        if pair is not None:
            pair.toggle()
        elif self._practice.seconds_left != 0:
            self._practice.clip.playback.toggle_play()

    def _step(self, frames: int) -> None:
        pair = self._compared()
        if pair is not None:
            pair.step(frames)
        else:
            self._practice.clip.playback.step(frames)

    def press(self, event: QKeyEvent) -> bool:
        """Begin a span with the key that marks while it is held; whether it was that key."""
        if _key(event) not in self._hold_keys:
            return False
        if not event.isAutoRepeat() and not self._held:
            self._held = True
            self._if_answering(self._begin_held)
        return True

    def _begin_held(self) -> None:
        self._practice.draft.begin_span(self._practice.clip.playback.cursor)

    def release(self, event: QKeyEvent) -> bool:
        """End the span that is marked while a key is held; whether it was that key."""
        if not self._held or _key(event) not in self._hold_keys:
            return False
        if not event.isAutoRepeat():
            self._held = False
            self._if_answering(self._end_held)
        return True

    def _end_held(self) -> None:
        if self._practice.draft.begun is not None:
            self._practice.draft.end_span(self._practice.clip.playback.cursor)


def _key(event: QKeyEvent) -> str:
    return QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
