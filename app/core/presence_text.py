"""Presence in text: as one character and as a word."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.semiology import Presence

PRESENCE_GLYPHS: Mapping[Presence | None, str] = {
    Presence.YES: "✓",
    Presence.NO: "✕",
    Presence.NOT_ASSESSABLE: "⊘",
    None: "·",
}
"""Presence as one character, for text; where it is painted nothing may depend on the font."""

PRESENCE_NAMES: Mapping[Presence | None, str] = {
    Presence.YES: "yes",
    Presence.NO: "no",
    Presence.NOT_ASSESSABLE: "not assessable",
    None: "unanswered",
}
