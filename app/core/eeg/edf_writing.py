"""Writing of EDF+ files: samples in stretches with gaps, annotations, an anonymous header.

It follows the specification of EDF+ (Kemp and Olivan, Clin Neurophysiol 2003;
edfplus.info/specs/edfplus.html).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.atomic import write_atomically
from app.core.eeg.start_time import MONTHS
from app.core.errors import UserError
from app.core.plain_text import plain

Values = npt.NDArray[np.floating[Any]]

NOBODY = "X X X X"
"""The anonymous patient field of the specification: code, sex, birth date and name."""

_LOWEST, _HIGHEST = -32768, 32767
_LONGEST_RECORD = 60
_RECORD_BYTES = 61440
"""The record size that the specification recommends, observed in files with annotations only."""


@dataclass(frozen=True, slots=True)
class WrittenChannel:
    """A channel to write: label (16 characters are kept), sampling rate in Hz, unit, and filters applied
    before, such as "HP:0.1Hz LP:70Hz"."""

    label: str
    rate: Fraction
    unit: str = "uV"
    prefilter: str = ""


@dataclass(frozen=True, slots=True)
class WrittenAnnotation:
    """An annotation at `onset` seconds from the first sample; `duration` in seconds, None for an instant."""

    onset: float | Fraction
    duration: float | Fraction | None
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class WrittenStretch:
    """Samples without a gap from `start` seconds after the first sample of the file on: (n,) of each channel
    in its unit. The last record is filled by repeating the last value."""

    start: Fraction
    values: tuple[Values, ...]


def write_edf(
    path: Path,
    channels: Sequence[WrittenChannel],
    stretches: Sequence[WrittenStretch],
    annotations: Sequence[WrittenAnnotation] = (),
    *,
    start: datetime | None = None,
) -> None:
    """Write an EDF+ file. Raises UserError when it cannot be written, and as `edf_bytes`."""
    write_atomically(path, edf_bytes(channels, stretches, annotations, start=start))


def edf_bytes(
    channels: Sequence[WrittenChannel],
    stretches: Sequence[WrittenStretch],
    annotations: Sequence[WrittenAnnotation] = (),
    *,
    start: datetime | None = None,
) -> bytes:
    """The bytes of an EDF+ file: EDF+C for one stretch, EDF+D for several; without channels only annotations.

    `start` is the local time of the first sample to the microsecond, None for the specification's anonymous
    date. Values are quantised to 1/65,535 of each channel's range. Raises UserError for sampling rates that
    do not fit into records, ValueError for NaN (a gap is the space between two stretches).
    """
    seconds = _record_seconds(channels)
    fraction = Fraction(start.microsecond, 1_000_000) if start else Fraction(0)
    rows = [
        _Digital(channel, [one.values[number] for one in stretches])
        for number, channel in enumerate(channels)
    ]
    samples, stamps = [], []
    for place, stretch in enumerate(stretches):
        count = _record_count(channels, stretch, seconds)
        stamps += [fraction + stretch.start + number * seconds for number in range(count)]
        samples.append(np.concatenate([row.records(place, count, seconds) for row in rows], axis=1))
    lists = [annotation_list(one, fraction) for one in sorted(annotations, key=lambda one: one.onset)]
    if not channels:
        stamps = [fraction] * max(math.ceil(sum(map(len, lists)) / (_RECORD_BYTES // 2)), 1)
    texts = annotation_channel(stamps, seconds, lists)
    records = np.concatenate([np.concatenate(samples), texts], axis=1) if samples else texts
    shape = EdfShape(texts.shape[1] // 2, len(stamps), seconds, has_gaps=len(stretches) > 1)
    return edf_header([(row.channel, row.range) for row in rows], shape, start) + records.tobytes()


def _record_count(channels: Sequence[WrittenChannel], stretch: WrittenStretch, seconds: Fraction) -> int:
    """The number of records for all samples of a stretch."""
    pairs = zip(channels, stretch.values, strict=True)
    return max(math.ceil(len(values) / (channel.rate * seconds)) for channel, values in pairs)


def _record_seconds(channels: Sequence[WrittenChannel]) -> Fraction:
    """The shortest whole number of seconds that holds a whole number of samples of every channel."""
    if not channels:
        return Fraction(0)
    seconds = math.lcm(*(channel.rate.denominator for channel in channels))
    if seconds > _LONGEST_RECORD:
        raise UserError("The sampling rates of these channels do not fit into one EDF file.")
    return Fraction(seconds)


@dataclass(frozen=True, slots=True)
class StoredRange:
    """The range of a channel in the header: the smallest and the largest value as texts of at most 8
    characters."""

    low: str
    high: str

    def numbers(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
        """The values as stored: to the nearest step, those outside of the range at its ends."""
        numbers = np.rint((values - float(self.low)) / self.step) + _LOWEST
        found: npt.NDArray[np.int16] = np.clip(numbers, _LOWEST, _HIGHEST).astype("<i2")
        return found

    def values(self, numbers: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
        """Stored numbers as values again."""
        found: npt.NDArray[np.float64] = (numbers.astype(np.float64) - _LOWEST) * self.step + float(self.low)
        return found

    @property
    def step(self) -> float:
        """The difference of two neighbouring stored values."""
        return (float(self.high) - float(self.low)) / (_HIGHEST - _LOWEST)


def range_of(lowest: float, highest: float) -> StoredRange:
    """The range that holds both values. Raises UserError when they are too large for an EDF file."""
    low, high = _outward(lowest, down=True), _outward(highest, down=False)
    if float(low) == float(high):
        high = _outward(float(low) + max(abs(float(low)) * 1e-3, 1.0), down=False)
    return StoredRange(low, high)


def exact_range(lowest: float, step: float) -> StoredRange:
    """The range in which values that are whole multiples of `step` above `lowest` are stored as they are, but
    for the rounding of the header's texts. Raises UserError when they are too large for an EDF file."""
    return StoredRange(_nearest(lowest), _nearest(lowest + step * (_HIGHEST - _LOWEST)))


class _Digital:
    """One channel as 16-bit integers."""

    def __init__(self, channel: WrittenChannel, stretches: Sequence[Values]) -> None:
        self.channel = channel
        self._stretches = stretches
        if any(not np.isfinite(values).all() for values in stretches):
            raise ValueError(f"channel {channel.label!r} has values that are not finite")
        lowest = min((float(values.min()) for values in stretches if len(values)), default=0.0)
        highest = max((float(values.max()) for values in stretches if len(values)), default=0.0)
        self.range = range_of(lowest, highest)

    def records(self, place: int, count: int, seconds: Fraction) -> npt.NDArray[np.uint8]:
        """One stretch as records (count, bytes) of `seconds` each."""
        per_record = int(self.channel.rate * seconds)
        values = self._stretches[place].astype(np.float64)
        lacking = count * per_record - len(values)
        values = np.pad(values, (0, lacking), mode="edge" if len(values) else "constant")
        found: npt.NDArray[np.uint8] = self.range.numbers(values).reshape(count, per_record).view(np.uint8)
        return found


def _outward(value: float, *, down: bool) -> str:
    """The value in at most 8 characters, rounded down (`down`) or up."""
    return _in_eight(value, math.floor if down else math.ceil)


def _nearest(value: float) -> str:
    """The value in at most 8 characters."""
    return _in_eight(value, round)


def _in_eight(value: float, rounded: Callable[[float], int]) -> str:
    for digits in range(6, -1, -1):
        scale = 10**digits
        text = f"{rounded(value * scale) / scale:.{digits}f}"
        if len(text) <= 8:
            return text
    raise UserError("A channel has values too large for an EDF file.")


def annotation_list(annotation: WrittenAnnotation, fraction: Fraction) -> bytes:
    """A time-stamped annotation list with one text; `fraction` is the first sample's part of a second."""
    duration = "" if annotation.duration is None else f"\x15{_decimal(Fraction(annotation.duration))}"
    text = " ".join(plain(annotation.text).split())
    return f"{_signed(Fraction(annotation.onset) + fraction)}{duration}\x14{text}\x14\0".encode()


def annotation_channel(
    stamps: Sequence[Fraction], seconds: Fraction, lists: Sequence[bytes]
) -> npt.NDArray[np.uint8]:
    """The annotation channel (records, bytes): time stamps, and each annotation in the record of its onset or
    in a later one that has room."""
    heads = [f"{_signed(stamp)}\x14\x14\0".encode() for stamp in stamps]
    longest, total = max(map(len, lists), default=0), sum(map(len, lists))
    room = max(map(len, heads)) + longest + math.ceil(total / len(heads))
    room += room % 2
    waiting, parts = deque(lists), list(heads)
    for is_early in (True, False):  # the rest after the last record goes into any record with room
        for number, stamp in enumerate(stamps):
            end = stamp + seconds if is_early and number < len(stamps) - 1 else None
            while waiting and len(parts[number]) + len(waiting[0]) <= room:
                if end is not None and _onset(waiting[0]) >= end:
                    break
                parts[number] += waiting.popleft()
    return np.frombuffer(b"".join(part.ljust(room, b"\0") for part in parts), np.uint8).reshape(-1, room)


def _onset(written: bytes) -> Fraction:
    return Fraction(written.split(b"\x14")[0].split(b"\x15")[0].decode())


def _signed(seconds: Fraction) -> str:
    return _decimal(seconds) if seconds < 0 else f"+{_decimal(seconds)}"


def _decimal(seconds: Fraction) -> str:
    """Seconds as a decimal number without exponent, to the nanosecond."""
    nanoseconds = round(seconds * 1_000_000_000)
    whole, rest = divmod(abs(nanoseconds), 1_000_000_000)
    sign = "-" if nanoseconds < 0 else ""
    return f"{sign}{whole}" + (f".{rest:09d}".rstrip("0") if rest else "")


@dataclass(frozen=True, slots=True)
class EdfShape:
    """The layout of a file: samples of the annotation channel in a record, number of records, `seconds` of
    one, and whether there are gaps."""

    annotation_samples: int
    records: int
    seconds: Fraction
    has_gaps: bool


def edf_header(
    rows: Sequence[tuple[WrittenChannel, StoredRange]], shape: EdfShape, start: datetime | None
) -> bytes:
    """The header of an EDF+ file with these channels and one for annotations, which names nobody."""
    count = len(rows) + 1
    fixed = (
        ("0", 8),
        (NOBODY, 80),
        (f"Startdate {_date(start)} X X X", 80),
        (_short_date(start), 8),
        (f"{start:%H.%M.%S}" if start else "00.00.00", 8),
        (str(256 * (count + 1)), 8),
        ("EDF+D" if shape.has_gaps else "EDF+C", 44),
        (str(shape.records), 8),
        (_decimal(shape.seconds), 8),
        (str(count), 4),
    )
    columns: tuple[tuple[int, list[str]], ...] = (
        (16, [*(channel.label for channel, _ in rows), "EDF Annotations"]),
        (80, [""] * count),
        (8, [*(channel.unit.replace("µ", "u").replace("μ", "u") for channel, _ in rows), ""]),
        (8, [*(stored.low for _, stored in rows), "-1"]),
        (8, [*(stored.high for _, stored in rows), "1"]),
        (8, [str(_LOWEST)] * count),
        (8, [str(_HIGHEST)] * count),
        (80, [*(channel.prefilter for channel, _ in rows), ""]),
        (
            8,
            [*(str(int(channel.rate * shape.seconds)) for channel, _ in rows), str(shape.annotation_samples)],
        ),
        (32, [""] * count),
    )
    fields = [*fixed, *((text, width) for width, texts in columns for text in texts)]
    return b"".join(_field(text, width) for text, width in fields)


def _field(text: str, width: int) -> bytes:
    """Printable ASCII padded with blanks."""
    ascii_text = "".join(character if " " <= character <= "~" else "?" for character in text)
    return ascii_text[:width].ljust(width).encode("ascii")


def _date(start: datetime | None) -> str:
    return f"{start.day:02d}-{MONTHS[start.month - 1]}-{start.year:04d}" if start else "X"


def _short_date(start: datetime | None) -> str:
    """dd.mm.yy, with the letters yy after 2084 and 01.01.85 without a date, as the specification
    prescribes."""
    if start is None:
        return "01.01.85"
    year = f"{start.year % 100:02d}" if 1985 <= start.year <= 2084 else "yy"
    return f"{start.day:02d}.{start.month:02d}.{year}"
