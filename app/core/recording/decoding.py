"""Decoding the beginning of the picture: which packets bring frames, and how they look."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import av
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream as AvVideoStream

from app.core.jobs import CancelToken, Progress, Report, TimeEstimate
from app.core.recording.display_matrix import Placing, placing_of
from app.core.recording.walk import PacketWalk

logger = logging.getLogger(__name__)


MOST_PIXELS = 8192 * 8192
"""Of a picture: a larger one is refused before there is memory for it."""


@dataclass(frozen=True, slots=True)
class Look:
    """The form of the picture as the decoder gives it: stored size in pixels, pixel aspect, how it is to be
    placed for display, and whether its lines are those of two moments (fields)."""

    width: int
    height: int
    aspect: float
    placing: Placing
    interlaced: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """`rows` of the packets that brought frames, in the order shown; `tried` how many packets went in."""

    rows: tuple[int, ...]
    tried: int
    look: Look | None


def prepare_decoder(stream: AvVideoStream) -> None:
    """Let frames carry the row of their packet, and use all cores."""
    context = stream.codec_context
    if context.is_open:
        return
    context.copy_opaque = True
    context.options = {"max_pixels": str(MOST_PIXELS)}
    context.thread_type = "AUTO"
    context.thread_count = 0


def decode_packet(stream: AvVideoStream, packet: Packet[Stream] | None) -> list[VideoFrame]:
    """The frames that come out; none when the packet is damaged. `None` empties the decoder."""
    try:
        return [frame for frame in stream.codec_context.decode(packet) if isinstance(frame, VideoFrame)]
    except (av.FFmpegError, ValueError) as error:
        logger.debug("A packet could not be decoded: %s", type(error).__name__)
        return []


class _Mark:
    """The row of a packet. PyAV knows marks by their identity in one table for the whole process, so equal
    rows of two readers must not be one object, as small integers are."""

    __slots__ = ("row",)

    def __init__(self, row: int) -> None:
        self.row = row


def mark(packet: Packet[Stream], row: int) -> None:
    """Let the frames that a packet brings be known by its row."""
    packet.opaque = _Mark(row)


def row_of(frame: VideoFrame | AudioFrame) -> int | None:
    """The row of the packet that brought this frame."""
    found = frame.opaque
    return found.row if isinstance(found, _Mark) else None


def try_decoding(
    walk: PacketWalk, limit: int, report: Report | None = None, cancel: CancelToken | None = None
) -> Trial:
    """Decode the first `limit` packets of the picture."""
    stream = walk.go_to(0)
    if not isinstance(stream, AvVideoStream):
        raise TypeError("not a picture")
    prepare_decoder(stream)
    rows: list[int] = []
    look: Look | None = None
    tried, estimate = 0, TimeEstimate()
    for row, packet in walk:
        mark(packet, row)
        frames = decode_packet(stream, packet)
        look = look or next((look_of(frame, stream) for frame in frames), None)
        rows += [row for row in map(row_of, frames) if row is not None]
        tried += 1
        if tried >= limit:
            break
        if report is not None and tried % 100 == 0:
            if cancel is not None:
                cancel.check()
            report(Progress("Ordering the frames", tried / limit, estimate.remaining(tried / limit)))
    frames = decode_packet(stream, None)
    look = look or next((look_of(frame, stream) for frame in frames), None)
    rows += [row for row in map(row_of, frames) if row is not None]
    return Trial(tuple(rows), tried, look)


def look_of(frame: VideoFrame, stream: AvVideoStream) -> Look:
    """The form of the picture by one of its frames."""
    ratio = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    aspect = float(ratio) if ratio else 1.0
    aspect = aspect if 0.1 < aspect < 10 else 1.0
    return Look(frame.width, frame.height, aspect, placing_of(frame), bool(frame.interlaced_frame))
