"""Proposals for the sync of an EEG and a recording: each says what it rests on and how uncertain it is.

None of them is ever used without a person's consent: clocks of devices are set by hand.
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
"""Seconds that the clocks of two devices may stand apart when nobody has set them by each other."""

_FAR = timedelta(hours=12)
"""Further apart, it is more likely another patient's file than a clock that was set wrong."""


Zone = tzinfo | Literal["computer"] | None
"""A time zone; None when it is not known."""

_HOURS = (1, -1, 2, -2, 3, -3, *(sign * hours for hours in range(4, 15) for sign in (1, -1)))
"""Whole hours by which clocks differ that were set in two time zones, the likeliest first."""

_SHOWN = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class SyncProposal:
    """A sync that is proposed, None when nothing can be said.

    `rests_on` is a sentence with its reason or with what is lacking, `uncertainty` the seconds by which it
    may be off, `warnings` what the person should look at before agreeing.
    """

    sync: Sync | None
    rests_on: str
    uncertainty: float = 0.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileExtent:
    """When a file began by its own clock (None when it does not say) and how long it is in seconds."""

    began: datetime | None
    duration: float


def from_start_times(eeg: FileExtent, recording: FileExtent, zone: Zone = None) -> SyncProposal:
    """The sync by the times of day at which both files say that they began.

    EEG files give local time without a zone. A recording's time in UTC is brought to `zone`, that of the
    place where the EEG was recorded ("computer" for that of this computer); without it nothing is proposed.
    """
    if eeg.began is None or recording.began is None:
        lacking = "EEG" if eeg.began is None else "recording"
        return SyncProposal(None, f"The {lacking} does not say when it began.")
    mine = _local(recording.began, zone)
    other = _local(eeg.began, zone)
    if mine is None or other is None:
        return SyncProposal(
            None, "The recording gives its start in world time, and the EEG's time zone is not known."
        )
    moved = recording.began.tzinfo is not None and recording.began.utcoffset() == timedelta(0)
    words = " (its world time brought to the time zone of the EEG)" if moved else ""
    return _by_clock(
        (other - mine).total_seconds(),
        eeg,
        recording,
        f"The EEG says that it began at {other:{_SHOWN}}, the recording at {mine:{_SHOWN}}{words}.",
        CLOCK_ERROR,
    )


def from_file_name(eeg: FileExtent, name: NameTime, duration: float) -> SyncProposal:
    """The sync by the time in the name of the recording's file; `duration` of the recording in seconds."""
    if name.time is None:
        return SyncProposal(None, name.why)
    if eeg.began is None:
        return SyncProposal(None, "The EEG does not say when it began.")
    return _by_clock(
        (eeg.began.replace(tzinfo=None) - name.time).total_seconds(),
        eeg,
        FileExtent(name.time, duration),
        f"The EEG says that it began at {eeg.began:{_SHOWN}}, the name of the recording's file says "
        f"{name.time:{_SHOWN}}.",
        CLOCK_ERROR + name.resolution,
    )


_BEGINS = re.compile(
    r"\b(video|film|cam(era)?|movie|rec(ording)?)\b.{0,20}\b(start\w*|begin\w*|on|resum\w*)\b"
    r"|\b(start\w*|begin\w*)\b.{0,12}\b(video|film|camera|recording)\b|^rec(ording)? ?start",
    re.IGNORECASE,
)


def says_video_begins(text: str) -> bool:
    """Whether an annotation says that the video begins ("Video start", "REC START", "camera on")."""
    return _BEGINS.search(text) is not None


def from_annotation(
    onset: float, text: str, recording: float = 0.0, uncertainty: float = 1.0
) -> SyncProposal:
    """The sync by one annotation of the EEG at `onset` seconds that belongs to `recording` seconds there."""
    fit = sync_from_pairs((MarkPair(onset, recording),))
    return SyncProposal(
        fit.sync,
        f"The annotation “{text}” of the EEG stands for {recording:.2f} s of the recording.",
        max(uncertainty, MARK_ERROR),
    )


def video_annotations(annotations: Sequence[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    """The annotations (onset in seconds, text) that say that a video begins."""
    return tuple(one for one in annotations if says_video_begins(one[1]))


def overlap(sync: Sync, eeg_duration: float, recording_duration: float) -> float:
    """Seconds of the recording during which there is EEG; 0 when they do not meet."""
    start = max(sync.to_recording(0.0), 0.0)
    return max(min(sync.to_recording(eeg_duration), recording_duration) - start, 0.0)


def _local(at: datetime, zone: Zone) -> datetime | None:
    """The local time of day without a zone; None when it is not known."""
    if at.tzinfo is None:
        return at
    if at.utcoffset() != timedelta(0):  # a phone that writes its own zone shows the time of its place
        return at.replace(tzinfo=None)
    if zone is None:
        return None
    # Without a zone, the computer's rules for that date are used, summer time included.
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
        warning = f"By their clocks they do not overlap: {_days(apart)} lie between them."
    shifted = (Sync(offset + 3600 * hours) for hours in _HOURS)
    meets = [overlap(sync, eeg.duration, recording.duration) > 0 for sync in shifted]
    if True not in meets:
        return SyncProposal(None, words, warnings=(warning,))
    hours = abs(_HOURS[meets.index(True)])
    shift = f"They would overlap if one clock were {hours} h off, as by time zone or summer time."
    return SyncProposal(None, words, warnings=(warning, shift))


def _days(apart: timedelta) -> str:
    """How long, in the largest unit."""
    seconds = apart.total_seconds()
    for unit, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
