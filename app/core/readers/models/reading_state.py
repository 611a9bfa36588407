"""What the window knows of a model's reading: its stage, its plan, its requests one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.reading_stage import Status
from app.core.readers.models.repeats import combine_repeats
from app.core.semiology import Answer, Span

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.clips.clip import Clip
    from app.core.privacy.gate import Permission
    from app.core.readers.models.blind_control import BlindControl
    from app.core.readers.models.clip_folder import ClipFolder
    from app.core.readers.models.model_run import RunOutcome
    from app.core.readers.models.reader import Plan
    from app.core.readers.models.reading_files import StoredAnswer
    from app.core.readers.models.request_plan import PlanEstimate, Request


@dataclass(frozen=True, slots=True)
class Cell:
    """One request: what it is about and what has become of it, with the reason when that is not an answer."""

    key: str
    span: Span
    enhancement: Enhancement
    clip: str
    status: Status
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan as it is shown before anything is sent; `left` is what of it is asked.

    That is what has no answer yet, and of what has one the requests in `again`.
    """

    plan: Plan
    left: tuple[Request, ...]
    estimate: PlanEstimate
    permission: Permission | None
    again: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with its clips, made and on disk; `again` as in `Planned`."""

    plan: Plan
    clips: ClipFolder
    preview: Preview
    again: frozenset[str] = frozenset()
    control: BlindControl | None = None
    """What is shown instead of the recording."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What is or was shown to a model: the clips in `folder`, the `questions` by the clip's name.

    `as_video` is whether the clips go as MP4 rather than as single pictures.
    """

    folder: Path
    clips: tuple[Clip, ...]
    questions: Mapping[str, str]
    as_video: bool
    kept: bool = False
    """Whether it is looked at afterwards."""
    uncovered: str = ""
    """As in `Plan`."""


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """What one segment said of a feature, for the explanation; `clip` "" when it is gone."""

    span: Span
    enhancement: Enhancement
    enhanced: bool
    clip: str
    answer: Answer | None
    asked: bool
    seen: float | None


def segment_lines(rows: Iterable[StoredAnswer], clips: Collection[Clip]) -> tuple[SegmentLine, ...]:
    """What the segments said, with the clips that they were shown."""
    by_name = {clip.name: clip for clip in clips}
    lines = []
    for row in _once_per_clip(rows):
        clip = by_name.get(row.request.spec.name)
        lines.append(
            SegmentLine(
                row.request.segment.span,
                row.request.enhancement,
                clip.enhanced if clip is not None else False,
                clip.name if clip is not None else "",
                row.answer,
                row.asked,
                clip.seen if clip is not None and clip.enhanced else None,
            )
        )
    return tuple(lines)


def _once_per_clip(rows: Iterable[StoredAnswer]) -> Iterator[StoredAnswer]:
    """The answers of one feature with repeats of a request as one."""
    for _spec, same in groupby(rows, key=lambda row: row.request.spec):
        repeats = list(same)
        given = [row.answer or Answer(row.feature) for row in repeats]
        answer = combine_repeats(given) if len(given) > 1 else repeats[0].answer
        yield replace(repeats[0], answer=answer, asked=any(row.asked for row in repeats))


def cells_of(
    plan: Plan,
    outcome: RunOutcome,
    asking: Collection[str],
    hidden: Mapping[str, str],
    not_yet: str,
) -> tuple[Cell, ...]:
    """What has become of every request of a plan.

    `asking` are the keys that are under way, `hidden` those that are not asked with the reason why, and
    `not_yet` is what a run says of what it has not asked.
    """
    said = {(row.segment, row.feature, row.repeat): row for row in outcome.said}
    failures: dict[str, list[str]] = {}
    again = set()
    for failed in outcome.failed:
        failures.setdefault(failed.request, []).append(failed.reason)
        if failed.again:
            again.add(failed.request)
    cells = []
    for request in plan.requests:
        rows = [said.get((request.segment, feature.id, request.repeat)) for feature in request.features]
        heard = any(row is not None and (row.answer or row.failure != not_yet) for row in rows)
        if request.key in hidden:
            status = Status.NOT_SHOWN
        elif request.key in again:
            status = Status.FAILED
        elif request.key in failures:
            status = Status.PARTLY
        elif heard:
            status = Status.ANSWERED
        else:
            status = Status.ASKING if request.key in asking else Status.WAITING
        reason = hidden.get(request.key) or "; ".join(failures.get(request.key, ()))
        piece = request.spec
        cells.append(Cell(request.key, request.segment.span, request.enhancement, piece.name, status, reason))
    return tuple(cells)


NAMES: dict[Enhancement, str] = {
    Enhancement.POSE: "Pose",
    Enhancement.FACE: "Face",
    Enhancement.SOUND: "Sound",
}

SHOWN_AS: dict[tuple[Enhancement, bool], str] = {
    (Enhancement.POSE, True): "the picture with the patient's skeleton",
    (Enhancement.POSE, False): "the picture as recorded",
    (Enhancement.FACE, True): "a crop that follows the patient's face",
    (Enhancement.FACE, False): "the picture as recorded",
    (Enhancement.SOUND, True): "the sound with its steady noise reduced",
    (Enhancement.SOUND, False): "the sound as recorded",
}
"""What is shown, by enhancement and whether it is really in the clip."""
