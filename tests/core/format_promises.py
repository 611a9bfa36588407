"""What a format gives back of a bundle, as its `Fidelity` promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.core.exchange.bundle import Bundle, ReadingExtras, ReadRecording, answers_given
from app.core.exchange.fidelity import (
    Fidelity,
    Text,
    Times,
    annotation_text,
    cell_text,
    in_seconds,
    joined_milliseconds,
    microseconds,
    seizure_of,
    xml_text,
)
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer, Span
from app.core.study.marks import Mark, sort_marks


def round_trip(bundle: Bundle, fidelity: Fidelity) -> Bundle:
    """The bundle as a format gives it back after a round trip."""
    recordings = tuple(
        ReadRecording(
            _recording(entry.recording, fidelity),
            tuple(_reading(reading, fidelity) for reading in entry.readings),
            entry.fingerprint if fidelity.everything_beside else "",
            _beside(entry, fidelity),
        )
        for entry in bundle.recordings
        if entry.readings or fidelity.without_readings
    )
    return Bundle(recordings, bundle.history if fidelity.everything_beside else ())


def _beside(entry: ReadRecording, fidelity: Fidelity) -> tuple[ReadingExtras, ...]:
    if fidelity.everything_beside:
        return entry.beside
    if not fidelity.seizure and not fidelity.marks:
        return ()
    kept = seizure_of if fidelity.seizure else _all_marks
    found = tuple(kept(beside) for beside in entry.beside)
    return found if any(each != ReadingExtras() for each in found) else ()


def _all_marks(beside: ReadingExtras) -> ReadingExtras:
    """All marks to the microsecond, their labels as annotations hold them."""
    marks = (
        Mark(mark.kind, microseconds(mark.seconds), annotation_text(mark.label)) for mark in beside.marks
    )
    return ReadingExtras(marks=sort_marks(marks))


def _recording(recording: RecordingIdentity, fidelity: Fidelity) -> RecordingIdentity:
    if fidelity.text is Text.CELL:  # cells of numbers hold 15 digits
        return replace(recording, duration=microseconds(recording.duration))
    return recording


def _reading(reading: Reading, fidelity: Fidelity) -> Reading:
    answers = {feature: _answer(answer, fidelity) for feature, answer in reading.answers.items()}
    return Reading(_recording(reading.recording, fidelity), reading.reader, answers_given(answers))


def _answer(answer: Answer, fidelity: Fidelity) -> Answer:
    evidence = _SPANS[fidelity.times](answer.evidence)
    if not fidelity.details:
        return Answer(answer.feature, answer.presence, evidence=evidence)
    sides = answer.sides if fidelity.everything_beside else ()
    return replace(
        answer, evidence=evidence, sides=sides, explanation=_TEXT[fidelity.text](answer.explanation)
    )


def _rounded(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(Span(microseconds(span.start), microseconds(span.end)) for span in spans)


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
