"""A day of EEG and its many video files: each placed on the EEG's clock, and where there is no picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.eeg.eeg_beside import files_in
from app.core.eeg.sync_options import clock_options, in_order
from app.core.eeg.sync_proposals import FileExtent
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, no_report
from app.core.recording.file_times import file_times
from app.core.semiology import Span

VIDEO_SUFFIXES = (
    *(".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".m2t", ".m2ts", ".mts"),
    *(".wmv", ".asf", ".3gp", ".mxf"),
)
MOST_VIDEOS = 1000
"""The most video files that are opened: ten days in pieces of a quarter of an hour."""

SHORTEST_GAP = 0.5
"""Seconds; a shorter time without a picture is the rounding of start times."""


@dataclass(frozen=True, slots=True)
class PlacedVideo:
    """A video file on the EEG's clock: `start` and `end` in seconds, `uncertainty` of both, `reason` a
    sentence on what that rests on."""

    path: Path
    start: float
    end: float
    uncertainty: float
    reason: str


@dataclass(frozen=True, slots=True)
class UnplacedVideo:
    """A video file that cannot be placed, and why, in a sentence."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class DayOfVideo:
    """The videos of an EEG in order of time, the stretches of the EEG without any (s on its clock), and the
    files that could not be placed or lie outside of it."""

    videos: tuple[PlacedVideo, ...]
    gaps: tuple[Span, ...]
    unplaced: tuple[UnplacedVideo, ...]


def videos_beside(
    eeg: Path,
    extent: FileExtent,
    *,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> DayOfVideo:
    """The videos beside an EEG file, placed by their start times or by the times in their names.

    Opens at most 1000 files, without following links: in a background thread. Raises Cancelled.
    """
    token, estimate = cancel or CancelToken(), TimeEstimate()
    paths = files_in(eeg.parent, VIDEO_SUFFIXES)[:MOST_VIDEOS]
    placed: list[PlacedVideo] = []
    unplaced: list[UnplacedVideo] = []
    for number, path in enumerate(paths):
        token.check()
        done = number / len(paths)
        report(Progress("Finding the videos of the EEG", done, estimate.remaining(done)))
        found = _placed(path, extent)
        if isinstance(found, PlacedVideo):
            placed.append(found)
        else:
            unplaced.append(found)
    placed.sort(key=lambda one: (one.start, one.end, one.path.name))
    return DayOfVideo(tuple(placed), gaps_between(placed, extent.duration), tuple(unplaced))


def gaps_between(videos: Sequence[PlacedVideo], duration: float) -> tuple[Span, ...]:
    """The stretches of an EEG of `duration` seconds without a picture; videos are in order of time."""
    gaps, shown = [], 0.0
    for one in videos:
        if min(one.start, duration) - shown > SHORTEST_GAP:
            gaps.append(Span(shown, min(one.start, duration)))
        shown = max(shown, one.end)
    if duration - shown > SHORTEST_GAP:
        gaps.append(Span(shown, duration))
    return tuple(gaps)


def _placed(path: Path, eeg: FileExtent) -> PlacedVideo | UnplacedVideo:
    try:
        times = file_times(path)
    except UserError as error:
        return UnplacedVideo(path, str(error))
    video = FileExtent(times.started_at, times.duration)
    proposals = [one.proposal for one in in_order(clock_options(eeg, video, path.name))]
    best = proposals[0]
    if best.sync is None:
        best = next((one for one in proposals if one.warnings), best)
        return UnplacedVideo(path, " ".join((best.reason, *best.warnings)))
    start = best.sync.to_eeg(0.0)
    return PlacedVideo(path, start, start + times.duration, best.uncertainty, best.reason)
