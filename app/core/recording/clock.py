"""The recording's clock: the file's time stamps, which wrap and jump, as one time that only runs forward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

JOIN = 5.0
"""Seconds by which two streams of one part may be interleaved apart."""


_SEAM = 0.25
"""Seconds by which the sound of one part may reach into the next, or stop before it, where the picture runs
on: encoders put silence before the beginning and fill the last packet."""

_STRAY = 3
"""Packets of a stream in a row whose times may be far off before it counts as a break."""


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


@dataclass(slots=True)
class _Left:
    """Where a stream was before its time went far off: in `part`, at `time`, `packets` ago."""

    part: int
    time: float
    packets: int = 0

    def goes_on(self, time: float, backward: float) -> bool:
        """Whether `time` is where the stream would be if the far times had not been."""
        return self.packets <= _STRAY and -backward <= time - self.time <= JOIN


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
    seconds begins a part, or joins the part that another stream has just begun. One that comes back at once
    to where it was goes on in its part: only what lay between was far off. Gives the part of each packet and
    for each part whether it is only the wrap of a counter of `wrap` seconds.
    """
    part_of = np.zeros(len(decode), np.int64)
    if _unbroken(streams, decode, forward, backward):
        return part_of, [False]
    parts = [_Part(False, float(decode[0]))]
    newest = 0
    current: dict[int, int] = {}
    last: dict[int, float] = {}
    left: dict[int, _Left] = {}
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
                left[stream] = _Left(part, last[stream])
            joins = part is None or part != newest
            if joins and abs(time - parts[newest].latest) <= max(JOIN, forward if part is None else 0.0):
                part = newest
            else:
                before = last.get(stream, parts[newest].latest)
                wrapped = wrap is not None and -backward <= time + wrap - before <= forward
                parts.append(_Part(wrapped, time))
                part = newest = len(parts) - 1
        elif far:
            left[stream] = _Left(part, last[stream])
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
    leading: int = -1,
) -> Mapping:
    """Map every packet to one clock on which each part follows the one before without a gap.

    `show` and `lengths` (packets,) are presentation times and durations in seconds; `leading` is the
    picture's stream, which runs on from part to part where the sound nearly does; see `parts_of` for the
    rest. Within a part all streams get the same offset, so sound and picture stay together.
    """
    if len(decode) == 0:
        return Mapping(np.zeros(0), np.zeros(0))
    part_of, wrapped = parts_of(streams, decode, forward=forward, backward=backward, wrap=wrap)
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
    return Mapping(offsets[part_of], np.array(jumps))
