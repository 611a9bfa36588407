"""Limits on the tables of an MP4: libav allocates memory for the claimed number of samples before it reads a
packet, so a few bytes could exhaust the memory."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from app.core.recording.file_cuts import FileCut

MP4_BOXES = frozenset({b"ftyp", b"styp", b"mdat", b"wide", b"free", b"skip", b"moov", b"moof", b"pnot"})
"""The names of boxes with which files begin."""

_LARGEST = 256 << 20
"""The largest table of contents in bytes; that of ten hours is 40 MB."""

_LARGEST_FRAGMENT = 4 << 20
"""The largest table of a fragment in bytes; a fragment has a few seconds."""

_MOST_BOXES = 100_000
"""The most boxes of a file that are examined."""

_EMPTY = 64
"""Bytes per box below which a file with very many boxes is refused."""

_PARENTS = frozenset({b"trak", b"mdia", b"minf", b"stbl", b"edts", b"traf"})
_TABLES = frozenset({b"hdlr", b"stts", b"stsz", b"elst", b"trun"})

_MOST_CUT_OFF = 8_000_000
"""The most samples beyond the bytes of the file, as in a truncated recording of a day."""

_FEW_EDITS, _MOST_REPEATED = 8, 20_000_000
"""The most edits of any track; and the largest product of samples and edits of a track with more."""

_DEEPEST = 6
"""The deepest nesting of boxes, from the table of contents to a sample table."""


def exceeds_limits(path: Path, cuts: Sequence[FileCut] = ()) -> bool:
    """Whether `path`, read without the `cuts`, is an MP4 whose tables claim more samples than the file has
    bytes, or whose edit lists repeat them excessively. Other damage and other formats are left to libav.
    Raises OSError."""
    size, samples, held, boxes = path.stat().st_size, 0, 0, 0
    with path.open("rb") as file:
        for name, length in top_boxes(file, size, cuts=cuts):
            held, boxes = held + length, boxes + 1
            if (name == b"moov" and length > _LARGEST) or (name == b"moof" and length > _LARGEST_FRAGMENT):
                return True
            if name not in (b"moov", b"moof"):
                continue
            tracks = [dict(_tables(content)) for _, content in boxes_in(memoryview(file.read(length)))]
            samples += sum(map(_samples, tracks))
            if samples > size + _MOST_CUT_OFF or any(map(_repeats_without_end, tracks)):
                return True
    return boxes == _MOST_BOXES and held < _EMPTY * boxes


def has_boxes(path: Path) -> bool:
    """Whether a file begins like an MP4 or QuickTime file. Raises OSError."""
    with path.open("rb") as file:
        return file.read(8)[4:] in MP4_BOXES


def has_table_of_contents(path: Path) -> bool:
    """Whether an MP4 has a table of contents."""
    try:
        with path.open("rb") as file:
            return any(name == b"moov" for name, _ in top_boxes(file, path.stat().st_size))
    except OSError:
        return False


def top_boxes(
    file: BinaryIO, size: int, place: int = 0, cuts: Sequence[FileCut] = ()
) -> Iterator[tuple[bytes, int]]:
    """The name of each top-level box from `place` on and the length of its content, with the file positioned
    at the content; the `cuts` are passed over. Raises OSError."""
    after = {cut.start: cut.end for cut in cuts}
    for _ in range(_MOST_BOXES):
        place = after.get(place, place)
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


def boxes_in(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The boxes directly inside `content`, up to one with an invalid length."""
    place = 0
    while place + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        if length < 8:
            return
        yield name, content[place + 8 : place + length]
        place += length


def _tables(content: memoryview, depth: int = 0) -> Iterator[tuple[bytes, memoryview]]:
    """The tables of a track in all nested boxes."""
    for name, inside in boxes_in(content):
        if name in _PARENTS and depth < _DEEPEST:
            yield from _tables(inside, depth + 1)
        elif name in _TABLES and len(inside) >= 12:
            yield name, inside


def _samples(tables: dict[bytes, memoryview]) -> int:
    """The number of samples of a track for which libav allocates memory one by one."""
    sizes, run = tables.get(b"stsz"), tables.get(b"trun")
    in_table = _number(sizes, 8) if sizes is not None and not _is_plain_sound(tables) else 0
    return in_table + (_number(run, 4) if run is not None else 0)


def _is_plain_sound(tables: dict[bytes, memoryview]) -> bool:
    """Whether the track is uncompressed sound, whose samples libav reads in large pieces."""
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
