"""The match of a file's recordings to a study's: by content, else by a name that only one has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from app.core.exchange.bundle import ReadRecording
from app.core.study.recording_table import RecordingRow

_SAME_DURATION = 0.01
"""Seconds that two durations of one recording may differ, since formats round them."""


class Unmatched(Enum):
    """The reason why a recording of a file is not in the study; the value is the sentence about its name."""

    MISSING = "The study has no recording “{}”; its answers were left out."
    SEVERAL = "More than one recording is called “{}”, and only its name is known; it was left out."
    OTHER_CONTENT = "The study's recording “{}” has another content; the file's answers were left out."


@dataclass(frozen=True, slots=True)
class _Match:
    row: RecordingRow
    by_name: bool


def match_recordings(
    entries: Sequence[ReadRecording], known: Sequence[RecordingRow]
) -> tuple[int | Unmatched, ...]:
    """For each recording of a file its number in the study, or why it has none.

    Known contents (SHA-256, fingerprint) decide; without them a name, with or without its ending, that
    neither the study nor the file gives to two recordings.
    """
    found = [_match(entry, known) for entry in entries]
    return tuple(
        match if isinstance(match, Unmatched) else _checked(entry, match, entries, found)
        for entry, match in zip(entries, found, strict=True)
    )


def _match(entry: ReadRecording, known: Sequence[RecordingRow]) -> _Match | Unmatched:
    for row in known:
        if _same_content(entry, row):
            return _Match(row, by_name=False)
    named = _named(entry.recording.name.strip(), known)
    if len(named) > 1:
        return Unmatched.SEVERAL
    if not named:
        return Unmatched.MISSING
    return Unmatched.OTHER_CONTENT if _other_content(entry, named[0]) else _Match(named[0], by_name=True)


def _same_content(entry: ReadRecording, row: RecordingRow) -> bool:
    if entry.recording.sha256 and row.sha256:
        return entry.recording.sha256 == row.sha256
    return bool(entry.fingerprint) and entry.fingerprint == row.fingerprint


def _other_content(entry: ReadRecording, row: RecordingRow) -> bool:
    """Whether both contents are known and differ."""
    return _differ(entry.recording.sha256, row.sha256 or "") or _differ(entry.fingerprint, row.fingerprint)


def _named(name: str, known: Sequence[RecordingRow]) -> list[RecordingRow]:
    whole = [row for row in known if row.name == name]
    return whole or [row for row in known if Path(row.name).stem == name]


def _checked(
    entry: ReadRecording, match: _Match, entries: Sequence[ReadRecording], found: Sequence[_Match | Unmatched]
) -> int | Unmatched:
    """The number, unless the file holds another recording that would be the same one by name."""
    rivals = (other for other, its in zip(entries, found, strict=True) if _same_row(its, match))
    if match.by_name and any(_are_two(entry, other) for other in rivals):
        return Unmatched.SEVERAL
    return match.row.id


def _same_row(one: _Match | Unmatched, other: _Match) -> bool:
    return isinstance(one, _Match) and one.row.id == other.row.id


def _are_two(one: ReadRecording, other: ReadRecording) -> bool:
    """Whether a file's data of two recordings show that they differ."""
    lengths = one.recording.duration, other.recording.duration
    return (
        _differ(one.recording.sha256, other.recording.sha256)
        or _differ(one.fingerprint, other.fingerprint)
        or (all(lengths) and abs(lengths[0] - lengths[1]) > _SAME_DURATION)
    )


def _differ(one: str, other: str) -> bool:
    return bool(one and other) and one != other
