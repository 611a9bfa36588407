"""The JSON Schema of a model's answer; all numbers but times are integers, because servers disagree about
ranges of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from app.core.readers.models.time_notation import TimeNotation
from app.core.semiology import Feature, Laterality, Presence

SIDES = (*(side.value for side in Laterality), "none")
"""The sides that a model may answer; `none` means no side."""

ITEM_KEYS = ("feature", "explanation", "presence", "confidence", "laterality", "evidence")
"""The keys of one answer, the reason first so that the verdict can follow from it."""


SPAN_KEYS = ("start", "end")


class AnswerForm(StrEnum):
    """`FULL`: presence, side, evidence and reason of each feature. `SHORT`: `{"answer", "justification"}` of
    one feature, as in arXiv 2605.03352."""

    FULL = "full"
    SHORT = "short"


SHORT_ANSWERS: Mapping[str, Presence] = {
    "yes": Presence.YES,
    "no": Presence.NO,
    "NA": Presence.NOT_ASSESSABLE,
}
"""The words of the short form."""
SHORT_KEYS = ("answer", "justification")


def response_schema(
    features: Sequence[Feature],
    times: TimeNotation = TimeNotation.SECONDS,
    *,
    form: AnswerForm = AnswerForm.FULL,
) -> dict[str, Any]:
    """The JSON Schema of the answer to a request about `features`, with one item per feature and times in the
    form of the model's family. The short form is about one feature, which is not named, and has no times."""
    if form is AnswerForm.SHORT:
        return _short_schema()
    moment = times.schema
    item = {
        "type": "object",
        "properties": {
            "feature": {"type": "string", "enum": [feature.id for feature in features]},
            "explanation": {"type": "string", "description": "what is seen or heard, in at most 60 words"},
            "presence": {"type": "string", "enum": [presence.value for presence in Presence]},
            "confidence": {"type": "integer", "minimum": 0, "maximum": 100},
            "laterality": {"type": "string", "enum": list(SIDES), "description": "the patient's own side"},
            "evidence": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": dict.fromkeys(SPAN_KEYS, moment),
                    "required": list(SPAN_KEYS),
                    "additionalProperties": False,
                },
            },
        },
        "required": list(ITEM_KEYS),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"answers": {"type": "array", "items": item}},
        "required": ["answers"],
        "additionalProperties": False,
    }


def _short_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "answer": {"type": "string", "enum": list(SHORT_ANSWERS)},
            "justification": {"type": "string"},
        },
        "required": list(SHORT_KEYS),
        "additionalProperties": False,
    }


def count_questions(schema: Mapping[str, Any]) -> int:
    """The number of features that a schema of `response_schema` asks about."""
    if "answers" not in schema["properties"]:
        return 1
    return len(schema["properties"]["answers"]["items"]["properties"]["feature"]["enum"])
