"""The mapping of a file's time stamps, which can wrap and jump, to the recording's monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

JOIN = 5.0
"""The largest difference (s) in time between adjacent packets of two streams of one part."""


_SEAM = 0.25
"""Seconds by which the sound of a part may overlap the next part, or end before it, while the picture is
continuous: encoders put silence before the start and fill the last packet."""

_STRAY = 3
"""The most consecutive packets of a stream with far-off times that do not count as a break."""


@dataclass(frozen=True, slots=True, eq=False)
class ClockMapping:
    """The mapping: `offsets` (packets,) in seconds to add to each packet's time; `jumps` in seconds on the
    mapped clock where a new part begins (wraps of the counter do not count)."""

    offsets: npt.NDArray[np.float64]
    jumps: npt.NDArray[np.float64]


@dataclass(slots=True)
class _ClockPart:
    wrapped: bool
    latest: float


@dataclass(slots=True)
class _LeftStream:
    """The last regular position of a stream before far-off times: in `part`, at `time`, `packets` ago."""

    part: int
    time: float
    packets: int = 0

    def goes_on(self, time: float, backward: float) -> bool:
        """Whether `time` continues the stream as if the far-off times had not occurred."""
        return self.packets <= _STRAY and -backward <= time - self.time <= JOIN


def divide_into_parts(
    streams: npt.NDArray[np.int64],
    decode: npt.NDArray[np.float64],
    *,
    forward: float,
    backward: float,
    wrap: float | None,
) -> tuple[npt.NDArray[np.int64], list[bool]]:
    """The division of packets into parts with continuous decoding times.

    `streams` and `decode` (packets,) are the stream and decoding time in seconds of each packet in the
    order of the file. A stream that goes back by more than `backward` or forward by more than `forward`
    seconds begins a part, or joins the part that another stream has just begun. One that returns at once to
    its previous time continues its part: only the packets between were far off. Returns the part of each
    packet, and for each part whether it begins with the wrap of a counter of `wrap` seconds.
    """
    part_of = np.zeros(len(decode), np.int64)
    if _unbroken(streams, decode, forward, backward):
        return part_of, [False]
    parts = [_ClockPart(False, float(decode[0]))]
    newest = 0
    current: dict[int, int] = {}
    last: dict[int, float] = {}
    left: dict[int, _LeftStream] = {}
    for row, (stream, time) in enumerate(zip(streams.tolist(), decode.tolist(), strict=True)):
        part = current.get(stream)
        away = left.get(stream)
        if away is not None:
            away.packets += 1
        far = part is not None and not -JOIN <= time - last[stream] <= JOIN
        if away is not None and far and away.goes_on(time, backward):
            part = newest = away.part
            del left[stream]
        elif part is None or not -backward <= time - last[stream] <= forward:
            if part is not None:
                left[stream] = _LeftStream(part, last[stream])
            joins = part is None or part != newest
            if joins and abs(time - parts[newest].latest) <= max(JOIN, forward if part is None else 0.0):
                part = newest
            else:
                before = last.get(stream, parts[newest].latest)
                wrapped = wrap is not None and -backward <= time + wrap - before <= forward
                parts.append(_ClockPart(wrapped, time))
                part = newest = len(parts) - 1
        elif far:
            left[stream] = _LeftStream(part, last[stream])
        current[stream], last[stream] = part, time
        parts[part].latest = max(parts[part].latest, time)
        part_of[row] = part
    return part_of, [part.wrapped for part in parts]


def _unbroken(
    streams: npt.NDArray[np.int64], decode: npt.NDArray[np.float64], forward: float, backward: float
) -> bool:
    starts = []
    for stream in np.unique(streams):
        times = decode[streams == stream]
        starts.append(float(times[0]))
        steps = np.diff(times)
        if len(steps) and (steps.min() < -backward or steps.max() > forward):
            return False
    return len(starts) < 2 or max(starts) - min(starts) <= max(forward, JOIN)


def map_to_clock(
    streams: npt.NDArray[np.int64],
    decode: npt.NDArray[np.float64],
    show: npt.NDArray[np.float64],
    lengths: npt.NDArray[np.float64],
    *,
    forward: float,
    backward: float,
    wrap: float | None,
    leading: int = -1,
) -> ClockMapping:
    """The mapping of all packets to one clock on which the parts follow each other without a gap.

    `show` and `lengths` (packets,) are presentation times and durations in seconds; `leading` is the
    picture's stream, which is continuous across parts where the sound nearly is; see `divide_into_parts` for
    the rest. Within a part all streams have the same offset, so sound and picture stay in sync.
    """
    if len(decode) == 0:
        return ClockMapping(np.zeros(0), np.zeros(0))
    part_of, wrapped = divide_into_parts(streams, decode, forward=forward, backward=backward, wrap=wrap)
    offsets = np.zeros(len(wrapped))
    jumps: list[float] = []
    end = picture_end = -np.inf
    for part, is_wrap in enumerate(wrapped):
        inside = part_of == part
        led = inside & (streams == leading)
        first, last = float(show[inside].min()), float((show + lengths)[inside].max())
        if part > 0 and is_wrap and wrap is not None:
            offsets[part] = offsets[part - 1] + wrap
        elif part > 0:
            offsets[part] = end - first
            shift = picture_end - float(show[led].min()) - offsets[part] if led.any() else np.inf
            offsets[part] += shift if abs(shift) <= _SEAM else 0.0
            jumps.append(first + float(offsets[part]))
        end = max(end, last + float(offsets[part]))
        if led.any():
            picture_end = float((show + lengths)[led].max()) + float(offsets[part])
    return ClockMapping(offsets[part_of], np.array(jumps))
