"""What a column of a study may hold. Each check gives the value, or raises ValueError for any other one.

A file can come from somebody else or be damaged: SQLite then gives values that this program never writes,
also of another type than the column's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from app.core.bounded_json import read_json
from app.core.reading import LONGEST_NAME
from app.core.semiology import FEATURE, LATEST, LONGEST_EXPLANATION, MOST_SIDES, MOST_SPANS

T = TypeVar("T")

LONGEST_TEXT = LONGEST_EXPLANATION
LARGEST_JSON = 64 << 20
"""A row of the history can hold every answer of a reader, with thousands of spans each."""
MOST_PARTS = 2 * (MOST_SPANS + MOST_SIDES) + 100
PARTS_OF_READING = 20 * MOST_PARTS
"""Commas in the JSON of one answer that holds all it can, and of all answers of a reader. Numbers take a
hundred times longer to read than a text of their length."""


def text(value: object, longest: int = LONGEST_TEXT) -> str:
    """Text that a file can hold: not too long, no surrogates."""
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError("no text")
    if not value.isascii():
        value.encode("utf-8")  # UnicodeEncodeError is a ValueError
    return value


def name(value: object) -> str:
    """What something is called: text of at most 4096 characters."""
    return text(value, LONGEST_NAME)


def number(value: object) -> int:
    """A whole number from 0 that a row can have."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 53:
        raise ValueError("no number")
    return value


def seconds(value: object) -> float:
    """A moment or a length on a recording's clock."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST:
        raise ValueError("no seconds")
    return float(value)


def finite(value: object) -> float:
    """Any number that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def moment(value: object) -> str:
    """A date with a time, as ISO 8601 writes it."""
    datetime.fromisoformat(text(value, 40))
    return str(value)


def feature(value: object) -> str:
    """The id of one of the 20 features."""
    if not isinstance(value, str) or value not in FEATURE:
        raise ValueError("no feature")
    return value


def flag(value: object) -> bool:
    """0 or 1."""
    if value not in (0, 1) or not isinstance(value, int):
        raise ValueError("no yes or no")
    return bool(value)


def truth(value: object) -> bool:
    """true or false, as JSON has them."""
    if not isinstance(value, bool):
        raise ValueError("no yes or no")
    return value


def maybe(check: Callable[[object], T], value: object) -> T | None:
    """None, or what the check lets pass."""
    return None if value is None else check(value)


def json_of(value: object, parts: int = MOST_PARTS) -> object:
    """What a column of JSON holds, with at most so many `parts` more than one."""
    return read_json(text(value, LARGEST_JSON), largest=LARGEST_JSON, most_parts=parts)


def items(value: object) -> list[object]:
    """A list of JSON."""
    if not isinstance(value, list):
        raise ValueError("no list")
    return value


def fields(value: object) -> dict[str, object]:
    """An object of JSON."""
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value
