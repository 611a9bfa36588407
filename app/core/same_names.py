"""When two names mean the same recording or the same person: one rule for the whole program.

The differences that programs and people make without meaning it do not count: case, the Unicode form,
folders, blanks around a name, blanks as `%20`, characters that nobody sees (marks of direction or order of
bytes, soft hyphens, zero-width spaces), and, of recordings, the extension.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T", bound=Hashable)

_EXTENSIONS = frozenset(
    ("mp4", "mov", "m4v", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "m2t", "m2ts", "mts", "wmv", "asf",
     "flv", "vob", "3gp", "wav", "mp3", "m4a", "aac", "flac", "ogg", "opus", "wma", "edf", "bdf", "json")
)  # fmt: skip
"""Endings that are left out; any other ending may be a part of the name (`patient.1`)."""

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def file_key(name: str) -> str:
    """The name of a recording without folder and case, in one Unicode form; the extension stays."""
    text = _seen(unquote(name, errors="replace") if _ESCAPE.search(name) else name)
    return re.split(r"[\\/]", unicodedata.normalize("NFC", text.strip()))[-1].strip().casefold()


def recording_key(name: str) -> str:
    """The key that all spellings of a recording's name have: `file_key` without extensions."""
    key = file_key(name)
    while True:
        stem, _, ending = key.rpartition(".")
        if not stem or ending not in _EXTENSIONS:
            return key
        key = stem.strip()


NameRule = Callable[[str], str]
NAME_RULES: tuple[NameRule, ...] = (str.strip, file_key, recording_key)
"""Ways to write the name of a recording, the strictest first."""


class NamedRecordings(Generic[T]):
    """What is known by names of recordings; a name can fit several."""

    def __init__(self, named: Iterable[tuple[str, T]], rules: Sequence[NameRule] = NAME_RULES) -> None:
        self._by_rule: list[tuple[NameRule, dict[str, dict[T, None]]]] = [(rule, {}) for rule in rules]
        for name, one in named:
            for rule, known in self._by_rule:
                known.setdefault(rule(name), {})[one] = None

    def match(self, name: str) -> tuple[int, list[T]] | None:
        """The strictest rule (its number) by which anything has this name, and all that has."""
        return next(self._matches(name), None)

    def called(self, name: str) -> list[T]:
        """All that has this name by that rule."""
        found = self.match(name)
        return [] if found is None else found[1]

    def _matches(self, name: str) -> Iterator[tuple[int, list[T]]]:
        for number, (rule, known) in enumerate(self._by_rule):
            if found := known.get(rule(name)):
                yield number, list(found)


def person_key(name: str) -> str:
    """The key that all spellings of a person's name have."""
    return " ".join(unicodedata.normalize("NFC", _seen(name)).split()).casefold()


def without_controls(name: str) -> str:
    """The name without control characters and marks of direction, which no name has, and without blanks
    around it. What joins letters or keeps them apart is a part of how some languages are spelled."""
    return _seen(name, besides=_JOINERS).strip()


_JOINERS = "\u200c\u200d"


def _seen(name: str, besides: str = "") -> str:
    """The name without what cannot be seen, but with the characters `besides`."""
    if name.isascii() and name.isprintable():
        return name
    return "".join(one for one in name if one in besides or unicodedata.category(one) not in ("Cc", "Cf"))
