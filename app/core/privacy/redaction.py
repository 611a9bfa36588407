"""Takes keys out of text that a server sent, in whatever spelling they stand there.

A server sees the key and can echo it anywhere: as it is, with escapes of JSON, HTML or URLs, in base64 or
hex, in full-width letters, in other case, with invisible characters or blanks in between, or cut off.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.core.privacy.keys import Secret

REMOVED = "(key)"

SHORTEST_PART = 8
"""Letters of a part of a key that is removed by itself. A shorter key is removed only where it stands alone,
because its letters would be found in ordinary words."""

LONGEST_CUT = 100_000
"""Characters of a text in which the places of a key are looked for, one character after another."""

_MOST_LEVELS = 4
"""How often text is unescaped, one escape inside another."""

# One branch for each first character, so that a text that is full of these is still read quickly.
_ESCAPE = re.compile(
    r"[%=][0-9a-f]{2}|\\(?:[bfnrt/]|x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]{1,6}\}|[0-7]{3})"
    r"|&(?:#x[0-9a-f]{1,6};?|#[0-9]{1,7};?|[a-z]{2,8};)",
    re.IGNORECASE,
)
_ESCAPE_BEGINS = "%=\\&"
_NO_LETTER = bytes(code for code in range(128) if not chr(code).isalnum())
_NOT_SEEN = bytes(code for code in range(128) if not 0x21 <= code <= 0x7E)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What is looked for in one reading of a text: `parts`, any of which gives the key away.

    `left_out` are the ASCII characters that are left out of the text first, as all others always are;
    `folded` is whether case does not count.
    """

    parts: tuple[bytes, ...]
    left_out: bytes
    folded: bool

    def reading(self, text: str) -> bytes:
        # In bytes, because leaving characters out of those is many times as fast.
        read = text.encode("ascii", "ignore").translate(None, self.left_out)
        return read.lower() if self.folded else read

    def is_in(self, text: str) -> bool:
        read = self.reading(text)
        return any(part in read for part in self.parts)


def escapes_at_most(text: str) -> int:
    """How many escapes can stand in a text, counted without reading them: each costs time to read."""
    return sum(map(text.count, _ESCAPE_BEGINS))


class Redaction:
    """Removes the given keys from text; without keys every text stays as it is."""

    def __init__(self, *keys: Secret) -> None:
        values = [key.reveal() for key in keys if key.reveal()]
        self._short = tuple(
            re.compile(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])")
            for value in values
            if len(_letters(value)) < SHORTEST_PART
        )
        self._patterns = tuple(
            pattern
            for value in values
            if len(_letters(value)) >= SHORTEST_PART
            for pattern in _patterns(value)
        )

    def finds(self, text: str) -> bool:
        """Whether a key, or a telling part of one, stands in `text`."""
        if any(short.search(text) for short in self._short):
            return True
        return bool(self._patterns) and any(
            pattern.is_in(level) for level in _levels(text) for pattern in self._patterns
        )

    def cleaned(self, text: str) -> str:
        """`text` with `(key)` wherever a key stood; a very long text with a key in it is replaced as a whole.

        The time is linear in the length of the text.
        """
        if not self.finds(text):
            return text
        if len(text) > LONGEST_CUT:
            return REMOVED
        for short in self._short:
            text = short.sub(REMOVED, text)
        return _without(text, self._spans(text))

    def dropped(self, text: str) -> str:
        """`text`, or `(key)` alone when a key stands in it."""
        return REMOVED if self.finds(text) else text

    def _spans(self, text: str) -> list[Span]:
        """Where the keys stand in `text`."""
        found: list[Span] = []
        level, origin = text, [(place, place + 1) for place in range(len(text))]
        for _ in range(_MOST_LEVELS + 1):
            level, origin = _compatible(level, origin)
            for pattern in self._patterns:
                if pattern.is_in(level):
                    found += _found(pattern, level, origin)
            unescaped = _unescaped(level, origin)
            if unescaped is None:
                break
            level, origin = unescaped
        return found


def _letters(text: str) -> bytes:
    return text.encode("ascii", "ignore").translate(None, _NO_LETTER)


def _patterns(value: str) -> Iterator[_Pattern]:
    yield _Pattern((_letters(value).lower(),), _NO_LETTER, folded=True)
    # Of a long key, an access token for example, every part of 24 letters holds one of these of 16.
    width, step = (SHORTEST_PART, 1) if len(value) <= 64 else (2 * SHORTEST_PART, SHORTEST_PART)
    parts = (value[start : start + width].lower() for start in range(0, len(value) - width + 1, step))
    # Words can stand in a key; a part with a digit among its letters can be nothing else.
    telling = (part for part in parts if any(map(str.isdigit, part)) and not part.isdigit())
    yield _Pattern(tuple(part.encode("ascii", "ignore") for part in telling), _NOT_SEEN, folded=True)
    yield _Pattern((value.encode().hex().encode(),), _NO_LETTER, folded=True)
    yield _Pattern(tuple(_in_base64(value)), _NO_LETTER, folded=False)


def _in_base64(value: str) -> Iterator[bytes]:
    """The letters of base64 that depend on the key alone, for each place in which it can begin."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + value.encode()).decode("ascii").rstrip("=")
        first = (8 * before + 5) // 6
        last = (before + len(value)) * 8 // 6
        yield _letters(encoded[first:last])


def _levels(text: str) -> Iterator[str]:
    """The text, and what it says when its escapes are taken for what they mean, again and again."""
    for _ in range(_MOST_LEVELS + 1):
        if not text.isascii():
            text = _NOT_ASCII.sub(lambda found: _ascii_form(found[0]), text)
        yield text
        if not escapes_at_most(text):
            return
        unescaped = _ESCAPE.sub(lambda found: _character(found[0]), text)
        if unescaped == text:
            return
        text = unescaped


def _found(pattern: _Pattern, text: str, origin: list[Span]) -> Iterator[Span]:
    """Where a pattern stands, as places of the original text."""
    kept = {chr(code) for code in range(128)} - set(pattern.left_out.decode("ascii"))
    places = [place for place, letter in enumerate(text) if letter in kept]
    read = pattern.reading(text)
    for part in pattern.parts:
        start = read.find(part)
        while start >= 0:
            last = start + len(part) - 1
            yield origin[places[start]][0], origin[places[last]][1]
            start = read.find(part, last + 1)


def _compatible(text: str, origin: list[Span]) -> tuple[str, list[Span]]:
    """The text with letters of other forms (full-width, circled, accented) as plain ones, in ASCII alone."""
    if text.isascii():
        return text, origin
    return _changed(text, origin, _NOT_ASCII, _ascii_form)


_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


@lru_cache(maxsize=4096)
def _ascii_form(letter: str) -> str:
    """What one character is in ASCII, "" when it is nothing there.

    One character at a time: normalizing a long run of combining marks takes time that grows with the square.
    """
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii")


def _unescaped(text: str, origin: list[Span]) -> tuple[str, list[Span]] | None:
    """The text with its escapes as what they mean, None when it has none."""
    return _changed(text, origin, _ESCAPE, _character) if _ESCAPE.search(text) else None


def _changed(
    text: str, origin: list[Span], what: re.Pattern[str], change: Callable[[str], str]
) -> tuple[str, list[Span]]:
    letters: list[str] = []
    places: list[Span] = []
    end = 0
    for found in what.finditer(text):
        letters.append(text[end : found.start()])
        places += origin[end : found.start()]
        new = change(found[0])
        letters.append(new)
        places += [(origin[found.start()][0], origin[found.end() - 1][1])] * len(new)
        end = found.end()
    letters.append(text[end:])
    return "".join(letters), places + origin[end:]


def _character(escape: str) -> str:
    """What one escape stands for; itself when it stands for nothing."""
    if escape.startswith("&"):
        return html.unescape(escape)
    if escape[1] in "bfnrtBFNRT" and len(escape) == 2:
        return " "
    if escape == "\\/":
        return "/"
    digits = escape.lstrip("\\%=xXuU{").rstrip("}") or "0"
    is_octal = escape.startswith("\\") and escape[1].isdigit()
    value = int(digits, 8 if is_octal else 16)
    return chr(value) if value < 0x110000 and not 0xD800 <= value < 0xE000 else escape


def _without(text: str, spans: list[Span]) -> str:
    """`text` with a mark in place of each span, spans that touch being one."""
    kept: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start > end or not kept:
            kept += [text[end:start], REMOVED]
        end = max(end, stop)
    return "".join([*kept, text[end:]])
