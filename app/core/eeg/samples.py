"""Samples of an EEG file in physical units at given times, NaN in gaps.

Times are converted to sample numbers exactly (fractions and integers), so that no error accumulates. Values
are computed as float64. A page of samples of 16 bits keeps them as float32: most of the time that it takes is
the system finding memory for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.eeg_file import EegFile
from app.core.eeg.eeg_recording import Signal
from app.core.eeg.timeline import NANOSECONDS, EegTimeline

Values = npt.NDArray[np.float64]
PageValues = npt.NDArray[np.floating[Any]]
Stored = npt.NDArray[np.int16] | npt.NDArray[np.int32]
_Kind = np.dtype[np.floating[Any]]
_Read = Callable[[Signal, int, int], Stored]

_NARROW: _Kind = np.dtype(np.float32)
_WIDE: _Kind = np.dtype(np.float64)

_BLOCK = 1 << 20
"""Bytes of records that are read at once for many signals, so that they stay in the processor's cache."""

_LONG_RECORD = 1 << 18
"""Bytes of a record from which on each group of neighbouring signals is read alone."""

_BANK = 3 << 19
"""Bytes of values that are kept together. Larger memory would be asked for in huge pages, which a virtual
machine may take a hundred milliseconds to find."""

_LARGEST = 1 << 23
"""Bytes of a record up to which it is read whole."""

_SHARE = 4
"""Whole records are read when a quarter of their bytes is needed: cheaper than many small reads."""

_HALF = Fraction(1, 2)

_STEPS = 1 << 16
"""Values of up to so many steps between two stored numbers are within 1/256 of one as float32."""

_SCALES = (2.0**-50, 2.0**40)
"""Steps and values between which float32 also holds the squares and sums of values, in µV too where the file
has them in V."""


@dataclass(frozen=True, slots=True)
class _SampleRun:
    """A run of `count` output values from index `at` on, which are the samples from number `sample` on,
    counted over all records of the file."""

    at: int
    sample: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class _Bank:
    """Signals that lie next to each other in a record, with as many samples each: `size` bytes of it. `gains`
    and `bases` are (signals, 1, 1); `kind` is that of their values in a page."""

    signals: tuple[Signal, ...]
    gains: Values
    bases: Values
    size: int
    kind: _Kind

    @property
    def per_record(self) -> int:
        return self.signals[0].per_record

    @property
    def offset(self) -> int:
        return self.signals[0].offset


_Wanted = Sequence[tuple[PageValues, _SampleRun, _Bank]]
"""Values (signals, n) that a run of a bank's samples is to be stored in."""


def read_values(
    eeg: EegFile, timeline: EegTimeline, signal: Signal, at: float | Fraction, count: int
) -> Values:
    """Values of a signal from `at` seconds on, (count,) float64 in its unit, NaN in gaps.

    Value k is the sample nearest to `at` + k / rate; seconds count from the first sample of the file. Raises
    UserError when the file can no longer be read, ValueError for a signal without a rate.
    """
    pieces = tuple(_pieces(timeline, signal, Fraction(at), count))
    values = np.empty(count)
    _clear(values, count, pieces)
    for piece in pieces:
        _fill(values, piece, signal, _read_one(eeg))
    return values


def read_page(
    eeg: EegFile, timeline: EegTimeline, signals: Sequence[Signal], at: float | Fraction, seconds: float
) -> tuple[PageValues, ...]:
    """Values of several signals over one stretch of time: for each (n,) in its unit, NaN in gaps, with n =
    `seconds` × rate rounded, at least 1. Raises as `read_values`.

    They are those of `read_values`, for samples of 16 bits rounded once to float32 if that moves no value by
    more than 1/256 of the step between two stored numbers.
    """
    found: dict[int, tuple[int, tuple[_SampleRun, ...]]] = {}  # usually the same for all signals
    for signal in signals:
        if signal.per_record not in found:
            count = max(floor(Fraction(seconds) * _rate(signal) + _HALF), 1)
            found[signal.per_record] = count, tuple(_pieces(timeline, signal, Fraction(at), count))
    banks = tuple(_banks(signals, eeg.header.width, {per: count for per, (count, _) in found.items()}))
    pages = [_allocate(bank, *found[bank.per_record]) for bank in banks]
    wanted = [
        (page, piece, bank)
        for page, bank in zip(pages, banks, strict=True)
        for piece in found[bank.per_record][1]
    ]
    if _wants_whole_records(eeg, signals):
        fill = _fill_from_records if eeg.header.record_bytes >= _LONG_RECORD else _fill_from_blocks
        fill(eeg, wanted)
    else:
        for page, piece, bank in wanted:
            for values, signal in zip(page, bank.signals, strict=True):
                _fill(values, piece, signal, _read_one(eeg))
    return tuple(values for page in pages for values in page)


def _banks(signals: Sequence[Signal], width: int, counts: Mapping[int, int]) -> Iterator[_Bank]:
    """The signals in groups that lie next to each other in a record, with as many samples each. `counts` are
    the values that are wanted by the samples in a record."""
    bank: list[Signal] = []
    kind = _WIDE
    for signal in signals:
        before, kind = kind, _kind(signal, width)
        if bank and (
            signal.per_record != bank[-1].per_record
            or signal.offset != bank[-1].offset + signal.per_record * width
            or kind is not before
            or (len(bank) + 1) * counts[signal.per_record] * kind.itemsize > _BANK
        ):
            yield _bank(bank, width, before)
            bank = []
        bank.append(signal)
    if bank:
        yield _bank(bank, width, kind)


def _bank(signals: list[Signal], width: int, kind: _Kind) -> _Bank:
    gains, bases = (
        np.array(one)[:, None, None] for one in zip(*((s.gain, s.base) for s in signals), strict=True)
    )
    size = len(signals) * signals[0].per_record * width
    return _Bank(tuple(signals), gains, bases, size, kind)


def _kind(signal: Signal, width: int) -> _Kind:
    """The kind of number that a page keeps the values of a signal as."""
    step, largest = abs(signal.gain), 32_768 * abs(signal.gain) + abs(signal.base)
    is_near = largest <= _STEPS * step and _SCALES[0] <= step and largest <= _SCALES[1]
    return _NARROW if width == 2 and is_near else _WIDE


def _allocate(bank: _Bank, count: int, pieces: tuple[_SampleRun, ...]) -> PageValues:
    """An array (signals, count) for the wanted values of a bank."""
    values = np.empty((len(bank.signals), count), bank.kind)
    _clear(values, count, pieces)
    return values


def _clear(values: PageValues, count: int, pieces: tuple[_SampleRun, ...]) -> None:
    """Fill with NaN where the runs do not fill all of one signal."""
    if not any(piece.count == count for piece in pieces):
        values.fill(np.nan)


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


def _fill(values: PageValues, piece: _SampleRun, signal: Signal, read: _Read) -> None:
    """Read a run and store its physical values in `values`."""
    place = values[piece.at : piece.at + piece.count]
    stored = read(signal, piece.sample, piece.count)
    np.add(stored * signal.gain, signal.base, out=place, casting="same_kind")


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
    return eeg.header.record_bytes <= min(wanted * _SHARE, _LARGEST)


def _fill_from_records(eeg: EegFile, wanted: _Wanted) -> None:
    """Store all wanted runs from long records: of each the bytes of one bank, which then are still in the
    processor's cache."""
    header = eeg.header
    for page, piece, bank in wanted:
        for record, part in _by_block(piece, bank.per_record):
            at = header.header_bytes + record * header.record_bytes + bank.offset
            raw = np.frombuffer(eeg.contents.read(at, bank.size), np.uint8)[None]
            _fill_bank(page, part, bank, raw, (record, header.width))


def _fill_from_blocks(eeg: EegFile, wanted: _Wanted) -> None:
    """Read each block of records once and store all wanted runs of it."""
    at_once = max(_BLOCK // eeg.header.record_bytes, 1)
    blocks: dict[int, list[tuple[PageValues, _SampleRun, _Bank]]] = {}
    for page, piece, bank in wanted:
        for number, part in _by_block(piece, bank.per_record * at_once):
            blocks.setdefault(number, []).append((page, part, bank))
    for parts in blocks.values():
        first = min(part.sample // bank.per_record for _, part, bank in parts)
        last = max((part.sample + part.count - 1) // bank.per_record for _, part, bank in parts)
        records = eeg.records(first, last - first + 1)
        for page, part, bank in parts:
            columns = records[:, bank.offset : bank.offset + bank.size]
            _fill_bank(page, part, bank, columns, (first, eeg.header.width))


def _by_block(piece: _SampleRun, samples: int) -> Iterator[tuple[int, _SampleRun]]:
    """A run divided at the ends of blocks of `samples` samples, each part with the number of its block."""
    at, sample, left = piece.at, piece.sample, piece.count
    while left:
        number, inside = divmod(sample, samples)
        here = min(samples - inside, left)
        yield number, _SampleRun(at, sample, here)
        at, sample, left = at + here, sample + here, left - here


def _fill_bank(
    page: PageValues,
    piece: _SampleRun,
    bank: _Bank,
    columns: npt.NDArray[np.uint8],
    known: tuple[int, int],
) -> None:
    """Store the physical values of a run of neighbouring signals, of all of them at once, from their bytes in
    records (records, bytes); `known` is the number of the first record and the bytes of a sample."""
    per, (first, width) = bank.per_record, known
    numbers = stored_numbers(columns, width).reshape(len(columns), -1, per).transpose(1, 0, 2)
    at, sample, left = piece.at, piece.sample - first * per, piece.count
    while left:
        record, inside = divmod(sample, per)
        whole = left // per if inside == 0 else 0
        here = whole * per or min(per - inside, left)
        some = numbers[:, record : record + max(whole, 1), inside : inside + here // max(whole, 1)]
        place = page[:, at : at + here].reshape(some.shape)
        values = some.astype(np.float64)
        values *= bank.gains
        values += bank.bases
        place[...] = values
        at, sample, left = at + here, sample + here, left - here


def stored_numbers(raw: npt.NDArray[np.uint8], width: int) -> Stored:
    """Signed little-endian integers of `width` bytes (2 or 3) along the last axis."""
    if width == 2:
        return raw.view("<i2")
    wide = np.zeros((*raw.shape[:-1], raw.shape[-1] // 3, 4), np.uint8)
    wide[..., 1:] = raw.reshape(*raw.shape[:-1], -1, 3)
    numbers: npt.NDArray[np.int32] = wide.view("<i4")[..., 0] >> 8
    return numbers
