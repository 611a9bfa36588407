"""Two stretches to compare: a feature, and what only resembles it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import UserError
from app.core.jobs import Task
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import FEATURE, Presence, Span
from app.core.teaching.atlas_clips import PAIRS, lookalike_clips
from app.core.teaching.case_key import ChosenLookalike
from app.core.teaching.course import TeachingCard
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.key_opening import OpenedKey, check_clip


@dataclass(frozen=True, slots=True)
class ComparedClip:
    """A stretch of a recording and what it shows in words."""

    recording: Recording
    span: Span
    caption: str


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """A feature, by its id, beside what resembles it; `remark` says where the clips come from."""

    feature: str
    shown: ComparedClip
    resembling: ComparedClip
    remark: str


SHORTEST = 1.0
"""Seconds of a recording that are repeated at least."""
CHOSEN = "Your teacher chose the recording that looks alike."
DRAWN = "Drawn patients: which movement, not how subtle."


def drawn_pair(feature: str, folder: Path, task: Task) -> ComparedPair:
    """The drawn clips of a feature and of its lookalike, drawn unless they are in `folder`.

    Raises UserError when they cannot be written, Cancelled.
    """
    first, second = lookalike_clips(feature, folder, task)
    return ComparedPair(
        feature,
        _whole(open_recording(first, cancel=task.cancel), FEATURE[feature].name),
        _whole(
            open_recording(second, cancel=task.cancel),
            f"Resembles it: {PAIRS[feature].lookalike}",
        ),
        DRAWN,
    )


def pair_of_card(
    course: CourseFolder, card: TeachingCard, opened: OpenedKey, folder: Path, task: Task
) -> ComparedPair:
    """What is compared once the key of a card is shown: with what the teacher chose, else drawn clips.

    Beside a chosen recording is the case itself where the key says yes. One that is missing or was changed is
    named in the remark, and the drawn pair shown. Raises UserError, Cancelled as `drawn_pair` does.
    """
    chosen = opened.lookalike
    if chosen is None:
        return drawn_pair(card.feature, folder, task)
    try:
        resembling = _chosen_clip(course, chosen, task)
        shown = _case_clip(course, card, opened, task)
    except UserError as error:
        return replace(drawn_pair(card.feature, folder, task), remark=f"{error} {DRAWN}")
    shown = shown or drawn_pair(card.feature, folder, task).shown
    return ComparedPair(card.feature, shown, resembling, CHOSEN)


def _chosen_clip(course: CourseFolder, chosen: ChosenLookalike, task: Task) -> ComparedClip:
    recording = _recording(course, chosen.case, task)
    return ComparedClip(recording, _within(chosen.span, recording), "Resembles it: chosen by your teacher")


def _case_clip(
    course: CourseFolder, card: TeachingCard, opened: OpenedKey, task: Task
) -> ComparedClip | None:
    """The case at the expert's first span; None where the key does not say yes."""
    answer = opened.key.answer
    if answer.presence is not Presence.YES:
        return None
    recording = _recording(course, card.case, task)
    span = _within(answer.evidence[0] if answer.evidence else None, recording)
    return ComparedClip(recording, span, f"{FEATURE[card.feature].name}: this recording")


def _recording(course: CourseFolder, name: str, task: Task) -> Recording:
    case = course.course.case(name)
    check_clip(course, case)
    return open_recording(course.clip(case), cancel=task.cancel)


def _within(span: Span | None, recording: Recording) -> Span:
    """The span as far as the recording has it, and no shorter than it can be seen; without one all of it."""
    whole = Span(0.0, recording.duration)
    if span is None or span.start >= whole.end:
        return whole
    end = min(max(span.end, span.start + SHORTEST), whole.end)
    return Span(max(0.0, min(span.start, end - SHORTEST)), end)


def _whole(recording: Recording, caption: str) -> ComparedClip:
    return ComparedClip(recording, Span(0.0, recording.duration), caption)
