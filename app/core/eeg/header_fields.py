"""Parsing of EDF header fields: blank-padded ASCII by the specification, other encodings in real files."""

from __future__ import annotations

import re
from fractions import Fraction

from app.core.plain_text import plain

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?")


def text_of(field: bytes) -> str:
    """The text of a field without outer blanks: UTF-8 where it is valid, else Latin-1."""
    raw = _unpadded(field)
    if raw.isascii() and (text := raw.decode()).isprintable():
        return " ".join(text.split())
    return " ".join(plain(_decoded(raw, full=len(raw) == len(field))).split())


def number_of(field: bytes) -> Fraction | None:
    """The exact number in a field, with decimal point or comma; None when there is no number."""
    text = _unpadded(field).decode("ascii", "replace").strip().replace(",", ".")
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def whole_number_of(field: bytes) -> int | None:
    """The whole number in a field, None when there is none."""
    if (digits := field.strip(b" \0")).isdigit():
        return int(digits)
    number = number_of(field)
    return int(number) if number is not None and number.denominator == 1 else None


def _unpadded(field: bytes) -> bytes:
    """The content of a field before the first NUL, without surrounding blanks."""
    return field.strip(b" \0").partition(b"\0")[0].strip()


def _decoded(raw: bytes, *, full: bool) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # A label that fills its field may have been cut inside its last character.
        head = raw[: error.start]
        if full and error.end == len(raw) and not head.isascii():
            return head.decode("utf-8")
        return raw.decode("latin-1")
