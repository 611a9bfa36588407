"""Whether the tables of an MP4 claim more than the file can hold: libav makes room for what they claim before
it has read a single packet, so a few bytes could take all memory."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_LARGEST = 256 << 20
"""Bytes of a table of contents; that of ten hours is 40 MB."""

_LARGEST_FRAGMENT = 4 << 20
"""Bytes of the table of a fragment, which has a few seconds."""

_MOST_BOXES = 100_000
"""Boxes of the file that are looked at."""

_EMPTY = 64
"""Bytes of an average box below which so many boxes are there to be walked through and for nothing else."""

_PARENTS = frozenset({b"trak", b"mdia", b"minf", b"stbl", b"edts", b"traf"})
_TABLES = frozenset({b"hdlr", b"stts", b"stsz", b"elst", b"trun"})

_MOST_CUT_OFF = 8_000_000
"""Samples that the tables may have beyond the bytes of the file: those of a day that is cut off."""

_FEW_EDITS, _MOST_REPEATED = 8, 20_000_000
"""Edits that any track may have; samples times edits of one that has more."""

_DEEPEST = 6
"""Boxes in boxes, from the table of contents to a table of samples."""


def claims_too_much(path: Path) -> bool:
    """Whether `path` is an MP4 whose tables claim more samples than the file has bytes, or whose edit lists
    show them without end. What is damaged otherwise, or no MP4, is left to libav. Raises OSError."""
    size, samples, held, boxes = path.stat().st_size, 0, 0, 0
    with path.open("rb") as file:
        for name, length in _top_boxes(file, size):
            held, boxes = held + length, boxes + 1
            if (name == b"moov" and length > _LARGEST) or (name == b"moof" and length > _LARGEST_FRAGMENT):
                return True
            if name not in (b"moov", b"moof"):
                continue
            tracks = [dict(_tables(content)) for _, content in _boxes(memoryview(file.read(length)))]
            samples += sum(map(_samples, tracks))
            if samples > size + _MOST_CUT_OFF or any(map(_repeats_without_end, tracks)):
                return True
    return boxes == _MOST_BOXES and held < _EMPTY * boxes


def has_contents(path: Path) -> bool:
    """Whether an MP4 has a table of contents."""
    try:
        with path.open("rb") as file:
            return any(name == b"moov" for name, _ in _top_boxes(file, path.stat().st_size))
    except OSError:
        return False


def _top_boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """The name of each box and the length of its content, at which the file stands then."""
    place = 0
    for _ in range(_MOST_BOXES):
        file.seek(place)
        head = file.read(16)
        if len(head) < 8 or not head[4:8].isalnum():
            return
        length, name = struct.unpack(">I4s", head[:8])
        begin = 8
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack(">Q", head[8:])
            begin = 16
        length = min(length or size, size - place)
        if length < begin:
            return
        file.seek(place + begin)
        yield name, length - begin
        place += length


def _boxes(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The boxes directly inside `content`, as far as their lengths are possible."""
    place = 0
    while place + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        if length < 8:
            return
        yield name, content[place + 8 : place + length]
        place += length


def _tables(content: memoryview, depth: int = 0) -> Iterator[tuple[bytes, memoryview]]:
    """The tables of a track, whatever boxes they are in."""
    for name, inside in _boxes(content):
        if name in _PARENTS and depth < _DEEPEST:
            yield from _tables(inside, depth + 1)
        elif name in _TABLES and len(inside) >= 12:
            yield name, inside


def _samples(tables: dict[bytes, memoryview]) -> int:
    """The samples of a track for which libav makes room one by one."""
    sizes, run = tables.get(b"stsz"), tables.get(b"trun")
    in_table = _number(sizes, 8) if sizes is not None and not _is_plain_sound(tables) else 0
    return in_table + (_number(run, 4) if run is not None else 0)


def _is_plain_sound(tables: dict[bytes, memoryview]) -> bool:
    """Whether the samples of the track are those of uncompressed sound, which libav takes in large pieces."""
    kind, times = tables.get(b"hdlr", b""), tables.get(b"stts", b"")
    return bytes(kind[8:12]) == b"soun" and bytes(times[4:8]) == bytes(times[12:16]) == b"\0\0\0\1"


def _repeats_without_end(tables: dict[bytes, memoryview]) -> bool:
    edits = tables.get(b"elst")
    if edits is None:
        return False
    count = min(_number(edits, 4), len(edits) // 12)
    return count > _FEW_EDITS and count * _samples(tables) > _MOST_REPEATED


def _number(table: memoryview, place: int) -> int:
    return int.from_bytes(table[place : place + 4], "big")
