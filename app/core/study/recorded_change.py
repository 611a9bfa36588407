"""The interface of a kind of change that the history records, whether it is an edit or not."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from app.core.study.effects import Effects, Held
from app.core.study.history import HistoryEntry


class Recorded(ABC):
    """One kind of change. `subject` stands in the history; `label` is what the history's list calls it."""

    __slots__ = ()

    subject: ClassVar[str]
    label: ClassVar[str]

    @classmethod
    def is_named(cls, feature: str | None) -> bool:
        """Whether a row of this subject with this feature (the name of a setting) is of this kind."""
        return True

    @staticmethod
    def describe(value: Any) -> str:
        """What `old` or `new`, read from JSON and not null, says on one line of plain text.

        Raises ValueError, TypeError, LookupError or AttributeError for what this program never writes.
        """
        return str(value)

    @classmethod
    @abstractmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        """The effects of a row of this kind. Raises ValueError or UserError when it cannot be read."""

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        """The values of this kind in the tables; none where another kind gives them already."""
        yield from ()
