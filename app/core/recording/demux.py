"""One pass over a file: every packet of the picture and of the sound, without decoding."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Generator
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream as AvAudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream as AvVideoStream

from app.core.jobs import CancelToken, Estimate, Progress, Report
from app.core.recording.clock import continuous
from app.core.recording.index import NONE, StreamIndex

AvStream = AvVideoStream | AvAudioStream

_ERRORS_ALLOWED = 200
"""Reading errors in a row after which the rest of a file is given up."""

_SEQUENTIAL = ("mpegts", "mpeg")
_WRAP = 2**33 / 90_000
_ROUNDING = 0.02
_LONGEST_GAP = 10.0
"""Seconds: a longer gap in a transport or program stream is a break of its clock, not lost time."""


@dataclass(slots=True)
class Rows:
    """The columns of one stream while they grow, a row for each packet in the order of the file.

    `flags` are 1 for keyframes, 2 for packets that are decoded and not shown, 4 for damaged ones; `place` is
    the packet's place among those of all streams; `skipped` samples to leave out at the beginning of rows.
    """

    stream: Stream
    pts: array[int] = field(default_factory=lambda: array("q"))
    dts: array[int] = field(default_factory=lambda: array("q"))
    pos: array[int] = field(default_factory=lambda: array("q"))
    size: array[int] = field(default_factory=lambda: array("q"))
    length: array[int] = field(default_factory=lambda: array("q"))
    flags: array[int] = field(default_factory=lambda: array("b"))
    place: array[int] = field(default_factory=lambda: array("q"))
    skipped: dict[int, int] = field(default_factory=dict)

    def add(self, packet: Packet[Stream], place: int) -> None:
        if packet.has_sidedata("skip_samples"):
            (start,) = struct.unpack("<I", bytes(packet.get_sidedata("skip_samples"))[:4])
            self.skipped[len(self.pts)] = start
        self.pts.append(NONE if packet.pts is None else packet.pts)
        self.dts.append(NONE if packet.dts is None else packet.dts)
        self.pos.append(NONE if packet.pos is None else packet.pos)
        self.size.append(packet.size)
        self.length.append(packet.duration or 0)
        self.flags.append(packet.is_keyframe | packet.is_discard << 1 | packet.is_corrupt << 2)
        self.place.append(place)


@dataclass(frozen=True, slots=True, eq=False)
class Demuxed:
    """What the pass found: `corrupt` counts packets that the container marks as damaged, `errors` the reading
    errors that were passed over; `tracks` are those of the sound that hold something. Times are not yet moved
    to 0."""

    video: StreamIndex | None
    tracks: tuple[StreamIndex, ...]
    jumps: npt.NDArray[np.float64]
    corrupt: int
    errors: int


def packets(
    container: InputContainer, streams: tuple[Stream, ...]
) -> Generator[Packet[Stream] | None, None, None]:
    """All packets of `streams`; None stands for a reading error that was passed over."""
    errors = 0
    while errors < _ERRORS_ALLOWED:
        try:
            for packet in container.demux(*streams):
                errors = 0
                if packet.size:
                    yield packet
            return
        except (av.FFmpegError, OSError):
            errors += 1
            yield None


def demux(
    container: InputContainer,
    video: AvVideoStream | None,
    sound: tuple[AvAudioStream, ...],
    report: Report,
    cancel: CancelToken | None,
) -> Demuxed:
    """Read all packets once and map their times to one clock."""
    rows = {stream.index: Rows(stream) for stream in (video, *sound) if stream is not None}
    estimate, size, errors, place = Estimate(), max(container.size, 1), 0, 0
    for packet in packets(container, tuple(row.stream for row in rows.values())):
        if packet is None:
            errors += 1
            continue
        rows[packet.stream_index].add(packet, place)
        place += 1
        if place % 2000 == 0:
            if cancel is not None:
                cancel.check()
            done = min((packet.pos or 0) / size, 1.0)
            report(Progress("Reading the recording", done, estimate.remaining(done)))
    return indexed(rows, video, sound, container.format.name, errors)


def indexed(
    rows: dict[int, Rows],
    video: AvVideoStream | None,
    sound: tuple[AvAudioStream, ...],
    container: str,
    errors: int,
) -> Demuxed:
    """The rows of all streams, by the stream's number, with their times on one clock; `container` is the name
    of the format."""
    corrupt = sum(sum(1 for flag in row.flags if flag & 4) for row in rows.values())
    tables = [_Table.of(row) for row in rows.values() if len(row.pts)]
    jumps = _map_clock(tables, container)
    done_tables = {table.stream.index: table.index() for table in tables}
    return Demuxed(
        done_tables.get(video.index) if video is not None else None,
        tuple(done_tables[track.index] for track in sound if track.index in done_tables),
        jumps,
        corrupt,
        errors,
    )


@dataclass(slots=True, eq=False)
class _Table:
    """The columns of one stream as arrays, in seconds where they are times."""

    stream: Stream
    pts: npt.NDArray[np.int64]
    dts: npt.NDArray[np.int64]
    pos: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]
    flags: npt.NDArray[np.int8]
    place: npt.NDArray[np.int64]
    show: npt.NDArray[np.float64]
    decode: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.float64]

    @staticmethod
    def of(rows: Rows) -> _Table:
        pts, dts = np.array(rows.pts, np.int64), np.array(rows.dts, np.int64)
        base = float(_base(rows.stream))
        length = np.array(rows.length, np.int64)
        usual = int(np.median(length[length > 0])) if (length > 0).any() else _usual_step(pts)
        length[length <= 0] = usual
        show = _filled(np.where(pts != NONE, pts, dts), usual) * base
        decode = _filled(dts if (dts != NONE).any() else pts, usual) * base
        if isinstance(rows.stream, AvAudioStream):
            for row, samples in rows.skipped.items():
                if not rows.flags[row] & 2:
                    show[row] += samples / max(rows.stream.codec_context.sample_rate, 1)
        return _Table(
            rows.stream,
            pts,
            dts,
            np.array(rows.pos, np.int64),
            np.array(rows.size, np.int64),
            np.array(rows.flags, np.int8),
            np.array(rows.place, np.int64),
            show,
            decode,
            length * base,
        )

    def index(self) -> StreamIndex:
        return StreamIndex(
            stream=self.stream.index,
            time_base=_base(self.stream),
            pts=self.pts,
            dts=self.dts,
            pos=self.pos,
            size=self.size,
            key=(self.flags & 1).astype(np.bool_),
            shown=(self.flags & 2) == 0,
            times=self.show,
            lengths=self.lengths,
        )


def _base(stream: Stream) -> Fraction:
    base = stream.time_base
    return Fraction(1) if base is None else Fraction(base.numerator, base.denominator)


def _usual_step(ticks: npt.NDArray[np.int64]) -> int:
    steps = np.diff(np.unique(ticks[ticks != NONE]))
    return int(np.median(steps)) if len(steps) else 0


def _filled(ticks: npt.NDArray[np.int64], step: int) -> npt.NDArray[np.float64]:
    """`ticks` with unknown ones continued from their neighbours, `step` apart."""
    known = np.flatnonzero(ticks != NONE)
    rows = np.arange(len(ticks))
    if len(known) == 0:
        return rows.astype(np.float64) * max(step, 1)
    at = np.clip(np.searchsorted(known, rows, side="right") - 1, 0, len(known) - 1)
    return np.asarray(ticks[known[at]] + (rows - known[at]) * step, np.float64)


def _map_clock(tables: list[_Table], container: str) -> npt.NDArray[np.float64]:
    """Put the times of all tables on one running clock; gives its jumps."""
    if not tables:
        return np.zeros(0)
    places = np.concatenate([table.place for table in tables])
    order = np.argsort(places, kind="stable")
    sequential = container in _SEQUENTIAL
    mapping = continuous(
        np.concatenate([np.full(len(t.place), t.stream.index, np.int64) for t in tables])[order],
        np.concatenate([t.decode for t in tables])[order],
        np.concatenate([t.show for t in tables])[order],
        np.concatenate([t.lengths for t in tables])[order],
        forward=_LONGEST_GAP if sequential else np.inf,
        backward=_ROUNDING if sequential else 1.0,
        wrap=_WRAP if sequential else None,
    )
    offsets = np.empty(len(places))
    offsets[order] = mapping.offsets
    for table, offset in zip(
        tables, np.split(offsets, np.cumsum([len(t.place) for t in tables])[:-1]), strict=True
    ):
        table.show = table.show + offset
    return mapping.jumps
