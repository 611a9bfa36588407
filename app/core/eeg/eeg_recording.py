"""The content of an EEG file: header, signals, segments and annotations.

None of these classes has an identifying field: `patient_fields.py` reads those on explicit request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from app.core.eeg.timeline import NANOSECONDS, EegSegment, EegTimeline


@dataclass(frozen=True, slots=True)
class EegWarning:
    """A fault of an EEG file that is readable in spite of it.

    `code` is a stable identifier for programs (docs/eeg.md lists them), `text` is one sentence for a
    clinician. It never quotes the header, whose displaced fields may contain a name.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One sampled channel.

    `number` counts the signals of the file from 0, without annotation channels; `label` is the file's,
    possibly empty or used twice; `name` is unique and never empty. `unit` is that of the values, mostly uV.
    `is_calibrated` is False when the header gives no usable ranges: the values are then the stored numbers,
    without unit. `rate` is in Hz, None where a data record lasts 0 s. `samples` is the number of samples in
    the complete records of the file, `per_record` that in one record, from byte `offset` of the record on. A
    value is stored number × `gain` + `base`, and stored numbers are within `digital` (minimum, maximum)
    unless the amplifier was overloaded; `gain` is negative where the physical minimum is above the maximum.
    """

    number: int
    label: str
    name: str
    unit: str
    rate: Fraction | None
    samples: int
    per_record: int
    offset: int
    is_calibrated: bool
    digital: tuple[int, int]
    gain: float
    base: float
    prefilter: str


@dataclass(frozen=True, slots=True)
class AnnotationChannel:
    """The position of an annotation channel in every data record, in bytes."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class EegHeader:
    """The parsed header, corrected by the size of the file.

    `format` is EDF, EDF+C, EDF+D, BDF, BDF+C or BDF+D. `start` is the date and time of the header (local
    time, whole seconds; the first sample may come later), None when it is invalid. `width` is the bytes of a
    sample; the records begin at byte `header_bytes`, each has `record_bytes` and lasts `record_ns`
    nanoseconds. `records` is the number of complete records in the file, regardless of the header.
    """

    format: str
    start: datetime | None
    width: int
    header_bytes: int
    record_bytes: int
    record_ns: int
    records: int
    signals: tuple[Signal, ...]
    annotation_channels: tuple[AnnotationChannel, ...]
    warnings: tuple[EegWarning, ...]

    @property
    def is_continuous(self) -> bool:
        """Whether the format guarantees records without gaps."""
        return not self.format.endswith("+D")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A text at a time: `onset_ns` nanoseconds from the first sample, `duration_ns` None when not stated.

    `channel` is the label of the signal that it refers to, "" for all.
    """

    onset_ns: int
    duration_ns: int | None
    text: str
    channel: str = ""

    @property
    def onset(self) -> float:
        """Seconds from the first sample, negative before it."""
        return self.onset_ns / NANOSECONDS

    @property
    def duration(self) -> float | None:
        """Seconds, None when not stated."""
        return None if self.duration_ns is None else self.duration_ns / NANOSECONDS


@dataclass(frozen=True, slots=True)
class EegRecording:
    """Everything in an EEG file except its samples; `name` is the file's."""

    name: str
    header: EegHeader
    timeline: EegTimeline = field(repr=False)
    annotations: tuple[Annotation, ...] = field(repr=False)
    warnings: tuple[EegWarning, ...]

    @property
    def start(self) -> datetime | None:
        """The local time of the first sample to the microsecond, None when the header's is invalid."""
        return first_sample_at(self.header, self.timeline)

    @property
    def duration(self) -> float:
        """Seconds from the first sample to the end of the last record, gaps included."""
        return self.timeline.duration_ns / NANOSECONDS

    @property
    def segments(self) -> tuple[EegSegment, ...]:
        """The segments, which have no gap inside."""
        return self.timeline.segments


def first_sample_at(header: EegHeader, timeline: EegTimeline) -> datetime | None:
    """The local time of the first sample: the header's start plus the time stamp of the first record; None
    when it is invalid."""
    if header.start is None:
        return None
    try:
        return header.start + timedelta(microseconds=(timeline.zero_ns + 500) // 1000)
    except OverflowError:  # a time stamp beyond the calendar
        return None
