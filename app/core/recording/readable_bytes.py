"""The bytes of a file as libav reads them: without the stretches in which no packet is found."""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from app.core.closing import Closing
from app.core.recording.file_cuts import FileCut
from app.core.recording.filled import filled_bytes
from app.core.recording.mp4_fragments import fragment_cuts
from app.core.recording.mp4_limits import has_boxes
from app.core.recording.resuming import find_landmark, landmarks_of

logger = logging.getLogger(__name__)

BUFFER = 1 << 17
"""Bytes that libav asks for while it searches; it asks for larger amounts only as the content of a packet."""

_OPENING, _FRUITLESS = 64 << 20, 8 << 20
"""Bytes in which libav may find no packet: of tables and headers while a file is opened, and afterwards.
No container needs as many between two packets."""

_NEAR = 4 << 20
"""Bytes to the next landmark for which libav's own search goes on: nothing is left out of a file in which
landmarks follow each other."""

_MOST_SEARCHED = 1 << 30
"""The most bytes of a file that are searched for landmarks in all."""

_MOST_SEARCHES = 8
"""The most searches in a file."""


def never_check() -> None:
    """Nothing to check before a read."""


def readable_bytes(
    path: Path, check: Callable[[], None] = never_check, *, searches: int = _MOST_SEARCHES
) -> AbstractContextManager[ReadableBytes | None]:
    """What libav reads a file through, with at most `searches` for landmarks; None for a file whose own
    tables say where its packets are, and whose boxes are whole. Raises OSError."""
    if not has_boxes(path):
        return ReadableBytes(path, check=check, searches=searches)
    cuts = fragment_cuts(path, check) if searches else []
    return ReadableBytes(path, cuts, check) if cuts else nullcontext()


class ReadableBytes(Closing):
    """A file for libav with `read`, `seek` and `tell`, without what is in the `cuts`.

    The consumer sets `fruitless` to 0 with each packet. After too many bytes without one, the next landmark
    of the container is searched, what lies before it becomes a cut, and reading goes on there; without a
    landmark the rest of the file is a cut. While a file is opened, packets that libav only passes over, in
    search of a table, end that search instead: it gets no bytes until it seeks. Known `cuts` are left out
    without any search. `check` is called before every read and may raise, which ends the reading.
    """

    def __init__(
        self,
        path: Path,
        cuts: Sequence[FileCut] | None = None,
        check: Callable[[], None] = never_check,
        searches: int = _MOST_SEARCHES,
    ) -> None:
        """Open the file; `cuts` are known, or None for at most `searches` of them. Raises OSError."""
        self.name = f"file:{path}"
        self._file = path.open("rb", buffering=0)
        self._end = filled_bytes(path)
        self._check = check
        self._place = 0
        self._searches, self._searched = searches, 0
        self._searching = cuts is None
        self._allowed, self._is_given_up = _OPENING, False
        self.cuts: list[FileCut] = list(cuts or ())
        self.fruitless = 0

    def close(self) -> None:
        self._file.close()

    def rewind(self) -> None:
        """Begin to open the file, once more after it failed."""
        self._allowed, self.fruitless, self._place, self._is_given_up = _OPENING, 0, 0, False

    def opened(self) -> None:
        """The header has been read, and packets follow."""
        self._allowed, self.fruitless, self._is_given_up = _FRUITLESS, 0, False

    def read(self, count: int) -> bytes:
        """At most `count` bytes from the position on; none at the end."""
        self._check()
        if self._searching and self.fruitless >= self._allowed:
            self._go_on()
        if self._is_given_up:
            return b""
        content = self._space(count)
        if not content:
            place, room = self._in_file(self._place)
            self._file.seek(place)
            content = self._file.read(min(count, room)) if room > 0 else b""
        self._place += len(content)
        if count <= BUFFER:
            self.fruitless += len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        bases = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size()}
        self._place = bases[whence] + offset
        self._is_given_up = False
        return self._place

    def tell(self) -> int:
        return self._place

    def _size(self) -> int:
        return self._end - sum(cut.missing for cut in self.cuts)

    def _in_file(self, place: int) -> tuple[int, int]:
        """The position in the file, and the number of bytes until the next cut or the end."""
        for cut in self.cuts:
            if place < cut.start:
                return place, cut.start - place
            place += cut.missing
        return place, self._end - place

    def _space(self, count: int) -> bytes:
        """What is read instead of a cut that is kept, at the position: an empty box of an MP4."""
        before = 0
        for start, end, kept in self.cuts:
            at = self._place + before - start
            if kept and 0 <= at < end - start:
                head = struct.pack(">I4sQ", 1, b"free", end - start)
                return head[at : at + count] or bytes(min(count, end - start - at))
            before += 0 if kept else end - start
        return b""

    def _go_on(self) -> None:
        """Cut what lies before the next landmark, or the rest."""
        place, room = self._in_file(self._place)
        self.fruitless = 0
        if room <= 0:
            return
        found = self._landmark(place)
        if found is not None and found - place < _NEAR:
            self._is_given_up = self._allowed == _OPENING
            return
        logger.info("Nothing can be read from byte %d to %s", place, "the end" if found is None else found)
        end = self._end if found is None else found
        self.cuts = sorted([*(cut for cut in self.cuts if not place <= cut.start < end), FileCut(place, end)])

    def _landmark(self, place: int) -> int | None:
        """The place of the next landmark, None without one soon enough."""
        landmarks = landmarks_of(self._file)
        most = _MOST_SEARCHED - self._searched
        if landmarks is None or self._searches == 0:
            return None
        self._searches -= 1
        found = find_landmark(self._file, range(place, self._end), landmarks, most, self._check)
        self._searched += found.read
        return found.place
