"""Which keys mean what: those of the rows, a preset over them, and the person's over both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from app.ui.commands.command import Command, normal

Keys = tuple[str, ...]

REVIEWER = "Reviewer"

PRESETS: Mapping[str, Mapping[str, Keys]] = {
    REVIEWER: {},
    # The arrows and the keypad as BORIS has them; jumps on up and down, frames on / and *.
    "BORIS": {
        "frame_back": ("/", ","),
        "frame_forward": ("*", "."),
        "far_forward": ("Up", "Shift+Right"),
        "far_back": ("Down", "Shift+Left"),
        "slower": ("-", "J"),
        "faster": ("+", "L"),
        "speed_one": ("=", "1"),
        "up": ("PgUp", "Shift+Up"),
        "down": ("PgDown", "Shift+Down"),
        "page_back": ("Alt+Left",),
        "page_forward": ("Alt+Right",),
        "eeg_larger": ("Alt++",),
        "eeg_smaller": ("Alt+-",),
        "eeg_fit": ("Alt+*",),
        "clear": ("Del",),
    },
    # As in viewers of EEG: its pages turn with PgUp and PgDown, + and - change the size of its waves.
    "EEG": {
        "eeg_page_back": ("PgUp", "Ctrl+PgUp"),
        "eeg_page_forward": ("PgDown", "Ctrl+PgDown"),
        "page_back": ("Alt+Left",),
        "page_forward": ("Alt+Right",),
        "frame_back": ("Shift+Left", ","),
        "frame_forward": ("Shift+Right", "."),
        "far_back": ("Ctrl+Left",),
        "far_forward": ("Ctrl+Right",),
        "event_before": ("Shift+F3",),
        "event_next": ("F3",),
        "any_event_before": ("Ctrl+Shift+F3",),
        "any_event_next": ("Ctrl+F3",),
    },
}
"""What each preset changes, by the command's id; every other command keeps the keys of its row."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """A preset and the person's changes of it."""

    preset: str = REVIEWER
    own: Mapping[str, Keys] = field(default_factory=dict)

    def keys_of(self, command: Command) -> Keys:
        """The keys that run the command now."""
        preset = PRESETS.get(self.preset, {})
        return tuple(self.own.get(command.id, preset.get(command.id, command.keys)))

    def without_own(self, command: Command) -> Keymap:
        """A keymap in which the command has the preset's keys."""
        return replace(self, own={name: keys for name, keys in self.own.items() if name != command.id})

    def preset_keys(self, command: Command) -> Keys:
        """The keys of the command without personal changes."""
        return replace(self, own={}).keys_of(command)

    def with_keys(self, command: Command, keys: Iterable[str], commands: Iterable[Command]) -> Keymap:
        """A keymap with these keys for the command, taken from commands that had them."""
        given = tuple(normal(key) for key in keys)
        own = dict(self.own)
        for other in commands:
            before = self.keys_of(other)
            left = tuple(key for key in before if normal(key) not in given)
            if other.id != command.id and left != before:
                own[other.id] = left
        own[command.id] = given
        return replace(self, own=own)

    def holder(self, key: str, commands: Iterable[Command]) -> Command | None:
        """The command that the key runs."""
        return next((one for one in commands if normal(key) in map(normal, self.keys_of(one))), None)
