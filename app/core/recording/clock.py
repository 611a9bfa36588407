"""The recording's clock: the file's time stamps, which wrap and jump, as one time that only runs forward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

JOIN = 5.0
"""Seconds by which two streams of one part may be interleaved apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """`offsets` (packets,) seconds to add to each packet's own time; `jumps` seconds of the mapped clock
    where a new part begins (wraps of the counter are no jumps)."""

    offsets: npt.NDArray[np.float64]
    jumps: npt.NDArray[np.float64]


@dataclass(slots=True)
class _Part:
    wrapped: bool
    latest: float


def parts_of(
    streams: npt.NDArray[np.int64],
    decode: npt.NDArray[np.float64],
    *,
    forward: float,
    backward: float,
    wrap: float | None,
) -> tuple[npt.NDArray[np.int64], list[bool]]:
    """Divide packets into parts whose decoding times run on without a break.

    `streams` and `decode` (packets,) are the stream and decoding time in seconds of each packet in the
    order of the file. A stream that goes back by more than `backward` or forward by more than `forward`
    seconds begins a part, or joins the part that another stream has just begun. Gives the part of each packet
    and for each part whether it is only the wrap of a counter of `wrap` seconds.
    """
    part_of = np.zeros(len(decode), np.int64)
    if _unbroken(streams, decode, forward, backward):
        return part_of, [False]
    parts = [_Part(False, float(decode[0]))]
    current: dict[int, int] = {}
    last: dict[int, float] = {}
    for row, (stream, time) in enumerate(zip(streams.tolist(), decode.tolist(), strict=True)):
        part = current.get(stream)
        if part is None or not -backward <= time - last[stream] <= forward:
            newest = parts[-1]
            joins = part is None or part < len(parts) - 1
            if joins and abs(time - newest.latest) <= max(JOIN, forward if part is None else 0.0):
                part = len(parts) - 1
            else:
                before = last.get(stream, newest.latest)
                wrapped = wrap is not None and -backward <= time + wrap - before <= forward
                parts.append(_Part(wrapped, time))
                part = len(parts) - 1
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


def continuous(
    streams: npt.NDArray[np.int64],
    decode: npt.NDArray[np.float64],
    show: npt.NDArray[np.float64],
    lengths: npt.NDArray[np.float64],
    *,
    forward: float,
    backward: float,
    wrap: float | None,
) -> Mapping:
    """Map every packet to one clock on which each part follows the one before without a gap.

    `show` and `lengths` (packets,) are presentation times and durations in seconds; see `parts_of` for the
    rest. Within a part all streams get the same offset, so sound and picture stay together.
    """
    if len(decode) == 0:
        return Mapping(np.zeros(0), np.zeros(0))
    part_of, wrapped = parts_of(streams, decode, forward=forward, backward=backward, wrap=wrap)
    offsets = np.zeros(len(wrapped))
    jumps: list[float] = []
    end = -np.inf
    for part, is_wrap in enumerate(wrapped):
        inside = part_of == part
        first, last = float(show[inside].min()), float((show + lengths)[inside].max())
        if part > 0 and is_wrap and wrap is not None:
            offsets[part] = offsets[part - 1] + wrap
        elif part > 0:
            offsets[part] = end - first
            jumps.append(end)
        end = max(end, last + float(offsets[part]))
    return Mapping(offsets[part_of], np.array(jumps))
