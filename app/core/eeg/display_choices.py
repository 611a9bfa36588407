"""How an EEG is displayed: what is chosen once for all files, and what belongs to one file.

Both are stored as plain data; what is missing or invalid in it becomes the default.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.filters import Filters
from app.core.eeg.page_scale import DEFAULT_SENSITIVITY, PAGE_SECONDS, SENSITIVITIES
from app.core.plain_text import plain

if TYPE_CHECKING:
    from app.core.eeg.derivation import DerivedRow

DEFAULT_FILTERS: Mapping[ChannelKind, Filters] = MappingProxyType(
    {
        ChannelKind.EEG: Filters(),
        ChannelKind.DEPTH: Filters(0.5, None),
        ChannelKind.EOG: Filters(0.3, 35.0),
        ChannelKind.ECG: Filters(0.5, 70.0),
        ChannelKind.EMG: Filters(10.0, 100.0),
        ChannelKind.RESPIRATION: Filters(0.053, 15.0),
        ChannelKind.SOUND: Filters(None, None),
        ChannelKind.OTHER: Filters(None, None),
    }
)
"""The filters of each kind of channel before any choice."""

MOST_ROWS = 1024
"""Rows of which choices are stored."""

_LONGEST_KEY = 100
_HIGHEST = 1e5
_DOTS = (20.0, 1200.0)


class TrendView(StrEnum):
    """What the overview of a file shows."""

    OVERVIEW = "overview"
    SPECTROGRAM = "spectrogram"
    BANDS = "band power"


@dataclass(frozen=True, slots=True)
class DisplayChoices:
    """What is chosen for all files.

    `filters` and `sensitivity` (µV/mm) are by kind of channel; `zero_phase` and `harmonics` hold for all of
    them. `clipped` keeps each trace within its row; `coloured` shows the sides in colours; `smooth` lets the
    page scroll while playing instead of turning. `dots_per_inch` is 0 for that of the screen. With
    `overview` the whole file is shown below the page, as `trend_view`.
    """

    page_seconds: float = 10.0
    filters: Mapping[ChannelKind, Filters] = field(default_factory=lambda: DEFAULT_FILTERS)
    sensitivity: Mapping[ChannelKind, float] = field(default_factory=lambda: DEFAULT_SENSITIVITY)
    zero_phase: bool = False
    harmonics: bool = False
    negative_up: bool = True
    clipped: bool = False
    coloured: bool = True
    smooth: bool = False
    dots_per_inch: float = 0.0
    overview: bool = False
    trend_view: TrendView = TrendView.OVERVIEW

    def filters_of(self, kind: ChannelKind) -> Filters:
        """The filters that are applied to a kind of channel."""
        return replace(self.filters[kind], zero_phase=self.zero_phase, harmonics=self.harmonics)

    def with_filters(self, kind: ChannelKind, filters: Filters) -> DisplayChoices:
        return replace(self, filters=MappingProxyType({**self.filters, kind: filters}))

    def with_sensitivity(self, kind: ChannelKind, value: float) -> DisplayChoices:
        return replace(self, sensitivity=MappingProxyType({**self.sensitivity, kind: value}))


@dataclass(frozen=True, slots=True)
class FileChoices:
    """What is chosen for one file: the name of the montage ("" for the default), the µV/mm of kinds of
    channels where they are not those of all files, and by the keys of rows (see `row_keys`) which are hidden,
    their order, and the µV/mm of single rows."""

    montage: str = ""
    hidden: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    row_sensitivity: Mapping[str, float] = field(default_factory=dict)
    sensitivity: Mapping[ChannelKind, float] = field(default_factory=dict)


def file_sensitivities(choices: DisplayChoices, of_file: FileChoices) -> Mapping[ChannelKind, float]:
    """The µV/mm of each kind of channel in a file."""
    return MappingProxyType({**choices.sensitivity, **of_file.sensitivity})


def row_keys(rows: Sequence[DerivedRow]) -> tuple[str, ...]:
    """A unique key of each row: its name, with a number where several rows have the same."""
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        seen[row.name] += 1
        keys.append(row.name if seen[row.name] == 1 else f"{row.name}#{seen[row.name]}")
    return tuple(keys)


def arranged(keys: Sequence[str], choices: FileChoices) -> tuple[int, ...]:
    """The numbers of the rows that are shown, from top to bottom: in the chosen order, then the others in
    that of the montage."""
    places = {key: place for place, key in enumerate(choices.order)}
    shown = [number for number, key in enumerate(keys) if key not in choices.hidden]
    return tuple(sorted(shown, key=lambda number: places.get(keys[number], len(places))))


def moved(keys: Sequence[str], key: str, by: int) -> tuple[str, ...]:
    """The order of shown keys after one of them was moved `by` places."""
    order = [one for one in keys if one != key]
    order.insert(min(max(list(keys).index(key) + by, 0), len(order)), key)
    return tuple(order)


def display_choices_to_dict(choices: DisplayChoices) -> dict[str, Any]:
    """The choices as plain data."""
    return {
        "page_seconds": choices.page_seconds,
        "filters": {
            kind.value: [one.low_cut, one.high_cut, one.notch] for kind, one in choices.filters.items()
        },
        "sensitivity": {kind.value: value for kind, value in choices.sensitivity.items()},
        **{name: getattr(choices, name) for name in _FLAGS},
        "dots_per_inch": choices.dots_per_inch,
        "trend_view": choices.trend_view.value,
    }


_FLAGS = ("zero_phase", "harmonics", "negative_up", "clipped", "coloured", "smooth", "overview")


def display_choices_from_dict(data: Mapping[str, Any]) -> DisplayChoices:
    """The inverse of `display_choices_to_dict`."""
    default = DisplayChoices()
    flags = {name: data[name] for name in _FLAGS if isinstance(data.get(name), bool)}
    return replace(
        default,
        page_seconds=_number(data.get("page_seconds"), PAGE_SECONDS[0], PAGE_SECONDS[-1], 10.0),
        filters=MappingProxyType(
            {kind: _filters(_part(data, "filters", kind), one) for kind, one in DEFAULT_FILTERS.items()}
        ),
        sensitivity=MappingProxyType(
            {
                kind: _number(_part(data, "sensitivity", kind), SENSITIVITIES[0], SENSITIVITIES[-1], value)
                for kind, value in DEFAULT_SENSITIVITY.items()
            }
        ),
        dots_per_inch=_number(data.get("dots_per_inch"), *_DOTS, 0.0),
        trend_view=next(
            (one for one in TrendView if one.value == data.get("trend_view")), default.trend_view
        ),
        **flags,
    )


def file_choices_to_dict(choices: FileChoices) -> dict[str, Any]:
    """The choices as plain data; empty when nothing was chosen."""
    data: dict[str, Any] = {
        "montage": choices.montage,
        "hidden": sorted(choices.hidden),
        "order": list(choices.order),
        "row_sensitivity": dict(choices.row_sensitivity),
        "sensitivity": {kind.value: value for kind, value in choices.sensitivity.items()},
    }
    return {name: value for name, value in data.items() if value}


def file_choices_from_dict(data: Mapping[str, Any]) -> FileChoices:
    """The inverse of `file_choices_to_dict`."""
    rows = data.get("row_sensitivity")
    given = rows.items() if isinstance(rows, dict) else ()
    montage = data.get("montage")
    return FileChoices(
        montage=plain(montage, _LONGEST_KEY) if isinstance(montage, str) else "",
        hidden=frozenset(_keys(data.get("hidden"))),
        order=tuple(dict.fromkeys(_keys(data.get("order")))),
        row_sensitivity={
            key: _number(value, SENSITIVITIES[0], SENSITIVITIES[-1], SENSITIVITIES[0])
            for key, value in list(given)[:MOST_ROWS]
            if isinstance(key, str) and _is_number(value)
        },
        sensitivity={
            kind: value
            for kind in ChannelKind
            if (value := _number(_part(data, "sensitivity", kind), SENSITIVITIES[0], SENSITIVITIES[-1], 0.0))
        },
    )


def _keys(value: Any) -> list[str]:
    found = value if isinstance(value, list) else []
    return [one for one in found[:MOST_ROWS] if isinstance(one, str) and len(one) <= _LONGEST_KEY]


def _part(data: Mapping[str, Any], name: str, kind: ChannelKind) -> Any:
    part = data.get(name)
    return part.get(kind.value) if isinstance(part, dict) else None


def _filters(value: Any, default: Filters) -> Filters:
    if not isinstance(value, list) or len(value) != 3:
        return default
    low, high, notch = (_number(one, 1e-3, _HIGHEST, 0.0) or None for one in value)
    return Filters(low, high, notch)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(value: Any, low: float, high: float, default: float) -> float:
    return float(value) if _is_number(value) and low <= value <= high else default
