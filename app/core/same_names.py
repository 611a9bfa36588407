"""When two names mean the same recording or the same person: one rule for the whole program.

The differences that programs and people make without meaning it do not count: case, the Unicode form,
folders, blanks around a name, blanks as `%20`, characters that nobody sees (`UNSEEN`), and, of recordings,
the extension.
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

UNSEEN = (
    "\u00ad"  # soft hyphen
    "\u200b\u2060\ufeff"  # zero-width space, word joiner, mark of the order of bytes
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # marks of direction
)
"""Characters that programs add to a text without anybody seeing them."""

_NOT_SEEN = dict.fromkeys(map(ord, UNSEEN))
_JOINERS = "\u200c\u200d"
"""They join letters or keep them apart, which is a part of how some languages are spelled."""

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def file_key(name: str) -> str:
    """The name of a recording without folder and case, in one Unicode form; the extension stays."""
    text = unquote(name, errors="replace") if _ESCAPE.search(name) else name
    text = text.translate(_NOT_SEEN)
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
    """The key that all spellings of a person's name have; "" for a name of which nothing can be seen."""
    text = without_controls(name.translate(_NOT_SEEN))
    key = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    return key if key.strip(f"{_JOINERS} ") else ""


def known_spelling(name: str, known: Iterable[str]) -> str | None:
    """The one of the `known` names of persons that `name` means: the same text, else the only other spelling
    of it; None where there is none, or several."""
    names = tuple(known)
    if name in names:
        return name
    key = person_key(name)
    alike = {one for one in names if key and person_key(one) == key}
    return alike.pop() if len(alike) == 1 else None


def without_controls(name: str) -> str:
    """The name without control characters, which no name has, and without blanks around it."""
    return "".join(one for one in name if unicodedata.category(one) != "Cc").strip()


def show_unseen(name: str) -> str:
    """The name with `[U+200B]` for each character of it that is not seen and no blank."""
    return "".join(f"[U+{ord(one):04X}]" if _is_unseen(one) else one for one in name)


def _is_unseen(one: str) -> bool:
    return one in UNSEEN or (unicodedata.category(one) == "Cc" and not one.isspace())
