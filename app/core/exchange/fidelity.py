"""What survives a round trip through a format; the documentation shows it and the tests hold it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.exchange.bundle import Bundle, ReadingExtras, ReadRecording, answers_given
from app.core.plain_text import plain
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer, Span, joined
from app.core.study.marks import Mark, MarkKind, first_moment, sort_marks

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
    recordings that nobody has read; `details`: confidence, laterality and explanation;
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


def round_trip(bundle: Bundle, keeps: Fidelity) -> Bundle:
    """The bundle as a format gives it back after a round trip."""
    recordings = tuple(
        ReadRecording(
            _recording(entry.recording, keeps),
            tuple(_reading(reading, keeps) for reading in entry.readings),
            entry.fingerprint if keeps.everything_beside else "",
            _beside(entry, keeps),
        )
        for entry in bundle.recordings
        if entry.readings or keeps.without_readings
    )
    return Bundle(recordings, bundle.history if keeps.everything_beside else ())


def _beside(entry: ReadRecording, keeps: Fidelity) -> tuple[ReadingExtras, ...]:
    if keeps.everything_beside:
        return entry.beside
    if not keeps.seizure and not keeps.marks:
        return ()
    kept = seizure_of if keeps.seizure else marks_of
    found = tuple(kept(beside) for beside in entry.beside)
    return found if any(each != ReadingExtras() for each in found) else ()


def seizure_of(beside: ReadingExtras) -> ReadingExtras:
    """Onset and end of the seizure, where both are marked; nothing else, and no labels."""
    onset, end = first_moment(beside.marks, MarkKind.ONSET), first_moment(beside.marks, MarkKind.END)
    if onset is None or end is None or end < onset:
        return ReadingExtras()
    return ReadingExtras(marks=(Mark(MarkKind.ONSET, onset), Mark(MarkKind.END, end)))


def marks_of(beside: ReadingExtras) -> ReadingExtras:
    """All marks to the microsecond, their labels as annotations hold them."""
    marks = (
        Mark(mark.kind, microseconds(mark.seconds), annotation_text(mark.label)) for mark in beside.marks
    )
    return ReadingExtras(marks=sort_marks(marks))


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


def _recording(recording: RecordingIdentity, keeps: Fidelity) -> RecordingIdentity:
    if keeps.text is Text.CELL:  # cells of numbers hold 15 digits
        return replace(recording, duration=microseconds(recording.duration))
    return recording


def _reading(reading: Reading, keeps: Fidelity) -> Reading:
    answers = {feature: _answer(answer, keeps) for feature, answer in reading.answers.items()}
    return Reading(_recording(reading.recording, keeps), reading.reader, answers_given(answers))


def _answer(answer: Answer, keeps: Fidelity) -> Answer:
    evidence = _SPANS[keeps.times](answer.evidence)
    if not keeps.details:
        return Answer(answer.feature, answer.presence, evidence=evidence)
    return replace(answer, evidence=evidence, explanation=_TEXT[keeps.text](answer.explanation))


def _rounded(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(Span(microseconds(span.start), microseconds(span.end)) for span in spans)


def in_seconds(spans: tuple[tuple[int, int], ...]) -> tuple[Span, ...]:
    """Spans in milliseconds as spans in seconds."""
    return tuple(Span(start / 1000, end / 1000) for start, end in spans)


_SPANS: dict[Times, Callable[[tuple[Span, ...]], tuple[Span, ...]]] = {
    Times.NONE: lambda _spans: (),
    Times.EXACT: lambda spans: spans,
    Times.MICROSECONDS: _rounded,
    Times.MILLISECONDS: lambda spans: in_seconds(joined_milliseconds(spans)),
    Times.MILLISECONDS_LONG: lambda spans: in_seconds(joined_milliseconds(spans, least=1)),
}

_TEXT: dict[Text, Callable[[str], str]] = {
    Text.EXACT: lambda text: text,
    Text.XML: xml_text,
    Text.CELL: cell_text,
}
