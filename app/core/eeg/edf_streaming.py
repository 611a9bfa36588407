"""Writing of EDF+ files of any length: in blocks, in two passes, with the error of rounding measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from app.core.eeg.edf_writing import (
    EdfShape,
    StoredRange,
    WrittenChannel,
    annotation_channel,
    annotation_list,
    edf_header,
    exact_range,
    range_of,
)
from app.core.eeg.other_recording import Block, OtherChannel, OtherRecording, OtherStretch
from app.core.errors import UserError

Step = Callable[[float], None]
"""Receives the completed share, 0–1."""

_BLOCK = 1 << 20
"""Values in memory at a time."""

_RECORD = 1
_SHORT_RECORD = Fraction(1, 10)
"""Seconds of a record without gaps, and at least with them: the rest of a stretch fills its last record."""

_LONGEST_RECORD = 60
_READING = 0.45
"""The share of the first pass."""

_DECIMALS = 10**6

_NUMBERS = 65_535.5
"""The steps between the lowest and the highest stored number, and what rounding may add."""


@dataclass(frozen=True, slots=True)
class StreamedEdf:
    """What writing has cost: the largest error of a voltage in µV, and values that were no numbers."""

    worst_error: float
    not_finite: int


def write_edf_blocks(file: BinaryIO, recording: OtherRecording, step: Step) -> StreamedEdf:
    """Write a recording as EDF+, EDF+D if it has gaps; the header names nobody.

    The last record of a stretch is filled by repeating its last value. Raises UserError for a sampling rate
    that does not fit into records, OSError.
    """
    seconds = _record_seconds(recording)
    channels = [WrittenChannel(one.label, recording.rate, one.unit) for one in recording.channels]
    ranges = _ranges(recording, lambda done: step(_READING * done))
    texts = _texts(recording, seconds)
    shape = EdfShape(texts.shape[1] // 2, len(texts), seconds, has_gaps=len(recording.stretches) > 1)
    file.write(edf_header(list(zip(channels, ranges, strict=True)), shape, recording.start))
    writing = _Writing(recording, ranges, int(recording.rate * seconds))
    written = 0
    for numbers in writing.records():
        rows = numbers.reshape(len(numbers), -1).view(np.uint8)
        file.write(np.concatenate([rows, texts[written : written + len(rows)]], axis=1).tobytes())
        written += len(rows)
        step(_READING + (1.0 - _READING) * written / len(texts))
    return StreamedEdf(writing.worst_error, writing.not_finite)


def _record_seconds(recording: OtherRecording) -> Fraction:
    """The duration of a record that holds a whole number of samples and can be stated in the header."""
    rate = recording.rate
    wanted = Fraction(_RECORD) if len(recording.stretches) == 1 else _SHORT_RECORD
    least = max(math.ceil(rate * wanted), 1)
    for count in range(least, least + _LONGEST_RECORD * math.ceil(rate) + 1):
        seconds = count / rate
        if _DECIMALS % seconds.denominator == 0 and seconds <= _LONGEST_RECORD:
            return seconds
    raise UserError("The sampling rate of this recording does not fit into an EDF file.")


def _count(stretch: OtherStretch, per_record: int) -> int:
    """The number of records of a stretch."""
    return math.ceil(stretch.count / per_record)


def _ranges(recording: OtherRecording, step: Step) -> list[StoredRange]:
    """The range of each channel by all its values."""
    count = len(recording.channels)
    lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
    total = sum(one.count for one in recording.stretches)
    done = 0
    for stretch in recording.stretches:
        for values in _blocks(recording, stretch, 1):
            finite = np.isfinite(values)
            lowest = np.minimum(lowest, np.where(finite, values, np.inf).min(axis=1, initial=np.inf))
            highest = np.maximum(highest, np.where(finite, values, -np.inf).max(axis=1, initial=-np.inf))
            done += values.shape[1]
            step(done / total)
    found = zip(recording.channels, lowest.tolist(), highest.tolist(), strict=True)
    return [_range(channel, low, high) for channel, low, high in found]


def _range(channel: OtherChannel, low: float, high: float) -> StoredRange:
    """A range in which every value is as it was, where there is one."""
    if low > high:  # no value that is a number
        return range_of(0.0, 0.0)
    if channel.step and (high - low) / channel.step < _NUMBERS:
        return exact_range(low, channel.step)
    return range_of(low, high)


def _blocks(recording: OtherRecording, stretch: OtherStretch, per_record: int) -> Iterator[Block]:
    """The values of a stretch in whole records but for the last one."""
    at_once = max(_BLOCK // (len(recording.channels) * per_record), 1) * per_record
    for first in range(0, stretch.count, at_once):
        yield recording.read(stretch.first + first, min(at_once, stretch.count - first))


def _texts(recording: OtherRecording, seconds: Fraction) -> npt.NDArray[np.uint8]:
    """The annotation channel (records, bytes) with the time stamps."""
    start = recording.start
    fraction = Fraction(start.microsecond, 1_000_000) if start else Fraction(0)
    per_record = int(recording.rate * seconds)
    stamps = [
        fraction + stretch.start + number * seconds
        for stretch in recording.stretches
        for number in range(_count(stretch, per_record))
    ]
    ordered = sorted(recording.annotations, key=lambda one: one.onset)
    return annotation_channel(stamps, seconds, [annotation_list(one, fraction) for one in ordered])


class _Writing:
    """The second pass: values as stored numbers, and what that costs."""

    def __init__(self, recording: OtherRecording, ranges: list[StoredRange], per_record: int) -> None:
        self.worst_error = 0.0
        self.not_finite = 0
        self._recording = recording
        self._ranges = ranges
        self._per_record = per_record
        self._voltages = [number for number, one in enumerate(recording.channels) if one.unit == "uV"]

    def records(self) -> Iterator[npt.NDArray[np.int16]]:
        """Blocks of records, (records, channels, samples)."""
        size = self._per_record
        for stretch in self._recording.stretches:
            for values in _blocks(self._recording, stretch, size):
                numbers = self._stored(values)
                lacking = -numbers.shape[1] % size
                padded = np.pad(numbers, ((0, 0), (0, lacking)), mode="edge")
                parts = padded.reshape(len(padded), -1, size)
                yield np.ascontiguousarray(parts.transpose(1, 0, 2))

    def _stored(self, values: Block) -> npt.NDArray[np.int16]:
        missing = ~np.isfinite(values)
        if missing.any():
            self.not_finite += int(missing.sum())
            values = np.where(missing, 0.0, values)
        numbers = np.stack([one.numbers(row) for one, row in zip(self._ranges, values, strict=True)])
        for number in self._voltages:
            error = np.abs(self._ranges[number].values(numbers[number]) - values[number])
            error[missing[number]] = 0.0
            self.worst_error = max(self.worst_error, float(error.max(initial=0.0)))
        return numbers
