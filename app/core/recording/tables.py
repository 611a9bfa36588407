"""The packet index of an MP4 from its sample tables, where libav agrees with them: no pass over the file."""

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

from app.core.recording.demux import AvStream, Demuxed, indexed, packets
from app.core.recording.mp4 import SampleTable, sample_tables
from app.core.recording.packet_rows import Columns, Rows

logger = logging.getLogger(__name__)

_HEAD = 300
"""Packets of all streams that are read at the beginning, with what encoders put before it."""

_LONGEST_HEAD = 5000
"""Where one stream begins late."""

_PIECE = 40
"""Packets of each stream that are read at each other place, and how far before the end the last begins."""

_LONGEST_TAIL = 500
_PLACES = (0.2, 0.4, 0.6, 0.8)
_MOST_LEFT_OUT = 60
"""Packets at the end that an edit list may leave out."""

_KEY, _NOT_SHOWN, _CORRUPT = 1, 2, 4
"""Bits of the flags in `Columns`."""

_COLUMNS = ("pts", "dts", "pos", "size", "length", "flags")


class _Disagreement(Exception):  # noqa: N818 - a finding, not an error
    """libav reads something else than the tables say."""


def demux_by_tables(
    container: InputContainer,
    path: Path,
    pictures: tuple[AvVideoStream, ...],
    sound: tuple[AvAudioStream, ...],
    *,
    picture: int | None = None,
) -> Demuxed | None:
    """What `demux` finds, from the sample tables; None where they are missing or are not to be relied on.

    `container` has `path` open and nothing has been read from it; afterwards it stands anywhere. The tables
    are believed when the packets that libav reads at the beginning, at the end and at places between are
    those that they tell, at times that differ by one shift (the edit list). The beginning and the end are
    then taken as libav reads them.
    """
    tables = sample_tables(path)
    streams: tuple[AvStream, ...] = (*pictures, *sound)
    if tables is None or any(stream.id not in tables for stream in streams):
        return None
    try:
        heads = _heads(container, streams)
        columns = [_believed(container, stream, tables[stream.id], heads[stream.index]) for stream in streams]
    except _Disagreement as reason:
        logger.info("The sample tables are not used: %s", reason)
        return None
    except (av.FFmpegError, OSError):
        return None
    numbered = {one.stream.index: one for one in _with_places(columns)}
    return indexed(numbered, pictures, sound, container.format.name, 0, picture=picture)


def _heads(container: InputContainer, streams: tuple[AvStream, ...]) -> dict[int, Columns]:
    """The first packets of every stream, as they are read from the beginning."""
    heads = {stream.index: Rows(stream) for stream in streams}
    for count, packet in enumerate(packets(container, streams)):
        if packet is None:
            raise _Disagreement("reading fails at the beginning")
        heads[packet.stream_index].add(packet, 0)
        if count >= _HEAD and all(map(len, heads.values())):
            break
        if count >= _LONGEST_HEAD:
            raise _Disagreement("a stream begins late")
    return {number: head.columns() for number, head in heads.items()}


@dataclass(slots=True, eq=False)
class _Piece:
    """Packets as libav reads them, from row `first` of a table on."""

    first: int
    columns: dict[str, npt.NDArray[np.int64]]

    @staticmethod
    def of(rows: Columns, table: SampleTable) -> _Piece:
        columns = {name: getattr(rows, name) for name in _COLUMNS}
        if len(columns["pos"]) == 0:
            raise _Disagreement("nothing is read at a place")
        found = np.flatnonzero(table.pos == columns["pos"][0])
        if len(found) != 1 or found[0] + len(columns["pos"]) > len(table):
            raise _Disagreement("a packet lies where no sample does")
        return _Piece(int(found[0]), columns)

    @property
    def stop(self) -> int:
        return self.first + len(self.columns["pos"])

    def shifts(self, table: SampleTable) -> tuple[int, int]:
        """By how much its presentation and decoding times differ from the table's. Raises _Disagreement."""
        inside, columns = slice(self.first, self.stop), self.columns
        same = (
            np.array_equal(table.pos[inside], columns["pos"])
            and np.array_equal(table.size[inside], columns["size"])
            and np.array_equal(table.key[inside], columns["flags"] & _KEY != 0)
            and not (columns["flags"] & _CORRUPT).any()
        )
        pts, dts = columns["pts"] - table.pts[inside], columns["dts"] - table.dts[inside]
        if not same or np.ptp(pts) or np.ptp(dts):
            raise _Disagreement("packets differ from the samples")
        return int(pts[0]), int(dts[0])


def _believed(container: InputContainer, stream: AvStream, table: SampleTable, head: Columns) -> Columns:
    """The rows of one stream by its table, with the beginning and the end as they are read."""
    base = stream.time_base
    if base is None or base.numerator != 1 or base.denominator != table.scale:
        raise _Disagreement("another time base")
    begin = _Piece.of(head, table)
    shift = begin.shifts(table)
    for share in _PLACES:
        row = int(share * len(table))
        piece = _piece(container, stream, table, int(table.dts[row]) + shift[1], most=_PIECE)
        if piece.shifts(table) != shift or (piece.columns["flags"] & _NOT_SHOWN).any():
            raise _Disagreement("an edit inside")
        if not np.array_equal(piece.columns["length"], table.length[piece.first : piece.stop]):
            raise _Disagreement("other lengths")
    last = int(table.dts[max(len(table) - _PIECE, 0)]) + shift[1]
    end = _piece(container, stream, table, last, most=_LONGEST_TAIL)
    if end.shifts(table) != shift or len(table) - end.stop > _MOST_LEFT_OUT:
        raise _Disagreement("another end")
    if not _within(table, shift[0], begin, end):
        raise _Disagreement("times outside of what is shown")
    pts, dts, pos, size, length, flags = _columns(table, shift, begin, end)
    return Columns(stream, pts, dts, pos, size, length, flags, np.zeros_like(pts), head.skipped)


def _within(table: SampleTable, shift: int, begin: _Piece, end: _Piece) -> bool:
    """Whether what was not read is shown between the first and the last that is shown of what was read: libav
    leaves out what an edit list ends before, wherever it lies."""
    between = table.pts[begin.stop : end.first] + shift
    shown = np.concatenate(
        [piece.columns["pts"][piece.columns["flags"] & _NOT_SHOWN == 0] for piece in (begin, end)]
    )
    if len(between) == 0:
        return True
    return len(shown) > 0 and bool(shown.min() <= between.min() and between.max() <= shown.max())


def _piece(
    container: InputContainer, stream: AvStream, table: SampleTable, ticks: int, *, most: int
) -> _Piece:
    """Up to `most` packets from the decoding time `ticks` on."""
    container.seek(ticks, stream=stream, any_frame=True)
    rows = Rows(stream)
    for packet in islice(packets(container, (stream,)), most):
        if packet is None:
            raise _Disagreement("reading fails at a place")
        rows.add(packet, 0)
    return _Piece.of(rows.columns(), table)


def _columns(
    table: SampleTable, shift: tuple[int, int], begin: _Piece, end: _Piece
) -> list[npt.NDArray[np.int64]]:
    """`_COLUMNS`: the table's, and over them what was read."""
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


def _with_places(streams: Sequence[Columns]) -> Iterator[Columns]:
    """The streams with the place of every packet in the order in which packets are decoded.

    Their order in the file may be another one, in a stream by itself too: what lies where tells nothing of
    when, and going by it would make breaks of the clock.
    """
    decode = [one.dts * float(one.stream.time_base or 1) for one in streams]
    order = np.argsort(np.concatenate(decode), kind="stable")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    ends = np.cumsum([len(one) for one in streams])
    for one, place in zip(streams, np.split(places, ends[:-1]), strict=True):
        yield replace(one, place=place)
