"""The search for the place at which a damaged file goes on: libav looks at each of its bytes, this at few.

Noise inside a file hides where its next part begins. Each container repeats some landmark from which reading
can go on; it is looked for in large blocks, is believed only with what follows it, and space that was never
filled is passed over without reading.
"""

from __future__ import annotations

import errno
import heapq
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import numpy as np

_BLOCK, _OVERLAP = 1 << 20, 1 << 12
"""Bytes that are read at once, and more of them, in which a landmark at the end of a block goes on."""

_MOST_TRIES = 10_000
"""The most places in one search that only look like a landmark."""

_SYNC, _SYNCS = 0x47, 6
"""The first byte of a packet of a transport stream, and the number of packets in a row that are believed."""

_PACKET_SIZES = (188, 192, 204)
_CLUSTER = b"\x1f\x43\xb6\x75"
_IN_CLUSTER = frozenset({0xE7, 0xBF, 0xAB, 0xA7, 0xA3, 0xA0, 0xEC})
"""The first byte of what a Matroska cluster begins with: its time, a checksum, a block, space."""

_CHUNK = re.compile(rb"[0-9][0-9](?:dc|db|wb)")
_AFTER_CHUNK = re.compile(rb"[0-9][0-9](?:dc|db|wb|tx|pc)|ix[0-9][0-9]|LIST|JUNK|idx1|RIFF")
_MOST_CHUNKS = 6
"""The most names of chunks that are looked for in an AVI, two of each track as a rule."""

_LARGEST_FRAGMENT = 4 << 20
"""The largest table of an MP4 fragment in bytes."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What a container repeats: `places` gives the positions in a block that look like it, `holds` whether
    one at a position of the file is one."""

    places: Callable[[bytes], Iterator[int]]
    holds: Callable[[BinaryIO, int], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search: `place` in the file, None without one, and the number of bytes `read`."""

    place: int | None
    read: int


def landmarks_of(file: BinaryIO) -> Landmarks | None:
    """The landmarks of a file by its first bytes; None for other containers. Raises OSError."""
    head = _bytes_at(file, 0, _BLOCK)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Landmarks(partial(_marked, marks=(_CLUSTER,), before=0), _holds_cluster)
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        names = tuple(dict.fromkeys(_CHUNK.findall(head[head.find(b"movi") + 4 :])))[:_MOST_CHUNKS]
        return Landmarks(partial(_marked, marks=names, before=0), _holds_chunk)
    if head.startswith(b"\0\0\1\xba"):
        return Landmarks(_packs, _holds_pack)
    for size in _PACKET_SIZES:
        if any(_is_grid(head, first, size) for first in range(size)):
            return Landmarks(partial(_grids, size=size), partial(_holds_packets, size=size))
    return None


def find_landmark(
    file: BinaryIO, places: range, landmarks: Landmarks, most: int, check: Callable[[], None]
) -> Found:
    """The first landmark at these `places`, reading at most `most` bytes; `check` is called for each block
    and may raise. Raises OSError."""
    place, end, read, tries = places.start, places.stop, 0, 0
    while place < end and read < most:
        check()
        place = _filled_from(file, place, end)
        block = _bytes_at(file, place, min(_BLOCK + _OVERLAP, end - place))
        read += len(block)
        for at in landmarks.places(block):
            tries += 1
            if tries > _MOST_TRIES:
                return Found(None, read)
            if at >= 0 and landmarks.holds(file, place + at):
                return Found(place + at, read)
        place += _BLOCK
    return Found(None, read)


def _filled_from(file: BinaryIO, place: int, end: int) -> int:
    """The next position with anything written, where the system knows it."""
    seek_data = getattr(os, "SEEK_DATA", None)
    if seek_data is None:
        return place
    try:
        return min(os.lseek(file.fileno(), place, seek_data), end)
    except OSError as error:
        return end if error.errno == errno.ENXIO else place  # nothing follows, or the drive does not tell


def _bytes_at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)


def _marked(block: bytes, *, marks: tuple[bytes, ...], before: int) -> Iterator[int]:
    """The rising positions in a block `before` bytes in front of one of the `marks`."""
    for at in heapq.merge(*(_all(block, mark) for mark in marks)):
        yield at - before


def _packs(block: bytes) -> Iterator[int]:
    """The positions of packs, looked for by their last two bytes, as zeros are usual in what was not written;
    these two alone come in noise too often to be tried."""
    for at in _all(block, b"\1\xba"):
        if block[max(at - 2, 0) : at] == b"\0\0":
            yield at - 2


def _all(block: bytes, mark: bytes) -> Iterator[int]:
    at = block.find(mark)
    while at >= 0:
        yield at
        at = block.find(mark, at + 1)


def _holds_cluster(file: BinaryIO, place: int) -> bool:
    head = _bytes_at(file, place, 13)
    length = 9 - head[4].bit_length() if len(head) == 13 else 9
    return head.startswith(_CLUSTER) and length <= 8 and head[4 + length] in _IN_CLUSTER


def _holds_chunk(file: BinaryIO, place: int) -> bool:
    size = int.from_bytes(_bytes_at(file, place + 4, 4), "little")
    after = _bytes_at(file, place + 8 + size + size % 2, 4)
    return _AFTER_CHUNK.match(after) is not None


def _holds_pack(file: BinaryIO, place: int) -> bool:
    head = _bytes_at(file, place, 5)
    return head.startswith(b"\0\0\1\xba") and len(head) == 5 and (head[4] >> 6 == 1 or head[4] >> 4 == 2)


def _holds_fragment(file: BinaryIO, place: int) -> bool:
    head = _bytes_at(file, place, 16)
    return 16 < int.from_bytes(head[:4], "big") < _LARGEST_FRAGMENT and head[12:] == b"mfhd"


FRAGMENTS = Landmarks(partial(_marked, marks=(b"moof",), before=4), _holds_fragment)
"""The landmarks of an MP4 in fragments: the table with which each begins."""


def _is_grid(block: bytes, first: int, size: int) -> bool:
    heads = [block[first + number * size :][:4] for number in range(_SYNCS)]
    return all(len(head) == 4 and _is_packet_head(head) for head in heads)


def _is_packet_head(head: bytes) -> bool:
    """Whether a packet of a transport stream begins so: without a stated error and with some content."""
    return head[0] == _SYNC and not head[1] & 0x80 and bool(head[3] & 0x30)


def _grids(block: bytes, *, size: int) -> Iterator[int]:
    """The positions in a block at which packets of `size` bytes follow one another."""
    values = np.frombuffer(block, np.uint8)
    last = len(values) - (_SYNCS - 1) * size
    places = np.flatnonzero(values[: max(last, 0)] == _SYNC)
    for number in range(1, _SYNCS):
        places = places[values[places + number * size] == _SYNC]
    yield from places.tolist()


def _holds_packets(file: BinaryIO, place: int, *, size: int) -> bool:
    return _is_grid(_bytes_at(file, place, _SYNCS * size), 0, size)
