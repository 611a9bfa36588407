"""Commands of the window: name, keys and effect, and how keys are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PySide6.QtGui import QKeySequence


class Menu(StrEnum):
    """The menus, in their order."""

    FILE = "&File"
    EDIT = "&Edit"
    VIEW = "&View"
    PLAY = "&Play"
    PICTURE = "P&icture"
    CAMERAS = "C&ameras"
    CHECKLIST = "&Checklist"
    SEIZURE = "Sei&zure"
    EEG = "EE&G"
    READER = "&Reader"
    TEACHING = "&Teaching"
    HELP = "&Help"


COPIES = "Backups and copies"
"""The submenu of the copies that are listed, made and written: so that the menu *File* fits on a screen of
1080 pixels at twice the size."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the window, a row of its menu.

    `keys` are in Qt's portable spelling, the first is shown in the menu; `help` is one sentence for
    the list of keys; `checked` makes the command a switch and gives its state; `parted` draws a line
    above it in the menu; `held` repeats it at the recording's frame rate while its key is down; `group` is
    the submenu that it is in, "" for none; `once` is for what must not happen again while the key rests on
    the keyboard; `needs_eeg` greys it while the recording has no EEG.
    """

    id: str
    menu: Menu
    name: str
    keys: tuple[str, ...]
    help: str
    slot: Callable[[], None]
    checked: Callable[[], bool] | None = None
    needs_recording: bool = False
    parted: bool = False
    held: bool = False
    group: str = ""
    once: bool = False
    needs_eeg: bool = False

    @property
    def plain_name(self) -> str:
        """The name in lists."""
        return self.name.rstrip("…")


class MakeCommand(Protocol):
    """Makes a command of one menu."""

    def __call__(
        self,
        id_: str,
        name: str,
        keys: tuple[str, ...],
        what: str,
        slot: Callable[[], None],
        *,
        parted: bool = False,
        held: bool = False,
        once: bool = False,
        checked: Callable[[], bool] | None = None,
    ) -> Command: ...


def rows_of(menu: Menu, group: str = "", *, needs_eeg: bool = False) -> MakeCommand:
    """A function that makes commands of one menu, or a submenu of it, that need a recording.

    With `needs_eeg` they need its EEG as well, but for the switches: these are settings of every EEG.
    """

    def row(
        id_: str,
        name: str,
        keys: tuple[str, ...],
        what: str,
        slot: Callable[[], None],
        *,
        parted: bool = False,
        held: bool = False,
        once: bool = False,
        checked: Callable[[], bool] | None = None,
    ) -> Command:
        eeg = needs_eeg and checked is None
        return Command(id_, menu, name, keys, what, slot, checked, True, parted, held, group, once, eeg)

    return row


def normal(key: str) -> str:
    """A key in Qt's portable spelling; "" for a key that Qt does not know."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def key_words(keys: Iterable[str]) -> str:
    """Keys as text, with the names of this computer's keyboard."""
    return "   ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
