"""The overview of a whole EEG file: trends of its channels and regions, and where a rhythm stands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from app.core.eeg.channel_names import channel_names
from app.core.eeg.derivation import DerivedRow, InputChannel, derive
from app.core.eeg.montages import AS_RECORDED, parse_montage
from app.core.eeg.overview import overview_rows
from app.core.eeg.rhythmic_events import Floats, RhythmicEvent, event_scores, overall_score, rhythmic_events
from app.core.eeg.trend_groups import group_trends, region_groups
from app.core.eeg.trends import Trends
from app.core.recording.array_cache import Arrays

ALL_CHANNELS = "all channels"
_REFERENTIAL = "each EEG - average\neach depth"


@dataclass(frozen=True, slots=True, eq=False)
class FileOverview:
    """`trends` of the channels, `groups` those of all channels together and of each region and side, `score`
    (columns,) the event score 0–1, and the rhythmic stretches in order of time."""

    trends: Trends
    groups: Trends
    score: Floats
    events: tuple[RhythmicEvent, ...]


def described(trends: Trends) -> FileOverview:
    """The overview with these trends."""
    everything = {ALL_CHANNELS: tuple(range(len(trends.names)))} if trends.names else {}
    groups = group_trends(trends, {**everything, **region_groups(trends.names)})
    return FileOverview(trends, groups, overall_score(event_scores(trends)), rhythmic_events(trends))


def chosen_trends(found: FileOverview, source: str) -> tuple[Trends, int] | None:
    """The trends that hold a group or channel, and its number there; those of all channels together for any
    other name, None without channels."""
    for trends in (found.groups, found.trends):
        if source in trends.names:
            return trends, trends.names.index(source)
    return (found.groups, 0) if found.groups.names else None


def rows_of_overview(
    channels: Sequence[InputChannel], bad: frozenset[int] = frozenset()
) -> tuple[DerivedRow, ...]:
    """EEG less its common average and contacts as recorded, or everything as recorded where less than half
    can be derived; without bad channels."""
    recorded = _good(derive(AS_RECORDED, channels, bad).rows)
    rows = _good(derive(parse_montage(_REFERENTIAL), channels, bad).rows)
    return rows if 2 * len(rows) >= len(recorded) else recorded


def names_of_rows(rows: Sequence[DerivedRow], channels: Sequence[InputChannel]) -> tuple[str, ...]:
    """The electrode of each row, or the name of the row where it is a difference of two."""
    electrodes = [
        "" if one.bipolar else one.electrode for one in channel_names([channel.label for channel in channels])
    ]
    names = []
    for row in rows:
        heaviest = row.inputs[int(np.argmax(np.abs(row.weights)))]
        names.append(electrodes[heaviest] or row.name)
    return tuple(names)


def trends_to_arrays(trends: Trends) -> Arrays:
    """The trends as arrays to be stored."""
    arrays = {name: getattr(trends, name) for name in _ARRAYS}
    return {"names": np.array(trends.names, np.str_), "start": np.array(trends.start), **arrays}


def trends_from_arrays(arrays: Arrays) -> Trends | None:
    """The inverse of `trends_to_arrays`; None when something is missing or does not fit."""
    if not {"names", "start", *_ARRAYS} <= arrays.keys():
        return None
    names = tuple(str(name) for name in arrays["names"])
    shapes = {arrays[name].shape[:2] for name in _ARRAYS}
    if len(shapes) != 1 or shapes.pop()[0] != len(names):
        return None
    return Trends(names, float(arrays["start"]), **{name: arrays[name] for name in _ARRAYS})


_ARRAYS = tuple(field.name for field in fields(Trends) if field.name not in ("names", "start"))


def _good(rows: Sequence[DerivedRow]) -> tuple[DerivedRow, ...]:
    return tuple(row for row in overview_rows(rows) if not row.has_bad)
