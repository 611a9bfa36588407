"""Confidence and its kind, side and explanation as one JSON text, for formats with a place for text only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.core.errors import UserError
from app.core.exchange.fidelity import xml_text
from app.core.exchange.phrases import parse_json
from app.core.reading import Reading, answer_from_dict
from app.core.semiology import Answer, ConfidenceKind


def to_text(reading: Reading) -> str:
    """Confidence, side and explanation by feature, of the answers that have any; "" when none has."""
    notes = {feature: note for feature, answer in reading.answers.items() if (note := _note(answer))}
    return json.dumps(notes, ensure_ascii=False, sort_keys=True) if notes else ""


def from_text(text: str, where: str) -> dict[str, Answer]:
    """The inverse of `to_text`: answers without presence and spans. Raises UserError."""
    data = parse_json(text, where) if text else {}
    if not isinstance(data, dict) or not all(isinstance(note, dict) for note in data.values()):
        raise UserError(f"{where} has malformed notes on its answers.")
    return {feature: answer_from_dict({**note, "feature": feature}) for feature, note in data.items()}


def _note(answer: Answer) -> Mapping[str, Any]:
    note = {
        "confidence": answer.confidence,
        "confidence_kind": kind if (kind := answer.confidence_kind) is not ConfidenceKind.STATED else None,
        "laterality": answer.laterality.value if answer.laterality else None,
        "explanation": xml_text(answer.explanation) or None,
    }
    return {key: value for key, value in note.items() if value is not None}
