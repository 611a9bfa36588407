"""The form of answers, readers and boxes in the tables and in the history.

What reads a row or its JSON raises ValueError, or UserError (also for what an answer cannot be), and nothing
else, whatever the row holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache

from app.core.bounded_json import canonical
from app.core.picture_box import Box
from app.core.reading import (
    ReaderIdentity,
    ReaderKind,
    Reading,
    RecordingIdentity,
    answer_extras,
    answer_from_dict,
    answer_to_dict,
    extras_from,
)
from app.core.semiology import FEATURE, FEATURES, MOST_SIDES, MOST_SPANS, Answer, Laterality, Presence, Span
from app.core.study import values
from app.core.study.full_reading import FullReading
from app.core.study.marks import Mark, MarkKind

_SHORT = 500
_REPEATED = 1024
"""Most answers of an import or of a recording's first reading are alike, and unanswered before."""

AnswerRow = tuple[str, str | None, int | None, str | None, str, str | None]
"""feature, presence, confidence, laterality, explanation, extras (JSON of `answer_extras`, None for none)."""

ANSWER_COLUMNS = "feature, presence, confidence, laterality, explanation, extras"

SpanRow = tuple[float, float]
"""Start and end of a span in seconds."""


PRESENCES = ", ".join(f"'{one.value}'" for one in Presence)
SIDES = ", ".join(f"'{one.value}'" for one in Laterality)
ANSWERED = f"presence IN ({PRESENCES}) AND feature IN ({', '.join(map(repr, FEATURE))})"
"""The condition in SQL under which a row of the answers says something that this program can have written."""


def reader_from_row(kind: object, name: object, version: object, details: object) -> ReaderIdentity:
    """Raises ValueError when the row is not what this program writes."""
    kept = values.fields(values.json_of(details)).items()
    return ReaderIdentity(
        ReaderKind(values.name(kind)),
        values.name(name),
        values.name(version),
        {key: values.text(value) for key, value in kept},
    )


def reader_to_json(reader: ReaderIdentity | None) -> str:
    """A reader in full, None for nobody."""
    return canonical(
        reader and [reader.kind.value, reader.name, reader.version, canonical(dict(reader.details))]
    )


def reader_from_json(text: str) -> ReaderIdentity | None:
    """The inverse. Raises ValueError."""
    value = values.json_of(text)
    if value is None:
        return None
    kind, name, version, details = values.items(value)
    return reader_from_row(kind, name, version, details)


def answer_to_row(answer: Answer) -> AnswerRow:
    """The row of the table of answers; the evidence is in the table of spans."""
    return (
        answer.feature,
        answer.presence.value if answer.presence else None,
        answer.confidence,
        answer.laterality.value if answer.laterality else None,
        answer.explanation,
        canonical(extras) if (extras := answer_extras(answer)) else None,
    )


def spans_to_rows(spans: Iterable[Span]) -> list[SpanRow]:
    return [(span.start, span.end) for span in spans]


def _nothing_said() -> None:
    """For who needs no word of it."""


def answer_from_row(
    row: Sequence[object], spans: Sequence[Span], shortened: Callable[[], None] = _nothing_said
) -> Answer:
    """The answer with its first spans and sides, as many as one can hold: `shortened` is called where the
    study holds more, from before there was a bound. Raises ValueError when the row is not what this program
    writes."""
    feature, presence, confidence, laterality, explanation, extras = row
    held = {} if extras is None else values.fields(values.json_of(extras))
    more = first_parts(held)
    answer = Answer(
        values.feature(feature),
        values.maybe(presence_of, presence),
        values.maybe(values.number, confidence),
        tuple(spans[:MOST_SPANS]),
        values.maybe(laterality_of, laterality),
        values.text(explanation),
        *extras_from(more),
    )
    if more is not held or len(spans) > MOST_SPANS:
        shortened()
    return answer


def first_parts(row: Mapping[str, object]) -> Mapping[str, object]:
    """The JSON of an answer, or of a part of one, with as many spans and sides as an answer can hold."""
    kept = {
        key: parts[:most]
        for key, most in (("evidence", MOST_SPANS), ("sides", MOST_SIDES))
        if isinstance(parts := row.get(key), list) and len(parts) > most
    }
    return {**row, **kept} if kept else row


def span_from_row(begins: object, ends: object) -> Span:
    """Raises ValueError when the row is not what this program writes."""
    return Span(values.seconds(begins), values.seconds(ends))


def presence_of(value: object) -> Presence:
    return Presence(values.name(value))


def laterality_of(value: object) -> Laterality:
    return Laterality(values.name(value))


def answer_to_json(answer: Answer) -> str:
    if answer.evidence or len(answer.explanation) > _SHORT:
        return canonical(answer_to_dict(answer))
    return _bare_answer_to_json(answer)


@lru_cache(_REPEATED)
def _bare_answer_to_json(answer: Answer) -> str:
    return canonical(answer_to_dict(answer))


def answer_from_json(text: str) -> Answer:
    if len(text) > _SHORT:
        return answer_of(values.json_of(text))
    return _answer_from_short_json(text)


@lru_cache(_REPEATED)
def _answer_from_short_json(text: str) -> Answer:
    return answer_of(values.json_of(text))


def answer_of(value: object) -> Answer:
    """An answer from its JSON, with its first spans and sides. Raises ValueError or UserError."""
    return answer_from_dict(first_parts(values.fields(value)))


def answers_to_json(answers: Mapping[str, Answer]) -> str:
    """All answers that say anything, in the order of the checklist."""
    given = [answers[feature.id] for feature in FEATURES if feature.id in answers]
    return canonical([answer_to_dict(answer) for answer in given if answer != Answer(answer.feature)])


def answers_from_json(text: str, features: Container[str] | None = None) -> dict[str, Answer]:
    """The answers of a reading by feature, all or those to these features. Raises ValueError or UserError."""
    answers = values.items(values.json_of(text, values.PARTS_OF_READING))
    wanted = [one for one in answers if features is None or _is_of(one, features)]
    return _by_feature(wanted)


def _is_of(answer: object, features: Container[str]) -> bool:
    """Whether the answer is to one of these features, or to nothing that can be read."""
    feature = values.fields(answer).get("feature")
    return not isinstance(feature, str) or feature in features


def _by_feature(value: object) -> dict[str, Answer]:
    answers = (answer_of(row) for row in values.items(value))
    return {answer.feature: answer for answer in answers}


def given(reading: Reading) -> dict[str, Answer]:
    """The answers of a reading that say anything."""
    return {
        feature: answer for feature, answer in reading.answers.items() if answer != Answer(answer.feature)
    }


def box_to_json(box: Box | None) -> str:
    return canonical([float(side) for side in (box.left, box.top, box.right, box.bottom)] if box else None)


def box_from_json(text: str | None) -> Box | None:
    """The inverse. Raises ValueError."""
    return None if text is None else values.maybe(box_of, values.json_of(text))


def box_of(sides: object) -> Box:
    """A box from its JSON. Raises ValueError for what is not a box within a picture."""
    left, top, right, bottom = (values.finite(side) for side in values.items(sides))
    return Box(left, top, right, bottom)


def text_of(value: str) -> str:
    """The same text as a file can hold it: bytes of a file name that are not text become “?”."""
    return value.encode("utf-8", "replace").decode("utf-8")


def mark_to_json(mark: Mark | None) -> str:
    return canonical(mark and {"kind": mark.kind.value, "seconds": mark.seconds, "label": mark.label})


def mark_from_json(text: str) -> Mark | None:
    return values.maybe(_mark, values.json_of(text))


def _mark(value: object) -> Mark:
    row = values.fields(value)
    return mark_from_row(row.get("kind"), row.get("seconds"), row.get("label"))


def mark_from_row(kind: object, seconds: object, label: object) -> Mark:
    """Raises ValueError when the row is not what this program writes."""
    return Mark(MarkKind(values.name(kind)), values.seconds(seconds), values.text(label))


def full_to_json(full: FullReading, *, blind: bool) -> str:
    """A reading as JSON, as it is stored when it is locked."""
    return canonical(
        {
            "answers": json.loads(answers_to_json(full.reading.answers)),
            "notes": dict(full.notes),
            "marks": [json.loads(mark_to_json(mark)) for mark in full.marks],
            "blind": blind,
        }
    )


def full_from_json(text: str, recording: RecordingIdentity, reader: ReaderIdentity) -> FullReading:
    row = values.fields(values.json_of(text, values.PARTS_OF_READING))
    notes = values.fields(row.get("notes")).items()
    return FullReading(
        Reading(recording, reader, _by_feature(row.get("answers"))),
        {values.feature(feature): values.text(note) for feature, note in notes},
        tuple(_mark(one) for one in values.items(row.get("marks"))),
    )


def text_from_json(text: str) -> str:
    return values.text(values.json_of(text))


def name_from_json(text: str) -> str | None:
    """A name, or None where there is nobody."""
    return values.maybe(values.name, values.json_of(text))


def truth_from_json(text: str) -> bool:
    return values.truth(values.json_of(text))
