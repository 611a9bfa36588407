"""Decoding of the start of the picture: the packets that produce frames, and the form of the picture."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.sidedata.sidedata import Type
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream as AvVideoStream

from app.core.jobs import CancelToken, Progress, Report, TimeEstimate
from app.core.recording.display_matrix import UPRIGHT, DisplayOrientation, orientation_from_matrix
from app.core.recording.packet_walk import PacketWalk

logger = logging.getLogger(__name__)


MOST_PIXELS = 8192 * 8192
"""The largest picture in pixels; larger ones are refused before memory is allocated."""


@dataclass(frozen=True, slots=True)
class PictureForm:
    """The form of the decoded picture: stored size in pixels, pixel aspect ratio, orientation for display,
    and whether it is interlaced."""

    width: int
    height: int
    aspect: float
    orientation: DisplayOrientation
    interlaced: bool = False


@dataclass(frozen=True, slots=True)
class DecodingTrial:
    """The result of trial decoding: `rows` of the packets that produced frames, in display order; number of
    packets `tried`; form of the picture."""

    rows: tuple[int, ...]
    tried: int
    form: PictureForm | None


def prepare_decoder(stream: AvVideoStream) -> None:
    """Configure the decoder to keep the packet's row with each frame and to use all cores."""
    context = stream.codec_context
    if context.is_open:
        return
    context.copy_opaque = True
    context.options = {"max_pixels": str(MOST_PIXELS)}
    context.thread_type = "AUTO"
    context.thread_count = 0


def decode_packet(stream: AvVideoStream, packet: Packet[Stream] | None) -> list[VideoFrame]:
    """The decoded frames; none when the packet is damaged. A packet of None flushes the decoder."""
    try:
        return [frame for frame in stream.codec_context.decode(packet) if isinstance(frame, VideoFrame)]
    except (av.FFmpegError, ValueError) as error:
        logger.debug("A packet could not be decoded: %s", type(error).__name__)
        return []


class _PacketMark:
    """The row of a packet as an object. PyAV identifies such objects by identity in one table for the whole
    process, so equal rows of two readers must be distinct objects, unlike small integers."""

    __slots__ = ("row",)

    def __init__(self, row: int) -> None:
        self.row = row


def mark_packet(packet: Packet[Stream], row: int) -> None:
    """Attach the row to a packet, from which decoded frames inherit it."""
    packet.opaque = _PacketMark(row)


def row_of(frame: VideoFrame | AudioFrame) -> int | None:
    """The row of the packet that produced this frame; None without one."""
    found = frame.opaque
    return found.row if isinstance(found, _PacketMark) else None


def try_decoding(
    walk: PacketWalk, limit: int, report: Report | None = None, cancel: CancelToken | None = None
) -> DecodingTrial:
    """The result of decoding the first `limit` packets of the picture."""
    stream = walk.go_to(0)
    if not isinstance(stream, AvVideoStream):
        raise TypeError("not a picture")
    prepare_decoder(stream)
    rows: list[int] = []
    form: PictureForm | None = None
    tried, estimate = 0, TimeEstimate()
    for row, packet in walk:
        mark_packet(packet, row)
        frames = decode_packet(stream, packet)
        form = form or next((form_of(frame, stream) for frame in frames), None)
        rows += [row for row in map(row_of, frames) if row is not None]
        tried += 1
        if tried >= limit:
            break
        if report is not None and tried % 100 == 0:
            if cancel is not None:
                cancel.check()
            report(Progress("Ordering the frames", tried / limit, estimate.remaining(tried / limit)))
    frames = decode_packet(stream, None)
    form = form or next((form_of(frame, stream) for frame in frames), None)
    rows += [row for row in map(row_of, frames) if row is not None]
    return DecodingTrial(tuple(rows), tried, form)


def orientation_of(frame: VideoFrame) -> DisplayOrientation:
    """The orientation in the side data of a decoded frame."""
    beside: Any = frame.side_data  # the stubs type its keys as str
    found = beside.get(Type.DISPLAYMATRIX)
    return UPRIGHT if found is None else orientation_from_matrix(bytes(found))


def form_of(frame: VideoFrame, stream: AvVideoStream) -> PictureForm:
    """The form of the picture, by one of its frames."""
    ratio = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    aspect = float(ratio) if ratio else 1.0
    aspect = aspect if 0.1 < aspect < 10 else 1.0
    return PictureForm(frame.width, frame.height, aspect, orientation_of(frame), bool(frame.interlaced_frame))
