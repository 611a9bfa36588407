"""Edit lists of MP4 files, rewritten as programs write them that cut without encoding."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

NORMAL_SPEED = 1 << 16
EMPTY = -1


def with_edits(path: Path, edits: Sequence[tuple[int, int]]) -> Path:
    """Let the first track show `edits`: lengths in 1/1000 s and starts in the track's ticks, or EMPTY. The
    table of contents must be at the end of the file. Gives `path`."""
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") - 4
    (length,) = struct.unpack(">I", data[at : at + 4])
    rows = b"".join(struct.pack(">IiI", *edit, NORMAL_SPEED) for edit in edits)
    box = struct.pack(">I4sII", 16 + len(rows), b"elst", 0, len(edits)) + rows
    data[at : at + length] = box
    for name in (b"edts", b"trak", b"moov"):
        place = data.index(name) - 4
        (size,) = struct.unpack(">I", data[place : place + 4])
        data[place : place + 4] = struct.pack(">I", size + len(box) - length)
    path.write_bytes(data)
    return path


def beyond_4_gib(path: Path, out: Path, gap: int = 5 << 30) -> Path:
    """The same recording with a hole of `gap` bytes before its media; the hole takes no room on the disk."""
    data = path.read_bytes()
    moov = data.index(b"moov") - 4
    (length,) = struct.unpack(">I", data[moov : moov + 4])
    header = _wider(data[moov + 8 : moov + length], gap)
    begin = data.index(b"mdat") - 4
    with out.open("wb") as file:
        file.write(data[:begin])
        file.write(struct.pack(">I4sQ", 1, b"free", gap))
        file.seek(begin + gap)
        file.write(data[begin:moov])
        file.write(struct.pack(">I4s", 8 + len(header), b"moov") + header)
    return out


_PARENTS = frozenset({b"trak", b"mdia", b"minf", b"stbl"})


def _wider(content: bytes, gap: int) -> bytes:
    """The boxes of a table of contents with every place `gap` bytes later, in 64 bits."""
    out, place = b"", 0
    while place < len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        inside = content[place + 8 : place + length]
        if name in _PARENTS:
            inside = _wider(inside, gap)
        elif name == b"stco":
            places = struct.unpack(f">{(len(inside) - 8) // 4}I", inside[8:])
            name, inside = b"co64", inside[:8] + struct.pack(f">{len(places)}Q", *(p + gap for p in places))
        out += struct.pack(">I4s", 8 + len(inside), name) + inside
        place += length
    return out
