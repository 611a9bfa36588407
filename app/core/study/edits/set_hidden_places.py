"""The places in the picture that are covered in de-identified clips of the recording."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.plural import plural
from app.core.study import recording_table
from app.core.study.edits.edit import RecordingEdit
from app.core.study.effects import Held
from app.core.study.hidden_places import (
    HiddenPlaces,
    check_places,
    hidden_places,
    places_from_json,
    places_held,
    places_to_json,
    put_hidden_places,
)


@dataclass(frozen=True, slots=True)
class SetHiddenPlaces(RecordingEdit):
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

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        fingerprint = recording_table.fingerprint_of(connection, self.recording_id)
        put_hidden_places(connection, fingerprint, self.after)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return places_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> HiddenPlaces:
        return places_from_json(text)

    @staticmethod
    def describe(value: Any) -> str:
        count = sum(len(boxes) for boxes in value.values())
        return plural(count, "place")

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        return places_held(connection, cls.subject)
