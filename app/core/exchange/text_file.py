"""The text of a file of another program, in whatever encoding spreadsheets write."""

from __future__ import annotations

import codecs

from app.core.errors import UserError
from app.core.exchange.codec import Source

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def utf8_text(source: Source) -> str:
    """The text of a file that has to be in UTF-8. Raises UserError."""
    try:
        return source.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"“{source.name}” is not text in UTF-8.") from error


def any_text(source: Source) -> tuple[str, tuple[str, ...]]:
    """The text of a table and remarks on its encoding: UTF-8, UTF-16 with its mark, else Windows-1252.

    Raises UserError when it is in none of them.
    """
    encodings = ("utf-16",) if source.content.startswith(_UTF16) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = source.content.decode(encoding)
        except UnicodeError:
            continue
        return text, _remarks(encoding)
    raise UserError(f"“{source.name}” is text in an unknown encoding; save it as “CSV UTF-8”.")


def _remarks(encoding: str) -> tuple[str, ...]:
    if encoding == "utf-8-sig":
        return ()
    name = {"utf-16": "UTF-16", "cp1252": "Windows-1252 (ANSI)"}[encoding]
    return (f"The text is not UTF-8 and was read as {name}; check letters with accents.",)
