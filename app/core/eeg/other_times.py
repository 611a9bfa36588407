"""The times that files of other systems state for some of their samples, which their readers leave out.

Without them a pause of the recording would be lost, and everything after it would be too early.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from app.core.eeg.other_recording import StatedTime
from app.core.regular_file import open_regular

_DAY = 86_400
_LARGEST_TEXT = 1 << 26
"""Bytes of a text file that are read."""

_SEGMENT = re.compile(r"^Mk\d+=New Segment,[^,]*,(\d+),[^,]*,[^,]*,(\d{20})\s*$", re.MULTILINE)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times without a zone


def text_of(path: Path) -> str:
    """A text in UTF-8 or Latin-1. Raises OSError."""
    with open_regular(path) as file:
        raw = file.read(_LARGEST_TEXT)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def brainvision_moments(markers: str) -> list[StatedTime]:
    """The starts of segments in a BrainVision marker file, whose positions count from 1."""
    found = []
    for position, date in _SEGMENT.findall(markers):
        moment = _date_of(date)
        if moment is not None:
            found.append(StatedTime(int(position) - 1, moment))
    return found


def _date_of(digits: str) -> Fraction | None:
    """YYYYMMDDhhmmssuuuuuu as seconds since 1970; None for an impossible date."""
    try:
        moment = datetime.strptime(digits, "%Y%m%d%H%M%S%f")  # noqa: DTZ007 - local time
    except ValueError:
        return None
    passed = moment - _EPOCH
    return Fraction(passed.days * _DAY + passed.seconds) + Fraction(passed.microseconds, 10**6)


def persyst_moments(rows: dict[str, str]) -> list[StatedTime]:
    """The section SampleTimes of a Persyst layout: sample number and seconds of the day, which begin anew at
    midnight."""
    found: list[StatedTime] = []
    for sample, seconds in rows.items():
        if not sample.strip().isdigit():
            continue
        try:
            at = Fraction(seconds.strip())
        except (ValueError, ZeroDivisionError):
            continue
        while found and at < found[-1].seconds - _DAY // 2:
            at += _DAY
        found.append(StatedTime(int(sample), at))
    return found


def nihon_blocks(path: Path) -> Iterator[tuple[datetime, int]]:
    """The start (local time, whole seconds) and the number of samples of each data block of a Nihon Kohden
    file, in order. Raises OSError, ValueError or struct.error for a damaged file."""
    with open_regular(path) as file:

        def number(form: str, at: int) -> int:
            file.seek(at)
            return int(struct.unpack(form, file.read(struct.calcsize(form)))[0])

        for control in range(number("<B", 0x91)):
            address = number("<I", 0x92 + control * 20)
            for block in range(number("<B", address + 17)):
                data = number("<I", address + 18 + block * 20)
                file.seek(data + 0x14)
                rate = number("<H", data + 0x1A) & 0x3FFF
                samples = number("<I", data + 0x1C) * rate // 10
                file.seek(data + 0x14)
                yield _bcd_date(file.read(6)), samples


def nihon_events(path: Path) -> Iterator[tuple[float, str]]:
    """Seconds since the start of the recording, pauses included, and the text of each event of a Nihon Kohden
    log. Raises OSError; a damaged log ends early."""
    with open_regular(path) as file:
        raw = file.read(_LARGEST_TEXT)
    try:
        for block in range(raw[_LOG_BLOCKS]):
            events = list(_log(raw, block))
            # The second half of the list of blocks holds the rest of each time and text.
            rests = list(_log(raw, block + _REST_OF_LOG)) if raw[_LOG_BLOCKS] < _REST_OF_LOG else []
            rests = rests if len(rests) == len(events) else [b""] * len(events)
            for event, rest in zip(events, rests, strict=True):
                clock, part = event[20:26].decode("ascii"), rest[24:30].decode("ascii")
                seconds = int(clock[:2]) * 3600 + int(clock[2:4]) * 60 + int(clock[4:])
                words = (event[:20] + rest[:20]).rstrip(b"\0 ")
                yield seconds + (int(part) / 1e6 if part else 0.0), _decoded(words)
    except (IndexError, ValueError, struct.error):
        return


_LOG_BLOCKS, _REST_OF_LOG = 0x91, 22


def _log(raw: bytes, block: int) -> Iterator[bytes]:
    """The events of one block of a log, 45 bytes each."""
    (address,) = struct.unpack_from("<I", raw, 0x92 + block * 20)
    if address:
        for number in range(raw[address + 0x12]):
            at = address + 0x14 + 45 * number
            yield raw[at : at + 45]


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _bcd_date(raw: bytes) -> datetime:
    """Year, month, day, hour, minute and second, two decimal digits in each byte."""
    year, *rest = (10 * (byte >> 4) + (byte & 15) for byte in raw)
    month, day, hour, minute, second = rest
    return datetime(  # noqa: DTZ001 - local time
        year + (2000 if year < 70 else 1900), month, day, hour, minute, second
    )
