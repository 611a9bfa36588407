"""What is said when the open study was read again because something else has written into it."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.plain_text import plain
from app.core.plural import plural
from app.core.reading import ReaderIdentity, ReaderKind, Reading
from app.core.study.content import Content
from app.core.study.full_reading import FullReading
from app.core.study.my_reading import MyReading

CHANGED_ELSEWHERE = "changed elsewhere and reloaded"


def news(before: Content, after: Content) -> str:
    """What came of the open recording, as a line: what people have changed, else whose answers arrived.

    "" where what is shown is what was shown: something was written about another recording.
    """
    if _by_people(before) != _by_people(after):
        return CHANGED_ELSEWHERE
    known = [_said(reading) for reading in before.others]
    came = [one.reader for one in _of_programs(after.others) if _said(one) not in known]
    return f"the answers of {' and '.join(_name(reader) for reader in came)} arrived" if came else ""


def arrived(readers: Iterable[str]) -> str:
    """That so many analyses of recordings have ended; `readers` as `--reader` names them, one for each."""
    every = tuple(readers)
    whose = "the signal reader's answers" if set(every) == {"signal"} else "the answers"
    return f"{whose} of {plural(len(every), 'recording')} arrived"


def _by_people(content: Content) -> tuple[object, ...]:
    """What only a person changes."""
    return (
        content.mine.answers,
        _mine(content.my_reading),
        [_beside(one) for one in content.beside if one.reading.reader.kind is ReaderKind.PERSON],
        [_said(one) for one in content.others if one.reader.kind is ReaderKind.PERSON],
        content.patient,
        content.cameras,
        content.eegs,
        content.hidden_places,
        content.reference,
        content.blind_by_default,
        content.filters,
        content.study_name,
        content.people_only,
    )


def _said(reading: Reading) -> tuple[ReaderIdentity, object]:
    """Who says what; a checksum of the recording that was computed since is no news."""
    return reading.reader, reading.answers


def _mine(mine: MyReading) -> tuple[object, ...]:
    """The person's reading; who else has answered may be withheld."""
    at_lock = None if mine.at_lock is None else mine.at_lock.answers
    return (
        mine.notes, mine.marks, mine.locked, mine.revealed, at_lock, mine.consensus_notes, mine.ratings
    )  # fmt: skip


def _beside(full: FullReading) -> tuple[object, ...]:
    return full.reading.reader, full.notes, full.marks


def _of_programs(readings: Iterable[Reading]) -> Iterable[Reading]:
    return (one for one in readings if one.reader.kind is not ReaderKind.PERSON)


def _name(reader: ReaderIdentity) -> str:
    return "the signal reader" if reader.is_rule_based else plain(reader.name, 40)
