"""The places in the picture that are covered in de-identified clips of the recording."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.study import recording_table
from app.core.study.edits.edit import Edit
from app.core.study.effects import Effects, Held, json_effect
from app.core.study.hidden_places import (
    HiddenPlaces,
    check_places,
    hidden_places,
    places_from_json,
    places_held,
    places_to_json,
    put_hidden_places,
)
from app.core.study.history import HistoryEntry, Subject


@dataclass(frozen=True, slots=True)
class SetHiddenPlaces(Edit):
    """The places that are covered in a recording become `after`. Raises UserError for too many."""

    subject: ClassVar = "hidden_places"
    label: ClassVar = "places to cover"
    plural: ClassVar = "changes of places to cover"

    recording_id: int
    before: HiddenPlaces
    after: HiddenPlaces

    def __post_init__(self) -> None:
        check_places(self.after)

    def stored(self, connection: sqlite3.Connection) -> HiddenPlaces:
        return hidden_places(connection, recording_table.fingerprint_of(connection, self.recording_id))

    def about(self, connection: sqlite3.Connection) -> Subject:
        return Subject(self.subject, recording_table.fingerprint_of(connection, self.recording_id))

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        return places_to_json(self.before), places_to_json(self.after)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        fingerprint = recording_table.fingerprint_of(connection, self.recording_id)
        put_hidden_places(connection, fingerprint, self.after)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return places_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> HiddenPlaces:
        return places_from_json(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> SetHiddenPlaces:
        return cls(recording_id, places_from_json(entry.old), places_from_json(entry.new))

    @staticmethod
    def describe(value: Any) -> str:
        count = sum(len(boxes) for boxes in value.values())
        return "1 place" if count == 1 else f"{count} places"

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield cls.subject, json_effect(entry.new)

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        return places_held(connection, cls.subject)
