"""The interface of every kind of edit: check its start, record it, store it, read it from the history."""

from __future__ import annotations

import sqlite3
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Self

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.reading import ReaderIdentity
from app.core.semiology import FEATURE
from app.core.study import reader_table, recording_table, sealing
from app.core.study.effects import Effects, Held, json_effect
from app.core.study.history import HistoryEntry, Subject
from app.core.study.recorded_change import Recorded


class Conflict(UserError):  # noqa: N818 - as Cancelled: not a fault of anybody
    """The state on disk is not what an edit starts from; nothing was changed. Read it again."""


class NoLonger(UserError):  # noqa: N818 - as Conflict
    """The edit can never be made again, in any state; an undo or redo passes it over."""


class Edit(Recorded):
    """One change from `before` to `after`; None (and "" for a note) is nothing there.

    Each kind is a frozen dataclass. What takes a connection happens inside the caller's transaction.
    """

    __slots__ = ()

    plural: ClassVar[str]
    """The name of several edits of this kind."""

    before: Any
    after: Any

    def inverse(self) -> Self:
        """The edit that takes this one back."""
        changed: Any = replace  # of a dataclass, which this base cannot say of itself
        inverse: Self = changed(self, before=self.after, after=self.before)
        return inverse

    @abstractmethod
    def stored(self, connection: sqlite3.Connection) -> object:
        """The present value of what the edit changes; it must be `before`."""

    def check(self, connection: sqlite3.Connection) -> None:
        """Raises UserError when the edit may not be made, NoLonger when it never may again."""

    def enter(self, connection: sqlite3.Connection) -> None:
        """Add what the history's row must name, before the row is written."""

    @abstractmethod
    def about(self, connection: sqlite3.Connection) -> Subject:
        """The subject of the history's row."""

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        """`old` and `new` of the history's row, as JSON."""
        return self.state_to_json(self.before), self.state_to_json(self.after)

    @abstractmethod
    def write(self, connection: sqlite3.Connection, at: str) -> None:
        """Store the new state; `at` is the moment of the history's row."""

    @staticmethod
    def state_to_json(state: Any) -> str:
        """`before` or `after` as JSON that needs no study to be understood."""
        return canonical(state)

    @staticmethod
    @abstractmethod
    def state_from_json(text: str) -> Any:
        """The inverse. Raises ValueError or UserError for what is not such a state."""

    @classmethod
    @abstractmethod
    def from_entry(cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> Self:
        """The edit that a row of the history records. Raises LookupError when its reader is gone."""


class RecordingEdit(Edit):
    """An edit of what is kept of a recording for all its readers."""

    __slots__ = ()

    recording_id: int

    def about(self, connection: sqlite3.Connection) -> Subject:
        return Subject(self.subject, recording_table.fingerprint_of(connection, self.recording_id))

    @classmethod
    def from_entry(cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> Self:
        made: Any = cls  # a dataclass, which this base cannot say of itself
        edit: Self = made(recording_id, cls.state_from_json(entry.old), cls.state_from_json(entry.new))
        return edit

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield cls.subject, json_effect(entry.new)


class ColumnEdit(RecordingEdit):
    """An edit of a column of the recordings, which has the name of its subject; NULL stands for `nothing`."""

    __slots__ = ()

    nothing: ClassVar[Any] = None

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        text = None if self.after == self.nothing else self.state_to_json(self.after)
        connection.execute(
            f"UPDATE recordings SET {self.subject} = ? WHERE id = ?", (text, self.recording_id)
        )

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        return recording_table.column_held(connection, cls.subject)


class ReadingEdit(Edit):
    """An edit of one reader's reading of a recording; a locked reading takes none until the reveal."""

    __slots__ = ()

    recording_id: int
    reader: ReaderIdentity

    def check(self, connection: sqlite3.Connection) -> None:
        sealing.check_open_for_changes(connection, self.recording_id, self.reader)

    def enter(self, connection: sqlite3.Connection) -> None:
        reader_table.put_reader(connection, self.reader)

    def about(self, connection: sqlite3.Connection) -> Subject:
        return Subject(
            self.subject,
            recording_table.fingerprint_of(connection, self.recording_id),
            reader_table.key_of(connection, reader_table.put_reader(connection, self.reader)),
            getattr(self, "feature", None),
        )

    @classmethod
    def from_entry(cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> Self:
        before, after = cls.state_from_json(entry.old), cls.state_from_json(entry.new)
        place = recording_id, reader_of(connection, entry), *cls.place_in_reading(entry)
        made: Any = cls  # a dataclass, which this base cannot say of itself
        edit: Self = made(*place, before, after)
        return edit

    @classmethod
    def place_in_reading(cls, entry: HistoryEntry) -> tuple[str, ...]:
        """The fields between `reader` and `before`, of a row of the history."""
        return ()


class FeatureEdit(ReadingEdit):
    """An edit of something that a reader says of one feature."""

    __slots__ = ()

    feature: str

    @classmethod
    def place_in_reading(cls, entry: HistoryEntry) -> tuple[str, ...]:
        return (entry.feature or "",)


def reader_of(connection: sqlite3.Connection, entry: HistoryEntry) -> ReaderIdentity:
    """The reader whose reading a row of the history is about. Raises LookupError when they are gone."""
    return reader_table.reader(connection, entry.reader or "")


def check_feature(feature: str) -> None:
    """Raises ValueError for an unknown feature."""
    if feature not in FEATURE:
        raise ValueError(f"unknown feature: {feature}")
