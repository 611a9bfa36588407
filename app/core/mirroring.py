"""Exchange of left and right in the answers of programs for a recording that is shown mirrored.

A program reads the stored picture. When that picture is itself mirrored and the person corrects it by
mirroring, the patient's left is what the program called right; only the displayed answers change, not the
stored ones. The answers of people refer to the displayed picture and are not changed.
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
    """The readings as displayed next to a mirrored picture, with the sides of every program swapped."""
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
        # The words of a model are quoted, never rewritten.
        words = f"{words}\n{_MODEL_NOTE}"
    return replace(answer, laterality=side, explanation=words)


def _other_word(found: re.Match[str]) -> str:
    word = found.group(0)
    other = "right" if word.lower() == "left" else "left"
    return other.capitalize() if word[0].isupper() else other
