"""Edits as JSON that needs no study to be understood: recordings by fingerprint, readers in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from app.core.bounded_json import canonical
from app.core.study import rows, values
from app.core.study.edits import EDITS, Edit

_KINDS = {kind.__name__: kind for kind in EDITS}
_READERS = ("reader", "rater")
_STATES = ("before", "after")


def edit_to_dict(edit: Edit, fingerprints: Mapping[int, str]) -> dict[str, object]:
    """The edit in JSON's own types; `fingerprints` are those of the study's recordings by number."""
    texts = {name: _to_json(edit, name) for name in _names(type(edit))}
    kind: dict[str, object] = {"kind": type(edit).__name__}
    if hasattr(edit, "recording_id"):
        kind["recording"] = fingerprints[edit.recording_id]
    return kind | texts


def _names(kind: type[Any]) -> list[str]:
    """The fields of a kind of edit that it is made with, but the recording."""
    return [field.name for field in fields(kind) if field.init and field.name != "recording_id"]


def _to_json(edit: Edit, name: str) -> str:
    value = getattr(edit, name)
    if name in _STATES:
        return edit.state_to_json(value)
    return rows.reader_to_json(value) if name in _READERS else canonical(value)


def edit_from_dict(kept: Mapping[str, object], numbers: Mapping[str, int]) -> Edit:
    """The inverse; `numbers` are those of the study's recordings by fingerprint.

    Raises LookupError for a recording that the study does not hold, ValueError or UserError for what is not
    an edit.
    """
    kind = _KINDS.get(values.name(kept.get("kind")))
    if kind is None:
        raise ValueError("no kind of edit")
    known = {name: _from_json(kind, name, _text(kept, name)) for name in _names(kind)}
    if "recording" in kept:
        known["recording_id"] = number_of(kept, numbers)
    try:
        return kind(**known)
    except TypeError as error:
        raise ValueError("not what this kind of edit holds") from error


def _text(kept: Mapping[str, object], name: str) -> str:
    return values.text(kept.get(name), values.LARGEST_JSON)


def _from_json(kind: type[Edit], name: str, text: str) -> Any:
    if name in _STATES:
        return kind.state_from_json(text)
    return rows.reader_from_json(text) if name in _READERS else rows.text_from_json(text)


def number_of(kept: Mapping[str, object], numbers: Mapping[str, int]) -> int:
    """The number of the recording that is named by its fingerprint. Raises LookupError, ValueError."""
    fingerprint = values.name(kept.get("recording"))
    if fingerprint not in numbers:
        raise LookupError("the study does not hold the recording")
    return numbers[fingerprint]
