"""What an EEG file holds: its header, its signals, its stretches of time and its annotations.

None of these has a field for who was recorded: `identity.py` reads that when it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from app.core.eeg.timeline import NANOSECONDS, EegSegment, EegTimeline


@dataclass(frozen=True, slots=True)
class EegWarning:
    """Something wrong with an EEG file that does not stop it from being read.

    `code` is stable and for programs (docs/eeg.md lists them), `text` is one sentence for a clinician. It
    never quotes the header, whose fields may hold a name when they are out of place.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One sampled channel.

    `number` counts the signals of the file from 0, annotation channels left out; `label` is the file's,
    possibly empty or used twice; `name` is unique and never empty. `unit` is that of the values, mostly uV.
    `is_calibrated` is False when the header gives no usable ranges: the values are the stored numbers then
    and have no unit. `rate` is in
    Hz, None where a data record lasts 0 s. `samples` is how many there are in the whole records of the file;
    `per_record` how many in one of them, from byte `offset` of the record on. A value is
    stored number × `gain` + `base`, and the stored numbers lie in `digital` (minimum, maximum) unless the
    amplifier was overloaded; `gain` is negative where the physical minimum stands above the maximum.
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
    transducer: str
    prefilter: str


@dataclass(frozen=True, slots=True)
class AnnotationChannel:
    """Where one annotation channel lies in every data record, in bytes."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class EegHeader:
    """What the header says, corrected by the size of the file.

    `format` is EDF, EDF+C, EDF+D, BDF, BDF+C or BDF+D. `start` is the date and time of the header (local
    time, whole seconds; the first sample may come later), None when it is impossible. `width` is bytes in a
    sample; the records begin at byte `header_bytes`, each has `record_bytes` and lasts `record_ns`
    nanoseconds. `records` are the whole ones that are in the file, whatever the header says.
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
        """Whether the records follow each other without a gap."""
        return not self.format.endswith("+D")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A text at a time: `onset_ns` nanoseconds from the first sample, `duration_ns` None when not given.

    `channel` is the label of the signal that it is about, empty when it is about all.
    """

    onset_ns: int
    duration_ns: int | None
    text: str
    channel: str = ""

    @property
    def onset(self) -> float:
        """Seconds from the first sample; below 0 before it."""
        return self.onset_ns / NANOSECONDS

    @property
    def duration(self) -> float | None:
        """Seconds, None when not given."""
        return None if self.duration_ns is None else self.duration_ns / NANOSECONDS


@dataclass(frozen=True, slots=True)
class EegRecording:
    """An EEG file of which everything but the samples was read; `name` is the file's."""

    name: str
    header: EegHeader
    timeline: EegTimeline = field(repr=False)
    annotations: tuple[Annotation, ...] = field(repr=False)
    warnings: tuple[EegWarning, ...]

    @property
    def start(self) -> datetime | None:
        """The moment of the first sample to the microsecond (local time), None when the header's is
        impossible."""
        return first_sample_at(self.header, self.timeline)

    @property
    def duration(self) -> float:
        """Seconds from the first sample to the end of the last record, gaps included."""
        return self.timeline.duration_ns / NANOSECONDS

    @property
    def segments(self) -> tuple[EegSegment, ...]:
        """The stretches without a gap."""
        return self.timeline.segments


def first_sample_at(header: EegHeader, timeline: EegTimeline) -> datetime | None:
    """The moment of the first sample: the header's start and the stamp of the first record."""
    if header.start is None:
        return None
    try:
        return header.start + timedelta(microseconds=round(Fraction(timeline.zero_ns, 1000)))
    except OverflowError:  # a stamp that leads out of the calendar
        return None
