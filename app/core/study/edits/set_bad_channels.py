"""Channels of an EEG are marked bad, or good again."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.study import eeg_table, values
from app.core.study.edits.edit import RecordingEdit
from app.core.study.effects import Effects
from app.core.study.history import HistoryEntry
from app.core.study.stored_eeg import (
    BadChannels,
    bad_channels_from_json,
    bad_channels_from_value,
    bad_channels_to_json,
    bad_channels_value,
    check_bad_channels,
)


@dataclass(frozen=True, slots=True)
class SetBadChannels(RecordingEdit):
    """The channels of an attached EEG (`eeg` is its fingerprint) that are marked bad become `after`.

    They are exact labels of the file. Raises ValueError for labels that no study can hold.
    """

    subject: ClassVar = "bad_channels"
    label: ClassVar = "bad channels"
    plural: ClassVar = "changes of bad channels"

    recording_id: int
    eeg: str
    before: BadChannels
    after: BadChannels

    def __post_init__(self) -> None:
        check_bad_channels(self.after)

    def stored(self, connection: sqlite3.Connection) -> BadChannels | None:
        """None where the EEG is no longer attached."""
        eeg = eeg_table.eeg(connection, self.recording_id, self.eeg)
        return None if eeg is None else eeg.bad_channels

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        states = (self.before, self.after)
        old, new = ({"eeg": self.eeg, "bad_channels": bad_channels_value(one)} for one in states)
        return canonical(old), canonical(new)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        eeg_table.put_bad_channels(connection, self.recording_id, self.eeg, self.after)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return bad_channels_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> BadChannels:
        return bad_channels_from_json(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> SetBadChannels:
        (_former, before), (eeg, after) = (_row(text) for text in (entry.old, entry.new))
        return cls(recording_id, eeg, before, after)

    @staticmethod
    def describe(value: Any) -> str:
        return ", ".join(value["bad_channels"]) or "none"

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        eeg, after = _row(entry.new)
        yield eeg_table.bad_channels_of(eeg), bad_channels_to_json(after)


def _row(text: str) -> tuple[str, BadChannels]:
    """The EEG and its bad channels in a row of the history."""
    row = values.fields(values.json_of(text))
    return values.name(row.get("eeg")), bad_channels_from_value(row.get("bad_channels"))
