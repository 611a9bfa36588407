"""The JSON Schema of a model's answer, with integers only because servers disagree about number ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.semiology import Feature, Laterality, Presence

SIDES = (*(side.value for side in Laterality), "none")
"""The sides that a model may answer; `none` means no side."""

ITEM_KEYS = ("feature", "explanation", "presence", "confidence", "laterality", "evidence")
"""The keys of one answer, the reason first so that the verdict can follow from it."""


def response_schema(features: Sequence[Feature]) -> dict[str, Any]:
    """The JSON Schema of the answer to a request about `features`, with one item per feature."""
    moment = {"type": "integer", "minimum": 0, "description": "milliseconds from the start of this clip"}
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
                    "properties": {"start_ms": moment, "end_ms": moment},
                    "required": ["start_ms", "end_ms"],
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
