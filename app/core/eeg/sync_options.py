"""All ways in which the clocks of one EEG and one recording can be brought together, for a person to choose.

Each is a proposal with its reason and uncertainty, and with the sentence that the study stores if it is
accepted (without dates, which may be a trace of a person).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.channel_names import channel_names
from app.core.eeg.eeg_file import EegFile
from app.core.eeg.eeg_recording import Annotation, Signal, first_sample_at
from app.core.eeg.name_times import time_in_name
from app.core.eeg.samples import read_values
from app.core.eeg.sync import Sync
from app.core.eeg.sync_by_sound import LEAST_RATE, SyncSound, sync_by_sound
from app.core.eeg.sync_proposals import (
    FileExtent,
    SyncProposal,
    Zone,
    from_annotation,
    from_file_name,
    from_start_times,
    overlap,
    video_annotations,
)
from app.core.eeg.timeline import NANOSECONDS, EegTimeline
from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.plain_text import plain
from app.core.recording.recording import Recording
from app.core.recording.samples import read_samples

MOST_ANNOTATIONS = 5
"""The most annotations that are proposed: of a day with many videos those nearest to what the clocks say."""

_NO_DATE = date(1985, 1, 1)
"""The date that EDF+ gives to a file whose date was removed."""

_DAY = timedelta(days=1)
_LONGEST_TEXT = 80

_SOUND_AROUND = 600.0
_LONGEST_SOUND = 7200.0
"""Seconds of sound: before and after the place where the clocks put the recording; at most, without one."""

_MOST_RATE = 8000


class Basis(StrEnum):
    """What a proposed sync rests on."""

    START_TIMES = "start times"
    FILE_NAME = "file name"
    ANNOTATION = "annotation"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class SyncOption:
    """One way to bring the clocks together; `origin` is what the study stores of it."""

    basis: Basis
    proposal: SyncProposal
    origin: str


def eeg_extent(file: EegFile, timeline: EegTimeline) -> FileExtent:
    """Start and duration of an EEG by its header, as far as its time stamps are known."""
    return FileExtent(first_sample_at(file.header, timeline), timeline.duration_ns / NANOSECONDS)


def recording_extent(recording: Recording) -> FileExtent:
    """Start and duration of a recording by its metadata."""
    return FileExtent(recording.started_at, recording.duration)


def clock_options(
    eeg: FileExtent, recording: FileExtent, name: str, zone: Zone = "computer"
) -> tuple[SyncOption, ...]:
    """The options by the start times in both files and by the recording's file `name`."""
    begun = _in_zone(recording, zone)
    by_times = from_start_times(*_with_date(eeg, begun), zone)
    named = time_in_name(name)
    dated, lacked = _dated(eeg, named.time, recording.duration)
    by_name = from_file_name(dated, named, recording.duration)
    return (
        SyncOption(Basis.START_TIMES, _noted(by_times, _lacks_date(eeg)), "start times of both files"),
        SyncOption(
            Basis.FILE_NAME, _noted(by_name, lacked), "date and time in the name of the recording's file"
        ),
    )


def annotation_options(
    annotations: Sequence[Annotation], duration: float, guesses: Sequence[SyncOption] = ()
) -> tuple[SyncOption, ...]:
    """The options by annotations that mark the start of a video, the likeliest first.

    `duration` is the recording's (s). Of many those are given that lie nearest to where `guesses` put the
    recording's start.
    """
    found = video_annotations([(one.onset, one.text) for one in annotations])
    start = next((one.proposal.sync.to_eeg(0.0) for one in guesses if one.proposal.sync), None)
    nearest = sorted(found, key=lambda one: (abs(one[0] - start) if start is not None else 0.0, one[0]))
    options = []
    for onset, text in nearest[:MOST_ANNOTATIONS]:
        said = plain(text, _LONGEST_TEXT).replace("\n", " ")
        origin = "an annotation of the EEG that marks the start of the video"
        options.append(SyncOption(Basis.ANNOTATION, from_annotation(onset, said), origin))
    return tuple(options)


def sound_signal(file: EegFile) -> Signal | None:
    """The EEG's channel of sound that can be compared, None without one."""
    signals = file.header.signals
    kinds = channel_names([one.label for one in signals])
    for signal, name in zip(signals, kinds, strict=True):
        if name.kind is ChannelKind.SOUND and signal.rate is not None and signal.rate >= LEAST_RATE:
            return signal
    return None


def sound_option(
    file: EegFile,
    timeline: EegTimeline,
    recording: Recording,
    guess: Sync | None = None,
    *,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> SyncOption:
    """The option by the sound of both; `guess` is where the clocks put the recording.

    Ten minutes around that are compared, without a guess the first two hours. Takes seconds. Raises
    UserError when a file can no longer be read, Cancelled.
    """
    signal, origin = sound_signal(file), "the sound of both files"
    if signal is None or signal.rate is None:
        return SyncOption(Basis.SOUND, SyncProposal(None, "The EEG has no channel of sound."), origin)
    if recording.audio is None:
        return SyncOption(Basis.SOUND, SyncProposal(None, "The recording has no sound."), origin)
    token = cancel or CancelToken()
    first, seconds = _sound_stretch(timeline.duration_ns / NANOSECONDS, recording.duration, guess)
    report(Progress("Comparing the sound", 0.0))
    theirs = read_values(file, timeline, signal, first, int(seconds * signal.rate))
    token.check()
    report(Progress("Comparing the sound", 0.2))
    rate = min(int(signal.rate), _MOST_RATE)
    mine = read_samples(recording, 0.0, min(recording.duration, _LONGEST_SOUND), rate=rate)
    token.check()
    report(Progress("Comparing the sound", 0.6))
    heard = sync_by_sound(SyncSound(theirs, float(signal.rate), first), SyncSound(mine, rate))
    return SyncOption(Basis.SOUND, heard, origin)


def in_order(options: Sequence[SyncOption]) -> tuple[SyncOption, ...]:
    """Those that propose something first, the least uncertain before the others."""
    return tuple(sorted(options, key=lambda one: (one.proposal.sync is None, one.proposal.uncertainty)))


def pairing_warnings(
    sync: Sync, eeg: FileExtent, recording: FileExtent, options: Sequence[SyncOption] = ()
) -> tuple[str, ...]:
    """What a person should check before an EEG is attached with this sync, in sentences; () for nothing.

    `options` by the clocks say whether the files are of different days.
    """
    found = [
        warning
        for one in options
        if one.basis in (Basis.START_TIMES, Basis.FILE_NAME)
        for warning in one.proposal.warnings
        if "another patient" in warning
    ]
    shared = overlap(sync, eeg.duration, recording.duration)
    if shared <= 0:
        found.append("With this sync the EEG and the recording do not overlap at all.")
    elif shared < 0.99 * recording.duration:
        found.append(
            f"With this sync there is EEG for {_time(shared)} of the recording's {_time(recording.duration)}."
        )
    return tuple(dict.fromkeys(found))


def _sound_stretch(eeg: float, recording: float, guess: Sync | None) -> tuple[float, float]:
    """Start and length (s) of the EEG's sound that is compared."""
    if guess is None or overlap(guess, eeg, recording) <= 0:
        return 0.0, min(eeg, _LONGEST_SOUND)
    first = max(guess.to_eeg(0.0) - _SOUND_AROUND, 0.0)
    last = min(guess.to_eeg(min(recording, _LONGEST_SOUND)) + _SOUND_AROUND, eeg)
    return first, max(last - first, 0.0)


def _lacks_date(eeg: FileExtent) -> bool:
    return eeg.began is not None and eeg.began.date() == _NO_DATE


def _in_zone(recording: FileExtent, zone: Zone) -> FileExtent:
    """The recording with its start in the zone of the EEG where it is in UTC."""
    began = recording.began
    if began is None or began.tzinfo is None or began.utcoffset() != timedelta(0) or zone is None:
        return recording
    return replace(recording, began=began.astimezone(None if zone == "computer" else zone))


def _with_date(eeg: FileExtent, recording: FileExtent) -> tuple[FileExtent, FileExtent]:
    began = None if recording.began is None else recording.began.replace(tzinfo=None)
    dated, lacked = _dated(eeg, began, recording.duration)
    return dated, replace(recording, began=began) if lacked else recording


def _dated(eeg: FileExtent, near: datetime | None, duration: float) -> tuple[FileExtent, bool]:
    """An EEG whose date was removed, on the day on which it overlaps the recording, if it does on one."""
    if eeg.began is None or not _lacks_date(eeg) or near is None:
        return eeg, False
    same_day = datetime.combine(near.date(), eeg.began.time())
    days = (same_day, same_day - _DAY, same_day + _DAY)
    fits = (one for one in days if overlap(Sync((one - near).total_seconds()), eeg.duration, duration) > 0)
    return FileExtent(next(fits, same_day), eeg.duration), True


def _noted(proposal: SyncProposal, lacked: bool) -> SyncProposal:
    if not lacked or proposal.sync is None:
        return proposal
    note = "The date of the EEG was removed; only the times of day were compared, so the day may be another."
    return replace(proposal, warnings=(*proposal.warnings, note))


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
