"""The packet index of an MP4 from its sample tables, without a pass over the file, if libav agrees with
them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream as AvAudioStream
from av.container import InputContainer
from av.video.stream import VideoStream as AvVideoStream

from app.core.recording.demux import AvStream, Demuxed, index_columns, packets
from app.core.recording.mp4_tables import SampleTable, sample_tables
from app.core.recording.packet_rows import PacketColumns, PacketRows

logger = logging.getLogger(__name__)

_HEAD = 300
"""Packets of all streams that are read at the start, encoder delay included."""

_LONGEST_HEAD = 5000
"""The limit where one stream begins late."""

_PIECE = 40
"""Packets of each stream that are read at each sampled position, and before the end."""

_LONGEST_TAIL = 500
_PLACES = (0.2, 0.4, 0.6, 0.8)
_MOST_LEFT_OUT = 60
"""The most packets at the end that an edit list may exclude."""

_KEY, _NOT_SHOWN, _CORRUPT = 1, 2, 4
"""Bits of the flags in `PacketColumns`."""

_COLUMNS = ("pts", "dts", "pos", "size", "length", "flags")


class _TableMismatchError(Exception):
    """libav reads packets that differ from the tables."""


def demux_by_tables(
    container: InputContainer,
    path: Path,
    pictures: tuple[AvVideoStream, ...],
    sound: tuple[AvAudioStream, ...],
    *,
    picture: int | None = None,
) -> Demuxed | None:
    """The result of `demux` from the sample tables; None where they are missing or unreliable.

    `container` is newly opened; afterwards its position is undefined. The tables are used when the packets
    that libav reads at the start, at the end and at positions between agree with them, at times that differ
    by a constant shift (the edit list). The start and the end are taken from libav.
    """
    tables = sample_tables(path)
    streams: tuple[AvStream, ...] = (*pictures, *sound)
    if tables is None or any(stream.id not in tables for stream in streams):
        return None
    try:
        heads = _heads(container, streams)
        columns = [_believed(container, stream, tables[stream.id], heads[stream.index]) for stream in streams]
    except _TableMismatchError as reason:
        logger.info("The sample tables are not used: %s", reason)
        return None
    except (av.FFmpegError, OSError):
        return None
    numbered = {one.stream.index: one for one in _with_places(columns)}
    return index_columns(numbered, pictures, sound, container.format.name, 0, picture=picture)


def _heads(container: InputContainer, streams: tuple[AvStream, ...]) -> dict[int, PacketColumns]:
    """The first packets of every stream."""
    heads = {stream.index: PacketRows(stream) for stream in streams}
    for count, packet in enumerate(packets(container, streams)):
        if packet is None:
            raise _TableMismatchError("reading fails at the beginning")
        heads[packet.stream_index].add(packet, 0)
        if count >= _HEAD and all(map(len, heads.values())):
            break
        if count >= _LONGEST_HEAD:
            raise _TableMismatchError("a stream begins late")
    return {number: head.columns() for number, head in heads.items()}


@dataclass(slots=True, eq=False)
class _PacketSample:
    """Packets read by libav, from row `first` of a table on."""

    first: int
    columns: dict[str, npt.NDArray[np.int64]]

    @staticmethod
    def of(rows: PacketColumns, table: SampleTable) -> _PacketSample:
        columns = {name: getattr(rows, name) for name in _COLUMNS}
        if len(columns["pos"]) == 0:
            raise _TableMismatchError("nothing is read at a place")
        found = np.flatnonzero(table.pos == columns["pos"][0])
        if len(found) != 1 or found[0] + len(columns["pos"]) > len(table):
            raise _TableMismatchError("a packet lies where no sample does")
        return _PacketSample(int(found[0]), columns)

    @property
    def stop(self) -> int:
        return self.first + len(self.columns["pos"])

    def shifts(self, table: SampleTable) -> tuple[int, int]:
        """By how much its presentation and decoding times differ from the table's. Raises
        _TableMismatchError."""
        inside, columns = slice(self.first, self.stop), self.columns
        same = (
            np.array_equal(table.pos[inside], columns["pos"])
            and np.array_equal(table.size[inside], columns["size"])
            and np.array_equal(table.key[inside], columns["flags"] & _KEY != 0)
            and not (columns["flags"] & _CORRUPT).any()
        )
        pts, dts = columns["pts"] - table.pts[inside], columns["dts"] - table.dts[inside]
        if not same or np.ptp(pts) or np.ptp(dts):
            raise _TableMismatchError("packets differ from the samples")
        return int(pts[0]), int(dts[0])


def _believed(
    container: InputContainer, stream: AvStream, table: SampleTable, head: PacketColumns
) -> PacketColumns:
    """The columns of one stream by its table, with start and end as read by libav."""
    base = stream.time_base
    if base is None or base.numerator != 1 or base.denominator != table.scale:
        raise _TableMismatchError("another time base")
    begin = _PacketSample.of(head, table)
    shift = begin.shifts(table)
    for share in _PLACES:
        row = int(share * len(table))
        piece = _piece(container, stream, table, int(table.dts[row]) + shift[1], most=_PIECE)
        if piece.shifts(table) != shift or (piece.columns["flags"] & _NOT_SHOWN).any():
            raise _TableMismatchError("an edit inside")
        if not np.array_equal(piece.columns["length"], table.length[piece.first : piece.stop]):
            raise _TableMismatchError("other lengths")
    last = int(table.dts[max(len(table) - _PIECE, 0)]) + shift[1]
    end = _piece(container, stream, table, last, most=_LONGEST_TAIL)
    if end.shifts(table) != shift or len(table) - end.stop > _MOST_LEFT_OUT:
        raise _TableMismatchError("another end")
    if not _within(table, shift[0], begin, end):
        raise _TableMismatchError("times outside of what is shown")
    pts, dts, pos, size, length, flags = _columns(table, shift, begin, end)
    return PacketColumns(stream, pts, dts, pos, size, length, flags, np.zeros_like(pts), head.skipped)


def _within(table: SampleTable, shift: int, begin: _PacketSample, end: _PacketSample) -> bool:
    """Whether packets that were not read are displayed between the first and the last displayed one of those
    read, because libav omits packets after the end of an edit list wherever they are."""
    between = table.pts[begin.stop : end.first] + shift
    shown = np.concatenate(
        [piece.columns["pts"][piece.columns["flags"] & _NOT_SHOWN == 0] for piece in (begin, end)]
    )
    if len(between) == 0:
        return True
    return len(shown) > 0 and bool(shown.min() <= between.min() and between.max() <= shown.max())


def _piece(
    container: InputContainer, stream: AvStream, table: SampleTable, ticks: int, *, most: int
) -> _PacketSample:
    """At most `most` packets from the decoding time `ticks` on."""
    container.seek(ticks, stream=stream, any_frame=True)
    rows = PacketRows(stream)
    for packet in islice(packets(container, (stream,)), most):
        if packet is None:
            raise _TableMismatchError("reading fails at a place")
        rows.add(packet, 0)
    return _PacketSample.of(rows.columns(), table)


def _columns(
    table: SampleTable, shift: tuple[int, int], begin: _PacketSample, end: _PacketSample
) -> list[npt.NDArray[np.int64]]:
    """`_COLUMNS`: the table's, replaced by those of libav where it read packets."""
    columns = {
        "pts": table.pts + shift[0],
        "dts": table.dts + shift[1],
        "pos": table.pos.copy(),
        "size": table.size.copy(),
        "length": table.length.copy(),
        "flags": table.key * _KEY,
    }
    for piece in (end, begin):
        for name, column in columns.items():
            column[piece.first : piece.stop] = piece.columns[name]
    return [columns[name][begin.first : end.stop] for name in _COLUMNS]


def _with_places(streams: Sequence[PacketColumns]) -> Iterator[PacketColumns]:
    """The streams with the number of every packet in decoding order.

    Their order in the file may differ, even within a stream, and would cause apparent breaks of the clock.
    """
    decode = [one.dts * float(one.stream.time_base or 1) for one in streams]
    order = np.argsort(np.concatenate(decode), kind="stable")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    ends = np.cumsum([len(one) for one in streams])
    for one, place in zip(streams, np.split(places, ends[:-1]), strict=True):
        yield replace(one, place=place)
