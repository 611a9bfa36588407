"""Two readers' answers in pairs: the recordings that they share, and the counts of their answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.errors import UserError
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Presence

Presences = tuple[Presence | None, Presence | None]
"""The answers of two readers to one feature in one recording."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of two readers' answers to a feature; the first word of a name is the first reader's answer.

    Only where both decided is a case. `not_assessable` counts what either (or both) could not
    judge, `unanswered` what either left open (whatever the other said); neither ever becomes a *no*.
    """

    yes_yes: int = 0
    yes_no: int = 0
    no_yes: int = 0
    no_no: int = 0
    not_assessable: int = 0
    unanswered: int = 0

    @property
    def n(self) -> int:
        return self.yes_yes + self.yes_no + self.no_yes + self.no_no

    @property
    def yes(self) -> int:
        """Answers *yes* of both readers together, out of 2 n."""
        return 2 * self.yes_yes + self.yes_no + self.no_yes

    @property
    def no(self) -> int:
        return 2 * self.no_no + self.yes_no + self.no_yes

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.yes_yes + other.yes_yes,
            self.yes_no + other.yes_no,
            self.no_yes + other.no_yes,
            self.no_no + other.no_no,
            self.not_assessable + other.not_assessable,
            self.unanswered + other.unanswered,
        )


def count_answers(pairs: Iterable[Presences]) -> Counts:
    """The counts of these pairs."""
    found = Counter(pairs)
    return Counts(
        found[Presence.YES, Presence.YES],
        found[Presence.YES, Presence.NO],
        found[Presence.NO, Presence.YES],
        found[Presence.NO, Presence.NO],
        sum(number for pair, number in found.items() if None not in pair and Presence.NOT_ASSESSABLE in pair),
        sum(number for pair, number in found.items() if None in pair),
    )


def same_recording(one: RecordingIdentity, other: RecordingIdentity) -> bool:
    """Whether both are the same recording: by content where both know it, else by name."""
    if one.sha256 and other.sha256:
        return one.sha256 == other.sha256
    return one.name == other.name


def match_readings(
    first: Sequence[Reading], second: Sequence[Reading]
) -> tuple[tuple[Reading, Reading], ...]:
    """The readings of the same recordings, in the order of the first.

    Raises UserError when either side has two readings of one recording.
    """
    own, others = _Places(first), _Places(second)
    pairs = []
    for reading in first:
        found = others.of(reading.recording)
        if len(found) > 1 or len(own.of(reading.recording)) > 1:
            raise UserError(f"There are two readings of “{reading.recording.name}” by the same reader.")
        pairs += [(reading, other) for other in found]
    return tuple(pairs)


def is_read_once(readings: Sequence[Reading]) -> bool:
    """Whether no two of these readings are of the same recording."""
    places = _Places(readings)
    return all(len(places.of(one.recording)) == 1 for one in readings)


class _Places:
    """Readings by content and by name, so that thousands are matched at once."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._by_sha256: dict[str, list[Reading]] = {}
        self._by_name: dict[str, list[Reading]] = {}
        for reading in readings:
            self._by_sha256.setdefault(reading.recording.sha256, []).append(reading)
            self._by_name.setdefault(reading.recording.name, []).append(reading)

    def of(self, recording: RecordingIdentity) -> list[Reading]:
        candidates = self._by_name.get(recording.name, [])
        if recording.sha256:
            candidates = candidates + self._by_sha256.get(recording.sha256, [])
        unique = {id(found): found for found in candidates}
        return [found for found in unique.values() if same_recording(recording, found.recording)]
