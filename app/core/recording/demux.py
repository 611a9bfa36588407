"""Demultiplexing: one pass over all packets of picture and sound, without decoding."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream as AvAudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream as AvVideoStream

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate
from app.core.recording.clock_mapping import map_to_clock
from app.core.recording.container import Stopwatch
from app.core.recording.index import NONE, Int64Array, StreamIndex
from app.core.recording.packet_durations import can_state
from app.core.recording.packet_rows import PacketColumns, PacketRows
from app.core.recording.readable_bytes import ReadableBytes

AvStream = AvVideoStream | AvAudioStream

_ERRORS_ALLOWED = 200
"""Consecutive reading errors after which the rest of a file is given up."""

WITH_TABLES = "mov,mp4,m4a,3gp,3g2,mj2"
"""The name that libav has for MP4 and QuickTime files."""

_SEQUENTIAL = ("mpegts", "mpeg")
_WRAP = 2**33 / 90_000
_ROUNDING = 0.02
_LONGEST_GAP = 10.0
"""The longest gap (s) in a transport or program stream that counts as lost time, not as a clock break."""

_NO_TIMES_OF_SHOWING = frozenset({"avi"})
"""Containers without presentation times; for H.264 libav states some all the same, one frame late."""

_LONGEST_PACKET = 0.13
"""The longest duration (s) of a packet of sound of unknown length."""

_MOST_OFTEN, _SLACK = 4, 32 << 20
"""The most times that each byte of a file may be read (edit lists repeat parts), and bytes allowed for any
file; a packet counts `_PER_PACKET` bytes more than its size."""

_PER_PACKET = 16

_MANY, _EMPTIEST = 200_000, 3
"""Packets in a row, most of an hour, of which fewer bytes in each on average are no recording: even those of
silence in AAC have four."""

_VERY_MANY, _STILL_EMPTY = 1_000_000, 6
"""The same for all packets so far, which hold a picture too: black in silence takes 12."""

_MANY_PICTURES, _EMPTIEST_PICTURE = 20_000, 6
"""The same for the pictures among `_CHECKED` packets: one that only repeats the last takes 7, and every few
hundred a whole one comes."""

_CHECKED = 50_000
"""Packets between two checks of their content; 50,000 take a third of a second."""

_ALMOST_NOTHING = "The recording is damaged: it holds very many packets with almost nothing in them."

_WATCHED = 256
"""Packets between two readings of the clock, which for each packet would take a tenth of the time."""

_ENOUGH = 0.1
"""The camera is the first picture track with at least this share of the packets of the largest one."""


@dataclass(frozen=True, slots=True, eq=False)
class Demuxed:
    """The result of the pass: `corrupt` counts packets marked as damaged, `errors` the skipped reading
    errors; `tracks` are the non-empty sound tracks; `counts` the packets of each picture track, of which
    number `picture` is `video`. Times are not yet shifted to 0."""

    video: StreamIndex | None
    tracks: tuple[StreamIndex, ...]
    jumps: npt.NDArray[np.float64]
    corrupt: int
    errors: int
    counts: tuple[int, ...] = ()
    picture: int = 0


def camera_track(counts: Sequence[int]) -> int:
    """The number of the camera's picture track, by the packet counts of all: the first that has not far fewer
    than the largest. Raises ValueError without a track."""
    least = max(2.0, _ENOUGH * max(counts))
    return next((number for number, count in enumerate(counts) if count >= least), int(np.argmax(counts)))


def packets(
    container: InputContainer, streams: tuple[Stream, ...], *, watched: int = 1
) -> Generator[Packet[Stream] | None, None, None]:
    """All packets of `streams`; None for a skipped reading error, and for the rest of a file after a too long
    search for the next packet. Raises UserError when the drive does not answer.

    The duration of a search is measured from the last of every `watched` packets on: more than one only where
    packets are taken as fast as they come.
    """
    errors = 0
    while errors < _ERRORS_ALLOWED:
        try:
            watch = Stopwatch()
            for count, packet in enumerate(container.demux(*streams), 1):
                errors = 0
                if packet.size:
                    yield packet
                if count % watched == 0:
                    watch = Stopwatch()
            return
        except av.ExitError as error:
            if not watch.worked:
                raise UserError("The recording cannot be read: its drive does not answer.") from error
            yield None
            return
        except (av.FFmpegError, OSError, IndexError):  # IndexError: noise that looks like a further stream
            errors += 1
            yield None


def demux(
    container: InputContainer,
    pictures: tuple[AvVideoStream, ...],
    sound: tuple[AvAudioStream, ...],
    report: Report,
    cancel: CancelToken | None,
    *,
    picture: int | None = None,
    source: ReadableBytes | None = None,
) -> Demuxed:
    """The packets of one picture track and of the sound, mapped to one clock; `picture` is the number of the
    picture track, by default the camera's; `source` is what the container reads, and learns of each packet.
    Raises UserError, Cancelled."""
    stating = _stating(container.format.name, sound)
    edited = container.format.name == WITH_TABLES
    streams = (*pictures, *sound)
    rows = {one.index: PacketRows(one, stating.get(one.index, ""), edited=edited) for one in streams}
    estimate, size = TimeEstimate(), max(container.size, 1)
    errors = place = given = before = 0
    every = tuple(container.streams) if source is not None else streams
    for packet in packets(container, every, watched=_WATCHED):
        if packet is None:
            errors += 1
            continue
        if source is not None:
            source.fruitless = 0
        row = rows.get(packet.stream_index)
        if row is None:
            continue
        row.add(packet, place)
        place += 1
        given += packet.size + _PER_PACKET
        if place % 2000 == 0:
            if place % _CHECKED == 0:
                _check_pictures([rows[one.index].lately(_CHECKED, place) for one in pictures])
            if place % _MANY == 0:
                _check_content(place, given, given - before)
                before = given
            if given > _MOST_OFTEN * size + _SLACK:
                raise UserError("The recording is damaged: it claims to hold far more than there is in it.")
            if cancel is not None:
                cancel.check()
            done = min((packet.pos or 0) / size, 1.0)
            report(Progress("Reading the recording", done, estimate.remaining(done)))
    columns = {number: row.columns() for number, row in rows.items()}
    return index_columns(columns, pictures, sound, container.format.name, errors, picture=picture)


def _check_content(place: int, given: int, lately: int) -> None:
    """Check that `place` packets hold something: `given` bytes, `lately` those of the last `_MANY`. Raises
    UserError."""
    empty = lately < (_EMPTIEST + _PER_PACKET) * _MANY
    if empty or (place >= _VERY_MANY and given < (_STILL_EMPTY + _PER_PACKET) * place):
        raise UserError(_ALMOST_NOTHING)


def _check_pictures(sizes: Sequence[Int64Array]) -> None:
    """Check that the packets of picture tracks hold something: `sizes` are the bytes of the latest ones of
    each track. Raises UserError."""
    count, given = sum(map(len, sizes)), sum(int(one.sum()) for one in sizes)
    if count >= _MANY_PICTURES and given < _EMPTIEST_PICTURE * count:
        raise UserError(_ALMOST_NOTHING)


def _stating(container: str, sound: tuple[AvAudioStream, ...]) -> dict[int, str]:
    """The codecs by stream number of sound whose packet durations may differ from libav's, which in MPEG
    streams assumes the initial sampling rate."""
    if container not in _SEQUENTIAL:
        return {}
    return {one.index: one.codec_context.name for one in sound if can_state(one.codec_context.name)}


def index_columns(
    columns: dict[int, PacketColumns],
    pictures: tuple[AvVideoStream, ...],
    sound: tuple[AvAudioStream, ...],
    container: str,
    errors: int,
    *,
    picture: int | None = None,
) -> Demuxed:
    """The index of one picture track and of the sound with times on one clock; `columns` are those of all
    streams by stream number, `container` is the name of the format, `picture` as in `demux`."""
    counts = tuple(len(columns[one.index]) for one in pictures)
    number = camera_track(counts) if picture is None else min(picture, len(counts) - 1)
    shown = (pictures[number].index, *(one.index for one in sound))
    corrupt = sum(int(np.count_nonzero(columns[stream].flags & 4)) for stream in shown)
    tables = [_StreamTable.of(columns[stream], container) for stream in shown if len(columns[stream])]
    jumps = _map_clock(tables, container, pictures[number].index)
    done_tables = {table.stream.index: table.index() for table in tables}
    return Demuxed(
        done_tables.get(pictures[number].index),
        tuple(done_tables[track.index] for track in sound if track.index in done_tables),
        jumps,
        corrupt,
        errors,
        counts,
        number,
    )


@dataclass(slots=True, eq=False)
class _StreamTable:
    """The columns of one stream as arrays, with times in seconds."""

    stream: Stream
    pts: npt.NDArray[np.int64]
    dts: npt.NDArray[np.int64]
    pos: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]
    flags: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    show: npt.NDArray[np.float64]
    decode: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.float64]

    @staticmethod
    def of(rows: PacketColumns, container: str) -> _StreamTable:
        pts, dts = rows.pts, rows.dts
        guessed = container in _NO_TIMES_OF_SHOWING and (dts != NONE).any()
        length = rows.length.copy()
        usual = int(np.median(length[length > 0])) if (length > 0).any() else _usual_step(pts)
        base = float(_base(rows.stream))
        if isinstance(rows.stream, AvAudioStream):
            usual = max(min(usual, round(_LONGEST_PACKET / base)), 1)
        length[length <= 0] = usual
        show = _filled(dts if guessed else _times_of_showing(pts, dts, length), usual) * base
        decode = _filled(dts if (dts != NONE).any() else pts, usual) * base
        lengths = length * base
        if rows.stated:
            show, decode = (_restated(times, lengths, rows.stated, base) for times in (show, decode))
            lengths[list(rows.stated)] = list(rows.stated.values())
        if isinstance(rows.stream, AvAudioStream):
            for row, samples in rows.skipped.items():
                if not rows.flags[row] & 2:
                    show[row] += samples / max(rows.stream.codec_context.sample_rate, 1)
        return _StreamTable(
            rows.stream,
            pts,
            dts,
            rows.pos,
            rows.size,
            rows.flags,
            rows.place,
            show,
            decode,
            lengths,
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


def _restated(
    times: npt.NDArray[np.float64],
    lengths: npt.NDArray[np.float64],
    stated: dict[int, float],
    tick: float,
) -> npt.NDArray[np.float64]:
    """Times of packets in seconds, corrected for packets with `stated` durations.

    A transport stream states only the time of the first of several packets, and libav adds up its own
    durations for the others.
    """
    own = np.concatenate([[True], np.abs(np.diff(times) - lengths[:-1]) > 1.5 * tick])
    right = lengths.copy()
    right[list(stated)] = list(stated.values())
    after = np.cumsum(right) - right
    first = np.flatnonzero(own)[np.cumsum(own) - 1]
    return np.asarray(times[first] + after - after[first])


def _times_of_showing(pts: Int64Array, dts: Int64Array, length: Int64Array) -> Int64Array:
    """The presentation times in ticks, where missing by those of decoding: a picture that others refer to is
    shown when the next such picture is decoded (ISO/IEC 13818-1, 2.4.3.7)."""
    found = np.where(pts != NONE, pts, dts)
    missing = np.flatnonzero((pts == NONE) & (dts != NONE))
    if not len(missing):
        return found
    referred = np.flatnonzero((dts != NONE) & (pts != dts))
    after = np.searchsorted(referred, missing, side="right")
    last = np.flatnonzero(dts != NONE)[-1]
    following = np.append(dts[referred], dts[last] + length[last])[after]
    found[missing] = np.where(following > dts[missing], following, dts[missing])
    return found


def _usual_step(ticks: npt.NDArray[np.int64]) -> int:
    steps = np.diff(np.unique(ticks[ticks != NONE]))
    return int(np.median(steps)) if len(steps) else 0


def _filled(ticks: npt.NDArray[np.int64], step: int) -> npt.NDArray[np.float64]:
    """The ticks with unknown values extrapolated from their neighbours in steps of `step`."""
    known = np.flatnonzero(ticks != NONE)
    rows = np.arange(len(ticks))
    if len(known) == 0:
        return rows.astype(np.float64) * max(step, 1)
    at = np.clip(np.searchsorted(known, rows, side="right") - 1, 0, len(known) - 1)
    return np.asarray(ticks[known[at]] + (rows - known[at]) * step, np.float64)


def _map_clock(tables: list[_StreamTable], container: str, leading: int) -> npt.NDArray[np.float64]:
    """Map the times of all tables to one continuous clock, and return its jumps (s). `leading` is the stream
    of the picture."""
    if not tables:
        return np.zeros(0)
    places = np.concatenate([table.place for table in tables])
    order = np.argsort(places, kind="stable")
    sequential = container in _SEQUENTIAL
    mapping = map_to_clock(
        np.concatenate([np.full(len(t.place), t.stream.index, np.int64) for t in tables])[order],
        np.concatenate([t.decode for t in tables])[order],
        np.concatenate([t.show for t in tables])[order],
        np.concatenate([t.lengths for t in tables])[order],
        forward=_LONGEST_GAP if sequential else np.inf,
        backward=_ROUNDING if sequential else 1.0,
        wrap=_WRAP if sequential else None,
        leading=leading,
    )
    offsets = np.empty(len(places))
    offsets[order] = mapping.offsets
    for table, offset in zip(
        tables, np.split(offsets, np.cumsum([len(t.place) for t in tables])[:-1]), strict=True
    ):
        table.show = table.show + offset
    return mapping.jumps
