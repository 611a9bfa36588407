"""The match of a file's recordings to a study's: by content, else by a name that only one has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from app.core.errors import UserError
from app.core.exchange.bundle import ReadRecording
from app.core.exchange.phrases import shorten
from app.core.same_names import NamedRecordings
from app.core.study.recording_table import RecordingRow
from app.core.study.without_video import fingerprint_without_video, is_without_video

_SAME_DURATION = 0.01
"""Seconds that two durations of one recording in a file may differ, since formats round them."""

_OTHER_DURATION, _OTHER_SHARE = 1.0, 0.01
"""Seconds, and the share of the length, from which on a file speaks of another clock: programs differ by less
in how long they say that a video is."""


NOTHING_CHOSEN: Mapping[str, int] = MappingProxyType({})
"""Nobody has chosen a recording for a name that fits several."""


class Unmatched(Enum):
    """The reason why a recording of a file is not in the study; the value is the sentence about its name."""

    MISSING = "The study has no recording “{}”; its answers were left out."
    SEVERAL = "More than one recording is called “{}”, and only its name is known; it was left out."
    OTHER_CONTENT = "The study's recording “{}” has another content; the file's answers were left out."
    OTHER_LENGTH = "The study's recording “{}” has another length; the file's answers were left out."


@dataclass(frozen=True, slots=True)
class RecordingDoubt:
    """A recording of a file that is known by its `name` alone, the study's recordings that it can be, and
    which of them was `chosen`, by its number."""

    name: str
    rows: tuple[RecordingRow, ...]
    chosen: int | None = None

    def describe(self) -> str:
        """Which recordings it can be, by their numbers, or which was chosen, as a sentence."""
        verb = "can be" if self.chosen is None else "was taken for"
        rows = (row for row in self.rows if self.chosen in (None, row.id))
        return f"“{shorten(self.name)}” {verb} recording {' or '.join(map(describe_recording, rows))}."


def describe_recording(row: RecordingRow) -> str:
    """The number of a recording in the study, its place, and how long it is."""
    return f"{row.id} (“{shorten(row.path or row.name)}”, {row.duration:.1f} s)"


@dataclass(frozen=True, slots=True)
class RecordingMatches:
    """For each recording of a file its number in the study, or why it has none; and those that can be chosen,
    whether or not they were."""

    numbers: tuple[int | Unmatched, ...]
    doubts: tuple[RecordingDoubt, ...] = ()


@dataclass(frozen=True, slots=True)
class _Match:
    row: RecordingRow
    by_name: bool


def match_recordings(
    entries: Sequence[ReadRecording],
    known: Sequence[RecordingRow],
    chosen: Mapping[str, int] = NOTHING_CHOSEN,
    joined: Mapping[str, int] = NOTHING_CHOSEN,
) -> RecordingMatches:
    """The recordings of a file in the study.

    Known contents (SHA-256, fingerprint) decide. Without them a name decides that neither the study nor the
    file gives to two recordings: as it is written, else without folder and case, else without extension
    (`same_names.py`). A recording that is much longer or shorter is another one. Where a name fits several,
    `chosen` holds the number that somebody chose for it. Labels alone have a name and no content; `joined`
    are the numbers by the names of those that were joined with their video. Raises UserError for a choice
    that does not exist.
    """
    study = _KnownRecordings.of(known, joined)
    first = [_match(entry, study) for entry in entries]
    doubts = _doubts(entries, first, study, chosen)
    found = [
        _chosen(doubts[entry.recording.name]) if match is Unmatched.SEVERAL else match
        for entry, match in zip(entries, first, strict=True)
    ]
    named: dict[int, list[ReadRecording]] = {}
    for entry, match in zip(entries, found, strict=True):
        if isinstance(match, _Match):
            named.setdefault(match.row.id, []).append(entry)
    numbers = (
        match if isinstance(match, Unmatched) else _checked(entry, match, named[match.row.id])
        for entry, match in zip(entries, found, strict=True)
    )
    return RecordingMatches(tuple(numbers), tuple(one for one in doubts.values() if one.rows))


def _doubts(
    entries: Sequence[ReadRecording],
    found: Sequence[_Match | Unmatched],
    study: _KnownRecordings,
    chosen: Mapping[str, int],
) -> dict[str, RecordingDoubt]:
    """What the names can be that fit several recordings, by name; those of another content or length not."""
    rows: dict[str, list[RecordingRow]] = {}
    for entry, match in zip(entries, found, strict=True):
        if match is Unmatched.SEVERAL:
            name = entry.recording.name
            known = rows[name] if name in rows else next(_named(entry, study))
            rows[name] = [one for one in known if not _is_another(entry, one)]
    _check_choices(rows, chosen)
    return {name: RecordingDoubt(name, tuple(fit), chosen.get(name)) for name, fit in rows.items()}


def _check_choices(rows: Mapping[str, Sequence[RecordingRow]], chosen: Mapping[str, int]) -> None:
    for name, number in chosen.items():
        fit = rows.get(name)
        if not fit:
            raise UserError(f"The file has no recording “{shorten(name)}” for which one has to be chosen.")
        if all(row.id != number for row in fit):
            doubt = RecordingDoubt(name, tuple(fit))
            raise UserError(f"“{shorten(name)}” cannot be recording {number}. {doubt.describe()}")


def _chosen(doubt: RecordingDoubt) -> _Match | Unmatched:
    found = (_Match(row, by_name=True) for row in doubt.rows if row.id == doubt.chosen)
    return next(found, Unmatched.SEVERAL)


@dataclass(frozen=True, slots=True)
class _KnownRecordings:
    """The recordings of a study by what they are known by."""

    contents: dict[str, RecordingRow]
    fingerprints: dict[str, RecordingRow]
    names: NamedRecordings[RecordingRow]
    former: NamedRecordings[RecordingRow]

    @classmethod
    def of(cls, rows: Sequence[RecordingRow], joined: Mapping[str, int]) -> _KnownRecordings:
        numbers = {row.id: row for row in rows}
        former = [(name, numbers[number]) for name, number in joined.items() if number in numbers]
        return cls(
            {row.sha256: row for row in rows if row.sha256},
            _of_one(former) | {row.fingerprint: row for row in rows},
            NamedRecordings((row.name, row) for row in rows),
            NamedRecordings(former),
        )

    def called(self, name: str) -> list[RecordingRow]:
        """The recordings of this name, by the strictest rule by which there is one, else those whose joined
        labels had it."""
        return self.names.called(name) or self.former.called(name)


def _of_one(former: Sequence[tuple[str, RecordingRow]]) -> dict[str, RecordingRow]:
    """The recordings by the fingerprints of the labels that were joined with them, where that is one."""
    found: dict[str, set[RecordingRow]] = {}
    for name, row in former:
        found.setdefault(fingerprint_without_video(name), set()).add(row)
    return {fingerprint: next(iter(rows)) for fingerprint, rows in found.items() if len(rows) == 1}


def _match(entry: ReadRecording, known: _KnownRecordings) -> _Match | Unmatched:
    row = _same_content(entry, known)
    if row is not None:
        return _Match(row, by_name=False)
    named = next(_named(entry, known), [])
    if len(named) > 1:
        return Unmatched.SEVERAL
    if not named:
        return Unmatched.MISSING
    if _other_content(entry, named[0]):
        return Unmatched.OTHER_CONTENT
    return Unmatched.OTHER_LENGTH if _other_length(entry, named[0]) else _Match(named[0], by_name=True)


def _same_content(entry: ReadRecording, known: _KnownRecordings) -> RecordingRow | None:
    sha256 = entry.recording.sha256
    row = known.contents.get(sha256) if sha256 else None
    if row is None and entry.fingerprint:
        row = known.fingerprints.get(entry.fingerprint)
        # The SHA-256 wins where both are known.
        row = None if row is None or _differ(sha256, row.sha256 or "") else row
    return row


def _named(entry: ReadRecording, known: _KnownRecordings) -> Iterator[list[RecordingRow]]:
    """The recordings that the name fits, else those that the name of another file of the event fits."""
    for name in (entry.recording.name, *entry.other_names):
        if found := known.called(name):
            yield found


def _is_another(entry: ReadRecording, row: RecordingRow) -> bool:
    return _other_content(entry, row) or _other_length(entry, row)


def _other_content(entry: ReadRecording, row: RecordingRow) -> bool:
    """Whether both contents are known and differ."""
    contents = _content(entry.fingerprint), _content(row.fingerprint)
    return _differ(entry.recording.sha256, row.sha256 or "") or _differ(*contents)


def _content(fingerprint: str) -> str:
    """The fingerprint of a content; "" for that of labels alone, which belong to any content."""
    return "" if is_without_video(fingerprint) else fingerprint


def _other_length(entry: ReadRecording, row: RecordingRow) -> bool:
    lengths = entry.recording.duration, row.duration
    limit = max(_OTHER_DURATION, _OTHER_SHARE * row.duration)
    return all(lengths) and abs(lengths[0] - lengths[1]) > limit


def _checked(entry: ReadRecording, match: _Match, rivals: Sequence[ReadRecording]) -> int | Unmatched:
    """The number, unless the file holds another recording that would be the same one by name."""
    if match.by_name and any(_are_two(entry, other) for other in rivals):
        return Unmatched.SEVERAL
    return match.row.id


def _are_two(one: ReadRecording, other: ReadRecording) -> bool:
    """Whether a file's data of two recordings show that they differ."""
    lengths = one.recording.duration, other.recording.duration
    return (
        _differ(one.recording.sha256, other.recording.sha256)
        or _differ(_content(one.fingerprint), _content(other.fingerprint))
        or (all(lengths) and abs(lengths[0] - lengths[1]) > _SAME_DURATION)
    )


def _differ(one: str, other: str) -> bool:
    return bool(one and other) and one != other
