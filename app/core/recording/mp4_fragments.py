"""Where the chain of boxes of an MP4 in fragments is broken: libav ends there without a word.

Each fragment begins with the table of what it holds, so that what follows the damage can be shown.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from app.core.recording.file_cuts import FileCut
from app.core.recording.filled import filled_bytes
from app.core.recording.mp4_limits import boxes_in, top_boxes
from app.core.recording.resuming import FRAGMENTS, find_landmark

_KNOWN = frozenset(
    {
        *(b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"uuid", b"meta"),
        *(b"sidx", b"ssix", b"prft", b"emsg", b"mfra", b"udta", b"pdin", b"pnot"),
    }
)
"""The names of boxes at the top of a file; a box with another name is believed when one of these follows."""

_MOST_SEARCHED = 1 << 30
"""The most bytes of a file that are searched in all."""

_MOST_CUTS = 8
"""The most damaged stretches of a file after which it goes on."""

_LEAST_LOST = 1 << 16
"""Bytes at the end without a box that can be part of a recording."""

_LARGEST_TABLE = 256 << 20
"""The largest table of contents in bytes that is looked into."""

_HEAD = 16
"""The most bytes of the head of a box."""


def fragment_cuts(path: Path, check: Callable[[], None] = lambda: None) -> list[FileCut]:
    """The stretches of an MP4 in fragments that belong to no box; none for other files. `check` is called
    during a search and may raise. Raises OSError."""
    end = filled_bytes(path)
    cuts: list[FileCut] = []
    searched = 0
    with path.open("rb", buffering=0) as file:  # the search moves its position beneath a buffer
        place, fragmented = _end_of_boxes(file, 0, end)
        while fragmented and end - place >= 8:
            found = find_landmark(file, range(place, end), FRAGMENTS, _MOST_SEARCHED - searched, check)
            searched += found.read
            cut = None if found.place is None else _cut(file, place, found.place, cuts)
            if cut is None or len(cuts) == _MOST_CUTS:
                return [*cuts, FileCut(place, end)] if end - place >= _LEAST_LOST else cuts
            cuts.append(cut)
            place, _ = _end_of_boxes(file, cut.end, end)
    return cuts


def _end_of_boxes(file: BinaryIO, start: int, end: int) -> tuple[int, bool]:
    """Where the chain of boxes that begins at `start` ends, and whether there are fragments in it."""
    believed, fragmented, doubtful = start, False, False
    for name, length in top_boxes(file, end, start):
        content = file.tell()
        if name not in _KNOWN:
            if doubtful:
                break
            doubtful = True
            continue
        believed, doubtful = content + length, False
        fragmented |= name == b"moof" or (name == b"moov" and _announces_fragments(file, length))
    return believed, fragmented


def _announces_fragments(file: BinaryIO, length: int) -> bool:
    """Whether the table of contents at the position of the file says that fragments follow."""
    return length <= _LARGEST_TABLE and any(
        name == b"mvex" for name, _ in boxes_in(memoryview(file.read(length)))
    )


def _cut(file: BinaryIO, start: int, end: int, cuts: list[FileCut]) -> FileCut | None:
    """The cut after the `cuts` with which the fragment at `end` finds its samples; None without one.

    Many fragments count the places of their samples from the beginning of the file, in which something was
    either overwritten or inserted.
    """
    file.seek(end)
    head = file.read(56)
    if len(head) < 56 or head[36:40] != b"tfhd":
        return None
    size, counts, base = int.from_bytes(head[:4], "big"), head[43] & 1, int.from_bytes(head[48:56], "big")
    before = sum(cut.missing for cut in cuts)
    for cut in (FileCut(start, end, kept=end - start >= _HEAD), FileCut(start, end)):
        if not counts or 0 <= base - (end - before - cut.missing) <= size + _HEAD:
            return cut
    return None
