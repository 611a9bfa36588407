"""Edits as JSON that needs no study to be understood: recordings by fingerprint, readers in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from app.core.reading import ReaderIdentity
from app.core.study import rows, values
from app.core.study.cameras import cameras_from_json, cameras_to_json
from app.core.study.edits import (
    ChangeSpans,
    Decide,
    Edit,
    LockReading,
    RateExplanation,
    SetAnswer,
    SetBlindByDefault,
    SetCameras,
    SetMark,
    SetNote,
    SetPatientBox,
    SetPerson,
    SetReference,
    SetSavedFilter,
    SetVerdict,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Text(Generic[T]):
    """How a value is written as text, and the inverse, which raises ValueError or UserError."""

    write: Callable[[T], str]
    read: Callable[[str], T]


def _reader_to_json(reader: ReaderIdentity | None) -> str:
    return rows.canonical(
        reader and [reader.kind.value, reader.name, reader.version, rows.canonical(dict(reader.details))]
    )


def _reader_from_json(text: str) -> ReaderIdentity | None:
    told = values.json_of(text)
    if told is None:
        return None
    kind, name, version, details = values.items(told)
    return rows.reader_from_row(kind, name, version, details)


_READER = _Text(_reader_to_json, _reader_from_json)
_PLAIN = _Text(rows.canonical, rows.text_or_none_from_json)
_TRUTH = _Text(rows.canonical, rows.truth_from_json)

_STATES: dict[type[Any], _Text[Any]] = {
    SetAnswer: _Text(rows.answer_to_json, rows.answer_from_json),
    SetVerdict: _Text(rows.verdict_to_json, rows.verdict_from_json),
    ChangeSpans: _Text(rows.spans_to_json, rows.spans_from_json),
    SetNote: _Text(rows.canonical, rows.text_from_json),
    SetMark: _Text(rows.mark_to_json, rows.mark_from_json),
    LockReading: _TRUTH,
    Decide: _Text(rows.decision_to_json, rows.decision_from_json),
    RateExplanation: _Text(lambda rating: rows.rating_to_json(rating, ""), rows.rating_from_json),
    SetPatientBox: _Text(rows.box_to_json, rows.box_from_json),
    SetCameras: _Text(cameras_to_json, cameras_from_json),
    SetPerson: _Text(rows.canonical, rows.name_from_json),
    SetBlindByDefault: _TRUTH,
    SetReference: _READER,
    SetSavedFilter: _PLAIN,
}
"""How `before` and `after` of each kind of edit are written: as they stand in the history."""

_KINDS = {kind.__name__: kind for kind in _STATES}


def _texts(kind: type[Any]) -> dict[str, _Text[Any]]:
    """How each field of a kind of edit is written, but the recording."""
    plain = _Text(rows.canonical, rows.text_from_json)
    known: dict[str, _Text[Any]] = {"reader": _READER, "rater": _READER, "feature": plain, "name": plain}
    known |= {"before": _STATES[kind], "after": _STATES[kind]}
    return {field.name: known[field.name] for field in fields(kind) if field.name != "recording_id"}


def edit_to_dict(edit: Edit, fingerprints: Mapping[int, str]) -> dict[str, object]:
    """The edit in JSON's own types; `fingerprints` are those of the study's recordings by number."""
    kind = type(edit)
    told: dict[str, object] = {"kind": kind.__name__}
    if hasattr(edit, "recording_id"):
        told["recording"] = fingerprints[edit.recording_id]
    return told | {name: text.write(getattr(edit, name)) for name, text in _texts(kind).items()}


def edit_from_dict(told: Mapping[str, object], numbers: Mapping[str, int]) -> Edit:
    """The inverse; `numbers` are those of the study's recordings by fingerprint.

    Raises LookupError for a recording that the study does not hold, ValueError or UserError for what is no
    edit.
    """
    kind = _KINDS.get(values.name(told.get("kind")))
    if kind is None:
        raise ValueError("no kind of edit")
    known = {name: text.read(_told(told, name)) for name, text in _texts(kind).items()}
    if "recording" in told:
        known["recording_id"] = number_of(told, numbers)
    made: Edit = kind(**known)
    return made


def _told(told: Mapping[str, object], name: str) -> str:
    return values.text(told.get(name), values.LARGEST_JSON)


def number_of(told: Mapping[str, object], numbers: Mapping[str, int]) -> int:
    """The number of the recording that is named by its fingerprint. Raises LookupError, ValueError."""
    fingerprint = values.name(told.get("recording"))
    if fingerprint not in numbers:
        raise LookupError("the study does not hold the recording")
    return numbers[fingerprint]
