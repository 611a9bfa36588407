"""The readings of a study that may be compared, by recording; two recordings of one name stay two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.core.agreement.comparison import group_by_reader
from app.core.errors import UserError
from app.core.reading import ReaderIdentity, ReaderKind, Reading
from app.core.study.blind_readings import AnswersUsed, as_locked, blind_readings
from app.core.study.consensus import CONSENSUS, is_consensus
from app.core.study.ratings import StoredRating
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study
from app.core.study.viewer import SEES_ALL, Viewer, is_sealed, sealed_from


@dataclass(frozen=True, slots=True)
class RecordingReadings:
    """One recording of a study: its number and name there, and who has read it.

    In `readings` the recording is named by its fingerprint, which every recording of a study has and
    no two share. `sealed`: other readings may be withheld from the viewer, and `withheld` are. `changed`
    counts the answers that were changed after unblinding, by the reader's exact key.
    """

    number: int
    name: str
    readings: tuple[Reading, ...]
    sealed: bool = False
    withheld: int = 0
    changed: Mapping[str, int] = field(default_factory=dict)


def visible_recordings(
    study: Study, viewer: Viewer, *, only: int | None = None, used: AnswersUsed = AnswersUsed.NOW
) -> tuple[RecordingReadings, ...]:
    """Every recording in the order of the study, without the readings that are sealed to the viewer.

    `only` is the number of a recording that is wanted alone; `used` says which answers count of those who
    read blind.
    """
    readers = sealed_from(study, viewer)
    return tuple(_read(study, row, readers, used) for row in study.recordings() if only in (None, row.id))


def _read(
    study: Study, row: RecordingRow, readers: Sequence[ReaderIdentity], used: AnswersUsed
) -> RecordingReadings:
    every, hidden = study.readings(row.id, viewer=SEES_ALL), study.sealed_readers(row.id, readers)
    seen = tuple(one for one in every if one.reader.exact_key not in hidden)
    withheld = len(every) - len(seen)
    blind = blind_readings(study, row.id, seen)
    if used is AnswersUsed.LOCKED:
        seen = as_locked(seen, blind)
    named = tuple(replace(one, recording=replace(one.recording, sha256=row.fingerprint)) for one in seen)
    changed = {key: len(one.changed) for key, one in blind.items()}
    return RecordingReadings(row.id, row.name, named, is_sealed(study, row.id, readers), withheld, changed)


def count_withheld(recordings: Sequence[RecordingReadings]) -> int:
    """How many readings of these recordings are withheld as sealed."""
    return sum(recording.withheld for recording in recordings)


def count_changed(recordings: Sequence[RecordingReadings], reader: ReaderIdentity | None = None) -> int:
    """How many visible answers to these recordings were changed after unblinding, by a reader or by all."""
    if reader is None:
        return sum(sum(recording.changed.values()) for recording in recordings)
    return sum(recording.changed.get(reader.exact_key, 0) for recording in recordings)


def visible_ratings(study: Study, viewer: Viewer) -> tuple[StoredRating, ...]:
    """The ratings of explanations that the viewer may see."""
    readers = sealed_from(study, viewer)
    sealed = {row.id for row in study.recordings() if is_sealed(study, row.id, readers)}
    return tuple(one for one in study.ratings(viewer=SEES_ALL) if one.explained.recording_id not in sealed)


def answered_readings(recordings: Sequence[RecordingReadings]) -> tuple[Reading, ...]:
    """All readings with at least one answer."""
    return tuple(
        one
        for recording in recordings
        for one in recording.readings
        if any(answer.presence is not None for answer in one.answers.values())
    )


def explaining_readers(recordings: Sequence[RecordingReadings]) -> dict[str, list[Reading]]:
    """The readings of models and programs that give reasons, by the reader's name; models first."""
    readers = group_by_reader(answered_readings(recordings))
    found = [
        (name, readings)
        for name, readings in readers.items()
        if readings[0].reader.kind in (ReaderKind.MODEL, ReaderKind.SIGNAL)
        and any(answer.explanation.strip() for one in readings for answer in one.answers.values())
    ]
    return dict(sorted(found, key=lambda item: item[1][0].reader.kind is not ReaderKind.MODEL))


def possible_references(recordings: Sequence[RecordingReadings]) -> dict[str, list[Reading]]:
    """The readings that others may be compared with, by the reader's name: persons', and the phantom's."""
    readers = group_by_reader(answered_readings(recordings))
    return {
        name: readings
        for name, readings in readers.items()
        if readings[0].reader.kind in (ReaderKind.PERSON, ReaderKind.PHANTOM)
    }


def default_reference(
    readers: dict[str, list[Reading]], kept: ReaderIdentity | None, me: ReaderIdentity | None = None
) -> str | None:
    """The study's own reference (`kept`), else the consensus, else the person (`me`), else the only one.

    A consensus on a few disputed features is none on the recordings: it counts once it has half as many
    answers as the person with the most.
    """
    names = {readings[0].reader.exact_key: name for name, readings in readers.items()}
    most = max((_answered(one) for one in readers.values() if not is_consensus(one[0].reader)), default=0)
    for wanted in (kept, CONSENSUS, me):
        name = None if wanted is None else names.get(wanted.exact_key)
        few = wanted is CONSENSUS and name is not None and 2 * _answered(readers[name]) < most
        if name is not None and not few:
            return name
    return next(iter(readers)) if len(readers) == 1 else None


def _answered(readings: Sequence[Reading]) -> int:
    return sum(answer.presence is not None for one in readings for answer in one.answers.values())


def find_reader(readers: dict[str, list[Reading]], name: str, what: str) -> list[Reading]:
    """The readings of the reader called so. Raises UserError that names those there are."""
    if name not in readers:
        known = ", ".join(readers) or "none"
        raise UserError(f"This study has no {what} called “{name}”. There are: {known}.")
    return readers[name]
