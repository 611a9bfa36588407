"""Iteration over a recording's packets from any position, with their rows in the index."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream as AvAudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Stream
from av.video.stream import VideoStream as AvVideoStream

from app.core.closing import Closing
from app.core.errors import UserError
from app.core.recording.container import open_container, search_patience
from app.core.recording.demux import AvStream, packets
from app.core.recording.file_cuts import FileCut
from app.core.recording.index import NONE, Int64Array, StreamIndex
from app.core.recording.readable_bytes import ReadableBytes

logger = logging.getLogger(__name__)

_BY_BYTE = frozenset({"mpegts", "mpeg"})
"""Containers without an index, in which positions are bytes."""

_AVI_CHUNK_HEAD = 8
"""Bytes before the data of a chunk: its name and its length."""

_BY_DECODE_TIME = frozenset({"avi", "flv"})
"""Containers that seek by decoding times; others seek by presentation times."""

_STRANGE_PACKETS = 500
"""The most consecutive packets unknown to the index before a position counts as not found."""


class PacketWalk(Closing):
    """An iterator over the packets of one stream, from the position set by `go_to`.

    It opens the file separately and is for use by one thread. The target of a seek is never trusted: every
    packet is compared with the index, and a seek that landed too late is repeated from further back.
    """

    def __init__(
        self, path: Path, container_name: str, index: StreamIndex, cuts: Int64Array | None = None
    ) -> None:
        """Open the file without its `cuts`, as in `PacketIndex`. Raises UserError when it is gone."""
        self._path = path
        self._cuts: list[FileCut] = [] if cuts is None else [FileCut(*row) for row in cuts.tolist()]
        self._bytes: ReadableBytes | None = None
        self._by_byte = container_name in _BY_BYTE
        self._by_decode_time = container_name in _BY_DECODE_TIME
        self._index = index
        self._starts = np.flatnonzero(index.key)
        self._container, self.stream = self._open()
        self._is_open = True
        self._chunk_head = 0
        if container_name == "avi" and len(self.stream.index_entries) < 0.9 * len(index):
            # An AVI without index: its chunks are found by their heads.
            self._by_byte, self._chunk_head = True, _AVI_CHUNK_HEAD
        self._source = self._packets()
        self._ahead: tuple[int, Packet[Stream]] | None = None
        self._row = -1

    def close(self) -> None:
        self._is_open = False
        self._source.close()
        self._container.close()
        if self._bytes is not None:
            self._bytes.close()

    def _open(self) -> tuple[InputContainer, AvStream]:
        try:
            self._bytes = ReadableBytes(self._path, self._cuts) if self._cuts else None
            container = open_container(self._path, patience=search_patience(self._path), source=self._bytes)
        except (av.FFmpegError, OSError) as error:
            raise UserError(f"“{self._path.name}” can no longer be read.") from error
        number = self._index.stream
        stream = container.streams[number] if number < len(container.streams) else None
        if not isinstance(stream, AvVideoStream | AvAudioStream):
            container.close()
            raise UserError(f"“{self._path.name}” has changed since it was opened.")
        for other in container.streams:
            if other.index != stream.index:
                other.discard = Discard.all
        return container, stream

    def _packets(self) -> Generator[Packet[Stream] | None, None, None]:
        return packets(self._container, (self.stream,))

    def go_to(self, row: int) -> AvStream:
        """Seek so that the next packet is that of `row` or an earlier one.

        Returns the stream, whose decoder is flushed; it may differ from the previous one. Raises UserError
        when the file is gone or was replaced; it is opened again the next time.
        """
        for start in self._tries(row) if self._is_open else ():
            if self._seek(start) and self._find_first(row):
                return self.stream
        logger.info("Seeking failed, reading from the beginning")
        self.close()
        self._container, self.stream = self._open()
        self._is_open = True
        self._restart()
        self._row = -1
        return self.stream

    def _tries(self, row: int) -> Iterator[int]:
        """`row`, then keyframes increasingly further before it."""
        yield row
        before = int(np.searchsorted(self._starts, row, side="left")) - 1
        back = 1
        while before >= 0:
            yield int(self._starts[before])
            before -= back
            back *= 2

    def _seek(self, row: int) -> bool:
        offset = self._byte_of(row) if self._by_byte else self._tick_of(row)
        if offset is None:
            return False
        try:
            if self._by_byte:
                self._container.seek(offset, unsupported_byte_offset=True)
            else:
                self._container.seek(offset, stream=self.stream)
        except (av.FFmpegError, OSError):
            return False
        return True

    def _byte_of(self, row: int) -> int:
        known = np.flatnonzero(self._index.pos[: row + 1] != NONE)
        return max(int(self._index.pos[known[-1]]) - self._chunk_head, 0) if len(known) else 0

    def _tick_of(self, row: int) -> int | None:
        first, second = (
            (self._index.dts, self._index.pts) if self._by_decode_time else (self._index.pts, self._index.dts)
        )
        tick = int(first[row]) if first[row] != NONE else int(second[row])
        return None if tick == NONE else tick

    def _restart(self) -> None:
        self._source.close()
        self._source = self._packets()
        self._ahead = None

    def _find_first(self, row: int) -> bool:
        self._restart()
        for _ in range(_STRANGE_PACKETS):
            packet = next(self._source, None)
            if packet is None:
                return False
            found = self._index.find(packet.pts, packet.pos, packet.size)
            if found is not None:
                self._ahead, self._row = (found, packet), found - 1
                return found <= row
        return False

    def __iter__(self) -> Iterator[tuple[int, Packet[Stream]]]:
        return self

    def __next__(self) -> tuple[int, Packet[Stream]]:
        """The row and the next packet; packets unknown to the index are skipped."""
        if self._ahead is not None:
            found, self._ahead = self._ahead, None
            self._row = found[0]
            return found
        if self._row + 1 >= len(self._index):
            raise StopIteration  # the rest has no packets, however long it is
        for packet in self._source:
            if packet is None:
                continue
            row = self._row + 1
            if not self._index.is_row(row, packet.pts, packet.pos, packet.size):
                known = self._index.find(packet.pts, packet.pos, packet.size)
                if known is None:
                    continue
                row = known
            self._row = row
            return row, packet
        raise StopIteration
