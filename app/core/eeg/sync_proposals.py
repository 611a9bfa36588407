"""Proposals for the sync of an EEG and a recording, each with its reason and its uncertainty.

None is ever applied without a person's consent, because clocks of devices are set by hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from app.core.eeg.name_times import NameTime
from app.core.eeg.sync import MARK_ERROR, MarkPair, Sync, sync_from_pairs

CLOCK_ERROR = 60.0
"""The assumed difference (s) of the clocks of two devices that are not synchronised."""

_FAR = timedelta(hours=12)
"""With a larger difference, another patient's file is more likely than a wrong clock."""


Zone = tzinfo | Literal["computer"] | None
"""A time zone; None when it is not known."""

_HOURS = (1, -1, 2, -2, 3, -3, *(sign * hours for hours in range(4, 15) for sign in (1, -1)))
"""Differences in hours of clocks set in two time zones, the likeliest first."""

_SHOWN = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class SyncProposal:
    """A proposed sync, None when there is none.

    `reason` is a sentence with its basis or with what is missing, `uncertainty` its possible error in
    seconds, `warnings` are to be checked by the person before agreeing.
    """

    sync: Sync | None
    reason: str
    uncertainty: float = 0.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileExtent:
    """The start of a file by its own clock (None when not stated) and its duration in seconds."""

    began: datetime | None
    duration: float


def from_start_times(eeg: FileExtent, recording: FileExtent, zone: Zone = None) -> SyncProposal:
    """The sync by the start times stated in both files.

    EEG files give local time without a zone. A recording's time in UTC is converted to `zone`, the time zone
    of the EEG ("computer" for that of this computer); without a zone nothing is proposed.
    """
    if eeg.began is None or recording.began is None:
        lacking = "EEG" if eeg.began is None else "recording"
        return SyncProposal(None, f"The {lacking} does not state when it began.")
    mine = _local(recording.began, zone)
    other = _local(eeg.began, zone)
    if mine is None or other is None:
        return SyncProposal(
            None, "The recording states its start in UTC, and the EEG's time zone is not known."
        )
    moved = recording.began.tzinfo is not None and recording.began.utcoffset() == timedelta(0)
    words = " (its UTC time converted to the time zone of the EEG)" if moved else ""
    return _by_clock(
        (other - mine).total_seconds(),
        eeg,
        recording,
        f"The EEG states {other:{_SHOWN}} as its start, the recording {mine:{_SHOWN}}{words}.",
        CLOCK_ERROR,
    )


def from_file_name(eeg: FileExtent, name: NameTime, duration: float) -> SyncProposal:
    """The sync by the time in the name of the recording's file; `duration` of the recording in seconds."""
    if name.time is None:
        return SyncProposal(None, name.why)
    if eeg.began is None:
        return SyncProposal(None, "The EEG does not state when it began.")
    return _by_clock(
        (eeg.began.replace(tzinfo=None) - name.time).total_seconds(),
        eeg,
        FileExtent(name.time, duration),
        f"The EEG states {eeg.began:{_SHOWN}} as its start, the name of the recording's file "
        f"{name.time:{_SHOWN}}.",
        CLOCK_ERROR + name.resolution,
    )


_BEGINS = re.compile(
    r"\b(video|film|cam(era)?|movie|rec(ording)?)\b.{0,20}\b(start\w*|begin\w*|on|resum\w*)\b"
    r"|\b(start\w*|begin\w*)\b.{0,12}\b(video|film|camera|recording)\b|^rec(ording)? ?start",
    re.IGNORECASE,
)


def is_video_start(text: str) -> bool:
    """Whether an annotation marks the start of a video ("Video start", "REC START", "camera on")."""
    return _BEGINS.search(text) is not None


def from_annotation(
    onset: float, text: str, recording: float = 0.0, uncertainty: float = 1.0
) -> SyncProposal:
    """The sync by an annotation at `onset` seconds of the EEG that marks `recording` seconds of the
    recording."""
    fit = sync_from_pairs((MarkPair(onset, recording),))
    return SyncProposal(
        fit.sync,
        f"The annotation “{text}” of the EEG marks {recording:.2f} s of the recording.",
        max(uncertainty, MARK_ERROR),
    )


def video_annotations(annotations: Sequence[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    """The annotations (onset in seconds, text) that mark the start of a video."""
    return tuple(one for one in annotations if is_video_start(one[1]))


def overlap(sync: Sync, eeg_duration: float, recording_duration: float) -> float:
    """Seconds of the recording during which there is EEG; 0 without overlap."""
    start = max(sync.to_recording(0.0), 0.0)
    return max(min(sync.to_recording(eeg_duration), recording_duration) - start, 0.0)


def _local(at: datetime, zone: Zone) -> datetime | None:
    """The local time without a zone; None when it is not known."""
    if at.tzinfo is None:
        return at
    if at.utcoffset() != timedelta(0):  # a phone that writes its zone states the local time
        return at.replace(tzinfo=None)
    if zone is None:
        return None
    # Without an explicit zone the computer's rules for that date apply, daylight saving included.
    return at.astimezone(None if zone == "computer" else zone).replace(tzinfo=None)


def _by_clock(
    offset: float, eeg: FileExtent, recording: FileExtent, words: str, uncertainty: float
) -> SyncProposal:
    sync = Sync(offset)
    if overlap(sync, eeg.duration, recording.duration) > 0:
        return SyncProposal(sync, words, uncertainty)
    apart = timedelta(seconds=max(offset - recording.duration, -offset - eeg.duration))
    if apart > _FAR:
        warning = f"By their clocks they are {_days(apart)} apart: this may be another patient's EEG."
    else:
        warning = f"By their clocks they do not overlap: they are {_days(apart)} apart."
    shifted = (Sync(offset + 3600 * hours) for hours in _HOURS)
    meets = [overlap(sync, eeg.duration, recording.duration) > 0 for sync in shifted]
    if True not in meets:
        return SyncProposal(None, words, warnings=(warning,))
    hours = abs(_HOURS[meets.index(True)])
    shift = f"They would overlap if one clock were {hours} h off (time zone, daylight saving)."
    return SyncProposal(None, words, warnings=(warning, shift))


def _days(apart: timedelta) -> str:
    """The time span as text in its largest unit."""
    seconds = apart.total_seconds()
    for unit, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
