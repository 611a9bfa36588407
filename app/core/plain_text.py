"""Untrusted text (from models, files, recordings) made safe to show: plain, short, in reading order."""

from __future__ import annotations

import unicodedata

LIMIT = 2000
"""Characters of untrusted text that are kept for showing."""

_DROPPED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Controls, formatting (bidi overrides, zero-width), surrogates, private use, unassigned."""


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
