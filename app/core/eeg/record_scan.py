"""A scan of the time stamps and annotations of all records, with intermediate results.

It takes seconds for a day of 90 GB and is meant for a background thread or process; before it reaches a
record, `first_timeline` assumes that records are contiguous.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from time import monotonic

import numpy as np

from app.core.eeg.annotation_lists import ChannelLists, Tal, lone_stamp, read_lists
from app.core.eeg.eeg_file import EegFile
from app.core.eeg.eeg_recording import Annotation, EegHeader, EegRecording, EegWarning, first_sample_at
from app.core.eeg.file_bytes import FileBytes
from app.core.eeg.timeline import (
    NANOSECONDS,
    UNSTAMPED,
    EegTimeline,
    continuous_timeline,
    largest_step,
    stamped_timeline,
)
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, no_report

ANNOTATION_LIMIT = 500_000
"""The most annotations of a file that are kept, to bound memory."""

RECORD_LIMIT = 20_000_000
"""The most records whose time stamps are read: more than eleven days of records of 0.05 s."""

_CHANNEL_LIMIT = 1 << 24
"""The most bytes of an annotation channel that are parsed in one record."""

_WHOLE_RECORD = 1 << 15
"""Records of up to this many bytes are read in blocks; of larger ones only the annotation channels."""

_TOGETHER = 64
"""Records after which is looked for cancelling and for what to publish; so many are read in one call."""

_BLOCK = 1 << 20
_EVERY = 0.2
"""The shortest time (s) between two intermediate results."""

_WAVERING_NS = 1_000_000
"""Irregularity of a device's clock (ns) that does not count as a gap."""

_WHAT = "Reading the time stamps of the EEG"


@dataclass(frozen=True, slots=True)
class Scan:
    """An intermediate or final result: `done` is a share from 0 to 1, and 1 means final."""

    timeline: EegTimeline
    annotations: tuple[Annotation, ...]
    warnings: tuple[EegWarning, ...]
    done: float


def read_recording(
    eeg: EegFile, *, report: Report = no_report, cancel: CancelToken | None = None
) -> EegRecording:
    """Everything in the file except its samples. Raises UserError when the file changes meanwhile,
    Cancelled."""
    estimate = TimeEstimate()
    last = None
    for last in scan_records(eeg, cancel=cancel):
        report(Progress(_WHAT, last.done, estimate.remaining(last.done)))
    assert last is not None  # a scan yields at least its final result
    change_message = eeg.change_message()
    changed = (EegWarning("changed", change_message),) if change_message else ()
    return EegRecording(
        eeg.name,
        eeg.header,
        last.timeline,
        last.annotations,
        (*eeg.header.warnings, *last.warnings, *changed),
    )


def first_timeline(eeg: EegFile) -> EegTimeline:
    """The timeline by the time stamp of the first record alone; final for EDF, EDF+C, BDF and BDF+C.

    Raises UserError when the file can no longer be read.
    """
    header = eeg.header
    zero = 0
    if header.records and header.annotation_channels:
        place = header.annotation_channels[0]
        raw = eeg.contents.read(header.header_bytes + place.offset, min(place.size, _CHANNEL_LIMIT))
        zero = read_lists(raw, 1).stamp_ns or 0
    known = header.records if header.is_continuous else min(header.records, 1)
    return continuous_timeline(header.records, header.record_ns, zero, known)


def timeline_until(eeg: EegFile, seconds: float, *, cancel: CancelToken | None = None) -> EegTimeline:
    """A timeline that is final up to `seconds` from the first sample; no more than necessary is read.

    Raises UserError when the file changes meanwhile, Cancelled.
    """
    timeline = first_timeline(eeg)
    if timeline.known == timeline.records:
        return timeline
    with closing(scan_records(eeg, cancel=cancel)) as scans:
        for found in scans:
            timeline = found.timeline
            # Whether the last time stamp is accepted depends on the one after it.
            if timeline.known_ns - 2 * timeline.record_ns > seconds * NANOSECONDS:
                break
    return timeline


def scan_records(eeg: EegFile, *, cancel: CancelToken | None = None) -> Generator[Scan]:
    """Intermediate results several times a second, then the final one.

    Raises UserError when the file changes meanwhile, Cancelled.
    """
    header, token = eeg.header, cancel or CancelToken()
    if not header.annotation_channels or not header.records:
        timeline = continuous_timeline(header.records, header.record_ns)
        yield Scan(timeline, (), _timeline_warnings(header, timeline, _ScanState(header)), 1.0)
        return
    found = _ScanState(header)
    due = monotonic() + _EVERY
    with eeg.contents.reopened() as contents:
        for number, channels in enumerate(_channel_bytes(contents, header, found.records)):
            found.add(number, channels)
            if number % _TOGETHER == 0:
                token.check()
                if monotonic() >= due:
                    begun = monotonic()
                    yield found.published(number + 1)
                    # An intermediate result sorts all annotations: it may take at most a fifth of the time.
                    due = monotonic() + max(_EVERY, 4 * (monotonic() - begun))
    yield found.published(found.records)


def _channel_bytes(contents: FileBytes, header: EegHeader, records: int) -> Iterator[list[bytes]]:
    """The bytes of the annotation channels of each of the first `records` records, in order."""
    size, places = header.record_bytes, header.annotation_channels
    if size > _WHOLE_RECORD:
        yield from _parts_of_records(contents, header, records)
        return
    at_once = max(_BLOCK // size, 1)
    for first in range(0, records, at_once):
        count = min(at_once, records - first)
        block = contents.read(header.header_bytes + first * size, count * size)
        for begin in range(0, count * size, size):
            yield [block[begin + place.offset : begin + place.offset + place.size] for place in places]


def _parts_of_records(contents: FileBytes, header: EegHeader, records: int) -> Iterator[list[bytes]]:
    """The same from long records, of which no more is read: the first one alone, then several in one call.
    These end where the scan looks for what to publish, so that the first result need not wait for them."""
    parts = [(place.offset, min(place.size, _CHANNEL_LIMIT)) for place in header.annotation_channels]
    at_once = max(min(_TOGETHER, _BLOCK // max(sum(size for _, size in parts), 1)), 1)
    for first in (0, *range(1, records, at_once)):
        begins = range(first, min(first + at_once, records) if first else 1)
        at = [header.header_bytes + number * header.record_bytes for number in begins]
        found = contents.read_each([(begin + offset, size) for begin in at for offset, size in parts])
        for number in range(0, len(found), len(parts)):
            yield found[number : number + len(parts)]


@dataclass(slots=True)
class _ScanState:
    """Time stamps and annotation lists read so far."""

    header: EegHeader
    stamps: np.ndarray[tuple[int], np.dtype[np.int64]] = field(init=False)
    digits: int = 0
    damaged: int = 0
    left_out: int = 0
    tals: list[Tal] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Memory that is not yet written to is not allocated by the system.
        self.stamps = np.empty(self.records, np.int64)

    @property
    def records(self) -> int:
        """The number of records to scan."""
        return min(self.header.records, RECORD_LIMIT)

    def add(self, record: int, channels: list[bytes]) -> None:
        """Parse the annotation channels of a record; the first one holds its time stamp."""
        self.stamps[record] = UNSTAMPED
        for number, raw in enumerate(channels):
            if number == 0 and (lone := lone_stamp(raw)) is not None:
                self.stamps[record] = lone[0]
                self.digits = max(self.digits, lone[1])
                continue
            lists = read_lists(raw, ANNOTATION_LIMIT)
            self.damaged += lists.damaged
            if number == 0 and lists.stamp_ns is not None:
                self.stamps[record] = lists.stamp_ns
                self.digits = max(self.digits, lists.stamp_digits)
            if lists.tals:
                self._keep(lists)

    def _keep(self, lists: ChannelLists) -> None:
        room = ANNOTATION_LIMIT - len(self.tals)
        self.tals += lists.tals[:room]
        self.left_out += max(len(lists.tals) - room, 0)

    def published(self, known: int) -> Scan:
        """The result after `known` records."""
        header = self.header
        stamps = self.stamps[:known]
        if header.is_continuous:
            first = int(stamps[0]) if stamps[0] != UNSTAMPED else 0
            timeline = continuous_timeline(header.records, header.record_ns, first, known)
        else:
            timeline = stamped_timeline(
                stamps, header.records, header.record_ns, _tolerance_ns(header, self.digits)
            )
        is_whole = known == self.records
        return Scan(
            timeline,
            _annotations(self.tals, timeline.zero_ns),
            _timeline_warnings(header, timeline, self) if is_whole else (),
            known / self.records,
        )


def _annotations(tals: list[Tal], zero_ns: int) -> tuple[Annotation, ...]:
    """The annotations in order of time, one per text, with times from the first sample."""
    found = []
    for tal in sorted(tals, key=lambda tal: tal.onset_ns):
        for text in tal.texts:
            about, _, channel = text.partition("@@")  # EDF+ appends the signal that a text refers to
            onset = tal.onset_ns - zero_ns
            found.append(Annotation(onset, tal.duration_ns, about.strip(), channel.strip()))
    return tuple(found[:ANNOTATION_LIMIT])


def _tolerance_ns(header: EegHeader, digits: int) -> int:
    """The largest difference (ns) of a time stamp from contiguous records that does not count as a gap.

    The rounding to the decimals of the file's time stamps, or the irregularity of a clock: a millisecond or
    half a sample of the fastest signal. At most a quarter of a record.
    """
    most = max((signal.per_record for signal in header.signals if signal.rate), default=0)
    half_sample = header.record_ns // (2 * most) if most else 0
    half_digit = int(Fraction(NANOSECONDS, 2 * 10 ** min(digits, 10)))
    return min(max(min(half_sample, _WAVERING_NS), half_digit), header.record_ns // 4)


def _timeline_warnings(header: EegHeader, timeline: EegTimeline, found: _ScanState) -> tuple[EegWarning, ...]:
    return tuple(_warnings(header, timeline, found))


def _warnings(header: EegHeader, timeline: EegTimeline, found: _ScanState) -> Iterator[EegWarning]:
    lasts = bool(header.record_ns and header.records and header.annotation_channels)
    if header.annotation_channels and header.records > found.records:
        yield EegWarning(
            "too_many_records",
            f"Time stamps and annotations were read of the first {found.records} data records only.",
        )
    unstamped = int((found.stamps == UNSTAMPED).sum()) if lasts else 0
    if unstamped:
        yield EegWarning(
            "no_time_stamps",
            f"{unstamped} of {header.records} data records have no time stamp; each follows the one before.",
        )
    if timeline.misplaced:
        yield EegWarning(
            "bad_time_stamps",
            f"{timeline.misplaced} data records are stamped out of order; each follows the one before.",
        )
    if timeline.overlaps:
        yield EegWarning(
            "overlap", f"{timeline.overlaps} times a data record begins before the one before it has ended."
        )
    if lasts and header.is_continuous and _contradicts_continuity(header, found):
        yield EegWarning(
            "stamps_disagree",
            f"The file says that it has no gaps ({header.format}), but its time stamps say otherwise; "
            "they are not followed.",
        )
    if header.start and first_sample_at(header, timeline) is None:
        yield EegWarning("bad_start", "The time stamp of the first data record is impossible.")
    if found.damaged:
        yield EegWarning("damaged_annotations", f"{found.damaged} annotations could not be read.")
    if found.left_out:
        yield EegWarning(
            "too_many_annotations",
            f"The file holds more than {ANNOTATION_LIMIT} annotations; {found.left_out} are left out.",
        )


def _contradicts_continuity(header: EegHeader, found: _ScanState) -> bool:
    """Whether the time stamps of a file that claims no gaps deviate by more than a sample or a
    millisecond."""
    allowed = max(2 * _tolerance_ns(header, found.digits), NANOSECONDS // 1000)
    return largest_step(found.stamps, header.record_ns) > allowed
