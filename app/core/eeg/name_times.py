"""Date and time in file names, as cameras and recorders write them.

A name whose date is ambiguous is refused: a wrong day would be worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_EARLIEST, _LATEST = 1990, 2099

_YEAR_FIRST = r"(?P<year>(?:19|20)\d{2})(?P<ds>[-_.]?)(?P<month>\d{2})(?P=ds)(?P<day>\d{2})"
_YEAR_LAST = r"(?P<one>\d{1,2})(?P<ds>[-_.])(?P<two>\d{1,2})(?P=ds)(?P<year>\d{4})"
_SHORT_YEAR = r"(?P<a>\d{2})(?P<ds>[-_.]?)(?P<b>\d{2})(?P=ds)(?P<c>\d{2})"
_BETWEEN = r"(?:[-_ .,T~]{1,3}|\s*[-_]?\s*(?:at|um|kl|à)\s+|)"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?P<cs>[-_.:h]?)(?P<minute>\d{2})(?:(?:(?P=cs)|m)(?P<second>\d{2})s?)?"
    r"(?:[.,_]?(?P<fraction>\d{3}))?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_DATES = (_YEAR_FIRST, _YEAR_LAST, _SHORT_YEAR)
_FORMS = tuple(re.compile(rf"(?<!\d){date}{_BETWEEN}{_CLOCK}(?!\d)") for date in _DATES)
_DATES_ALONE = tuple(re.compile(rf"(?<!\d){date}(?!\d)") for date in (_YEAR_FIRST, _YEAR_LAST))


@dataclass(frozen=True, slots=True)
class NameTime:
    """The local time in a file name; None with `why`, a sentence, when there is none.

    `resolution` in seconds: 60 when the name has no seconds, else 1 or less.
    """

    time: datetime | None
    resolution: float = 1.0
    why: str = ""


def time_in_name(name: str, today: date | None = None) -> NameTime:
    """The date and time in a file name, such as 20260131_142530, 2026-01-31 14.25.30 or 31-01-2026_14-25.

    Two times count as start and end when the second is later by less than a day. A two-digit year is never
    taken for one after `today` (the computer's date by default).
    """
    latest = (today or date.today()) + timedelta(days=1)  # noqa: DTZ011 - names are in local time
    for form in _FORMS:
        found = [_reading(match, latest) for match in form.finditer(name)]
        believable = [one for one in found if one.time is not None or "two ways" in one.why]
        if believable:
            return _first(believable)
    if any(alone.search(name) for alone in _DATES_ALONE):
        return NameTime(None, why="The file name has a date but no time of day.")
    return NameTime(None, why="The file name has no date and time in a known form.")


def _first(found: list[NameTime]) -> NameTime:
    first, *others = found
    if first.time is None or not others:
        return first
    ends = [one.time for one in others if one.time is not None]
    if len(ends) == 1 and timedelta(0) <= ends[0] - first.time <= timedelta(days=1):
        return first
    return NameTime(None, why="The file name has several times, and it is not known which is the start.")


def _reading(match: re.Match[str], latest: date) -> NameTime:
    """The time that one match in a name stands for."""
    dates = {one for one in _dates(match.groupdict()) if match.groupdict().get("a") is None or one <= latest}
    clock = _clock(match.groupdict())
    if not dates or clock is None or not _is_plausible(match.groupdict()):
        return NameTime(None)
    if len(dates) > 1:
        return NameTime(None, why="The date in the file name can be read in two ways.")
    passed, resolution = clock
    return NameTime(datetime.combine(dates.pop(), time()) + passed, resolution)


def _is_plausible(parts: dict[str, str | None]) -> bool:
    """Whether the matched digits are a date and a time: six digits alone are not."""
    has_separators = parts.get("ds") or parts["cs"]
    return bool(has_separators or parts["second"])


def _dates(parts: dict[str, str | None]) -> Iterator[date]:
    """Every date that is possible."""
    if parts.get("month"):
        yield from _possible(parts["year"], parts["month"], parts["day"])
    elif parts.get("one"):
        yield from _possible(parts["year"], parts["one"], parts["two"])
        yield from _possible(parts["year"], parts["two"], parts["one"])
    elif parts.get("a"):
        a, b, c = parts["a"], parts["b"], parts["c"]
        yield from _possible(f"20{a}", b, c)
        yield from _possible(f"20{c}", b, a)
        yield from _possible(f"20{c}", a, b)


def _possible(year: str | None, month: str | None, day: str | None) -> Iterator[date]:
    try:
        found = date(int(year or 0), int(month or 0), int(day or 0))
    except ValueError:
        return
    if _EARLIEST <= found.year <= _LATEST:
        yield found


def _clock(parts: dict[str, str | None]) -> tuple[timedelta, float] | None:
    """The time of day and its resolution in seconds, None when it is invalid."""
    hour, minute, second = int(parts["hour"] or 0), int(parts["minute"] or 0), int(parts["second"] or 0)
    if parts["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if parts["half"].lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    milliseconds = int(parts["fraction"] or 0)
    passed = timedelta(hours=hour, minutes=minute, seconds=second, milliseconds=milliseconds)
    return passed, 60.0 if parts["second"] is None else 0.001 if parts["fraction"] else 1.0
