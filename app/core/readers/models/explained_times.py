"""The sentences of a model's explanation, each with the times that it names.

Models are asked for times from the start of the clip, in milliseconds or as their family writes them. Only
what is written as a moment or a stretch is taken for one, never a duration; a sentence that names no time has
none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.semiology import Span

MOST_SENTENCES = 40
LONGEST = 20_000
"""Characters of an explanation that are looked through; 60 words are asked for."""
_ROUNDING = 0.1
"""Seconds by which a time may exceed the clip's end."""

_CLOCK = r"\d{1,2}:\d{2}(?:\.\d{1,3})?"
_NUMBER = r"\d{1,6}(?:[.,]\d{1,3})?"
_UNIT = r"(?:milliseconds?|ms|seconds?|secs?|s)\b"
_TIME = re.compile(
    rf"(?P<between>\bbetween\s+)?(?<![\d:.,])<?(?P<first>{_CLOCK}|{_NUMBER})\s?(?P<unit>{_UNIT})?>?"
    rf"(?:\s?(?(between)and|(?:–|—|-|to|until))\s?<?(?P<last>{_CLOCK}|{_NUMBER})\s?(?P<last_unit>{_UNIT})?>?)?",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"\b(?:for|every|lasting|lasts|lasted|within|over|took|takes)\s+"
    r"(?:(?:about|around|some|roughly|approximately|nearly|at least|up to|more than|less than)\s+)?<?$",
    re.IGNORECASE,
)
_END = re.compile(r"(?<=[.!?])\s+(?=[^\s\da-z])|\n+")


@dataclass(frozen=True, slots=True)
class ExplainedSentence:
    """A sentence and the times it names on the recording's clock, none where it names none."""

    text: str
    spans: tuple[Span, ...]


def explained_sentences(explanation: str, clip: Span) -> tuple[ExplainedSentence, ...]:
    """The sentences of what a model said of a clip that shows `clip` of the recording."""
    parts = (part.strip() for part in _END.split(explanation[:LONGEST]))
    texts = [part for part in parts if part][:MOST_SENTENCES]
    return tuple(ExplainedSentence(text, tuple(_spans(text, clip))) for text in texts)


def _spans(text: str, clip: Span) -> Iterator[Span]:
    for found in _TIME.finditer(text):
        if _DURATION.search(text[: found.start()]):
            continue
        unit, last_unit = found["unit"], found["last_unit"]
        first = _seconds(found["first"], unit or last_unit)
        last = None if found["last"] is None else _seconds(found["last"], last_unit or unit)
        if first is None or first > clip.duration + _ROUNDING:
            continue
        # What follows a “to” without being a time is no part of a stretch.
        end = last if last is not None and first <= last <= clip.duration + _ROUNDING else first
        yield Span(*(clip.start + min(moment, clip.duration) for moment in (first, end)))


def _seconds(written: str, unit: str | None) -> float | None:
    """Seconds from the clip's start; None for any other number."""
    if ":" in written:
        minutes, seconds = written.split(":")
        return 60 * int(minutes) + float(seconds) if float(seconds) < 60 else None
    if unit is None:
        return None
    if unit.startswith("m"):
        return float(re.sub(r",(?=\d{3}$)", "", written).replace(",", ".")) / 1000
    return float(written.replace(",", "."))
