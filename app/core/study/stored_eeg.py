"""The EEG files of a recording as a study stores them: place, content, the agreed sync, bad channels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.bounded_json import canonical
from app.core.clock_sync import MarkPair, Sync
from app.core.semiology import LATEST
from app.core.study import values
from app.core.study.place import named_path, relative_path

MOST_EEGS = 100
"""The most EEG files of one recording: a day in pieces of a quarter of an hour."""

MOST_PAIRS = 1000
"""The most pairs of marks of one sync."""

MOST_BAD_CHANNELS = 10_000
"""More channels than a file can have."""

LONGEST_ORIGIN = 500
"""Characters of the sentence on what a sync rests on."""

LARGEST_DRIFT = 0.01
"""Seconds per second. A clock that is a hundredth off is not a clock."""

FARTHEST = LATEST
"""The largest offset and time of a mark in seconds."""


@dataclass(frozen=True, slots=True)
class AgreedSync:
    """A sync that a person has agreed to.

    `origin` is a plain sentence on what it rests on, without dates and names of people; `pairs` are the marks
    that it was fitted to, in order of time, () when it was found in another way. Raises ValueError for what
    no study can hold.
    """

    sync: Sync
    origin: str = ""
    pairs: tuple[MarkPair, ...] = ()

    def __post_init__(self) -> None:
        offset, drift = _number(self.sync.offset, FARTHEST), _number(self.sync.drift, LARGEST_DRIFT)
        if len(self.pairs) > MOST_PAIRS:
            raise ValueError("too many pairs of marks")
        values.text(self.origin, LONGEST_ORIGIN)
        pairs = (MarkPair(_number(one.eeg, FARTHEST), _number(one.recording, FARTHEST)) for one in self.pairs)
        object.__setattr__(self, "sync", Sync(offset, drift))
        object.__setattr__(self, "pairs", tuple(sorted(pairs)))


BadChannels = frozenset[str]
"""The exact labels of channels that are marked bad."""


@dataclass(frozen=True, slots=True)
class StoredEeg:
    """One EEG file of a recording.

    `fingerprint` is its `content_hash`, `size` in bytes when it was attached; `path` is its place as the
    study names it (relative to the study's folder where that can be, with “/”). Raises ValueError for what
    no study can hold.
    """

    fingerprint: str
    name: str
    path: str
    size: int
    agreed: AgreedSync
    bad_channels: BadChannels = frozenset()

    def __post_init__(self) -> None:
        for text in (self.fingerprint, self.name, self.path):
            values.name(text)
        values.number(self.size)
        check_bad_channels(self.bad_channels)

    def place(self, folder: Path) -> Path:
        """Where the file was last seen, by the study's folder."""
        return named_path(self.path, folder)


StoredEegs = tuple[StoredEeg, ...]


def stored_eeg(path: Path, fingerprint: str, size: int, folder: Path, agreed: AgreedSync) -> StoredEeg:
    """The EEG of a file, named as the study in `folder` names places."""
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    return StoredEeg(fingerprint, name, relative_path(path, folder), size, agreed)


def sort_eegs(eegs: Iterable[StoredEeg]) -> StoredEegs:
    """In the order in which they begin on the recording's clock."""
    return tuple(sorted(eegs, key=lambda one: (one.agreed.sync.offset, one.name, one.fingerprint)))


def check_bad_channels(labels: BadChannels) -> None:
    """Raises ValueError for labels that no study can hold."""
    if len(labels) > MOST_BAD_CHANNELS:
        raise ValueError("too many channels")
    for label in labels:
        values.name(label)


def sync_value(agreed: AgreedSync) -> dict[str, object]:
    """A sync in JSON's own types."""
    return {
        "offset": agreed.sync.offset,
        "drift": agreed.sync.drift,
        "origin": agreed.origin,
        "pairs": [[pair.eeg, pair.recording] for pair in agreed.pairs],
    }


def sync_from_value(value: object) -> AgreedSync:
    """The inverse. Raises ValueError."""
    row = values.fields(value)
    pairs = tuple(_pair(pair) for pair in values.items(row.get("pairs")))
    sync = Sync(values.finite(row.get("offset")), values.finite(row.get("drift")))
    return AgreedSync(sync, values.text(row.get("origin"), LONGEST_ORIGIN), pairs)


def bad_channels_value(labels: BadChannels) -> list[str]:
    """The labels in alphabetical order, for JSON."""
    return sorted(labels)


def bad_channels_from_value(value: object) -> BadChannels:
    """The inverse. Raises ValueError."""
    labels = frozenset(values.name(label) for label in values.items(value))
    check_bad_channels(labels)
    return labels


def eeg_value(eeg: StoredEeg | None) -> dict[str, object] | None:
    """An EEG in JSON's own types; None for none."""
    if eeg is None:
        return None
    return {
        "fingerprint": eeg.fingerprint,
        "name": eeg.name,
        "path": eeg.path,
        "size": eeg.size,
        "sync": sync_value(eeg.agreed),
        "bad_channels": bad_channels_value(eeg.bad_channels),
    }


def eeg_from_value(value: object) -> StoredEeg | None:
    """The inverse. Raises ValueError."""
    if value is None:
        return None
    row = values.fields(value)
    return StoredEeg(
        values.name(row.get("fingerprint")),
        values.name(row.get("name")),
        values.name(row.get("path")),
        values.number(row.get("size")),
        sync_from_value(row.get("sync")),
        bad_channels_from_value(row.get("bad_channels")),
    )


def without_places(value: Any) -> Any:
    """What a row of the history says of an EEG without the place of its file: folders can bear names."""
    return {**value, "path": ""} if isinstance(value, dict) and "path" in value else value


def sync_to_json(agreed: AgreedSync) -> str:
    return canonical(sync_value(agreed))


def sync_from_json(text: str) -> AgreedSync:
    return sync_from_value(values.json_of(text))


def bad_channels_to_json(labels: BadChannels) -> str:
    return canonical(bad_channels_value(labels))


def bad_channels_from_json(text: str) -> BadChannels:
    return bad_channels_from_value(values.json_of(text))


def _pair(value: object) -> MarkPair:
    eeg, recording = values.items(value)
    return MarkPair(values.finite(eeg), values.finite(recording))


def _number(value: float, largest: float) -> float:
    """One number, one text in the history: no whole numbers, no -0.0."""
    if isinstance(value, bool) or not math.isfinite(value) or abs(value) > largest:
        raise ValueError(f"not a time: {value}")
    return float(value) + 0.0
