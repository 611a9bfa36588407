"""The effects of a row of the history, to be compared with the values in the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.core.semiology import Answer
from app.core.study import rows

StatePlace = tuple[str, str | None, str]
"""Fingerprint of the recording ("" for the study), key of the reader, what is said there."""

SpanCounts = Counter[rows.SpanRow]

Said = str | SpanCounts
"""A text, "" for nothing, or the evidence of an answer."""


@dataclass(frozen=True, slots=True)
class SpansChange:
    """Spans that a row takes out of the evidence, and those that it puts in."""

    removed: SpanCounts
    added: SpanCounts


Effects = Iterator[tuple[str, Said | SpansChange]]
"""What is said (the third part of a `StatePlace`), and what it is after the row or how the row changes it."""

Held = tuple[StatePlace, Said]
"""What the tables hold at a place."""

OF_READING = "JOIN recordings ON recordings.id = recording_id JOIN readers ON readers.id = reader_id"
"""The join in SQL that gives rows of a reading `fingerprint` and `key`."""


def answer_effects(answer: Answer) -> Iterator[tuple[str, Said]]:
    """The answer and its evidence, which can change by itself."""
    bare = replace(answer, evidence=())
    yield answer.feature, "" if bare == Answer(answer.feature) else rows.answer_to_json(bare)
    yield evidence_of(answer.feature), Counter(rows.spans_to_rows(answer.evidence))


def evidence_of(feature: str) -> str:
    """The name of an answer's evidence in a `StatePlace`."""
    return f"evidence for {feature}"


def note_on(feature: str | None) -> str:
    """The name of a note in a `StatePlace`."""
    return f"note on {feature}"


def json_effect(text: str) -> str:
    """The text itself, "" for null."""
    return "" if text == "null" else text
