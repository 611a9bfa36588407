"""Time-stamped annotation lists (TALs) of EDF+, parsed from the annotation channel of one record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from app.core.eeg.timeline import NANOSECONDS, TIME_LIMIT
from app.core.plain_text import plain

_STAMP = re.compile(rb"([+-]?)(\d{1,10})(?:\.(\d{0,20}))?\x14\x14")
"""The list with the start of the record: a time and an empty text."""

_LIST = re.compile(rb"[^\0]+")
_TIMES = re.compile(rb"([+-]?)(\d{1,10})(?:[.,](\d{0,20}))?(?:\x15(?:(\d{1,10})(?:[.,](\d{0,20}))?)?)?\x14")


@dataclass(frozen=True, slots=True)
class Tal:
    """A time with texts: nanoseconds from the header's start, `duration_ns` None when not stated."""

    onset_ns: int
    duration_ns: int | None
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelLists:
    """The lists of one channel in one record.

    `stamp_ns` is the start of the record: the time of the first list if its first text is empty, else None;
    `stamp_digits` the number of its decimals. `damaged` counts unreadable lists.
    """

    stamp_ns: int | None
    stamp_digits: int
    tals: tuple[Tal, ...]
    damaged: int


def lone_stamp(raw: bytes) -> tuple[int, int] | None:
    """The start of the record in nanoseconds and the number of its decimals, where the channel holds nothing
    else, as in most records; else None."""
    found = _STAMP.match(raw)
    if found is None or raw[found.end() :].strip(b"\0"):
        return None
    stamp = _nanoseconds(found[1], found[2], found[3])
    return None if stamp is None else (stamp, len(found[3] or b""))


def read_lists(raw: bytes, limit: int) -> ChannelLists:
    """The lists in the bytes of an annotation channel, at most `limit` lists and `limit` texts of each; lists
    without text are omitted."""
    stamp, digits, tals, damaged = None, 0, [], 0
    for number, piece in enumerate(islice(_LIST.finditer(raw), limit)):
        times = _TIMES.match(piece[0])
        tal = _tal(times, piece[0], limit) if times else None
        if times is None or tal is None:
            damaged += 1
            continue
        if number == 0 and tal.texts[0] == "":
            stamp, digits = tal.onset_ns, len(times[3] or b"")
        if texts := tuple(text for text in tal.texts if text):
            tals.append(Tal(tal.onset_ns, tal.duration_ns, texts))
    return ChannelLists(stamp, digits, tuple(tals), damaged)


def _tal(times: re.Match[bytes], piece: bytes, limit: int) -> Tal | None:
    onset = _nanoseconds(times[1], times[2], times[3])
    duration = _nanoseconds(b"+", times[4], times[5]) if times[4] else None
    if onset is None:
        return None
    return Tal(onset, duration, tuple(_texts(piece[times.end() :], limit)))


def _texts(raw: bytes, limit: int) -> Iterator[str]:
    """The texts, each terminated by \\x14; the last terminator may be missing where the channel was too
    short."""
    for part in raw.removesuffix(b"\x14").split(b"\x14", limit)[:limit]:
        try:
            yield plain(part.decode("utf-8")).strip()
        except UnicodeDecodeError:
            yield plain(part.decode("latin-1")).strip()


def _nanoseconds(sign: bytes, whole: bytes, fraction: bytes | None) -> int | None:
    """The time rounded to the nanosecond; None when it is longer than any recording."""
    digits = (fraction or b"").ljust(10, b"0")
    value = int(whole) * NANOSECONDS + (int(digits[:10]) + 5) // 10
    if value >= TIME_LIMIT:
        return None
    return -value if sign == b"-" else value
