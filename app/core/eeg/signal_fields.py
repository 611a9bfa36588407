"""The signal fields of a header: parsing, offsets in a data record, scaling to physical values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from app.core.eeg.eeg_recording import AnnotationChannel, Signal
from app.core.eeg.header_fields import number_of, text_of, whole_number_of
from app.core.eeg.timeline import NANOSECONDS

FIXED = 256
"""Bytes of the fixed part of the header; each signal adds as many."""

_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Bytes of the fields in the order of `SignalFields`; the header has each field for all signals in turn."""

_ANNOTATIONS = ("edf annotations", "bdf annotations")
_Ranges = tuple[bytes, bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class SignalFields:
    """The raw fields of one signal in the header."""

    label: bytes
    transducer: bytes
    unit: bytes
    physical_minimum: bytes
    physical_maximum: bytes
    digital_minimum: bytes
    digital_maximum: bytes
    prefilter: bytes
    per_record: bytes
    reserved: bytes

    @property
    def ranges(self) -> _Ranges:
        return self.physical_minimum, self.physical_maximum, self.digital_minimum, self.digital_maximum


@dataclass(frozen=True, slots=True)
class PlacedSignal:
    """The fields of a signal with `per_record` samples in a record, from byte `offset` of the record on."""

    row: SignalFields
    label: str
    per_record: int
    offset: int

    @property
    def is_annotations(self) -> bool:
        return self.label.lower() in _ANNOTATIONS


@dataclass(frozen=True, slots=True)
class _Scale:
    """Value = stored number × `gain` + `base`."""

    digital: tuple[int, int]
    gain: float
    base: float


@dataclass(frozen=True, slots=True)
class _Parsers:
    """What makes of fields a scale, a text, and of samples in a record a rate."""

    scale: Callable[[_Ranges], _Scale | None]
    text: Callable[[bytes], str]
    rate: Callable[[int], Fraction | None]


def read_rows(raw: bytes) -> list[SignalFields]:
    """The fields of all signals of a whole header."""
    count = len(raw) // FIXED - 1
    columns, at = [], FIXED
    for width in _WIDTHS:
        columns.append([raw[at + width * number : at + width * (number + 1)] for number in range(count)])
        at += width * count
    return [SignalFields(*fields) for fields in zip(*columns, strict=True)]


def placed_rows(rows: Sequence[SignalFields], width: int) -> list[PlacedSignal] | None:
    """The signals with their offsets in a record of samples of `width` bytes.

    None when a number of samples cannot be read: then no sample of the file can be located.
    """
    placed, offset = [], 0
    for row in rows:
        count = whole_number_of(row.per_record)
        if count is None or count < 0:
            return None
        placed.append(PlacedSignal(row, text_of(row.label), count, offset))
        offset += count * width
    return placed


def annotation_channels(rows: Sequence[PlacedSignal], width: int) -> tuple[AnnotationChannel, ...]:
    """The positions of the annotation channels in a record, in the order of the file."""
    return tuple(AnnotationChannel(row.offset, row.per_record * width) for row in rows if row.is_annotations)


def sampled_signals(rows: Sequence[PlacedSignal], records: int, record_ns: int) -> tuple[Signal, ...]:
    """The signals that are not annotation channels, of a file with `records` complete records."""
    sampled = [row for row in rows if not row.is_annotations]
    # The fields of most signals are alike. What was parsed is kept for as long as this takes, and no longer.
    parse = _Parsers(cache(_scale), cache(text_of), cache(lambda count: _rate(count, record_ns)))
    names = _names([row.label or f"Signal {number + 1}" for number, row in enumerate(sampled)])
    return tuple(
        _signal(number, row, name, records, parse)
        for number, (row, name) in enumerate(zip(sampled, names, strict=True))
    )


def _signal(number: int, placed: PlacedSignal, name: str, records: int, parse: _Parsers) -> Signal:
    row, count = placed.row, placed.per_record
    scale = parse.scale(row.ranges)
    used = scale or _Scale((0, 0), 1.0, 0.0)
    return Signal(
        number=number,
        label=placed.label,
        name=name,
        unit=parse.text(row.unit) if scale else "",
        rate=parse.rate(count),
        samples=records * count,
        per_record=count,
        offset=placed.offset,
        is_calibrated=scale is not None,
        digital=used.digital,
        gain=used.gain,
        base=used.base,
        prefilter=parse.text(row.prefilter),
    )


def _rate(count: int, record_ns: int) -> Fraction | None:
    """The samples a second of `count` in a record; None where that has no length."""
    return Fraction(count * NANOSECONDS, record_ns) if record_ns and count else None


def _scale(ranges: _Ranges) -> _Scale | None:
    """The scaling, computed exactly and rounded once; None where the ranges give no gain."""
    low, high = number_of(ranges[0]), number_of(ranges[1])
    first, last = whole_number_of(ranges[2]), whole_number_of(ranges[3])
    if low is None or high is None or first is None or last is None or low == high or first == last:
        return None
    gain = (high - low) / (last - first)
    return _Scale((min(first, last), max(first, last)), float(gain), float(low - first * gain))


def _names(names: Sequence[str]) -> list[str]:
    """The names, made unique by a number after those that are used more than once."""
    taken, used, unique = set(names), Counter[str](), []
    for name in names:
        used[name] += 1
        own = name
        while used[name] > 1 and (own := f"{name} ({used[name]})") in taken:
            used[name] += 1
        taken.add(own)
        unique.append(own)
    return unique
