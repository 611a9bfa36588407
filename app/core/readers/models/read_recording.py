"""A model reads one recording of a study: plan, clips, permission, run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.core.clips.clip import Clip
from app.core.jobs import CancelToken, Report, no_report, share_of
from app.core.picture_box import Box
from app.core.privacy.destination import Destination
from app.core.privacy.gate import Permission
from app.core.privacy.keys import Secret
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.model_run import RunOutcome
from app.core.readers.models.moving_windows import WindowsOf, find_pose_for_windows, windows_that_move
from app.core.readers.models.prompts import PromptSet
from app.core.readers.models.reader import (
    Plan,
    hold_reading,
    model_run,
    plan_reading,
    prepare_plan_clips,
    read_with,
    refused_requests,
)
from app.core.readers.models.reading_range import EventTimes
from app.core.readers.models.spending import SpendingLimit
from app.core.reading import Reading, RecordingIdentity
from app.core.recording.identity import content_sha256
from app.core.recording.presentation import UPRIGHT, Orientation
from app.core.recording.recording import Recording
from app.core.study.hidden_places import HiddenPlaces
from app.core.study.store import Study

_POSE_SHARE, _CLIPS_SHARE = 0.15, 0.3

Permit = Callable[[Destination], Permission]
"""Gives the permission to send to a destination. Raises UserError without one."""


@dataclass(frozen=True, slots=True)
class ModelQuestion:
    """What a model is asked and shown: the choice of the model, sets of prompts by name, the patient's box,
    the places that are to be covered, which repeat of the same question it is (from 1), whether refused
    requests are asked again, a ceiling that it shares with other readings, what the person marked, and how
    the stored picture has to be turned."""

    choice: ModelChoice
    prompt_sets: dict[str, PromptSet]
    patient: Box | None
    places: HiddenPlaces
    repeat: int = 1
    refused_again: bool = False
    spending: SpendingLimit | None = None
    event: EventTimes = field(default_factory=EventTimes)
    orientation: Orientation = UPRIGHT

    def plan(
        self,
        study_folder: Path,
        shown: Recording,
        cancel: CancelToken,
        windows: WindowsOf = windows_that_move,
        report: Report = no_report,
    ) -> Plan:
        """The plan for a recording of the study in this folder; of two passes `windows` are those of the
        second one. Raises UserError, Cancelled."""
        sha256 = content_sha256(shown.path, report=report, cancel=cancel)
        return plan_reading(
            self.choice,
            RecordingIdentity(shown.name, sha256, shown.duration),
            study_folder,
            patient=self.patient,
            places=self.places,
            prompt_sets=self.prompt_sets,
            content=shown,
            repeat=self.repeat,
            event=self.event,
            orientation=self.orientation,
            windows=windows,
        )

    def asked_again(self, plan: Plan) -> frozenset[str]:
        """The keys of the plan's requests whose refused answers are asked for once more."""
        return refused_requests(plan) if self.refused_again else frozenset()


def plan_with_pose(
    question: ModelQuestion, study_folder: Path, shown: Recording, *, report: Report, cancel: CancelToken
) -> Plan:
    """The plan for a recording of the study in this folder; of two passes the pose is found first where it is
    not known. Raises UserError, Cancelled."""
    find_pose_for_windows(question.choice, shown, question.patient, report=report, cancel=cancel)
    return question.plan(study_folder, shown, cancel)


def read_recording(
    study: Study,
    shown: Recording,
    question: ModelQuestion,
    permit: Permit,
    key: Secret | None,
    *,
    report: Report,
    cancel: CancelToken,
    with_plan: Callable[[Plan], object] = lambda _plan: None,
    with_clips: Callable[[tuple[Clip, ...]], object] = lambda _clips: None,
) -> tuple[Reading, RunOutcome]:
    """The reading of a recording and what failed of it; nothing of it is kept in the study's tables.

    Of two passes the pose is found first where it is not known. `with_plan` and `with_clips` may refuse with
    a UserError. Raises UserError, also without a permission, before anything is sent; Cancelled.
    """
    finding, making = share_of(report, 0.0, _POSE_SHARE), share_of(report, _POSE_SHARE, _CLIPS_SHARE)
    plan = plan_with_pose(question, study.folder, shown, report=finding, cancel=cancel)
    with_plan(plan)
    with hold_reading(plan):
        clips = prepare_plan_clips(plan, shown, report=making, cancel=cancel)
        with_clips(tuple(clips.clips))
        permission = permit(plan.destination)
        run = model_run(plan, clips, question.asked_again(plan), question.spending)
        asking = share_of(report, _CLIPS_SHARE, 1.0)
        return read_with(run, plan, permission, key, report=asking, cancel=cancel)
