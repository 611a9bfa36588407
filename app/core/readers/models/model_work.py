"""The work of a model's reading, done in a background thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.clips.clip import Clip
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Post, Task
from app.core.readers.models.journal import CLIPS
from app.core.readers.models.prompt_files import prompt_sets
from app.core.readers.models.reading_range import EventTimes
from app.core.readers.models.reading_state import Cell, Planned, Prepared, Preview, cells_of
from app.core.readers.models.run_phrases import takes_many
from app.core.reading import Reading, RecordingIdentity
from app.core.recording.presentation import Orientation
from app.core.settings import account_author
from app.core.study.hidden_places import NO_PLACES

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.privacy.destination import Destination
    from app.core.privacy.keys import Secret
    from app.core.readers.models.clip_folder import ClipFolder
    from app.core.readers.models.model_choice import ModelChoice
    from app.core.readers.models.model_run import ModelRun, RunOutcome
    from app.core.readers.models.provider import Material
    from app.core.readers.models.reader import Plan
    from app.core.readers.models.request_plan import Request
    from app.core.recording.recording import Recording
    from app.core.study.access import StudyAccess
    from app.core.study.hidden_places import HiddenPlaces


@dataclass(frozen=True, slots=True)
class Partial:
    """A reading that was stopped."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class AskedOf:
    """What the person's marks and view say of the recording, and what was accepted: `refused_too` asks again
    where an answer was refused, `long_too` makes the clips of a reading that takes many requests. `blind`
    shows black frames and silence instead of the recording."""

    event: EventTimes
    orientation: Orientation
    refused_too: bool = False
    long_too: bool = False
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """That a request is under way."""

    key: str


@dataclass(frozen=True, slots=True)
class Running:
    """The run, which can be paused."""

    run: ModelRun


def destination_of(choice: ModelChoice) -> Destination:
    """Where a choice would send to. Raises UserError when something is missing in it."""
    from app.core.readers.models.providers import provider_of

    return provider_of(choice).destination(choice)


def prepared_reading(
    choice: ModelChoice,
    recording: Recording,
    access: StudyAccess,
    patient: Box | None,
    task: Task,
    *,
    key_for: Callable[[str], Secret | None],
    asked: AskedOf,
) -> Prepared | Planned:
    """The plan of a reading, posted as `Planned`, and its clips; nothing is sent.

    Of a reading that takes many requests it is the plan alone, unless that was accepted. Raises UserError, at
    once where the model cannot be asked at all; Cancelled.
    """
    from app.core.readers.models.blind_control import asked_blind, blind_control
    from app.core.readers.models.key_to_ask import key_to_ask
    from app.core.readers.models.providers import provider_of
    from app.core.readers.models.read_recording import ModelQuestion
    from app.core.readers.models.reader import hold_reading, prepare_plan_clips
    from app.core.readers.models.sweep_readings import sweep_study

    key_to_ask(choice, key_for)
    question = ModelQuestion(
        choice,
        prompt_sets(),
        patient,
        _places_to_cover(choice, access),
        refused_again=asked.refused_too,
        event=asked.event,
        orientation=asked.orientation,
    )
    control = None
    if asked.blind:
        identity = _identity(recording, task)
        control = blind_control(recording, identity, report=task.report, cancel=task.cancel)
        recording = control.shown
        question = ModelQuestion(
            asked_blind(choice), prompt_sets(), None, NO_PLACES, refused_again=asked.refused_too
        )
    plan = question.plan(access.folder, recording, task.cancel, report=task.report)
    again = question.asked_again(plan)
    shown = planned(plan, again)
    task.post(shown)
    if takes_many(shown) and not asked.long_too:
        return shown
    # Now, while a dialog is looked at: the first import of a large library stops playback for a moment.
    provider_of(choice).load()
    sweep_study(access.folder)
    with hold_reading(plan):
        clips = prepare_plan_clips(plan, recording, report=task.report, cancel=task.cancel)
    # Once more: while the clips were made a permission may have been given or taken back.
    task.post(planned(plan, again))
    return Prepared(plan, clips, preview_of(plan, clips), again, control)


def _places_to_cover(choice: ModelChoice, access: StudyAccess) -> HiddenPlaces:
    """The places that the study keeps for its open recording; none where clips cover none. Raises
    UserError."""
    if not choice.cover_text:
        return NO_PLACES
    with access.open() as study:
        return study.places_to_cover(access.number)


def _check_places(plan: Plan, recording: Recording, access: StudyAccess) -> None:
    """Raises UserError where places were drawn or taken away since the clips were looked at."""
    if _places_to_cover(plan.choice, access).get(recording.picture_key, ()) != plan.drawn:
        raise UserError(
            "Nothing was sent: the places to cover are others than in the clips that you were shown. Prepare "
            "it again."
        )


def _identity(recording: Recording, task: Task) -> RecordingIdentity:
    from app.core.recording.identity import content_sha256

    sha256 = content_sha256(recording.path, report=task.report, cancel=task.cancel)
    return RecordingIdentity(recording.name, sha256, recording.duration)


def cleaned_up(
    choice: ModelChoice | None, folder: Path, key_for: Callable[[str], Secret | None], task: Task
) -> None:
    """Remove what killed programs left in a study's readings and, of this account, at the chosen provider,
    which None is while nothing leaves this computer."""
    from app.core.readers.models.left_uploads import delete_at_provider
    from app.core.readers.models.sweep_readings import sweep_study

    sweep_study(folder)
    if choice is not None and not choice.local_only:
        delete_at_provider(choice, folder, account_author(), key_for, task.cancel)


def read_by_model(
    plan: Plan,
    recording: Recording,
    access: StudyAccess,
    key_for: Callable[[str], Secret | None],
    task: Task,
    *,
    again: frozenset[str] = frozenset(),
) -> Reading:
    """The model's reading; posts `Running`, cells, readings as they grow, a `Partial` when it is stopped, and
    in the end what is to be remarked.

    Raises UserError when sending was not allowed, there is no key, or the study keeps other places to cover
    than the plan; Cancelled.
    """
    from app.core.privacy.gate import find_permission
    from app.core.readers.models.key_to_ask import key_to_ask
    from app.core.readers.models.reader import (
        hold_reading,
        identity,
        model_run,
        prepare_plan_clips,
        read_with,
    )

    given = find_permission(plan.study_folder, plan.destination, account_author())
    if given is None:
        raise UserError("Nothing was sent: sending to this destination has not been allowed.")
    key = key_to_ask(plan.choice, key_for)
    with hold_reading(plan):
        shown = _Watched(prepare_plan_clips(plan, recording, cancel=task.cancel), task.post)
        _check_places(plan, recording, access)
        run = model_run(plan, shown, again)
        task.post(Running(run))
        known = run.outcome()
        task.post(known.used)
        task.post(_cells(plan, known, shown))

        def tell(reading: Reading) -> None:
            outcome = run.outcome()
            task.post(_cells(plan, outcome, shown))
            # As the finished one will be called, so that the study keeps one reading and not two.
            task.post(replace(reading, reader=identity(plan, outcome)))

        try:
            reading, _ = read_with(
                run, plan, given, key, report=task.report, cancel=task.cancel, arrived=tell
            )
        except (Cancelled, UserError):
            outcome = run.outcome()
            task.post(Partial(Reading(plan.recording, identity(plan, outcome), outcome.answers)))
            raise
        finally:
            shown.begun.clear()
            task.post(_cells(plan, run.outcome(), shown))
            task.post(run.outcome().used)
            task.post(run.outcome().remark)
    return reading


class _Watched:
    """Clips that tell which request is under way: its media are read, in any thread, when it begins."""

    def __init__(self, clips: ClipFolder, post: Post) -> None:
        self._clips = clips
        self._post = post
        self.begun: set[str] = set()

    def cannot_show(self, request: Request) -> str:
        return self._clips.cannot_show(request)

    def media(self, request: Request, cancel: CancelToken) -> Material:
        self.begun.add(request.key)
        self._post(Begun(request.key))
        return self._clips.media(request, cancel)


def planned(plan: Plan, again: frozenset[str] = frozenset()) -> Planned:
    """A plan with what of it is asked and whether it is allowed."""
    from app.core.privacy.gate import find_permission

    left = requests_left(plan, again)
    estimate = replace(plan, requests=left).estimate
    return Planned(
        plan,
        left,
        estimate,
        find_permission(plan.study_folder, plan.destination, account_author()),
        again,
    )


def allowed_plan(plan: Plan, again: frozenset[str], cancel: CancelToken) -> Planned:
    """The plan after it was written down that the person attested and allowed its destination for its study.
    Raises UserError when that cannot be written, Cancelled as `allow_unless_cancelled`."""
    from app.core.privacy.gate import allow_unless_cancelled

    allow_unless_cancelled(plan.study_folder, plan.destination, account_author(), cancel)
    return planned(plan, again)


def requests_left(plan: Plan, again: frozenset[str] = frozenset()) -> tuple[Request, ...]:
    """The requests of a plan that the model takes and that have no answer yet, and those in `again`."""
    from app.core.readers.models.providers import unsupported_enhancements

    unseen = unsupported_enhancements(plan.choice)
    answered = {path.stem for path in plan.folder.glob("*.json")} - again
    return tuple(
        request
        for request in plan.requests
        if request.enhancement not in unseen and request.key not in answered
    )


def preview_of(plan: Plan, clips: ClipFolder) -> Preview:
    """What the model would be shown and asked."""
    from app.core.readers.models.providers import provider_of, unsupported_enhancements

    unseen = unsupported_enhancements(plan.choice)
    shown: dict[str, Clip] = {}
    questions: dict[str, list[str]] = {}
    for request in plan.requests:
        if request.enhancement in unseen:
            continue
        clip = clips.clip(request)
        shown[clip.name] = clip
        # What goes along with the sound is seen here, too, also where nothing else is asked of it.
        along = clips.picture(request)
        if along is not None:
            shown.setdefault(along.name, along)
        asked = plan.wording.text(request, clips.description(request))
        questions.setdefault(clip.name, []).append(asked)
    as_video = provider_of(plan.choice).sends_video or plan.choice.prefer_video
    joined = {name: "\n\n– – –\n\n".join(texts) for name, texts in questions.items()}
    return Preview(plan.folder / CLIPS, tuple(shown.values()), joined, as_video, uncovered=plan.uncovered)


def _cells(plan: Plan, outcome: RunOutcome, shown: _Watched) -> tuple[Cell, ...]:
    from app.core.readers.models.model_run import NOT_YET_ASKED
    from app.core.readers.models.providers import unsupported_enhancements

    unseen = unsupported_enhancements(plan.choice)
    hidden = {}
    for request in plan.requests:
        reason = unseen.get(request.enhancement) or shown.cannot_show(request)
        if reason:
            hidden[request.key] = reason
    return cells_of(plan, outcome, frozenset(shown.begun), hidden, NOT_YET_ASKED)
