"""The texts of a report: presences, sides, readers, days and spans."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.plain_text import plain
from app.core.presence_text import PRESENCE_GLYPHS
from app.core.reader_details import ARM, MARKS, PROMPT_SET, TELLS_EARLIER
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import Laterality, Presence, Span
from app.core.times import clock

PRESENCES: dict[Presence | None, tuple[str, str]] = {
    Presence.YES: ("✓", "yes"),
    Presence.NO: ("✗", "no"),
    Presence.NOT_ASSESSABLE: (PRESENCE_GLYPHS[Presence.NOT_ASSESSABLE], "not assessable"),
    None: ("–", "unanswered"),
}
"""Glyph and word of a presence."""

SIDES: dict[Laterality, str] = {
    Laterality.LEFT: "left side",
    Laterality.RIGHT: "right side",
    Laterality.BOTH: "both sides",
}


READERS: dict[ReaderKind, tuple[str, str]] = {
    ReaderKind.SIGNAL: (
        "Signal reader",
        "The signal reader is a rule-based measurement of movement, face and sound; it is not validated on "
        "patients.",
    ),
}
"""The name of a kind of reader, and the caution about it."""


def reader_name(reader: ReaderIdentity) -> str:
    """The displayed name of a reader: its kind's where there is one, else its own."""
    if _is_trained(reader):
        return reader.name
    name, _ = READERS.get(reader.kind, (reader.name, ""))
    return name


def caution(reader: ReaderIdentity) -> str:
    """The caution to show with this reader's answers; a trained reader's is its own."""
    if _is_trained(reader):
        return reader.details.get("caution", "")
    _, sentence = READERS.get(reader.kind, ("", ""))
    return sentence


def _is_trained(reader: ReaderIdentity) -> bool:
    return reader.kind is ReaderKind.SIGNAL and not reader.is_rule_based


_DETAILS = {
    "served": "answered by {}",
    ARM: "arm: {}",
    PROMPT_SET: "set of prompts: {}",
    "prompts": "hash of the prompts {}",
    "provider": "provider {}",
    "mode": "asked {}",
    "enhancements": "shown {}",
    "fps": "{} pictures a second",
    "feature_rates": "higher rates for quick features: {}",
    "range": "part that is read: {}",
    "tells_event": "told when the event begins and ends: {}",
    TELLS_EARLIER: "told what earlier segments found: {}",
    MARKS: "marks of {}",
    "program": "Semioscope {}",
    "picture_track": "picture track {}",
    "trained_on": "on {}",
    "inputs": "inputs {}",
    "thresholds": "hash of the thresholds {}",
    "seed": "seed {}",
}
"""The details of a reader that are shown, each with its text."""


def describe_reader(reader: ReaderIdentity) -> str:
    """A program's kind, version and settings, enough to ask it the same again; "" for a person."""
    if reader.kind is ReaderKind.PERSON:
        return ""
    version = {ReaderKind.MODEL: "prompt set"}.get(reader.kind, "version")
    parts = ["Trained on labels" if _is_trained(reader) else _SORTS[reader.kind]]
    parts += [f"{version} {reader.version}"] if reader.version else []
    details = reader.details
    parts += [words.format(details[key]) for key, words in _DETAILS.items() if details.get(key)]
    return ", ".join(parts) + "."


_SORTS = {
    ReaderKind.SIGNAL: "Built in",
    ReaderKind.MODEL: "A multimodal model",
    ReaderKind.PHANTOM: "The script of a generated patient",
}


def day_of(moment: str) -> str:
    """The day of a moment in UTC (ISO 8601)."""
    return moment[:10]


def escape_text(text: str) -> str:
    """Untrusted text as HTML that shows it unchanged."""
    from html import escape

    return escape(plain(text))


def format_evidence(evidence: Iterable[Span], most: int = 8) -> str:
    """Spans as text, at most so many of them."""
    listed = list(evidence)
    shown = [clock(s.start) if s.duration == 0 else f"{clock(s.start)}–{clock(s.end)}" for s in listed[:most]]
    return ", ".join(shown) + (f" and {len(listed) - most} more" if len(listed) > most else "")
