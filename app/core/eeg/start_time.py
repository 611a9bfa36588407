"""The start date and time of an EEG, from three header fields that programs fill in differently."""

from __future__ import annotations

import re
from datetime import date, datetime, time

_THREE = re.compile(r"(\d{1,2})[.:/\- ](\d{1,2})[.:/\- ](\d{1,4}|yy)", re.IGNORECASE)
_STARTDATE = re.compile(r"\s*Startdate\s+(\d{1,2})-([A-Z]{3})-(\d{4})(?!\d)", re.IGNORECASE)
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def started_at(date_field: str, time_field: str, recording_field: str) -> datetime | None:
    """The start in local time, None when the date or the time is invalid.

    `recording_field` is that of EDF+, whose `Startdate` determines the century; "" for plain EDF and BDF.
    """
    day, moment = started_on(date_field, recording_field), _time(time_field)
    return datetime.combine(day, moment) if day and moment else None


def started_on(date_field: str, recording_field: str) -> date | None:
    """The date of the start, None when it is invalid."""
    found, full = _THREE.fullmatch(date_field), _startdate(recording_field)
    if found is None:
        return None
    day, month, year = int(found[1]), int(found[2]), found[3].lower()
    if full and (full.day, full.month) == (day, month) and year in ("yy", f"{full.year % 100:02d}"):
        return full
    if not year.isdigit():
        return None
    number = int(year)
    if len(year) < 3:
        number += 1900 if number >= 85 else 2000
    return _valid_date(number, month, day)


def _startdate(recording_field: str) -> date | None:
    """The date at the start of the recording field of EDF+, None without one."""
    found = _STARTDATE.match(recording_field)
    if found is None or found[2].upper() not in MONTHS:
        return None
    return _valid_date(int(found[3]), MONTHS.index(found[2].upper()) + 1, int(found[1]))


def _time(text: str) -> time | None:
    found = _THREE.fullmatch(text)
    if found is None or not found[3].isdigit():
        return None
    try:
        return time(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
