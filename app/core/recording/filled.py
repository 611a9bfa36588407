"""The part of a file that was ever written: recorders allocate space in advance, and a failed copy leaves
zeros, which libav would search for packets byte by byte, for minutes and in vain."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 16
"""Bytes that are read at a position."""

_LEAST = 8 << 20
"""The fewest bytes of zeros at the end that count as never written."""

_PLACES = 64
"""Positions within the zeros that are read to check that nothing was written there."""

_MARGIN = 1 << 12
"""Bytes of zeros after the written part that are kept, because its last packet can end in zeros."""


def filled_bytes(path: Path) -> int:
    """The bytes up to the end of the written part: the size of the file, or less where it ends in megabytes
    of zeros; 0 for zeros alone. Reads a few positions of the file, however large it is. Raises OSError."""
    size = path.stat().st_size
    if size <= _LEAST:
        return size
    with path.open("rb") as file:
        end = _end_of_written(file, size)
        step = max((size - end) // _PLACES, _BLOCK)
        if size - end < _LEAST or any(_written(file, place) for place in range(end, size, step)):
            return size
    return end + _MARGIN if end else 0


def _end_of_written(file: BinaryIO, size: int) -> int:
    """The position of the zeros that reach to the end of the file; its size when it ends otherwise."""
    back, empty = _BLOCK, size
    while empty > 0 and not _written(file, max(size - back, 0)):
        empty, back = max(size - back, 0), 2 * back
    written = max(size - back, 0)
    while empty - written > _BLOCK:
        middle = (written + empty) // 2
        if _written(file, middle):
            written = middle
        else:
            empty = middle
    return written + _written(file, written) if empty else 0


def _written(file: BinaryIO, place: int) -> int:
    """The bytes of the block at a position up to the last one that is not zero."""
    file.seek(place)
    return len(file.read(_BLOCK).rstrip(b"\0"))
