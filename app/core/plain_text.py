"""Sanitising of untrusted text (from models, files, recordings) for display as plain text."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 2000
"""The default limit of characters for display."""

_DROPPED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Controls, formatting (bidi overrides, zero-width), surrogates, private use, unassigned."""


_LONG_RUN = re.compile(r"(\S{30})(?=\S)")
_MAY_BREAK = "\u200b"


def breakable(text: str) -> str:
    """The text with break opportunities inside long words, so that a long name cannot widen a window."""
    return _LONG_RUN.sub(rf"\1{_MAY_BREAK}", text)


def plain(text: str, limit: int = LIMIT) -> str:
    """The text without control and bidi characters, with \\n as line ends, at most `limit` characters.

    Tabs become spaces; a cut text ends in an ellipsis, which counts. The result must be displayed as plain
    text, because markup in it is unchanged.
    """
    kept = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "):
        if character == "\n" or unicodedata.category(character) not in _DROPPED_CATEGORIES:
            kept.append(character)
            if len(kept) > limit:
                return "".join(kept[: limit - 1]) + "…"
    return "".join(kept)
