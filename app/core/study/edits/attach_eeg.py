"""An EEG file is attached to a recording, named anew when it was found elsewhere, or detached."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.study import eeg_table, values
from app.core.study.edits.edit import RecordingEdit
from app.core.study.effects import Effects, Held
from app.core.study.history import HistoryEntry
from app.core.study.stored_eeg import MOST_EEGS, StoredEeg, eeg_from_value, eeg_value


@dataclass(frozen=True, slots=True)
class AttachEeg(RecordingEdit):
    """An EEG file is attached (`before` None), detached (`after` None) or found at another place.

    Raises ValueError when both are None or of different content.
    """

    subject: ClassVar = "eeg"
    label: ClassVar = "EEG"
    plural: ClassVar = "EEG files"

    recording_id: int
    before: StoredEeg | None
    after: StoredEeg | None

    def __post_init__(self) -> None:
        if len({one.fingerprint for one in (self.before, self.after) if one is not None}) != 1:
            raise ValueError("an edit attaches or detaches one EEG")

    @property
    def eeg(self) -> str:
        """The fingerprint of the EEG."""
        one = self.after or self.before
        return "" if one is None else one.fingerprint

    def stored(self, connection: sqlite3.Connection) -> StoredEeg | None:
        return eeg_table.eeg(connection, self.recording_id, self.eeg)

    def check(self, connection: sqlite3.Connection) -> None:
        if self.before is None and eeg_table.count(connection, self.recording_id) >= MOST_EEGS:
            raise UserError(f"At most {MOST_EEGS} EEG files belong to a recording; detach one first.")

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        if self.after is None:
            eeg_table.remove(connection, self.recording_id, self.eeg)
        else:
            eeg_table.put(connection, self.recording_id, self.after)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return canonical(eeg_value(state))

    @staticmethod
    def state_from_json(text: str) -> StoredEeg | None:
        return eeg_from_value(values.json_of(text))

    @staticmethod
    def describe(value: Any) -> str:
        return str(value["name"])

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        before, after = cls.state_from_json(entry.old), cls.state_from_json(entry.new)
        if before is not None:
            yield from ((what, "") for what, _said in eeg_table.said_of(before))
        if after is not None:
            yield from eeg_table.said_of(after)

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        return eeg_table.held(connection)
