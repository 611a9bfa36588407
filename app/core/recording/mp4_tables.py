"""The sample tables of MP4 and QuickTime files (ISO/IEC 14496-12): position, size and times of every packet,
without reading the packets."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.core.recording.index import BoolArray, Int64Array

_LARGEST_HEADER = 256 << 20
"""The largest table of contents in bytes; that of ten hours is 40 MB."""

_OWN_KEYFRAMES = (b"rap ", b"sync", b"tele")
"""Sample groups by which libav changes which samples are keyframes."""


@dataclass(frozen=True, slots=True, eq=False)
class SampleTable:
    """The sample table of one track, before its edit list: `track` is its number in the file, `scale` ticks
    per second; `dts`, `pts`, `length` (n,) in ticks, `pos` and `size` in bytes, `key` where decoding can
    begin.
    """

    track: int
    scale: int
    dts: Int64Array
    pts: Int64Array
    length: Int64Array
    pos: Int64Array
    size: Int64Array
    key: BoolArray

    def __len__(self) -> int:
        return len(self.size)


def sample_tables(path: Path) -> dict[int, SampleTable] | None:
    """The tables of all supported tracks by track number.

    None without reliable tables: another format, fragments, a truncated or damaged file.
    """
    try:
        header = _header(path)
        if header is None:
            return None
        boxes = dict(_boxes(header))
        if b"mvex" in boxes:
            return None
        size = path.stat().st_size
        tracks = [_table(content) for name, content in _boxes(header) if name == b"trak"]
    except (OSError, ValueError, KeyError, IndexError, struct.error):
        return None
    tables = {table.track: table for table in tracks if table is not None}
    if any(len(table) and int((table.pos + table.size).max()) > size for table in tables.values()):
        return None
    return tables


def _header(path: Path) -> memoryview | None:
    """The content of the only `moov` box; None without one."""
    end = path.stat().st_size
    place, found = 0, None
    with path.open("rb") as file:
        while place + 8 <= end:
            file.seek(place)
            head = file.read(16)
            length, name = struct.unpack(">I4s", head[:8])
            begin = 8
            if length == 1:
                (length,) = struct.unpack(">Q", head[8:16])
                begin = 16
            length = length or end - place
            if length < begin or place + length > end or name == b"moof":
                return None
            if name == b"moov":
                if found is not None or length > _LARGEST_HEADER:
                    return None
                file.seek(place + begin)
                found = memoryview(file.read(length - begin))
            place += length
    return found


def _boxes(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The boxes directly inside `content`. Raises ValueError for one that is longer than its parent."""
    place = 0
    while place + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        if length < 8 or place + length > len(content):
            raise ValueError("a box of an impossible length")
        yield name, content[place + 8 : place + length]
        place += length


def _table(trak: memoryview) -> SampleTable | None:
    """The table of one track; None when its packets do not correspond to its samples."""
    boxes = dict(_boxes(trak))
    media = dict(_boxes(boxes[b"mdia"]))
    samples = dict(_boxes(dict(_boxes(media[b"minf"]))[b"stbl"]))
    groups = [content for name, content in _boxes(dict(_boxes(media[b"minf"]))[b"stbl"]) if name == b"sbgp"]
    if b"stps" in samples or any(bytes(group[4:8]) in _OWN_KEYFRAMES for group in groups):
        return None
    if b"edts" in boxes and not _one_edit(dict(_boxes(boxes[b"edts"])).get(b"elst")):
        return None
    size = _sizes(samples)
    if size is None or len(size) == 0:
        return None
    pos = _places(samples, size)
    length = _expanded(samples[b"stts"], len(size))
    shift = _expanded(samples[b"ctts"], len(size)) if b"ctts" in samples else np.zeros(len(size), np.int64)
    if pos is None or length is None or shift is None or (length < 0).any():
        return None
    if not length[:-1].all():
        return None  # libav guesses their durations
    dts = np.cumsum(length) - length
    key = np.ones(len(size), np.bool_)
    if b"stss" in samples:
        key[:] = False
        key[_entries(samples[b"stss"], 1)[:, 0] - 1] = True
    return SampleTable(
        track=_in_header(boxes[b"tkhd"], 12, 20),
        scale=_in_header(media[b"mdhd"], 12, 20),
        dts=dts,
        pts=dts + shift,
        length=length,
        pos=pos,
        size=size,
        key=key,
    )


def _in_header(content: memoryview, narrow: int, wide: int) -> int:
    """A field of a header box whose times are 32 or 64 bits wide."""
    place = wide if content[0] == 1 else narrow
    return int(struct.unpack(">I", content[place : place + 4])[0])


def _entries(content: memoryview, width: int) -> Int64Array:
    """The entries of a table of 32-bit numbers, (count, width). Raises ValueError when it is cut off."""
    (count,) = struct.unpack(">I", content[4:8])
    return np.frombuffer(content[8:], ">u4", count=count * width).astype(np.int64).reshape(-1, width)


def _one_edit(content: memoryview | None) -> bool:
    """Whether the edit list shows the media once at normal speed, possibly delayed."""
    if content is None:
        return True
    wide = content[0] == 1
    form = ">QqI" if wide else ">IiI"
    (count,) = struct.unpack(">I", content[4:8])
    if count * struct.calcsize(form) > len(content) - 8:
        return False
    edits = [struct.unpack_from(form, content, 8 + n * struct.calcsize(form)) for n in range(min(count, 9))]
    shown = [place for place, (_, start, _) in enumerate(edits) if start >= 0]
    return count < 9 and shown == [len(edits) - 1] and edits[-1][2] == 1 << 16


def _sizes(samples: dict[bytes, memoryview]) -> Int64Array | None:
    """The bytes of each sample; None where all have the same size (libav reads such samples in groups) or
    some have 0 (libav skips them)."""
    if b"stsz" not in samples:
        return None
    uniform, count, *_ = struct.unpack(">II", samples[b"stsz"][4:12])
    sizes = np.frombuffer(samples[b"stsz"][12:], ">u4", count=count) if not uniform else None
    return None if sizes is None or not sizes.all() else sizes.astype(np.int64)


def _places(samples: dict[bytes, memoryview], size: Int64Array) -> Int64Array | None:
    """The position of each sample in the file, by chunk."""
    if b"co64" in samples:
        halves = _entries(samples[b"co64"], 2)
        chunks = (halves[:, 0] << 32) + halves[:, 1]
    else:
        chunks = _entries(samples[b"stco"], 1)[:, 0]
    runs = _entries(samples[b"stsc"], 3)
    firsts = runs[:, 0] - 1
    if len(runs) == 0 or firsts[0] != 0 or (np.diff(firsts) <= 0).any() or (runs[:, 2] != 1).any():
        return None
    if firsts[-1] >= len(chunks):
        return None
    held = np.repeat(runs[:, 1], np.diff(np.append(firsts, len(chunks))))
    if int(held.sum()) != len(size):
        return None
    before = np.cumsum(size) - size
    begins = np.cumsum(held) - held
    filled = held > 0
    start = np.repeat(before[begins[filled]], held[filled])
    places: Int64Array = np.repeat(chunks[filled], held[filled]) + before - start
    return places


def _expanded(content: memoryview, count: int) -> Int64Array | None:
    """A run-length coded table expanded to one value per sample; None for another number of samples."""
    runs = _entries(content, 2)
    if int(runs[:, 0].sum()) != count:
        return None
    # Negative offsets occur also where the standard specifies unsigned ones.
    return np.repeat(runs[:, 1].astype(np.uint32).view(np.int32).astype(np.int64), runs[:, 0])
