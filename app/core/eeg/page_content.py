"""What stands on one page of an EEG: its traces, gaps, marks and settings, before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.channel_names import channel_names
from app.core.eeg.derivation import DerivedRow, InputChannel, MissingRow, derive
from app.core.eeg.display_choices import (
    DEFAULT_FILTERS,
    DisplayChoices,
    FileChoices,
    arranged,
    file_sensitivities,
    row_keys,
)
from app.core.eeg.eeg_file import EegFile
from app.core.eeg.eeg_recording import Signal
from app.core.eeg.electrodes import electrode_named
from app.core.eeg.filters import Filters
from app.core.eeg.montage_folder import default_montage
from app.core.eeg.montages import Montage
from app.core.eeg.page_scale import DEFAULT_SENSITIVITY
from app.core.eeg.samples import read_page
from app.core.eeg.timeline import NANOSECONDS, EegTimeline
from app.core.eeg.traces import Trace, page_traces
from app.core.errors import UserError
from app.core.plain_text import plain

LONGEST_PAGE = 86_400
"""Seconds."""

MOST_SAMPLES = 60_000_000
"""Samples of all channels that one page may read, to bound memory."""

_NAMES_SHOWN = 12
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)
_MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class PageChoice:
    """How an EEG is shown.

    `montage` None is the first that fits. `filters` and `sensitivities` (µV/mm) are by kind of channel; kinds
    without filters are not filtered. `hidden` names rows, `bad` channels (label, name or electrode);
    `of_file` hides, moves and scales single rows by their keys.
    """

    montage: Montage | None = None
    filters: Mapping[ChannelKind, Filters] = field(default_factory=lambda: filters_by_kind(Filters()))
    sensitivities: Mapping[ChannelKind, float] = field(default_factory=lambda: DEFAULT_SENSITIVITY)
    negative_up: bool = True
    hidden: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    of_file: FileChoices = field(default_factory=FileChoices)


@dataclass(frozen=True, slots=True)
class PageMark:
    """A moment on a page: seconds from its beginning, and a few words. A `strong` one is the subject of the
    page, others are annotations."""

    seconds: float
    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class PageTick:
    """A line of the time grid: seconds from the beginning of the page, and its label."""

    seconds: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class PageContent:
    """A page of `seconds` from `start` on, seconds on the EEG's clock.

    `gaps` (start, end) are stretches without any signal, in seconds from the beginning of the page; `missing`
    are rows of the montage that cannot be shown, `hidden` the names of those that were not wanted. `separate`
    is the µV/mm of traces that have another one than their kind, by their number.
    """

    title: str
    start: Fraction
    seconds: Fraction
    traces: tuple[Trace, ...]
    gaps: tuple[tuple[float, float], ...]
    missing: tuple[MissingRow, ...]
    choice: PageChoice
    hidden: tuple[str, ...] = ()
    separate: Mapping[int, float] = field(default_factory=dict)
    ticks: tuple[PageTick, ...] = ()
    marks: tuple[PageMark, ...] = ()

    def sensitivity_of(self, number: int) -> float:
        """The µV/mm of the trace with this number."""
        kind = self.traces[number].row.kind
        return self.separate.get(number, self.choice.sensitivities.get(kind, DEFAULT_SENSITIVITY[kind]))


def filters_by_kind(chosen: Filters) -> Mapping[ChannelKind, Filters]:
    """The filters of every kind of channel when `chosen` are those of the EEG.

    Other kinds have the filters of the window, electrical ones with the notch of the EEG; contacts in the
    brain follow the cuts that were chosen, and have no high cut before.
    """
    shared = {"harmonics": chosen.harmonics, "zero_phase": chosen.zero_phase}
    made = {kind: replace(one, **shared) for kind, one in DEFAULT_FILTERS.items()}
    for kind in (ChannelKind.DEPTH, ChannelKind.EOG, ChannelKind.ECG, ChannelKind.EMG):
        made[kind] = replace(made[kind], notch=chosen.notch)
    usual = DEFAULT_FILTERS[ChannelKind.EEG]
    if (chosen.low_cut, chosen.high_cut) != (usual.low_cut, usual.high_cut):
        made[ChannelKind.DEPTH] = chosen
    return MappingProxyType({**made, ChannelKind.EEG: chosen})


def displayed_page(choices: DisplayChoices, of_file: FileChoices, montage: Montage) -> PageChoice:
    """The page as the window shows it."""
    filters = MappingProxyType({kind: choices.filters_of(kind) for kind in choices.filters})
    sensitivities = file_sensitivities(choices, of_file)
    return PageChoice(montage, filters, sensitivities, choices.negative_up, of_file=of_file)


def scaled_sensitivities(microvolts: float) -> Mapping[ChannelKind, float]:
    """The sensitivities (µV/mm) of all kinds when that of the EEG is `microvolts`, in their usual
    proportions."""
    share = microvolts / DEFAULT_SENSITIVITY[ChannelKind.EEG]
    return MappingProxyType({kind: value * share for kind, value in DEFAULT_SENSITIVITY.items()})


def read_page_content(
    eeg: EegFile, timeline: EegTimeline, choice: PageChoice, start: Fraction, seconds: Fraction
) -> PageContent:
    """The page of `seconds` from `start` on. `timeline` must be final up to its end and the run-in after it.

    Raises UserError when nothing of the montage can be shown, a named channel does not exist, the page is too
    long, or the file can no longer be read.
    """
    signals = [signal for signal in eeg.header.signals if signal.rate]
    channels = [InputChannel(signal.label or signal.name, signal.rate or Fraction(1), signal.unit)
                for signal in signals]  # fmt: skip
    montage = choice.montage or default_montage(channels)
    derived = derive(montage, channels, _numbers_of(choice.bad, signals))
    rows, separate = _chosen_rows(derived.rows, choice)
    if not rows:
        raise UserError(_nothing_to_show(eeg.name, montage, derived.missing))
    _check_length(eeg.name, rows, seconds)

    def read(numbers: Sequence[int], at: Fraction, count: int) -> Sequence[npt.NDArray[np.floating[Any]]]:
        wanted = [signals[number] for number in numbers]
        return read_page(eeg, timeline, wanted, at, float(count / channels[numbers[0]].rate))

    return PageContent(
        title=derived.title,
        start=start,
        seconds=seconds,
        traces=page_traces(rows, choice.filters, read, start, seconds),
        gaps=tuple(_gaps(timeline, start, seconds)),
        missing=derived.missing,
        choice=choice,
        hidden=tuple(row.name for row in derived.rows if row not in rows),
        separate=separate,
    )


def day_ticks(first_sample: datetime, start: Fraction, seconds: Fraction) -> tuple[PageTick, ...]:
    """The grid at whole seconds of the time of day; `first_sample` is the moment of 0 on the EEG's clock."""
    midnight = first_sample.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = Fraction((first_sample - midnight) // timedelta(microseconds=1), 1_000_000)

    def of_day(second: Fraction) -> str:
        whole = int(second) % 86_400
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"

    return tuple(PageTick(at, of_day(second)) for at, second in _grid(passed + start, seconds))


def second_ticks(start: Fraction, seconds: Fraction) -> tuple[PageTick, ...]:
    """The grid at whole seconds of a clock that shows `start` at the beginning of the page."""
    return tuple(PageTick(at, _clock_text(second)) for at, second in _grid(start, seconds))


def _clock_text(second: Fraction) -> str:
    whole = abs(int(second))
    hours, rest = divmod(whole, 3600)
    shown = f"{hours}:{rest // 60:02d}" if hours else f"{rest // 60}"
    return f"{'-' if second < 0 else ''}{shown}:{rest % 60:02d}"


def _grid(shown: Fraction, seconds: Fraction) -> Iterator[tuple[float, Fraction]]:
    """Where the lines are, in seconds from the beginning of a page that begins at `shown`, and what the clock
    shows there."""
    step = next((one for one in _STEPS if seconds / one <= _MOST_LINES), _STEPS[-1])
    second = Fraction(math.ceil(shown / step) * step)
    while second <= shown + seconds:
        yield float(second - shown), second
        second += step


def _gaps(timeline: EegTimeline, start: Fraction, seconds: Fraction) -> Iterator[tuple[float, float]]:
    """The stretches of a page that lie in no segment."""
    at, end = start, start + seconds
    begin_ns, end_ns = math.floor(start * NANOSECONDS), math.ceil(end * NANOSECONDS)
    for number in timeline.numbers_between(begin_ns, end_ns):
        segment = timeline.segment(number)
        begun = Fraction(segment.start_ns, NANOSECONDS)
        ended = Fraction(segment.end_ns, NANOSECONDS)
        if begun > at:
            yield float(at - start), float(min(begun, end) - start)
        at = max(at, ended)
    if at < end:
        yield float(at - start), float(end - start)


def _numbers_of(names: Sequence[str], signals: Sequence[Signal]) -> frozenset[int]:
    """The channels of these names. Raises UserError for one that there is not."""
    parsed = channel_names([signal.label or signal.name for signal in signals])
    known: dict[str, int] = {}
    for place, (signal, one) in enumerate(zip(signals, parsed, strict=True)):
        for key in (signal.name, signal.label, one.electrode if not one.bipolar else ""):
            known.setdefault(key.strip().lower(), place)
    found = set()
    for name in names:
        number = known.get(name.strip().lower(), known.get(electrode_named(name).lower() or "\0"))
        if number is None or not name.strip():
            raise UserError(
                f"There is no channel “{plain(name, 60)}”; there are {_some(s.name for s in signals)}."
            )
        found.add(number)
    return frozenset(found)


def _chosen_rows(
    rows: Sequence[DerivedRow], choice: PageChoice
) -> tuple[tuple[DerivedRow, ...], Mapping[int, float]]:
    """The rows that are wanted in their order, and separate sensitivities by number. Raises UserError."""
    keys, wanted = row_keys(rows), _without_hidden(rows, choice.hidden)
    shown = [number for number in arranged(keys, choice.of_file) if rows[number] in wanted]
    own = choice.of_file.row_sensitivity
    separate = {place: own[keys[number]] for place, number in enumerate(shown) if keys[number] in own}
    return tuple(rows[number] for number in shown), separate


def _without_hidden(rows: Sequence[DerivedRow], hidden: Sequence[str]) -> tuple[DerivedRow, ...]:
    """The rows except those of these names. Raises UserError for a name that no row has."""
    names = {row.name.lower() for row in rows}
    unwanted = {name.strip().lower() for name in hidden}
    for name in hidden:
        if name.strip().lower() not in names:
            raise UserError(
                f"There is no trace “{plain(name, 60)}” to hide; there are {_some(row.name for row in rows)}."
            )
    return tuple(row for row in rows if row.name.lower() not in unwanted)


def _some(names: Iterator[str] | Sequence[str]) -> str:
    every = [plain(name, 40) for name in names]
    more = f" and {len(every) - _NAMES_SHOWN} more" if len(every) > _NAMES_SHOWN else ""
    return ", ".join(every[:_NAMES_SHOWN]) + more


def _check_length(name: str, rows: Sequence[DerivedRow], seconds: Fraction) -> None:
    inputs = {number: row.rate for row in rows for number in row.inputs}
    if seconds > LONGEST_PAGE or sum(inputs.values()) * seconds > MOST_SAMPLES:
        raise UserError(f"A page of {float(seconds):g} s of “{name}” is too long to be drawn.")


def _nothing_to_show(name: str, montage: Montage, missing: Sequence[MissingRow]) -> str:
    why = f": {missing[0].name}: {missing[0].why}" if missing else ""
    return f"Nothing of the montage “{montage.title}” can be shown of “{name}”{why}."
