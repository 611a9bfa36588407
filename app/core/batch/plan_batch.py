"""What a batch would ask models, and between which bounds that costs, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.batch.batch_reader import BatchReader
from app.core.batch.marked_events import EventsOf, events_of
from app.core.batch.recording_list import ListedRecording
from app.core.batch.results import ResultFolder
from app.core.batch.run_batch import BatchChoice
from app.core.batch.unit import Unit, folder_of_copies, question_of, unit_of
from app.core.errors import UserError
from app.core.exchange.phrases import shorten
from app.core.jobs import CancelToken, Progress, Report
from app.core.plural import plural
from app.core.readers.models.blind_control import SIZE, place_of_copy
from app.core.readers.models.model_work import requests_left
from app.core.readers.models.moving_windows import (
    WindowsOf,
    knows_windows,
    most_windows_of,
    no_windows,
    windows_that_move,
)
from app.core.readers.models.read_recording import ModelQuestion
from app.core.readers.models.request_plan import PlanEstimate, together
from app.core.readers.models.run_phrases import estimate_words
from app.core.recording.identity import content_sha256
from app.core.recording.probe import open_recording

_MOST_NAMES = 3


@dataclass(slots=True)
class ReaderPlan:
    """What a model would be asked: the estimates of each reading that is left, between `least` and `most`;
    how many are `finished`, and which recordings cannot be read, with the reason."""

    least: list[PlanEstimate] = field(default_factory=list)
    most: list[PlanEstimate] = field(default_factory=list)
    finished: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def plan_batch(choice: BatchChoice, *, report: Report, cancel: CancelToken) -> Mapping[str, ReaderPlan]:
    """The plan of each model of a batch, by what it is `asked`; nothing is sent, and nothing of it is kept.
    Of two passes the second one has a least and a most where the pose is not known yet.

    Raises UserError when marks are needed and nobody is called so, Cancelled.
    """
    readers = {reader.asked: reader for reader in choice.readers if reader.is_model}
    plans = {asked: ReaderPlan() for asked in readers}
    if not plans:
        return plans
    results, seen = ResultFolder(choice.results), set[str]()
    with events_of(choice.readers, choice.marks) as events:
        for place, recording in enumerate(choice.recordings):
            report(Progress("Planning", place / max(len(choice.recordings), 1)))
            for asked, plan in plans.items():
                cancel.check()
                try:
                    unit = _unit(recording, readers[asked], events, cancel)
                    if unit.key in seen:
                        continue
                    seen.add(unit.key)
                    if results.has(unit.key):
                        plan.finished += 1
                        continue
                    least, most = _bounds(unit, choice, cancel)
                except UserError as error:
                    plan.unreadable.append((recording.name, str(error)))
                    continue
                plan.least.append(least)
                plan.most.append(most)
    return plans


def describe_plan(plan: ReaderPlan | None) -> Iterator[str]:
    """Sentences on what a model would be asked; none of a reader that is not one."""
    if plan is None:
        return
    least, most = together(plan.least), together(plan.most)
    said = f"{plural(len(plan.most), 'reading')} left: "
    if not plan.most:
        yield "nothing left to ask"
    elif least == most:
        yield said + estimate_words(most)
    else:
        yield said + f"at least {estimate_words(least)}"
        yield (
            f"at most {estimate_words(most)}: how many short windows the second pass asks about is known "
            "once the poses are, which are found before anything is asked"
        )
    if plan.finished:
        yield f"{plural(plan.finished, 'reading')} finished before"
    if plan.unreadable:
        rows = [f"{shorten(name)}: {reason}" for name, reason in plan.unreadable[:_MOST_NAMES]]
        more = len(plan.unreadable) - len(rows)
        rows += [f"And {more} more."] if more else []
        yield f"{len(plan.unreadable)} cannot be read: {' '.join(rows)}"


def _unit(recording: ListedRecording, reader: BatchReader, events: EventsOf, cancel: CancelToken) -> Unit:
    """Raises UserError, Cancelled."""
    if recording.refusal:
        raise UserError(recording.refusal)
    recording.check_content()
    return unit_of(recording, reader, content_sha256(recording.path, cancel=cancel), events)


def _bounds(unit: Unit, batch: BatchChoice, cancel: CancelToken) -> tuple[PlanEstimate, PlanEstimate]:
    """The least and the most that is left to ask in a unit. Raises UserError, Cancelled."""
    choice = unit.reader.question
    if choice is None:
        raise ValueError("not a model")
    study_folder = batch.study or batch.results
    if unit.reader.blind:
        only = _left_blind(
            unit, question_of(unit, choice, None), study_folder, folder_of_copies(batch.results), cancel
        )
        return only, only
    recording = open_recording(unit.recording.path, cancel=cancel)
    question = question_of(unit, choice, recording)

    def left(windows: WindowsOf) -> PlanEstimate:
        plan = question.plan(study_folder, recording, cancel, windows)
        return replace(plan, requests=requests_left(plan)).estimate

    if knows_windows(choice, recording, unit.recording.patient):
        only = left(windows_that_move)
        return only, only
    return left(no_windows), left(most_windows_of)


def _left_blind(
    unit: Unit, question: ModelQuestion, study_folder: Path, copies: Path, cancel: CancelToken
) -> PlanEstimate:
    """What is left to ask of the copy that shows nothing, in which nothing moves: answers are kept by what
    was shown, so without a copy there are none, whatever was answered to the recording."""
    copy = place_of_copy(unit.sha256, copies)
    if copy.is_file():
        plan = question.plan(study_folder, open_recording(copy, cancel=cancel), cancel, no_windows)
        return replace(plan, requests=requests_left(plan)).estimate
    recording = open_recording(unit.recording.path, cancel=cancel)
    plan = replace(question.plan(study_folder, recording, cancel, no_windows), frame=SIZE)
    everything = requests_left(plan, frozenset(one.key for one in plan.requests))
    return replace(plan, requests=everything).estimate
