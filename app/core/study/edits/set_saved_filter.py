"""A filter of the worklist is saved under a name."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from app.core.study import hidden_places, rows, setting_table, values
from app.core.study.edits.set_blind_by_default import SetBlindByDefault
from app.core.study.edits.set_people_only import SetPeopleOnly
from app.core.study.edits.set_reference import SetReference
from app.core.study.edits.set_study_name import SetStudyName
from app.core.study.edits.setting_edit import SettingEdit
from app.core.study.history import HistoryEntry
from app.core.study.unreadable_rows import good_rows, quote

_PREFIX = "filter "
"""The beginning of a saved filter's setting; its name follows."""


@dataclass(frozen=True, slots=True)
class SetSavedFilter(SettingEdit):
    """The saved filter of this name becomes `after`, a text that the worklist defines; None removes it."""

    name: str
    before: str | None
    after: str | None

    @property
    def setting(self) -> str:
        return _PREFIX + self.name

    @classmethod
    def is_named(cls, feature: str | None) -> bool:
        """Every setting that is not one of the others, nor of one recording."""
        of_recording = feature is not None and feature.startswith(hidden_places.PREFIX)
        others = (SetBlindByDefault, SetReference, SetPeopleOnly, SetStudyName)
        return not (of_recording or any(kind.is_named(feature) for kind in others))

    def stored(self, connection: sqlite3.Connection) -> str | None:
        return setting_table.read_setting(connection, self.setting, rows.text_from_json)

    @staticmethod
    def state_from_json(text: str) -> str | None:
        return _text_or_none(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> SetSavedFilter:
        name = (entry.feature or "").removeprefix(_PREFIX)
        return cls(name, _text_or_none(entry.old), _text_or_none(entry.new))


def _text_or_none(text: str) -> str | None:
    return values.maybe(values.text, values.json_of(text))


def saved_filters(connection: sqlite3.Connection) -> dict[str, str]:
    """The saved filters of the worklist by name."""
    found = connection.execute("SELECT name, value FROM settings ORDER BY name").fetchall()
    kept = good_rows(
        connection,
        found,
        lambda name, value: (values.name(name), values.text(value)),
        lambda name, *_row: f"the setting {quote(name)}",
    )
    filters = [(name, value) for name, value in kept if name.startswith(_PREFIX)]
    return dict(
        good_rows(
            connection,
            filters,
            lambda name, value: (name.removeprefix(_PREFIX), rows.text_from_json(value)),
            lambda name, *_row: f"the setting {quote(name)}",
        )
    )
