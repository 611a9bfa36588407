"""Columns of the packets of one stream, with a row for each in the order of the file."""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass, field

import numpy as np
from av.audio.stream import AudioStream as AvAudioStream
from av.packet import Packet
from av.stream import Stream

from app.core.recording.index import NONE, Int64Array
from app.core.recording.packet_durations import HEAD, stated_seconds

_COLUMNS = 7
_SIZE, _PLACE = 3, 6
"""The number of columns, and which are the bytes of a packet and its place."""

_BEGINNING = 64
"""The first packets of a stream, at which samples of the encoder's delay are omitted."""

_OTHER_LENGTH = 1.05
"""The factor between the duration in the head of a packet of sound and libav's, above which the former
counts."""


@dataclass(frozen=True, slots=True, eq=False)
class PacketColumns:
    """The columns of one stream, each of shape (packets,).

    `flags` are 1 for keyframes, 2 for packets that are decoded but not shown, 4 for damaged ones; `place` is
    the packet's position among those of all streams; `skipped` samples to omit at the start of rows; `stated`
    the durations (s) in packet heads, where they differ from libav's.
    """

    stream: Stream
    pts: Int64Array
    dts: Int64Array
    pos: Int64Array
    size: Int64Array
    length: Int64Array
    flags: Int64Array
    place: Int64Array
    skipped: dict[int, int] = field(default_factory=dict)
    stated: dict[int, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.pts)


class PacketRows:
    """The growing table of the packets of one stream, of which there can be millions, so `add` is fast.

    `codec` is that of sound whose packet durations may differ from libav's, else empty; `edited` is whether
    samples can be omitted anywhere, by an edit list, and not only at the start.
    """

    def __init__(self, stream: Stream, codec: str = "", *, edited: bool = True) -> None:
        self.stream = stream
        self._codec = codec
        self._edited = edited
        self._is_sound = isinstance(stream, AvAudioStream)
        self._tick = float(stream.time_base or 0)
        self._cells = array("q")
        self._skipped: dict[int, int] = {}
        self._stated: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._cells) // _COLUMNS

    def add(self, packet: Packet[Stream], place: int) -> None:
        """Append the next packet; `place` is the number of packets of all streams before it."""
        if self._is_sound:
            self._note_sound(packet)
        pts, dts, pos = packet.pts, packet.dts, packet.pos
        self._cells.extend(
            (
                NONE if pts is None else pts,
                NONE if dts is None else dts,
                NONE if pos is None else pos,
                packet.size,
                packet.duration or 0,
                packet.is_keyframe | packet.is_discard << 1 | packet.is_corrupt << 2,
                place,
            )
        )

    def _note_sound(self, packet: Packet[Stream]) -> None:
        if (self._edited or len(self) < _BEGINNING) and packet.has_sidedata("skip_samples"):
            (start,) = struct.unpack("<I", bytes(packet.get_sidedata("skip_samples"))[:4])
            self._skipped[len(self)] = start
        if self._codec and self._tick:
            stated = stated_seconds(self._codec, memoryview(packet)[:HEAD].tobytes())
            given = (packet.duration or 0) * self._tick
            if stated is not None and not stated / _OTHER_LENGTH < given < stated * _OTHER_LENGTH:
                self._stated[len(self)] = stated

    def lately(self, count: int, place: int) -> Int64Array:
        """The bytes of each packet, of shape (packets,), among the last `count` of the `place` packets of all
        streams."""
        cells = np.array(self._cells[-_COLUMNS * count :], np.int64).reshape(-1, _COLUMNS)
        return np.asarray(cells[cells[:, _PLACE] >= place - count, _SIZE])

    def columns(self) -> PacketColumns:
        """The columns of all packets until now."""
        cells = np.array(self._cells, np.int64).reshape(-1, _COLUMNS)
        pts, dts, pos, size, length, flags, place = np.ascontiguousarray(cells.T)
        return PacketColumns(
            self.stream, pts, dts, pos, size, length, flags, place, self._skipped, self._stated
        )
