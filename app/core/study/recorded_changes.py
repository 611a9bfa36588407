"""The recorded changes that are not edits, and the table of every kind of change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, ClassVar

from app.core.plural import plural
from app.core.semiology import FEATURE, Answer
from app.core.study import history, rows, values
from app.core.study.edits import EDITS
from app.core.study.effects import OF_READING, Effects, Held, answer_effects
from app.core.study.history import HistoryEntry
from app.core.study.recorded_change import Recorded
from app.core.study.unreadable_rows import good_rows


class ReadingKept(Recorded):
    """A reader's whole reading was kept in place of its former one."""

    subject: ClassVar = history.READING
    label: ClassVar = "reading"

    @staticmethod
    def describe(value: Any) -> str:
        return f"{sum(row['presence'] is not None for row in value)} of {len(FEATURE)} answered"

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        before, after = rows.answers_from_json(entry.old), rows.answers_from_json(entry.new)
        for feature in before.keys() | after.keys():
            yield from answer_effects(after.get(feature, Answer(feature)))


class Revealed(Recorded):
    """The others' answers were shown to a reader."""

    subject: ClassVar = history.REVEAL
    label: ClassVar = "reveal"

    @staticmethod
    def describe(value: Any) -> str:
        return f"{plural(len(value), 'reading')} shown"

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield "reveal", entry.at

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        found = connection.execute(
            f"SELECT fingerprint, key, revealed FROM readings {OF_READING} WHERE revealed IS NOT NULL"
        )
        return good_rows(
            connection,
            found,
            lambda fingerprint, key, at: ((fingerprint, key, "reveal"), values.moment(at)),
            lambda *_row: "when the others' answers were revealed",
        )


class CopyRestored(Recorded):
    """The study became again what a copy says; the rows before are the copy's and lead to what is there."""

    subject: ClassVar = history.RESTORE
    label: ClassVar = "restore"

    @staticmethod
    def describe(value: Any) -> str:
        return str(value.get("copy") or f"{value['history_seq']} changes, kept as {value['kept']}")

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield from ()


class SealedGivenAway(Recorded):
    """Sealed answers were given away for a purpose."""

    subject: ClassVar = history.UNSEALED
    label: ClassVar = "unsealed"

    @staticmethod
    def describe(value: Any) -> str:
        return f"{value['readings']} sealed readings given to: {value['for']}"

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield from ()


ALL_RECORDED: tuple[type[Recorded], ...] = (*EDITS, ReadingKept, Revealed, CopyRestored, SealedGivenAway)
"""Every kind of change that a row of the history can record."""


def recorded_kind(subject: str, feature: str | None) -> type[Recorded] | None:
    """The kind of a row with that subject and feature, None when this program writes no such row."""
    return next((kind for kind in ALL_RECORDED if kind.subject == subject and kind.is_named(feature)), None)
