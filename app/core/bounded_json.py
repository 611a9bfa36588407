"""Parsing of untrusted JSON with limits on size, depth and numbers, and the canonical text of a value."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import Any, NoReturn

LARGEST = 4 << 20
"""The default limit of characters (or bytes)."""

DEEPEST = 64
"""The default limit of nested lists and objects."""

_LARGEST_NUMBER = 1 << 63

# Possessive, and accepting an unterminated string, so that no text is scanned twice.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_LARGE_NUMBER = re.compile(r"[0-9](?:[0-9]{18}|[eE])")
_SURROGATE = re.compile("[\ud800-\udfff]")


# Made once: making one takes longer than writing a small value.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, ASCII. Raises ValueError for NaN."""
    return _CANONICAL.encode(value)


def read_json(
    text: str | bytes,
    *,
    largest: int = LARGEST,
    deepest: int = DEEPEST,
    most_parts: int | None = None,
    duplicates: bool = False,
    unset_numbers: bool = False,
) -> object:
    """The value of a JSON text (bytes are UTF-8), in linear time.

    Raises only ValueError: for text that is not JSON, longer than `largest`, nested deeper than `deepest`,
    with NaN, an infinity, a number of more than 64 bits or a lone surrogate, or with a duplicate key in an
    object (allowed with `duplicates`: the last one counts); with `most_parts` also for JSON with more commas
    between its parts. With `unset_numbers` the words NaN and Infinity, which programs write for numbers that
    are not set, are allowed and are NaN.
    """
    if len(text) > largest:
        raise ValueError(f"the JSON is longer than {largest} characters")
    written = text.decode("utf-8") if isinstance(text, bytes) else text
    if "\\u" in written or written.count("[") + written.count("{") > deepest:
        _check_depth(written, deepest)
    if most_parts is not None and written.count(",") > most_parts:
        _check_parts(written, most_parts)
    if not written.isascii() and _SURROGATE.search(written):
        raise ValueError("the JSON holds half a surrogate pair")
    # Most texts contain no number that could be too large, and are parsed without a call per number.
    numbers = _LARGE_NUMBER.search(written) is not None
    # The depth was checked, so the parser cannot exhaust the stack.
    parsed: object = _decoder(numbers, duplicates, unset_numbers).decode(written)
    return parsed


@cache
def _decoder(numbers: bool, duplicates: bool, unset_numbers: bool) -> json.JSONDecoder:
    """Parses JSON; `numbers`: with a call for each number."""
    return json.JSONDecoder(
        parse_int=_integer if numbers else None,
        parse_float=_finite if numbers else None,
        parse_constant=_unset if unset_numbers else _refuse_constant,
        object_pairs_hook=_whole_object if duplicates else _object_without_duplicates,
    )


def _check_depth(text: str, deepest: int) -> None:
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        first = text[found.start()]
        if first in "[{":
            depth += 1
            if depth > deepest:
                raise ValueError(f"the JSON is nested deeper than {deepest}")
        elif first in "]}":
            depth -= 1
        elif "\\u" in found[0]:
            _check_escapes(found[0])


def _check_parts(text: str, most: int) -> None:
    """Raises ValueError where more commas stand outside of strings; looks no further than that."""
    parts = end = 0
    for string in _STRING.finditer(text):
        parts += text.count(",", end, string.start())
        end = string.end()
        if parts > most:
            break
    if parts + text.count(",", end) > most:
        raise ValueError(f"the JSON holds more than {most} parts")


# A whole surrogate pair, half of one (the group), or any other escape.
_ESCAPE = re.compile(
    r"\\(?:ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(ud[89a-f][0-9a-f]{2})|.)", re.DOTALL | re.IGNORECASE
)


def _check_escapes(string: str) -> None:
    """Check for escaped lone surrogates, which UTF-8 cannot encode. Raises ValueError."""
    if any(found[1] for found in _ESCAPE.finditer(string)):
        raise ValueError("the JSON holds half a surrogate pair")


def _integer(digits: str) -> int:
    number = int(digits) if len(digits) <= 20 else _LARGEST_NUMBER
    if not -_LARGEST_NUMBER <= number < _LARGEST_NUMBER:
        raise ValueError("the JSON holds a number of more than 64 bits")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("the JSON holds an infinite number")
    return number


def _unset(_name: str) -> float:
    return math.nan


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"the JSON holds {name}")


def _whole_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(pairs)


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object in the JSON names one key twice")
    return found
