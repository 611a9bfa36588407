"""The clocks of an EEG and of its recording are brought together in another way."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.study import eeg_table, values
from app.core.study.edits.edit import RecordingEdit
from app.core.study.effects import Effects
from app.core.study.history import HistoryEntry
from app.core.study.stored_eeg import AgreedSync, sync_from_json, sync_from_value, sync_to_json, sync_value


@dataclass(frozen=True, slots=True)
class SetEegSync(RecordingEdit):
    """The agreed sync of an attached EEG (`eeg` is its fingerprint) becomes `after`."""

    subject: ClassVar = "eeg_sync"
    label: ClassVar = "sync of the EEG"
    plural: ClassVar = "syncs of EEG files"

    recording_id: int
    eeg: str
    before: AgreedSync
    after: AgreedSync

    def stored(self, connection: sqlite3.Connection) -> AgreedSync | None:
        """None where the EEG is no longer attached."""
        eeg = eeg_table.eeg(connection, self.recording_id, self.eeg)
        return None if eeg is None else eeg.agreed

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        old, new = ({"eeg": self.eeg, "sync": sync_value(one)} for one in (self.before, self.after))
        return canonical(old), canonical(new)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        eeg_table.put_sync(connection, self.recording_id, self.eeg, self.after)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return sync_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> AgreedSync:
        return sync_from_json(text)

    @classmethod
    def from_entry(cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> SetEegSync:
        (_former, before), (eeg, after) = (_row(text) for text in (entry.old, entry.new))
        return cls(recording_id, eeg, before, after)

    @staticmethod
    def describe(value: Any) -> str:
        sync = value["sync"]
        clocks = f"offset {sync['offset']:+.3f} s, drift {1e6 * sync['drift']:+.1f} µs/s"
        return f"{clocks}: {sync['origin']}" if sync["origin"] else clocks

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        eeg, after = _row(entry.new)
        yield eeg_table.sync_of(eeg), sync_to_json(after)


def _row(text: str) -> tuple[str, AgreedSync]:
    """The EEG and its sync in a row of the history."""
    row = values.fields(values.json_of(text))
    return values.name(row.get("eeg")), sync_from_value(row.get("sync"))
