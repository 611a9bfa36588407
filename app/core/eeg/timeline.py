"""The times of the data records: segments without a gap, from the time stamps of the records.

All times are integer nanoseconds from the first sample. Records with a time stamp out of order, or without
one, are placed directly after the previous record.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

NANOSECONDS = 1_000_000_000
"""Nanoseconds per second. Times are integers, so that sums are exact."""

UNSTAMPED = np.iinfo(np.int64).min
"""The value for a record without a time stamp."""

TIME_LIMIT = 2 * 10**18
"""Times of at least this many nanoseconds (63 years) count as damage; sums of three fit 64 bits."""

_FAR = 2**62
Nanoseconds = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EegSegment:
    """A segment without a gap: `records` data records from number `first` on; times in nanoseconds."""

    first: int
    records: int
    start_ns: int
    duration_ns: int

    @property
    def start(self) -> float:
        """The start in seconds from the first sample of the file."""
        return self.start_ns / NANOSECONDS

    @property
    def duration(self) -> float:
        """The duration in seconds."""
        return self.duration_ns / NANOSECONDS

    @property
    def end_ns(self) -> int:
        return self.start_ns + self.duration_ns


@dataclass(frozen=True, slots=True, eq=False)
class EegTimeline:
    """The times of all records.

    Segment i begins with record `firsts[i]`, `starts[i]` nanoseconds after the first sample; both are
    increasing. There are `records` records of `record_ns` nanoseconds. The first sample is `zero_ns` after
    the header's start. The time stamps of the first `known` records have been read, the others are assumed to
    be contiguous. `misplaced` counts records whose time stamps were rejected, `overlaps` the segments that
    begin before the previous one ends.
    """

    starts: Nanoseconds
    firsts: Nanoseconds
    records: int
    record_ns: int
    zero_ns: int
    known: int
    misplaced: int = 0
    overlaps: int = 0

    @property
    def segments(self) -> tuple[EegSegment, ...]:
        return tuple(self.segment(number) for number in range(len(self.starts)))

    def segment(self, number: int) -> EegSegment:
        """The segment with this number, from 0. Raises IndexError."""
        first = int(self.firsts[number])
        after = int(self.firsts[number + 1]) if number + 1 < len(self.firsts) else self.records
        records = after - first
        return EegSegment(first, records, int(self.starts[number]), records * self.record_ns)

    @property
    def duration_ns(self) -> int:
        """Nanoseconds from the first sample to the end of the last record."""
        return self.segment(len(self.starts) - 1).end_ns if len(self.starts) else 0

    @property
    def known_ns(self) -> int:
        """Nanoseconds from the first sample up to which the times are final."""
        if self.known >= self.records or not len(self.starts):
            return self.duration_ns
        segment = self.segment_of(self.known)
        return segment.start_ns + self.record_ns * (self.known - segment.first)

    def segment_of(self, record: int) -> EegSegment:
        """The segment that contains a record."""
        return self.segment(max(int(np.searchsorted(self.firsts, record, side="right")) - 1, 0))

    def numbers_between(self, start_ns: int, end_ns: int) -> range:
        """The numbers of the segments that may intersect a time range, in order."""
        return range(max(self._begun_by(start_ns) - 1, 0), self._begun_by(end_ns))

    def _begun_by(self, ns: int) -> int:
        """The number of segments that have begun by a time, which may be out of range."""
        within = min(max(ns, -_FAR), _FAR)
        return int(np.searchsorted(self.starts, within, side="right"))


def continuous_timeline(
    records: int, record_ns: int, zero_ns: int = 0, known: int | None = None
) -> EegTimeline:
    """A timeline of one segment with all records; without a segment when there are no records or they last 0
    s."""
    count = 1 if records and record_ns else 0
    zeros = np.zeros(count, np.int64)
    return EegTimeline(zeros, zeros, records, record_ns, zero_ns, records if known is None else known)


def stamped_timeline(stamps: Nanoseconds, records: int, record_ns: int, tolerance_ns: int) -> EegTimeline:
    """The timeline of `records` records, of which the time stamps of the first `len(stamps)` have been read.

    Time stamps count from the header's start. A record continues a segment while its time stamp is within
    `tolerance_ns` of the end of the previous record.
    """
    zero = int(stamps[0]) if len(stamps) and stamps[0] != UNSTAMPED else 0
    if not record_ns or not records:
        return continuous_timeline(records, record_ns, zero, len(stamps))
    shifts = _shifts(stamps, record_ns, zero)
    steps = [0, *(np.flatnonzero(np.diff(shifts)) + 1).tolist(), len(shifts)]
    builder = _SegmentBuilder(record_ns, tolerance_ns)
    for run, (begin, end) in enumerate(pairwise(steps)):
        after = int(shifts[end]) if run + 2 < len(steps) else None
        builder.add(begin, end, int(shifts[begin]) if len(shifts) else 0, after)
    return EegTimeline(
        np.array(builder.starts, np.int64),
        np.array(builder.firsts, np.int64),
        records,
        record_ns,
        zero,
        len(stamps),
        builder.misplaced,
        builder.overlaps,
    )


def largest_step(stamps: Nanoseconds, record_ns: int) -> int:
    """The largest deviation of the time stamps from contiguous records, in nanoseconds."""
    if not len(stamps):
        return 0
    shifts = _shifts(stamps, record_ns, int(stamps[0]) if stamps[0] != UNSTAMPED else 0)
    return int(np.abs(shifts).max())


def _shifts(stamps: Nanoseconds, record_ns: int, zero: int) -> Nanoseconds:
    """The delay (ns) of each record against contiguous records; without a time stamp that of the previous
    one."""
    number = np.arange(len(stamps), dtype=np.int64)
    known = np.maximum.accumulate(np.where(stamps == UNSTAMPED, 0, number))
    shifts = stamps - zero - number * record_ns
    if len(stamps) and stamps[0] == UNSTAMPED:
        shifts[0] = 0
    found: Nanoseconds = shifts[known]
    return found


class _SegmentBuilder:
    """A builder of segments from runs of records with the same shift."""

    def __init__(self, record_ns: int, tolerance_ns: int) -> None:
        self.starts: list[int] = []
        self.firsts: list[int] = []
        self.misplaced = self.overlaps = 0
        self._record_ns = record_ns
        self._tolerance_ns = tolerance_ns

    def add(self, begin: int, end: int, shift: int, after: int | None) -> None:
        """Place records `begin` to `end`, which are stamped `shift` ns later than without gaps; `after` is
        the shift of the next run."""
        if not self.starts:
            self._open(0, shift)
            return
        current = self.starts[-1] - self.firsts[-1] * self._record_ns
        if abs(shift - current) <= self._tolerance_ns:
            return
        goes_back = shift - current <= -self._record_ns
        if goes_back or self._is_outlier(begin, end, shift, after, current):
            self.misplaced += end - begin
            return
        self.overlaps += shift < current
        self._open(begin, shift)

    def _open(self, begin: int, shift: int) -> None:
        self.firsts.append(begin)
        self.starts.append(begin * self._record_ns + shift)

    def _is_outlier(self, begin: int, end: int, shift: int, after: int | None, current: int) -> bool:
        """Whether a single record is stamped far ahead while the next one returns to the previous shift."""
        if after is None or end - begin > 1:
            return False
        return after - shift <= -self._record_ns and after - current > -self._record_ns
