"""Rows of a study that are not what this program writes: left out of what is read, and reported once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.study.connection import StudyConnection

T = TypeVar("T")

WRONG = (ValueError, UserError)
"""The errors that reading a row with a wrong value raises."""


def report_unreadable(connection: sqlite3.Connection, what: str) -> None:
    """Record that `what` cannot be read, for `Study.faults`."""
    if isinstance(connection, StudyConnection):
        connection.faults.add(f"{_sentence(what)}.")


def report_shortened(connection: sqlite3.Connection, what: str) -> None:
    """Record that only the beginning of `what` is used, for `Study.faults`; the study keeps all of it."""
    if isinstance(connection, StudyConnection):
        connection.faults.add(
            f"{_sentence(what, 'is longer than can be shown: only its beginning is used')}."
        )


def _sentence(what: str, said: str = "cannot be read and was left out") -> str:
    return plain(f"{what[:1].upper()}{what[1:]} in this study {said}", 300).replace("\n", " ")


def good_rows(
    connection: sqlite3.Connection,
    rows: Iterable[Sequence[Any]],
    read: Callable[..., T],
    what: Callable[..., str],
) -> Iterator[T]:
    """Each row parsed by `read`; a wrong one is reported under the name that `what` gives it."""
    for row in rows:
        try:
            yield read(*row)
        except WRONG:
            report_unreadable(connection, what(*row))


def quote(value: object) -> str:
    """A value that may be anything, as part of a sentence."""
    text = value[:200] if isinstance(value, str) else f"{value!r:.200}"
    return f"“{plain(text, 60)}”"


def value_or_none(
    connection: sqlite3.Connection, read: Callable[[Any], T | None], value: object, what: str
) -> T | None:
    """The value, or None for a wrong one, without which the rest of the row can be used."""
    try:
        return read(value)
    except WRONG:
        report_unreadable(connection, what)
        return None
