"""Exchange of left and right in the answers of programs for a recording that is shown mirrored.

A program reads the stored picture. When that picture is itself mirrored and the person corrects it by
mirroring, the patient's left is what the program called right; only the displayed answers change, not the
stored ones. The answers of people refer to the displayed picture and are not changed, and those of a model
that knew that the picture is mirrored are right as they are.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.reader_details import VIEW
from app.core.reading import ReaderKind, Reading
from app.core.semiology import Answer, Laterality

if TYPE_CHECKING:
    from app.core.timeline.traces import MeasuredTrace, RecordingTraces

_OPPOSITE = {Laterality.LEFT: Laterality.RIGHT, Laterality.RIGHT: Laterality.LEFT}
_BY_EYE = (ReaderKind.PERSON, ReaderKind.PHANTOM)
_SIDE = re.compile(r"\b(left|right)\b(?! (?:out|over|away|after))", re.IGNORECASE)
_MIRRORED = "mirrored"
_MODEL_NOTE = "(The picture is mirrored: left and right in these words are those of the stored picture.)"


def mirrored_readings(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The readings as displayed next to a mirrored picture, with the sides of every program swapped."""
    return tuple(one if _is_right(one) else _mirrored(one) for one in readings)


def _is_right(reading: Reading) -> bool:
    """Whether the sides are the patient's own already."""
    told = reading.reader.details.get(VIEW, "")
    return reading.reader.kind in _BY_EYE or _MIRRORED in told.split(", ")


def mirrored_traces(traces: RecordingTraces) -> RecordingTraces:
    """What a program measured, as displayed next to a mirrored picture."""
    features = {key: tuple(map(_mirrored_trace, rows)) for key, rows in traces.features.items()}
    return replace(traces, features=features)


def _mirrored_trace(trace: MeasuredTrace) -> MeasuredTrace:
    curves = tuple(
        replace(
            curve,
            name=_SIDE.sub(_other_word, curve.name),
            side=None if curve.side is None else _OPPOSITE.get(curve.side, curve.side),
        )
        for curve in trace.curves
    )
    limits = tuple(replace(limit, words=_SIDE.sub(_other_word, limit.words)) for limit in trace.limits)
    return replace(trace, curves=curves, limits=limits)


def _mirrored(reading: Reading) -> Reading:
    measured = reading.reader.kind is ReaderKind.SIGNAL
    answers = {name: _swapped(answer, measured) for name, answer in reading.answers.items()}
    return replace(reading, answers=answers)


def _swapped(answer: Answer, measured: bool) -> Answer:
    side = None if answer.laterality is None else _OPPOSITE.get(answer.laterality, answer.laterality)
    sides = tuple(replace(one, side=_OPPOSITE.get(one.side, one.side)) for one in answer.sides)
    words = answer.explanation
    if measured:
        words = _SIDE.sub(_other_word, words)
    elif _SIDE.search(words):
        # The words of a model are quoted, never rewritten.
        words = f"{words}\n{_MODEL_NOTE}"
    return replace(answer, laterality=side, sides=sides, explanation=words)


def _other_word(found: re.Match[str]) -> str:
    word = found.group(0)
    other = "right" if word.lower() == "left" else "left"
    return other.capitalize() if word[0].isupper() else other
