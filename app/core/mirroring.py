"""Left and right of what was read from a recording that is shown mirrored.

A reader sees the stored picture. When the person says, by mirroring, that this picture shows the patient
the wrong way round, the patient's own left is what the reader called right: it is shown so, and nothing
that is stored changes. A person's answers stay as they are, for they were given by what was seen.
"""

from __future__ import annotations

import re
from dataclasses import replace

from app.core.reading import ReaderKind, Reading
from app.core.semiology import Answer, Laterality

_OPPOSITE = {Laterality.LEFT: Laterality.RIGHT, Laterality.RIGHT: Laterality.LEFT}
_BY_EYE = (ReaderKind.PERSON, ReaderKind.PHANTOM)
_SIDE = re.compile(r"\b(left|right)\b(?! (?:out|over|away|after))", re.IGNORECASE)
_MODEL_NOTE = "(The picture is mirrored: left and right in these words are those of the stored picture.)"


def mirrored_readings(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The readings as they are shown beside a mirrored picture: every program's sides are swapped."""
    return tuple(one if one.reader.kind in _BY_EYE else _mirrored(one) for one in readings)


def _mirrored(reading: Reading) -> Reading:
    measured = reading.reader.kind is ReaderKind.SIGNAL
    answers = {name: _swapped(answer, measured) for name, answer in reading.answers.items()}
    return replace(reading, answers=answers)


def _swapped(answer: Answer, measured: bool) -> Answer:
    side = None if answer.laterality is None else _OPPOSITE.get(answer.laterality, answer.laterality)
    words = answer.explanation
    if measured:
        words = _SIDE.sub(_other_word, words)
    elif _SIDE.search(words):
        # What a model says is quoted, never rewritten.
        words = f"{words}\n{_MODEL_NOTE}"
    return replace(answer, laterality=side, explanation=words)


def _other_word(found: re.Match[str]) -> str:
    word = found.group(0)
    other = "right" if word.lower() == "left" else "left"
    return other.capitalize() if word[0].isupper() else other
