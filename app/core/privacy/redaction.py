"""Removal of keys from text that a server sent, in any encoding.

A server knows the key and can echo it: literally, with escapes of JSON, HTML or URLs, in base64 or hex, in
full-width letters, in other case, with invisible characters or blanks in between, or truncated.
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
"""The shortest part of a key, in letters, that is removed by itself. A shorter key is removed only as a whole
word, because its letters occur in ordinary words."""

LONGEST_CUT = 100_000
"""The longest text in which a key is located exactly, character by character."""

_MOST_LEVELS = 4
"""The most nested levels of escapes that are decoded."""

# One branch for each first character, so that a text full of these is still scanned quickly.
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
    """Search patterns for one normal form of a text: `parts`, each of which discloses the key.

    `left_out` are ASCII characters that are removed from the text first (non-ASCII ones always are); `folded`
    is whether case is ignored.
    """

    parts: tuple[bytes, ...]
    left_out: bytes
    folded: bool

    def reading(self, text: str) -> bytes:
        # Bytes, because removing characters from them is many times faster.
        read = text.encode("ascii", "ignore").translate(None, self.left_out)
        return read.lower() if self.folded else read

    def is_in(self, text: str) -> bool:
        read = self.reading(text)
        return any(part in read for part in self.parts)


def escapes_at_most(text: str) -> int:
    """An upper bound of the number of escapes in a text, without decoding them."""
    return sum(map(text.count, _ESCAPE_BEGINS))


class Redaction:
    """Removal of the given keys from text; without keys all texts are unchanged."""

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
        """Whether `text` contains a key or a disclosing part of one."""
        if any(short.search(text) for short in self._short):
            return True
        return bool(self._patterns) and any(
            pattern.is_in(level) for level in _levels(text) for pattern in self._patterns
        )

    def cleaned(self, text: str) -> str:
        """The text with `(key)` in place of every key; a very long text with a key is replaced as a whole.

        Runs in linear time.
        """
        if not self.finds(text):
            return text
        if len(text) > LONGEST_CUT:
            return REMOVED
        for short in self._short:
            text = short.sub(REMOVED, text)
        return _mask_spans(text, self._spans(text))

    def dropped(self, text: str) -> str:
        """The text, or only `(key)` when it contains a key."""
        return REMOVED if self.finds(text) else text

    def _spans(self, text: str) -> list[Span]:
        """The spans of the keys in `text`."""
        found: list[Span] = []
        level, origin = text, [(place, place + 1) for place in range(len(text))]
        for _ in range(_MOST_LEVELS + 1):
            level, origin = _compatible(level, origin)
            for pattern in self._patterns:
                if pattern.is_in(level):
                    found += _find_pattern(pattern, level, origin)
            unescaped = _unescape(level, origin)
            if unescaped is None:
                break
            level, origin = unescaped
        return found


def _letters(text: str) -> bytes:
    return text.encode("ascii", "ignore").translate(None, _NO_LETTER)


def _patterns(value: str) -> Iterator[_Pattern]:
    yield _Pattern((_letters(value).lower(),), _NO_LETTER, folded=True)
    # In a long key, such as an access token, every part of 24 letters contains one of these parts of 16.
    width, step = (SHORTEST_PART, 1) if len(value) <= 64 else (2 * SHORTEST_PART, SHORTEST_PART)
    parts = (value[start : start + width].lower() for start in range(0, len(value) - width + 1, step))
    # A key can contain words; a part with a digit among its letters is never an ordinary word.
    telling = (part for part in parts if any(map(str.isdigit, part)) and not part.isdigit())
    yield _Pattern(tuple(part.encode("ascii", "ignore") for part in telling), _NOT_SEEN, folded=True)
    yield _Pattern((value.encode().hex().encode(),), _NO_LETTER, folded=True)
    yield _Pattern(tuple(_base64_forms(value)), _NO_LETTER, folded=False)


def _base64_forms(value: str) -> Iterator[bytes]:
    """The base64 letters that depend only on the key, for each alignment of its start."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + value.encode()).decode("ascii").rstrip("=")
        first = (8 * before + 5) // 6
        last = (before + len(value)) * 8 // 6
        yield _letters(encoded[first:last])


def _levels(text: str) -> Iterator[str]:
    """The text with zero, one, two … levels of escapes decoded."""
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


def _find_pattern(pattern: _Pattern, text: str, origin: list[Span]) -> Iterator[Span]:
    """The spans of a pattern in the original text."""
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
    """The text with compatibility forms (full-width, circled, accented) as plain ASCII letters."""
    if text.isascii():
        return text, origin
    return _replace_all(text, origin, _NOT_ASCII, _ascii_form)


_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


@lru_cache(maxsize=4096)
def _ascii_form(letter: str) -> str:
    """The ASCII form of one character, "" without one.

    By single characters, because normalising a long run of combining marks takes quadratic time.
    """
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii")


def _unescape(text: str, origin: list[Span]) -> tuple[str, list[Span]] | None:
    """The text with its escapes decoded once, None when it has none."""
    return _replace_all(text, origin, _ESCAPE, _character) if _ESCAPE.search(text) else None


def _replace_all(
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
    """The character of an escape; the escape itself when it is invalid."""
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


def _mask_spans(text: str, spans: list[Span]) -> str:
    """The text with a mark in place of each span, adjacent spans merged."""
    kept: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start > end or not kept:
            kept += [text[end:start], REMOVED]
        end = max(end, stop)
    return "".join([*kept, text[end:]])
