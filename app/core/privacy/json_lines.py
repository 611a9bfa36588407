"""Append-only files of JSON lines, read within limits."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.bounded_json import read_json
from app.core.containment import open_inside

LONGEST_LINE = 65_536
"""The longest line in bytes; longer ones are ignored."""
LARGEST_FILE = 256 << 20
"""The most bytes that are read."""
_DEEPEST = 8

NOTHING_SENT = ", so nothing is sent"
"""How the sentence ends that a line cannot be written which has to be on disk before anything is sent."""

JsonLine = dict[str, object]

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class JsonLines:
    """The objects in the lines, in order, and the number of unreadable lines."""

    rows: tuple[JsonLine, ...] = ()
    unread: int = 0


class ForeignLineError(OSError):
    """The last line is longer than any that this program writes."""


def append_line(path: Path, within: Path, text: str) -> None:
    """Append one line (ASCII without a line end), synced to disk on return.

    The line end is written first, so that this line is separate from one that was cut off by a crash. Raises
    OSError, LeadsOutsideError when the file is a link, ForeignLineError when another program has written its
    end, ValueError for a line that is too long to be read.
    """
    data = b"\n" + text.encode("ascii")
    if len(data) > LONGEST_LINE:
        raise ValueError("the line is too long to be read again")
    with _lock, _to_append(path, within) as handle:
        if os.write(handle, data) != len(data):
            raise OSError("the disk is full")
        os.fsync(handle)


def check_appendable(path: Path, within: Path) -> None:
    """Check that lines can be appended; makes the file. Raises OSError as `append_line`."""
    with _lock, _to_append(path, within):
        pass


@contextmanager
def _to_append(path: Path, within: Path) -> Iterator[int]:
    """The handle of the file, whose end is one of ours. Raises OSError as `append_line`."""
    handle = open_inside(path, within, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    try:
        _check_end(handle)
        yield handle
    finally:
        os.close(handle)


def rewrite_lines(path: Path, within: Path, changed: Callable[[JsonLine], JsonLine | None]) -> None:
    """Write lines anew in their places, synced to disk on return; `changed` gives None for what stays.

    A line keeps its length, with blanks at its end, so that nothing is lost of what another program appends
    meanwhile; one that would be longer becomes an empty line. Raises OSError, LeadsOutsideError.
    """
    with _lock, os.fdopen(open_inside(path, within, os.O_RDWR), "r+b", buffering=0) as file:
        place = 0
        for line in file.read(LARGEST_FILE).split(b"\n"):
            row = _row(line) if len(line) <= LONGEST_LINE else None
            new = None if row is None else changed(row)
            if new is not None:
                text = json.dumps(new, ensure_ascii=True).encode("ascii")
                file.seek(place)
                file.write((text if len(text) <= len(line) else b"").ljust(len(line)))
            place += len(line) + 1
        os.fsync(file.fileno())


def _check_end(handle: int) -> None:
    """Check that the last line can be one of ours. Raises ForeignLineError, OSError."""
    size = os.lseek(handle, 0, os.SEEK_END)
    if size > LONGEST_LINE:
        os.lseek(handle, -LONGEST_LINE, os.SEEK_END)
        if b"\n" not in os.read(handle, LONGEST_LINE):
            raise ForeignLineError("the last line is longer than any that is written here")


def read_lines(path: Path, within: Path) -> JsonLines:
    """The lines of a file, none without the file. Only \\n ends a line.

    Raises OSError, and LeadsOutsideError when the file is a link.
    """
    try:
        handle = open_inside(path, within, os.O_RDONLY)
    except FileNotFoundError:
        return JsonLines()
    rows: list[JsonLine] = []
    unread = read = 0
    with os.fdopen(handle, "rb") as file:
        while read < LARGEST_FILE and (line := file.readline(LONGEST_LINE + 1)):
            read += len(line)
            whole = len(line) <= LONGEST_LINE
            while len(line) > LONGEST_LINE and not line.endswith(b"\n") and read < LARGEST_FILE:
                line = file.readline(LONGEST_LINE + 1)
                read += len(line)
            row = _row(line) if whole else None
            if row is not None:
                rows.append(row)
            elif not whole or line.strip():
                unread += 1
    return JsonLines(tuple(rows), unread + (read >= LARGEST_FILE))


def _row(line: bytes) -> JsonLine | None:
    try:
        row = read_json(line, largest=LONGEST_LINE, deepest=_DEEPEST, duplicates=True)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None
