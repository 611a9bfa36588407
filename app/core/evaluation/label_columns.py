"""The columns of a table of labels: whose recording, which feature and which part of its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.core.errors import UserError
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import normalise_name, shorten
from app.core.exchange.table import aliases_of

_Key = TypeVar("_Key", str, tuple[str, str])

STATE = "state"
"""The part of an answer that a column called like the feature alone holds."""

_PARTS: Mapping[str, str] = {
    "justificationfor": "explanation",
    "explanationfor": "explanation",
    "reasonfor": "explanation",
    "starttimefor": "start",
    "endtimefor": "end",
    "confidencefor": "confidence",
    "leftright": "side",
    "sidefor": "side",
    "lateralityfor": "side",
}
"""The part of an answer by how the title of its column begins; the feature's name follows."""

_NAMES = {normalise_name(alias) for alias in (*aliases_of("recording"), "name")}
_READERS = {normalise_name(alias) for alias in aliases_of("reader")}
_EXPORTED = {normalise_name(title) for title in ("feature", "reader_kind")}


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """Where a table has what: columns by place, `features` by feature and part, `free` by title."""

    name: int
    reader: int | None
    features: Mapping[str, Mapping[str, int]]
    free: Mapping[str, int]


def is_exported(header: Sequence[str]) -> bool:
    """Whether this is a table with a row for each span, or one that this program wrote."""
    return any(normalise_name(title) in _EXPORTED for title in header)


def label_columns(header: Sequence[str], meaning: Meaning = NOTHING_MAPPED) -> LabelColumns:
    """The columns of a table with a row for each recording; of names that are not ours the `meaning` holds
    the feature. Raises UserError when no column holds names."""
    name: int | None = None
    reader: int | None = None
    parts: dict[tuple[str, str], int] = {}
    free: dict[str, int] = {}
    for place, title in enumerate(header):
        normal, part = normalise_name(title), _part(title, meaning)
        if part is not None:
            _add(parts, part, place, title)
        elif name is None and normal in _NAMES:
            name = place
        elif reader is None and normal in _READERS:
            reader = place
        elif title.strip():
            _add(free, title.strip(), place, title)
    if name is None:
        raise UserError("The first row of the table names no column “file_name” or “recording”.")
    features: dict[str, dict[str, int]] = {}
    for (feature, kind), place in parts.items():
        features.setdefault(feature, {})[kind] = place
    return LabelColumns(name, reader, features, free)


def _add(columns: dict[_Key, int], key: _Key, place: int, title: str) -> None:
    if columns.setdefault(key, place) != place:
        raise UserError(f"The table has two columns “{shorten(title)}”.")


RATING = "rating"
"""How the part of an answer begins that is a score of its explanation; the rater's name follows."""

_RATING = re.compile(r"(?:faithfulness|rating)(?:(?:of|by)?(.{0,40}?))for(.+)")


def _part(title: str, meaning: Meaning) -> tuple[str, str] | None:
    """The feature and the part of its answer that a column of this title holds."""
    feature = meaning.feature_named(title)
    if feature is not None:
        return feature, STATE
    normal = normalise_name(title)
    rated = _RATING.fullmatch(normal)
    if rated is not None and (feature := meaning.feature_named(rated[2])) is not None:
        return feature, RATING + rated[1]
    for beginning, part in _PARTS.items():
        named = normal.removeprefix(beginning) if normal.startswith(beginning) else ""
        feature = meaning.feature_named(named)
        if feature is not None:
            return feature, part
    return None
