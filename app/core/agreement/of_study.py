"""The readings of a study, made ready to be compared: two recordings of one name are two recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.agreement.comparison import by_reader
from app.core.errors import UserError
from app.core.reading import ReaderIdentity, ReaderKind, Reading
from app.core.study.consensus import CONSENSUS, is_consensus
from app.core.study.store import Study


@dataclass(frozen=True, slots=True)
class RecordingRead:
    """One recording of a study: its number and name there, and who has read it.

    In `readings` the recording is named by its fingerprint, which every recording of a study has and
    no two share. `sealed`: other readings are withheld from the viewer.
    """

    number: int
    name: str
    readings: tuple[Reading, ...]
    sealed: bool = False


def recordings_read(
    study: Study, viewer: ReaderIdentity | None = None, *, only: int | None = None
) -> tuple[RecordingRead, ...]:
    """Every recording in the order of the study, without the readings that are sealed to the viewer.

    `only` is the number of the one that is wanted.
    """
    found = []
    for row in study.recordings():
        if only not in (None, row.id):
            continue
        readings = study.readings(row.id, viewer=viewer)
        named = tuple(
            replace(one, recording=replace(one.recording, sha256=row.fingerprint)) for one in readings
        )
        sealed = viewer is not None and study.is_sealed(row.id, viewer)
        found.append(RecordingRead(row.id, row.name, named, sealed))
    return tuple(found)


def with_answers(recordings: Sequence[RecordingRead]) -> tuple[Reading, ...]:
    """All readings that say anything."""
    return tuple(
        one
        for recording in recordings
        for one in recording.readings
        if any(answer.presence is not None for answer in one.answers.values())
    )


def explaining(recordings: Sequence[RecordingRead]) -> dict[str, list[Reading]]:
    """The readings of models and programs that give reasons, by the reader's name; models first."""
    readers = by_reader(with_answers(recordings))
    found = [
        (name, readings)
        for name, readings in readers.items()
        if readings[0].reader.kind in (ReaderKind.MODEL, ReaderKind.SIGNAL)
        and any(answer.explanation.strip() for one in readings for answer in one.answers.values())
    ]
    return dict(sorted(found, key=lambda item: item[1][0].reader.kind is not ReaderKind.MODEL))


def judging(recordings: Sequence[RecordingRead]) -> dict[str, list[Reading]]:
    """The readings that others may be held against, by the reader's name: persons', and the phantom's."""
    readers = by_reader(with_answers(recordings))
    return {
        name: readings
        for name, readings in readers.items()
        if readings[0].reader.kind in (ReaderKind.PERSON, ReaderKind.PHANTOM)
    }


def usual_reference(
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


def named(readers: dict[str, list[Reading]], name: str, what: str) -> list[Reading]:
    """The readings of the reader called so. Raises UserError that names those there are."""
    if name not in readers:
        known = ", ".join(readers) or "none"
        raise UserError(f"This study has no {what} called “{name}”. There are: {known}.")
    return readers[name]
