"""A check that the tables of a study are exactly those that this program makes.

A view, a trigger or a generated column of somebody else's would run their SQL with every question. The text
of each definition is compared word by word; white space and the order of columns do not count.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache

from app.core.study import schema
from app.core.study.journals import ForeignFileError

_MOST_OBJECTS = 100
_LONGEST_DEFINITION = 10_000
"""The longest of ours has about 700 characters."""

_WORD = re.compile(r"""\s+|(?P<text>'[^']*+')|(?P<word>\w+)|(?P<sign>.)""", re.DOTALL)

Definition = tuple[str, str, str, tuple[tuple[str, ...], ...]]
"""Type, name, table, and the words of the definition, the parts of a table in a fixed order."""


def check_schema(connection: sqlite3.Connection, version: int, steps: tuple[schema.Step, ...]) -> None:
    """Raises ForeignFileError unless the tables are those of that version.

    Raises sqlite3.Error when they cannot be read. It must be asked before anything else is read from a file
    that can come from elsewhere.
    """
    try:
        found = _definitions(connection)
    except ValueError:
        found = None
    if found is None or found != _expected(version, steps):
        raise ForeignFileError("The study cannot be used because its tables were changed by another program.")


@lru_cache(maxsize=16)
def _expected(version: int, steps: tuple[schema.Step, ...]) -> Counter[Definition]:
    """The definitions that this program makes, from the same steps in an empty database."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.make_tables(connection, steps[: version - 1])
        return _definitions(connection)


def _definitions(connection: sqlite3.Connection) -> Counter[Definition]:
    """Everything that the database defines. Raises ValueError for what this program cannot make."""
    rows = connection.execute(
        "SELECT type, name, tbl_name, sql, rootpage FROM sqlite_master LIMIT ?", (_MOST_OBJECTS,)
    ).fetchall()
    if len(rows) == _MOST_OBJECTS or len({row[4] for row in rows if row[4]}) < sum(
        bool(row[4]) for row in rows
    ):
        raise ValueError("too many tables, or two in one place")
    return Counter(_definition(*row[:4]) for row in rows)


@lru_cache(maxsize=128)
def _definition(kind: object, name: object, table: object, sql: object) -> Definition:
    """One of them; those of every study are the same some 30, whose words are found once."""
    if not (isinstance(kind, str) and isinstance(name, str) and isinstance(table, str)):
        raise ValueError("a definition without a name")
    if sql is None:  # an index that SQLite makes for a key
        return kind, name, table, ()
    if not isinstance(sql, str) or len(sql) > _LONGEST_DEFINITION:
        raise ValueError("a definition that is not ours")
    words = tuple(_words(sql))
    return kind, name, table, _parts(words) if kind == "table" else (words,)


def _words(sql: str) -> Iterator[str]:
    """The words and signs of a statement. A quoted name stays unlike the same word: it can be a type."""
    for found in _WORD.finditer(sql):
        if found.lastgroup == "text":
            yield found[0]
        elif found.lastgroup is not None:
            yield found[0].lower()


def _parts(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """What stands before the bracket of a table, each part in it in alphabetical order, and what follows."""
    begin, end = words.index("("), len(words) - 1 - words[::-1].index(")")
    inside = _split(words[begin + 1 : end])
    return words[:begin], *sorted(inside), (")",), *sorted(_split(words[end + 1 :]))


def _split(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The words between the commas that stand in no bracket."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if word == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(part) for part in parts]
