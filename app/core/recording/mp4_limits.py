"""Faults in the tables of an MP4 that libav does not report.

It allocates memory for the claimed number of samples before it reads a packet, so a few bytes could exhaust
the memory; and where a picture's clock has no valid rate it counts in whole seconds."""

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
_TABLES = frozenset({b"mdhd", b"hdlr", b"stts", b"stsz", b"elst", b"trun"})

_MOST_CUT_OFF = 8_000_000
"""The most samples beyond the bytes of the file, as in a truncated recording of a day."""

_FEW_EDITS, _MOST_REPEATED = 8, 20_000_000
"""The most edits of any track; and the largest product of samples and edits of a track with more."""

_DEEPEST = 6
"""The deepest nesting of boxes, from the table of contents to a sample table."""

_FASTEST_CLOCK = 2**31 - 1
"""The most ticks a second that libav takes; it reads more, or none, as one."""

_CLAIMS = "its table of contents claims more than the file can hold"
_NO_CLOCK = "its table of contents does not say how fast the pictures follow one another"


def fault_of_tables(path: Path, cuts: Sequence[FileCut] = ()) -> str | None:
    """What is wrong with the tables of an MP4, read without the `cuts`, as the end of a sentence: they claim
    more samples than the file has bytes, its edit lists repeat them excessively, or no picture has a clock.
    None for other damage and other formats, which are left to libav. Raises OSError."""
    size, samples, held, boxes = path.stat().st_size, 0, 0, 0
    with path.open("rb") as file:
        for name, length in top_boxes(file, size, cuts=cuts):
            held, boxes = held + length, boxes + 1
            if (name == b"moov" and length > _LARGEST) or (name == b"moof" and length > _LARGEST_FRAGMENT):
                return _CLAIMS
            if name not in (b"moov", b"moof"):
                continue
            tracks = [dict(_tables(content)) for _, content in boxes_in(memoryview(file.read(length)))]
            samples += sum(map(_samples, tracks))
            if samples > size + _MOST_CUT_OFF or any(map(_repeats_without_end, tracks)):
                return _CLAIMS
            pictures = [track for track in tracks if _kind(track) == b"vide"]
            if pictures and all(map(_has_no_clock, pictures)):
                return _NO_CLOCK
    return _CLAIMS if boxes == _MOST_BOXES and held < _EMPTY * boxes else None


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
        elif name in _TABLES and len(inside) >= 12 and not _is_of_data(name, inside):
            yield name, inside


def _is_of_data(name: bytes, content: memoryview) -> bool:
    """Whether it is the second hdlr of a QuickTime track: where its data are, and not what they are."""
    return name == b"hdlr" and bytes(content[4:8]) == b"dhlr"


def _samples(tables: dict[bytes, memoryview]) -> int:
    """The number of samples of a track for which libav allocates memory one by one."""
    sizes, run = tables.get(b"stsz"), tables.get(b"trun")
    in_table = _number(sizes, 8) if sizes is not None and not _is_plain_sound(tables) else 0
    return in_table + (_number(run, 4) if run is not None else 0)


def _is_plain_sound(tables: dict[bytes, memoryview]) -> bool:
    """Whether the track is uncompressed sound, whose samples libav reads in large pieces."""
    times = tables.get(b"stts", b"")
    return _kind(tables) == b"soun" and bytes(times[4:8]) == bytes(times[12:16]) == b"\0\0\0\1"


def _has_no_clock(tables: dict[bytes, memoryview]) -> bool:
    """Whether the times of a track have no valid unit."""
    header = tables.get(b"mdhd")
    return header is not None and not 0 < _number(header, 20 if header[0] == 1 else 12) <= _FASTEST_CLOCK


def _kind(tables: dict[bytes, memoryview]) -> bytes:
    """The kind of a track: b"vide", b"soun" or another; b"" where not stated."""
    return bytes(tables.get(b"hdlr", b"")[8:12])


def _repeats_without_end(tables: dict[bytes, memoryview]) -> bool:
    edits = tables.get(b"elst")
    if edits is None:
        return False
    count = min(_number(edits, 4), len(edits) // 12)
    return count > _FEW_EDITS and count * _samples(tables) > _MOST_REPEATED


def _number(table: memoryview, place: int) -> int:
    return int.from_bytes(table[place : place + 4], "big")
