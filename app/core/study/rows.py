"""How answers, readers and boxes stand in the tables and in the history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.core.enhance.pose_track import Box
from app.core.errors import UserError
from app.core.reading import (
    ReaderIdentity,
    ReaderKind,
    Reading,
    RecordingIdentity,
    answer_from_dict,
    answer_to_dict,
)
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.edits import Decision, Rating
from app.core.study.full import FullReading
from app.core.study.marks import Mark, MarkKind
from app.core.study.verdict import Verdict

AnswerRow = tuple[str, str | None, int | None, str | None, str]
"""feature, presence, confidence, laterality, explanation."""

SpanRow = tuple[float, float]
"""Start and end of a span in seconds."""


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, ASCII, no NaN (ValueError)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def reader_key(reader: ReaderIdentity) -> str:
    """What tells readers apart in a study.

    A person stays the same person over every version of the program; any other reader is another
    one with another version or other settings.
    """
    if reader.kind is ReaderKind.PERSON:
        return canonical([reader.kind.value, reader.name])
    return canonical([reader.kind.value, reader.name, reader.version, dict(reader.details)])


def reader_from_row(kind: str, name: str, version: str, details: str) -> ReaderIdentity:
    return ReaderIdentity(ReaderKind(kind), name, version, json.loads(details))


def answer_to_row(answer: Answer) -> AnswerRow:
    """What stands in the table of answers; the evidence stands in that of the spans."""
    return (
        answer.feature,
        answer.presence.value if answer.presence else None,
        answer.confidence,
        answer.laterality.value if answer.laterality else None,
        answer.explanation,
    )


def spans_to_rows(spans: Iterable[Span]) -> list[SpanRow]:
    return [(span.start, span.end) for span in spans]


def answer_from_row(row: AnswerRow, spans: Iterable[SpanRow]) -> Answer:
    """Raises UserError when the row is not what this program writes."""
    feature, presence, confidence, laterality, explanation = row
    try:
        return Answer(
            feature,
            None if presence is None else Presence(presence),
            confidence,
            tuple(Span(begins, ends) for begins, ends in spans),
            None if laterality is None else Laterality(laterality),
            explanation,
        )
    except ValueError as error:
        raise UserError(f"The study's answer for {feature} is malformed.") from error


def verdict_to_json(verdict: Verdict) -> str:
    return canonical(
        {
            "presence": verdict.presence and verdict.presence.value,
            "confidence": verdict.confidence,
            "laterality": verdict.laterality and verdict.laterality.value,
            "explanation": verdict.explanation,
        }
    )


def verdict_from_json(text: str) -> Verdict:
    row = json.loads(text)
    return Verdict(
        None if row["presence"] is None else Presence(row["presence"]),
        row["confidence"],
        None if row["laterality"] is None else Laterality(row["laterality"]),
        row["explanation"],
    )


def spans_to_json(spans: Iterable[Span]) -> str:
    return canonical([[float(span.start), float(span.end)] for span in spans])


def spans_from_json(text: str) -> tuple[Span, ...]:
    return tuple(Span(float(start), float(end)) for start, end in json.loads(text))


def answer_to_json(answer: Answer) -> str:
    return canonical(answer_to_dict(answer))


def answer_from_json(text: str) -> Answer:
    return answer_from_dict(json.loads(text))


def answers_to_json(answers: Mapping[str, Answer]) -> str:
    """All answers that say anything, in the order of the checklist."""
    given = [answers[feature.id] for feature in FEATURES if feature.id in answers]
    return canonical([answer_to_dict(answer) for answer in given if answer != Answer(answer.feature)])


def answers_from_json(text: str) -> dict[str, Answer]:
    answers = (answer_from_dict(row) for row in json.loads(text))
    return {answer.feature: answer for answer in answers}


def given(reading: Reading) -> dict[str, Answer]:
    """The answers of a reading that say anything."""
    return {
        feature: answer for feature, answer in reading.answers.items() if answer != Answer(answer.feature)
    }


def box_to_json(box: Box | None) -> str:
    return canonical([float(side) for side in (box.left, box.top, box.right, box.bottom)] if box else None)


def box_from_json(text: str | None) -> Box | None:
    values: Any = json.loads(text) if text else None
    return None if values is None else Box(*(float(value) for value in values))


def text_of(value: str) -> str:
    """The same text as a file can hold it: bytes of a file name that are no text become “?”."""
    return value.encode("utf-8", "replace").decode("utf-8")


def mark_to_json(mark: Mark | None) -> str:
    return canonical(mark and {"kind": mark.kind.value, "seconds": mark.seconds, "label": mark.label})


def mark_from_json(text: str) -> Mark | None:
    row = json.loads(text)
    return None if row is None else Mark(MarkKind(row["kind"]), row["seconds"], row["label"])


def decision_to_json(decision: Decision) -> str:
    return canonical({"answer": answer_to_dict(decision.answer), "note": decision.note})


def decision_from_json(text: str) -> Decision:
    row = json.loads(text)
    return Decision(answer_from_dict(row["answer"]), row["note"])


def rating_to_json(rating: Rating | None, rater_key: str) -> str:
    """The rater stands in it too, because the history's own column names who was rated."""
    return canonical(rating and {"rater": rater_key, "score": rating.score, "note": rating.note})


def rating_from_json(text: str) -> Rating | None:
    row = json.loads(text)
    return None if row is None else Rating(row["score"], row["note"])


def full_to_json(full: FullReading, *, blind: bool) -> str:
    """A reading as it is kept when it is locked."""
    return canonical(
        {
            "answers": json.loads(answers_to_json(full.reading.answers)),
            "notes": dict(full.notes),
            "marks": [json.loads(mark_to_json(mark)) for mark in full.marks],
            "blind": blind,
        }
    )


def full_from_json(text: str, recording: RecordingIdentity, reader: ReaderIdentity) -> FullReading:
    row = json.loads(text)
    answers = (answer_from_dict(one) for one in row["answers"])
    marks = (mark_from_json(json.dumps(one)) for one in row["marks"])
    return FullReading(
        Reading(recording, reader, {answer.feature: answer for answer in answers}),
        row["notes"],
        tuple(mark for mark in marks if mark is not None),
    )


def rater_key(old: str, new: str) -> str:
    """Who rated, from a row of the history."""
    for text in (old, new):
        row = json.loads(text)
        if row is not None:
            return str(row["rater"])
    raise ValueError("a rating without a rater")


def text_from_json(text: str) -> str:
    return str(json.loads(text))
