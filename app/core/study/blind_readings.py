"""Readings that were locked blind: what they said then, and what was changed after unblinding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.core.plural import plural
from app.core.semiology import FEATURES
from app.core.study.viewer import SEES_ALL

if TYPE_CHECKING:
    from app.core.reading import Reading
    from app.core.study.store import Study


class AnswersUsed(StrEnum):
    """The answers that count of a reader who read blind: as locked, or as they are now."""

    LOCKED = "locked"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class BlindReading:
    """A reading at its lock, None where that cannot be read, and the features that its reader answers
    otherwise since the others' answers were revealed, in the order of the checklist."""

    at_lock: Reading | None
    changed: tuple[str, ...]


def blind_readings(study: Study, recording_id: int, readings: Iterable[Reading]) -> dict[str, BlindReading]:
    """Those of a recording's readings that were locked blind and whose readers have seen the others' since,
    by the reader's exact key.

    What they said stands in the row of the lock in the history. That this row cannot be read, the study names
    as a fault.
    """
    states = study.readers(recording_id, viewer=SEES_ALL)
    seen = {state.reader.exact_key for state in states if state.blind and state.revealed is not None}
    found = {}
    for now in readings:
        if now.reader.exact_key in seen:
            locked = study.answers_at_lock(recording_id, now.reader, viewer=SEES_ALL)
            at_lock = None if locked is None else locked.reading
            found[now.reader.exact_key] = BlindReading(at_lock, _changed(at_lock, now))
    return found


def as_locked(readings: Iterable[Reading], blind: Mapping[str, BlindReading]) -> tuple[Reading, ...]:
    """The readings, those that were read blind as they were locked. One whose lock cannot be read is left
    out, because what is answered after unblinding never counts as blind."""
    return tuple(
        reading
        for now in readings
        for found in (blind.get(now.reader.exact_key),)
        for reading in (now if found is None else found.at_lock,)
        if reading is not None
    )


def _changed(locked: Reading | None, now: Reading) -> tuple[str, ...]:
    if locked is None:
        return ()
    return tuple(one.id for one in FEATURES if locked.answer(one.id) != now.answer(one.id))


def describe_changed(changed: int, used: AnswersUsed | None) -> tuple[str, ...]:
    """A sentence on the answers that were changed after unblinding, and whether they count; () for none, and
    where nothing is known of it."""
    if not changed or used is None:
        return ()
    were = _were_changed(changed)
    if used is AnswersUsed.NOW:
        counts = "counts as it is" if changed == 1 else "count as they are"
        return (f"{were} {counts} now, so these figures are not blind.",)
    return (f"{were} {'is' if changed == 1 else 'are'} not used: what was read blind counts as locked.",)


def describe_changed_in_file(changed: int) -> tuple[str, ...]:
    """The same of answers in a file, which does not hold what was locked."""
    if not changed:
        return ()
    counts = "counts as the file has it" if changed == 1 else "count as the file has them"
    return (f"{_were_changed(changed)} {counts}, so these figures are not blind.",)


def _were_changed(changed: int) -> str:
    return f"{plural(changed, 'answer')} {'was' if changed == 1 else 'were'} changed after unblinding and"
