"""What survives a round trip through a format; the documentation shows it and the tests hold it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from app.core.exchange.bundle import ReadingExtras
from app.core.plain_text import plain
from app.core.semiology import Span, joined
from app.core.study.marks import Mark, MarkKind, first_moment

CELL_LIMIT = 32_766
"""Characters that one cell of a spreadsheet can hold, less the mark that keeps it from being a formula."""


class Times(StrEnum):
    """The precision of a format's times."""

    NONE = "not kept"
    EXACT = "exact"
    MICROSECONDS = "to the microsecond"
    MILLISECONDS = "to the millisecond; spans that touch or overlap become one"
    MILLISECONDS_LONG = "to the millisecond; spans that touch or overlap become one; a moment lasts 1 ms"


class Text(StrEnum):
    """The text that a format can hold."""

    EXACT = "exact"
    XML = "without control characters, line ends as \\n"
    CELL = "without control characters, line ends as \\n, at most 32,766 characters"


@dataclass(frozen=True, slots=True)
class Fidelity:
    """The fields that survive a round trip through a format.

    Presence, the recording's name and SHA-256 and the whole reader (kind, name, version, details)
    are kept by all. `without_answers`: readings in which nothing is answered; `without_readings`:
    recordings that nobody has read; `details`: confidence, laterality and explanation; sides that change
    over time are kept with `everything_beside`;
    `seizure`: onset and end, where a reader marked both; `marks`: all marks, their labels on one line;
    `everything_beside`: fingerprints, notes, marks, ratings and the history.
    """

    times: Times = Times.EXACT
    text: Text = Text.EXACT
    details: bool = True
    without_readings: bool = False
    seizure: bool = False
    marks: bool = False
    everything_beside: bool = False


KEPT, LOST = "kept", "not kept"


def kept_parts(keeps: Fidelity) -> tuple[tuple[str, str], ...]:
    """Every part of a study and what a file of the format keeps of it, in words."""
    seizure = keeps.seizure or keeps.marks or keeps.everything_beside
    details = _kept(keeps.details)
    text = "" if keeps.text is Text.EXACT or not keeps.details else f", {keeps.text}"
    return (
        ("Presence, recording and reader", KEPT),
        ("Times", LOST if keeps.times is Times.NONE else f"{KEPT}, {keeps.times}"),
        ("Confidence and side", details),
        ("Sides that change over time", _kept(keeps.everything_beside)),
        ("Explanation", details + text),
        ("Seizure onset and end", KEPT if keeps.marks or keeps.everything_beside else _both(seizure)),
        ("Phases of the seizure", _kept(keeps.marks or keeps.everything_beside)),
        ("Notes, ratings and the history", _kept(keeps.everything_beside)),
        ("Recordings that nobody has read", _kept(keeps.without_readings)),
    )


def _kept(kept: bool) -> str:
    return KEPT if kept else LOST


def _both(kept: bool) -> str:
    return f"{KEPT} where both are marked" if kept else LOST


def seizure_of(beside: ReadingExtras) -> ReadingExtras:
    """Onset and end of the seizure, where both are marked; nothing else, and no labels."""
    onset, end = first_moment(beside.marks, MarkKind.ONSET), first_moment(beside.marks, MarkKind.END)
    if onset is None or end is None or end < onset:
        return ReadingExtras()
    return ReadingExtras(marks=(Mark(MarkKind.ONSET, onset), Mark(MarkKind.END, end)))


def annotation_text(text: str) -> str:
    """The text on one line of at most 1,000 characters without control characters."""
    return " ".join(plain(text, 1000).split())


def xml_text(text: str) -> str:
    """The text without what XML 1.0 cannot hold, line ends as \\n."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def cell_text(text: str) -> str:
    """The text without what a cell of a spreadsheet cannot hold."""
    return xml_text(text)[:CELL_LIMIT]


def microseconds(seconds: float) -> float:
    return round(seconds, 6)


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def joined_milliseconds(spans: tuple[Span, ...], *, least: int = 0) -> tuple[tuple[int, int], ...]:
    """The spans in whole milliseconds, none touching another, each lasting at least `least`."""
    rounded = [(milliseconds(span.start), milliseconds(span.end)) for span in spans]
    whole = tuple(Span(start, max(end, start + least)) for start, end in rounded)
    return tuple((round(span.start), round(span.end)) for span in joined(whole))


def in_seconds(spans: tuple[tuple[int, int], ...]) -> tuple[Span, ...]:
    """Spans in milliseconds as spans in seconds."""
    return tuple(Span(start / 1000, end / 1000) for start, end in spans)
