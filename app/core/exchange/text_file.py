"""The text of a file of another program, in whatever encoding spreadsheets write."""

from __future__ import annotations

import codecs

from app.core.errors import UserError
from app.core.exchange.codec import Source

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def utf8_text(source: Source) -> str:
    """The text of a file that has to be in UTF-8. Raises UserError."""
    try:
        return source.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"“{source.name}” is not text in UTF-8.") from error


def any_text(source: Source) -> tuple[str, tuple[str, ...]]:
    """The text of a table and asides on its encoding: UTF-8, UTF-16 or UTF-32, else Windows-1252.

    Raises UserError when it is in none of them.
    """
    for encoding in _encodings(source.content):
        try:
            text = source.content.decode(encoding)
        except UnicodeError:
            continue
        return text, _asides(encoding)
    raise UserError(f"“{source.name}” is text in an unknown encoding; save it as “CSV UTF-8”.")


def _encodings(content: bytes) -> tuple[str, ...]:
    """The encodings to try, by the mark of the text, else by which half of its first letters is NUL."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return (encoding,)
    first = content[:4]
    if len(first) == 4 and first[1] == first[3] == 0 != first[0] and first[2]:
        return ("utf-16-le",)
    if len(first) == 4 and first[0] == first[2] == 0 != first[1] and first[3]:
        return ("utf-16-be",)
    return ("utf-8-sig", "cp1252")


def _asides(encoding: str) -> tuple[str, ...]:
    if encoding == "utf-8-sig":
        return ()
    name = "Windows-1252 (ANSI)" if encoding == "cp1252" else encoding[:6].upper()
    return (f"The text is not UTF-8 and was read as {name}; check letters with accents.",)
