"""The windows of a recording that are asked about at a high rate, by its pose."""

from __future__ import annotations

from collections.abc import Callable

from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose import cached_pose_track, pose_track
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.picture_box import Box
from app.core.readers.models.model_choice import ModelChoice, looks_twice
from app.core.readers.models.request_plan import WINDOW_RATE, Part, most_windows, rate_windows
from app.core.readers.models.segments import Segment
from app.core.readers.models.where_to_look import WindowChoice, choose_windows
from app.core.recording.recording import Recording

WindowsOf = Callable[[ModelChoice, Part, Recording | None, Box | None], WindowChoice]
"""Gives the windows of the second pass over a part of a recording. May raise UserError."""


def find_pose_for_windows(
    choice: ModelChoice, content: Recording, patient: Box | None, *, report: Report, cancel: CancelToken
) -> None:
    """Find the pose, by which the windows of a second pass are chosen, where it is needed and not known yet.

    Raises UserError, Cancelled.
    """
    if looks_twice(choice):
        pose_track(content, patient=patient, report=report, cancel=cancel)


def knows_windows(choice: ModelChoice, content: Recording, patient: Box | None) -> bool:
    """Whether it is known how much will be asked: there is no second pass, or the pose is there for it."""
    return not looks_twice(choice) or cached_pose_track(content, patient=patient) is not None


def windows_that_move(
    choice: ModelChoice, part: Part, content: Recording | None, patient: Box | None
) -> WindowChoice:
    """The windows that are worth asking about. Raises UserError when the pose is not known yet."""
    track = None if content is None else cached_pose_track(content, patient=patient)
    if track is None:
        raise UserError(
            "Where short windows are worth asking about is seen from the pose: let the signal reader analyse "
            "this recording first, or ask about short windows everywhere, which takes many times the tokens."
        )
    windows, most = _possible(choice, part)
    return choose_windows(track, windows, most, _clips(choice, part))


def no_windows(
    _choice: ModelChoice, _part: Part, _content: Recording | None, _patient: Box | None
) -> WindowChoice:
    """The windows of a recording in which nothing moves quickly: the least that a second pass can ask."""
    return {}


def most_windows_of(
    choice: ModelChoice, part: Part, _content: Recording | None, _patient: Box | None
) -> WindowChoice:
    """As many windows as can be chosen whatever moves, the longest ones: the most that a second pass asks."""
    windows, most = _possible(choice, part)
    longest = sorted(windows, key=lambda window: -window.span.duration)[:most]
    numbers = tuple(sorted(window.number for window in longest))
    seen = {Enhancement.POSE, Enhancement.FACE} & _clips(choice, part)
    return dict.fromkeys(sorted(seen), numbers)


def _possible(choice: ModelChoice, part: Part) -> tuple[tuple[Segment, ...], int]:
    """The windows among which is chosen, and how many at most."""
    windows = rate_windows(part.duration, WINDOW_RATE, part.stretches, part.within)
    return windows, most_windows(part.duration, choice.fps, part.stretches, part.within)


def _clips(choice: ModelChoice, part: Part) -> frozenset[Enhancement]:
    """By the kind of clip: a turn of the head may be judged from the whole picture."""
    return frozenset(part.asking.features_by_clip(choice.enhancements))
