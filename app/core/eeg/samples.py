"""Samples of an EEG file in physical units at given times, NaN in gaps.

Times are converted to sample numbers exactly (fractions and integers), so that no error accumulates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
import numpy.typing as npt

from app.core.eeg.eeg_file import EegFile
from app.core.eeg.eeg_recording import Signal
from app.core.eeg.timeline import NANOSECONDS, EegTimeline

Values = npt.NDArray[np.float64]
Stored = npt.NDArray[np.int16] | npt.NDArray[np.int32]
_Read = Callable[[Signal, int, int], Stored]

_BLOCK = 1 << 23
"""Bytes of records that are read at once for many signals."""

_SHARE = 4
"""Whole records are read when a quarter of their bytes is needed: cheaper than many small reads."""

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class _SampleRun:
    """A run of `count` output values from index `at` on, which are the samples from number `sample` on,
    counted over all records of the file."""

    at: int
    sample: int
    count: int


def read_values(
    eeg: EegFile, timeline: EegTimeline, signal: Signal, at: float | Fraction, count: int
) -> Values:
    """Values of a signal from `at` seconds on, (count,) float64 in its unit, NaN in gaps.

    Value k is the sample nearest to `at` + k / rate; seconds count from the first sample of the file. Raises
    UserError when the file can no longer be read, ValueError for a signal without a rate.
    """
    pieces = tuple(_pieces(timeline, signal, Fraction(at), count))
    (values,) = _allocate([(count, pieces)])
    for piece in pieces:
        _fill(values, piece, signal, _read_one(eeg))
    return values


def read_page(
    eeg: EegFile, timeline: EegTimeline, signals: Sequence[Signal], at: float | Fraction, seconds: float
) -> tuple[Values, ...]:
    """Values of several signals over one stretch of time: for each (n,) float64 in its unit, NaN in gaps,
    with n = `seconds` × rate rounded, at least 1. Raises as `read_values`."""
    found: dict[int, tuple[int, tuple[_SampleRun, ...]]] = {}  # usually the same for all signals
    for signal in signals:
        if signal.per_record not in found:
            count = max(floor(Fraction(seconds) * _rate(signal) + _HALF), 1)
            found[signal.per_record] = count, tuple(_pieces(timeline, signal, Fraction(at), count))
    pages = _allocate([found[signal.per_record] for signal in signals])
    wanted = [
        (page, piece, signal)
        for page, signal in zip(pages, signals, strict=True)
        for piece in found[signal.per_record][1]
    ]
    if _wants_whole_records(eeg, signals):
        _fill_from_blocks(eeg, wanted)
    else:
        for page, piece, signal in wanted:
            _fill(page, piece, signal, _read_one(eeg))
    return pages


def _allocate(wanted: Sequence[tuple[int, tuple[_SampleRun, ...]]]) -> tuple[Values, ...]:
    """Arrays for the wanted values, NaN where the runs do not fill all of one.

    They share one allocation, which is much faster than many small ones.
    """
    memory, begin, rooms = np.empty(sum(count for count, _ in wanted)), 0, []
    for count, pieces in wanted:
        room = memory[begin : begin + count]
        if not any(piece.count == count for piece in pieces):
            room.fill(np.nan)
        rooms.append(room)
        begin += count
    return tuple(rooms)


def _rate(signal: Signal) -> Fraction:
    if signal.rate is None:
        raise ValueError(f"signal {signal.number} has no rate")
    return signal.rate


def _pieces(timeline: EegTimeline, signal: Signal, at: Fraction, count: int) -> Iterator[_SampleRun]:
    """The runs of samples for the wanted values, by segment; where segments overlap the later one counts."""
    rate = _rate(signal)
    half = NANOSECONDS / (2 * rate)
    start = floor(at * NANOSECONDS)
    end = floor(at * NANOSECONDS + 2 * half * count + half)
    for number in timeline.numbers_between(start, end):
        segment = timeline.segment(number)
        nearest = floor((at - Fraction(segment.start_ns, NANOSECONDS)) * rate + _HALF)
        begin = max(0, -nearest)
        stop = min(count, segment.records * signal.per_record - nearest)
        if stop > begin:
            yield _SampleRun(begin, segment.first * signal.per_record + nearest + begin, stop - begin)


def _fill(values: Values, piece: _SampleRun, signal: Signal, read: _Read) -> None:
    """Read a run and store its physical values in `values`."""
    place = values[piece.at : piece.at + piece.count]
    np.multiply(read(signal, piece.sample, piece.count), signal.gain, out=place)
    place += signal.base


def _read_one(eeg: EegFile) -> _Read:
    """A reader of the samples of single signals, record by record."""
    header = eeg.header

    def read(signal: Signal, sample: int, count: int) -> Stored:
        parts, end = [], sample + count
        while sample < end:
            record, inside = divmod(sample, signal.per_record)
            here = min(signal.per_record - inside, end - sample)
            at = header.header_bytes + record * header.record_bytes + signal.offset + inside * header.width
            parts.append(eeg.contents.read(at, here * header.width))
            sample += here
        return stored_numbers(np.frombuffer(b"".join(parts), np.uint8), header.width)

    return read


def _wants_whole_records(eeg: EegFile, signals: Sequence[Signal]) -> bool:
    wanted = sum(signal.per_record for signal in signals) * eeg.header.width
    return eeg.header.record_bytes <= min(wanted * _SHARE, _BLOCK)


def _fill_from_blocks(eeg: EegFile, wanted: Sequence[tuple[Values, _SampleRun, Signal]]) -> None:
    """Read each block of records once and store all wanted runs of it."""
    at_once = max(_BLOCK // eeg.header.record_bytes, 1)
    blocks: dict[int, list[tuple[Values, _SampleRun, Signal]]] = {}
    for page, piece, signal in wanted:
        for number, part in _by_block(piece, signal.per_record * at_once):
            blocks.setdefault(number, []).append((page, part, signal))
    for parts in blocks.values():
        first = min(part.sample // signal.per_record for _, part, signal in parts)
        last = max((part.sample + part.count - 1) // signal.per_record for _, part, signal in parts)
        read = _read_from(eeg.records(first, last - first + 1), first, eeg.header.width)
        for page, part, signal in parts:
            _fill(page, part, signal, read)


def _by_block(piece: _SampleRun, samples: int) -> Iterator[tuple[int, _SampleRun]]:
    """A run divided at the ends of blocks of `samples` samples, each part with the number of its block."""
    at, sample, left = piece.at, piece.sample, piece.count
    while left:
        number, inside = divmod(sample, samples)
        here = min(samples - inside, left)
        yield number, _SampleRun(at, sample, here)
        at, sample, left = at + here, sample + here, left - here


def _read_from(records: npt.NDArray[np.uint8], first: int, width: int) -> _Read:
    """A reader of samples in records that are in memory, of which the first has the number `first`."""

    def read(signal: Signal, sample: int, count: int) -> Stored:
        per = signal.per_record
        begin, stop = sample // per - first, (sample + count - 1) // per - first + 1
        inside = sample - (begin + first) * per
        columns = records[begin:stop, signal.offset : signal.offset + per * width]
        return stored_numbers(columns, width).reshape(-1)[inside : inside + count]

    return read


def stored_numbers(raw: npt.NDArray[np.uint8], width: int) -> Stored:
    """Signed little-endian integers of `width` bytes (2 or 3) along the last axis."""
    if width == 2:
        return raw.view("<i2")
    wide = np.zeros((*raw.shape[:-1], raw.shape[-1] // 3, 4), np.uint8)
    wide[..., 1:] = raw.reshape(*raw.shape[:-1], -1, 3)
    numbers: npt.NDArray[np.int32] = wide.view("<i4")[..., 0] >> 8
    return numbers
