"""An EEG file as a display needs it: its samples and times, and the clock of the recording."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from app.core.eeg.derivation import InputChannel
from app.core.eeg.eeg_file import EegFile
from app.core.eeg.eeg_recording import Annotation, Signal, first_sample_at
from app.core.eeg.samples import PageValues, read_page
from app.core.eeg.sync import SAME_CLOCK, Sync
from app.core.eeg.timeline import NANOSECONDS, EegTimeline
from app.core.errors import UserError

MOST_SHOWN = 400
"""Annotations of one page that are shown: of more only the first could be read anyway."""


@dataclass(frozen=True, slots=True, eq=False)
class DisplayedFile:
    """An open file and what is known of it so far: its timeline and annotations (final when `is_complete`),
    the sync with the recording, and the labels of bad channels. Choices are remembered by `key`."""

    file: EegFile = field(repr=False)
    timeline: EegTimeline = field(repr=False)
    annotations: tuple[Annotation, ...] = field(default=(), repr=False)
    sync: Sync = SAME_CLOCK
    bad: frozenset[str] = frozenset()
    is_complete: bool = True
    key: str = ""

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The signals that have times."""
        return tuple(signal for signal in self.file.header.signals if signal.rate)

    @property
    def duration(self) -> float:
        """Seconds from the first sample to the end of the last record."""
        return self.timeline.duration_ns / NANOSECONDS

    @property
    def start(self) -> datetime | None:
        """The time of day of the first sample; None when the file does not state it."""
        return first_sample_at(self.file.header, self.timeline)

    def channels(self) -> tuple[InputChannel, ...]:
        """The signals as a montage takes them."""
        return tuple(
            InputChannel(one.label or one.name, one.rate, one.unit) for one in self.signals if one.rate
        )

    def bad_numbers(self) -> frozenset[int]:
        """The numbers of the bad channels."""
        return frozenset(n for n, one in enumerate(self.channels()) if one.label in self.bad)

    def read(self, numbers: Sequence[int], at: Fraction, count: int) -> tuple[PageValues, ...]:
        """Values of several channels of one rate (see `traces.Read`). Raises UserError when the file can no
        longer be read."""
        signals = self.signals
        wanted = [signals[number] for number in numbers]
        rate = wanted[0].rate or Fraction(1)
        try:
            return read_page(self.file, self.timeline, wanted, at, float(count / rate))
        except ValueError as error:  # closed meanwhile, because it was detached
            raise UserError(f"“{self.file.name}” is no longer open.") from error


def annotations_between(
    annotations: Sequence[Annotation], start: float, end: float
) -> tuple[Annotation, ...]:
    """The annotations with a text that meet a stretch in seconds, at most `MOST_SHOWN`. They are in order of
    onset; of those that began before the stretch only the last `MOST_SHOWN` are looked at."""
    first, last = (
        bisect_left(annotations, seconds * NANOSECONDS, key=lambda one: one.onset_ns)
        for seconds in (start, end)
    )
    earlier = annotations[max(first - MOST_SHOWN, 0) : first]
    lasting = [one for one in earlier if one.onset + (one.duration or 0.0) > start]
    found = [*lasting, *annotations[first : first + min(last - first, MOST_SHOWN)]]
    return tuple(one for one in found if one.text)[:MOST_SHOWN]


def annotations_apart(
    annotations: Sequence[Annotation], start: float, end: float, apart: float
) -> tuple[Annotation, ...]:
    """The annotations that begin within a stretch in seconds, at least `apart` seconds from the one before:
    the work follows the length of the stretch and not their number. They are in order of onset."""
    found: list[Annotation] = []
    at = start
    while at <= end:
        number = bisect_left(annotations, at * NANOSECONDS, key=lambda one: one.onset_ns)
        if number == len(annotations) or annotations[number].onset > end:
            break
        found.append(annotations[number])
        at = annotations[number].onset + apart
    return tuple(found)


def gaps_between(timeline: EegTimeline, start: float, end: float) -> tuple[tuple[float, float], ...]:
    """The gaps (start, end) in seconds that meet a stretch, in full length; before the first sample and after
    the last there is none."""
    low, high = int(start * NANOSECONDS), int(end * NANOSECONDS)
    found = []
    numbers = timeline.numbers_between(low, high)
    for number in range(numbers.start, min(numbers.stop, len(timeline.starts) - 1)):
        ended, begun = timeline.segment(number).end_ns, timeline.segment(number + 1).start_ns
        if begun > max(ended, low) and ended < high:
            found.append((ended / NANOSECONDS, begun / NANOSECONDS))
    return tuple(found)
