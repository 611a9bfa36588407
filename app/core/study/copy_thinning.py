"""Which of a study's automatic copies may go: only what another copy that stays holds as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from app.core.study.copies import CopySummary

if TYPE_CHECKING:
    from app.core.study.backup import Backup

DAILY = "day"
"""What a daily copy was made for."""
DAYS, WEEKS, HOURS = 7, 4, 24
"""Of how many days, weeks and hours one copy each is kept."""
BRANCHES = 12
"""How many further copies are kept whose changes are in no other copy."""
_HOURLY_BYTES = 1 << 30
"""What the copies of the last day may take up together before fewer of them are kept."""


@dataclass(frozen=True, slots=True)
class ReadableCopy:
    """A copy that can be read, and what it holds."""

    copy: Backup
    held: CopySummary


@dataclass(frozen=True, slots=True)
class CopyQuestions:
    """What is asked of copies, and only where it decides: `sound`, whether a copy and its history are whole;
    `contains`, whether the first one's history holds every change of the second's."""

    sound: Callable[[ReadableCopy], bool]
    contains: Callable[[ReadableCopy, ReadableCopy], bool]

    def may_stand_for(self, one: ReadableCopy, other: ReadableCopy) -> bool:
        """Whether the first copy is no worse than the second one."""
        return self.sound(one) or not self.sound(other)


def hours_for(size: int) -> int:
    """How many hourly copies of a study of `size` bytes are kept."""
    return max(2, min(HOURS, _HOURLY_BYTES // max(size, 1)))


def to_remove(
    copies: Sequence[ReadableCopy],
    made: ReadableCopy,
    now: datetime,
    asked: CopyQuestions,
    *,
    hours: int = HOURS,
) -> list[ReadableCopy]:
    """The copies that can go after `made` (one of them) was made; all are of one study.

    One copy of each hour of the last day stays, and a daily one of each of 7 days and of each of 4 weeks
    before them (hours, days and weeks without a copy do not count); copies that are dated later than
    `now` are counted apart, since then a clock was or is wrong. The copies with the most answers and the
    most changes stay in any case. Of the others only those go whose every change is in a copy that
    stays, and beyond 12 those with the fewest changes, while one with at least as many answers stays. A
    copy that is not sound is no reason to remove one that is.
    """
    stay = {one.copy.path: one for one in (made, *_of_times(copies, now, hours), *_richest(copies))}
    others = [one for one in copies if one.copy.path not in stay]
    branches = [one for one in others if not any(can_replace(other, one, asked) for other in stay.values())]
    branches.sort(key=lambda one: (one.held.changes, one.held.answers, one.copy.at), reverse=True)
    first = (*stay.values(), *branches[:BRANCHES])
    spare = [one for one in branches[BRANCHES:] if any(_outdoes(other, one, asked) for other in first)]
    kept = {one.copy.path for one in branches} - {one.copy.path for one in spare}
    return [one for one in others if one.copy.path not in kept]


def _of_times(copies: Sequence[ReadableCopy], now: datetime, hours: int) -> Iterable[ReadableCopy]:
    for group in (
        [one for one in copies if one.copy.at <= now],
        [one for one in copies if one.copy.at > now],
    ):
        ordered = sorted(group, key=lambda one: one.copy.at, reverse=True)
        last_day = [one for one in ordered if abs(now - one.copy.at) < timedelta(days=1)]
        yield from _one_of_each(last_day, lambda at: at.replace(minute=0, second=0, microsecond=0))[:hours]
        days = _one_of_each([one for one in ordered if one.copy.what == DAILY], lambda at: at.date())
        yield from days[:DAYS]
        yield from _one_of_each(days[DAYS:], lambda at: at.isocalendar()[:2])[:WEEKS]


def _one_of_each(ordered: Sequence[ReadableCopy], period: Callable[[datetime], object]) -> list[ReadableCopy]:
    """Of each period the copy with the most changes, of several such ones the latest."""
    return [
        max(group, key=lambda one: (one.held.changes, one.held.answers, one.copy.at))
        for _period, group in groupby(ordered, key=lambda one: period(one.copy.at))
    ]


def _richest(copies: Sequence[ReadableCopy]) -> Iterable[ReadableCopy]:
    yield max(copies, key=lambda one: (one.held.answers, one.held.changes, one.copy.at))
    yield max(copies, key=lambda one: (one.held.changes, one.held.answers, one.copy.at))


def can_replace(one: ReadableCopy, other: ReadableCopy, asked: CopyQuestions) -> bool:
    """Whether the first copy can take the place of the second."""
    return asked.contains(one, other) and asked.may_stand_for(one, other)


def _outdoes(one: ReadableCopy, other: ReadableCopy, asked: CopyQuestions) -> bool:
    as_much = one.held.changes >= other.held.changes and one.held.answers >= other.held.answers
    return as_much and asked.may_stand_for(one, other)
