"""Untrusted text (from models, files, recordings) made safe to show: plain, short, in reading order."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 2000
"""Characters of untrusted text that are kept for showing."""

_DROPPED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Controls, formatting (bidi overrides, zero-width), surrogates, private use, unassigned."""


_LONG_RUN = re.compile(r"(\S{30})(?=\S)")
_MAY_BREAK = "\u200b"


def breakable(text: str) -> str:
    """`text` that may be wrapped inside runs without a space, so that a long name cannot widen a window."""
    return _LONG_RUN.sub(rf"\1{_MAY_BREAK}", text)


def plain(text: str, limit: int = LIMIT) -> str:
    """`text` without control and bidi characters, line ends as \\n, at most `limit` characters.

    Tabs become spaces; a cut text ends in an ellipsis, which counts. Whoever shows the result still
    has to show it as plain text: markup inside it is left as it stands.
    """
    kept = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "):
        if character == "\n" or unicodedata.category(character) not in _DROPPED_CATEGORIES:
            kept.append(character)
            if len(kept) > limit:
                return "".join(kept[: limit - 1]) + "…"
    return "".join(kept)
