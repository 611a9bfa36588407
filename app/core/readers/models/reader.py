"""A model as a reader: plan, permission, run and resulting reading."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from app import __version__
from app.core.clips.clip import arm_of
from app.core.clips.clip_preparation import prepare_clips
from app.core.containment import make_folder_inside
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.transcript import check_transcript
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report, no_report
from app.core.picture_box import Box
from app.core.privacy.destination import Destination
from app.core.privacy.gate import Permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.privacy.uploads import remaining_uploads
from app.core.reader_details import (
    ARM,
    MERGING,
    OF_THE_RUN_ALONE,
    PROGRAM,
    PROMPT_SET,
    REPEAT,
    SERVED,
    TELLS_EARLIER,
)
from app.core.readers.models.answer_schema import AnswerForm
from app.core.readers.models.asked import (
    asked_of,
    asking_of,
    canonical_text,
    check_form,
    mode_of,
    of_the_recording,
)
from app.core.readers.models.clip_folder import ClipFolder
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.journal import CLIPS, RUN_FILE, Journal
from app.core.readers.models.kept_clips import Keeping, kept_of
from app.core.readers.models.merge_rule import ANY, merge_rule
from app.core.readers.models.model_choice import (
    ModelChoice,
    clip_options_of,
    looks_twice,
    needs_marks,
    repeats_of,
)
from app.core.readers.models.model_run import ClipSource, ModelRun, RunOptions, RunOutcome
from app.core.readers.models.moving_windows import WindowsOf, windows_that_move
from app.core.readers.models.prompt_context import Told
from app.core.readers.models.prompts import PROMPT_SETS, PromptSet, sets_in_turn
from app.core.readers.models.providers import clip_form_of, price_of, provider_of, unsupported_enhancements
from app.core.readers.models.reading_cost import keep_request_counts, request_spending
from app.core.readers.models.reading_range import EventTimes, RangeKind, parse_range
from app.core.readers.models.request_plan import (
    Part,
    PlanEstimate,
    Request,
    Serving,
    clip_specs,
    estimate,
    requests,
)
from app.core.readers.models.request_results import is_refused
from app.core.readers.models.request_text import Wording, sets_in_words
from app.core.readers.models.spending import SpendingLimit
from app.core.readers.models.sweep_readings import sweep_reading
from app.core.readers.models.tidying import run_tidy
from app.core.readers.models.token_counts import Correction, corrections_for
from app.core.readers.models.waiting_requests import check_nothing_waits
from app.core.readers.models.where_to_look import WindowChoice
from app.core.readers.models.who_is_shown import deidentification
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.recording.presentation import UPRIGHT, Orientation
from app.core.recording.recording import Recording
from app.core.recording.sparse_time import stretches_of
from app.core.semiology import Answer, ConfidenceKind
from app.core.study.durable import make_folder
from app.core.study.hidden_places import NO_PLACES, HiddenPlaces, places_of_picture
from app.core.study.readings_folder import READINGS
from app.core.study.writer_lock import WriterLock


@dataclass(frozen=True)
class Plan:
    """The plan of a reading: the chosen model, recording, prompts, requests and study.

    `picture` is the number of the picture track if not the camera's; `part` is what of the recording is asked
    about; `orientation` is how the stored picture has to be turned to show the room as it is; `repeat` counts
    from 1.
    """

    choice: ModelChoice
    recording: RecordingIdentity
    prompts: PromptSet
    requests: tuple[Request, ...]
    study_folder: Path
    patient: Box | None = None
    drawn: tuple[Box, ...] = ()
    """Places that a person drew to be covered, where clips cover text."""
    picture: int | None = None
    part: Part = field(default_factory=lambda: Part(0.0))
    orientation: Orientation = UPRIGHT
    repeat: int = 1
    wordings: tuple[PromptSet, ...] = ()
    """Further prompt sets that repeats of a request take in turn."""
    chosen: WindowChoice | None = None
    """The windows at a high rate, where they are chosen by what moves."""
    frame: tuple[int, int] = (1920, 1080)
    """Width and height of the recording's picture in pixels, for the estimate."""
    corrections: Mapping[Enhancement, Correction] = field(default_factory=dict)
    """What the server's counts of earlier requests say of the formula, for the estimate."""
    uncovered: str = ""
    """A sentence on places that were drawn on another picture of the file; "" without any."""

    @cached_property
    def folder(self) -> Path:
        """The folder of this reading inside the study's, determined by the plan."""
        digest = hashlib.sha256(canonical_text(self.what).encode()).hexdigest()[:16]
        return self.study_folder / READINGS / digest

    @cached_property
    def what(self) -> Mapping[str, str]:
        """Everything that determines the answers; hashes of prompts among it, asked for with each answer."""
        return {
            **asked_of(self.choice, self.prompts, self.wordings),
            **({REPEAT: str(self.repeat)} if self.repeat > 1 else {}),
            **of_the_recording(
                self.recording.sha256,
                self.part,
                self.orientation,
                patient=self.patient,
                drawn=self.drawn,
                picture=self.picture,
                chosen=self.chosen,
            ),
        }

    @property
    def wording(self) -> Wording:
        """How its requests are put into words."""
        told = Told(self.recording.duration, self.part.event, self.orientation)
        bare = self.prompts.form is AnswerForm.SHORT
        options = clip_options_of(self.choice)
        beside = options.pose and options.beside
        times = self.choice.model_family.times
        return Wording(self.prompts, times, None if bare else told, beside, self.wordings)

    @property
    def destination(self) -> Destination:
        """The destination of its requests."""
        return provider_of(self.choice).destination(self.choice)

    @property
    def estimate(self) -> PlanEstimate:
        """The estimated cost."""
        unseen = unsupported_enhancements(self.choice)
        asked = tuple(request for request in self.requests if request.enhancement not in unseen)
        without = estimate(
            asked,
            limit=self.choice.limit,
            price=price_of(self.choice),
            serving=self.serving,
            corrections=self.corrections,
            in_order=self.part.asking.earlier,
        )
        return self.keeping.estimate(asked, without) if self.keeping is not None else without

    @property
    def keeping(self) -> Keeping | None:
        """How its clips may be kept by the service; None where they are not to be."""
        if not self.choice.keep_clips:
            return None
        return Keeping(self.serving, price_of(self.choice), self.choice.limit, self.wording.beginning)

    @property
    def serving(self) -> Serving:
        """How its requests are given to the model."""
        choice, options = self.choice, clip_options_of(self.choice)
        family = choice.model_family
        factor = min(1.0, options.side / max(self.frame))
        views = 2 if options.pose and options.beside else 1
        whole = (round(self.frame[0] * factor), round(self.frame[1] * factor) * views)
        face = (options.face_side, options.face_side) if options.face else whole
        sizes = {Enhancement.POSE: whole, Enhancement.FACE: face}
        return Serving(family, clip_form_of(choice), sizes, self.wording.text)


def plan_reading(
    choice: ModelChoice,
    recording: RecordingIdentity,
    study_folder: Path,
    *,
    patient: Box | None = None,
    places: HiddenPlaces = NO_PLACES,
    prompt_sets: dict[str, PromptSet] | None = None,
    content: Recording | None = None,
    repeat: int = 1,
    event: EventTimes | None = None,
    orientation: Orientation = UPRIGHT,
    windows: WindowsOf = windows_that_move,
) -> Plan:
    """The plan of a reading; the same choice and recording give the same plan and folder. With the
    recording's `content` empty time is left out, and the `places` drawn on its picture are covered. `repeat`
    counts from 1 how often the same is asked anew; `event` is what the person marked, in the plan only where
    prompts may say it; `orientation` as in `Plan`; of two passes `windows` are those of the second one.

    Raises UserError when the choice is incomplete or there is nothing to read.
    """
    names = choice.wordings if repeats_of(choice) > 1 else ()
    prompts, wordings = sets_in_turn(choice.prompts, names, prompt_sets or PROMPT_SETS)
    present = None if content is None else stretches_of(content)
    stretches = () if present is None else present.spans()
    check_form(choice, prompts, wordings)
    known = event if event is not None and needs_marks(choice) else EventTimes()
    within = parse_range(choice.range).of(recording.duration, known)
    if within is None and parse_range(choice.range).kind is RangeKind.SPAN:
        # A span that is all of the recording asks what a reading of the whole asks.
        choice = replace(choice, range=RangeKind.WHOLE.value)
    # Marks that only say what part is read are not the model's to know.
    released = known if choice.tell_event else EventTimes()
    part = Part(recording.duration, within, released, stretches, asking_of(choice, prompts), prompts.form)
    chosen = windows(choice, part, content, patient) if looks_twice(choice) else None
    asked = requests(
        recording.duration,
        mode=mode_of(choice, prompts),
        enhancements=frozenset(choice.enhancements),
        fps=choice.fps,
        feature_rates=choice.feature_rates,
        times_asked=repeats_of(choice),
        chosen=chosen,
        part=part,
    )
    if not asked:
        what = "at least one of pose, face and sound, and a part in which something was recorded"
        raise UserError(f"There is nothing to ask: choose {what}.")
    if choice.transcript:
        check_transcript(choice.transcript)
    other = content is not None and content.picture != content.default_picture
    picture = content.picture if content is not None and other else None
    places = places if choice.cover_text else NO_PLACES
    drawn, uncovered = ((), "") if content is None else places_of_picture(places, content)
    video = None if content is None else content.video
    frame = (video.width, video.height) if video is not None else (1920, 1080)
    return Plan(
        choice, recording, prompts, asked, study_folder, patient, drawn, picture, part, orientation, repeat,
        wordings, chosen, frame, corrections_for(choice.target), uncovered,
    )  # fmt: skip


@contextmanager
def hold_reading(plan: Plan) -> Iterator[None]:
    """Hold the lock of a reading's folder in a context; files left by killed programs are removed first.

    Raises UserError when another program works on the same reading, or the folder cannot be written.
    """
    try:
        make_folder(plan.study_folder)
        make_folder_inside(plan.folder, plan.study_folder)
        lock = WriterLock.acquire(plan.folder, plan.study_folder)
    except OSError as error:
        raise UserError("The study's folder cannot be written, so no model is asked.") from error
    if lock is None:
        raise UserError("Another window or program is working on this reading; wait until it is done.")
    try:
        sweep_reading(plan.folder)
        yield
    finally:
        lock.release()


def prepare_plan_clips(
    plan: Plan,
    recording: Recording,
    *,
    by_any_maker: bool = False,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> ClipFolder:
    """The clips of a plan, made if necessary; to be called within `hold_reading`. `by_any_maker` and what it
    raises are as in `prepare_clips`."""
    unseen = unsupported_enhancements(plan.choice)
    wanted = clip_specs(request for request in plan.requests if request.enhancement not in unseen)
    folder = plan.folder / CLIPS
    clips = prepare_clips(
        recording,
        wanted,
        folder,
        patient=plan.patient,
        drawn=plan.drawn,
        options=clip_options_of(plan.choice),
        by_any_maker=by_any_maker,
        report=report,
        cancel=cancel,
    )
    return ClipFolder(folder, clips, clip_options_of(plan.choice))


def refused_requests(plan: Plan) -> frozenset[str]:
    """The requests of a plan whose answers were rejected in an earlier run, partly or as a whole."""
    if not (plan.folder / RUN_FILE).is_file():
        return frozenset()
    journal = Journal(plan.folder, plan.what)
    replies = ((request, journal.reply(request.key)) for request in plan.requests)
    times = plan.choice.model_family.times
    return frozenset(request.key for request, reply in replies if reply and is_refused(request, reply, times))


def model_run(
    plan: Plan,
    clips: ClipSource,
    again: frozenset[str] = frozenset(),
    spending: SpendingLimit | None = None,
) -> ModelRun:
    """The run of a plan, with the replies of earlier runs; the requests in `again` are repeated.
    `spending` and what it raises are as in `request_spending`."""
    keeping = plan.keeping
    kept = kept_of(keeping.clips(plan.requests)) if keeping is not None else {}
    options = RunOptions(
        plan.prompts,
        limit=plan.choice.limit,
        deadline=plan.choice.deadline,
        unable=unsupported_enhancements(plan.choice),
        again=again,
        times=plan.choice.model_family.times,
        told=plan.wording.told,
        beside=plan.wording.beside,
        earlier=plan.part.asking.earlier,
        verdict_tokens=plan.choice.confidence is ConfidenceKind.TOKENS,
        wordings=plan.wordings,
        rule=merge_rule(plan.choice.merging),
        spending=request_spending(plan.choice, plan.serving, plan.corrections, spending, kept),
        price=price_of(plan.choice),
        keeping=keeping,
    )
    return ModelRun(plan.requests, clips, Journal(plan.folder, plan.what), options)


def read_with(
    run: ModelRun,
    plan: Plan,
    permission: Permission,
    key: Secret | None,
    *,
    report: Report,
    cancel: CancelToken,
    arrived: Callable[[Reading], None] = lambda _reading: None,
) -> tuple[Reading, RunOutcome]:
    """The reading and outcome of a run under `permission`; blocking. Raises UserError, Cancelled.

    `arrived` receives intermediate readings in this thread.
    """
    row = provider_of(plan.choice)
    if not permission.covers_recordings or permission.destination != row.destination(plan.choice):
        raise UserError("Nothing was sent: sending to this destination has not been allowed.")
    check_nothing_waits(plan.folder)
    without = deidentification(clip_options_of(plan.choice))
    reading = plan.folder.name
    passage = SendContext(permission, Ledger(plan.study_folder), "reading", without, reading)
    make = partial(row.make, plan.choice, passage, key)
    if remaining_uploads(permission.destination, plan.study_folder, reading):
        run_tidy(make, cancel)

    def tell(answers: Mapping[str, Answer]) -> None:
        arrived(Reading(plan.recording, identity(plan), answers))

    try:
        outcome = run.run(make, report=report, cancel=cancel, arrived=tell)
    finally:
        keep_request_counts(plan.choice.target, plan.requests, plan.serving, run.fresh)
    return Reading(plan.recording, identity(plan, outcome), outcome.answers), outcome


def identity(plan: Plan, outcome: RunOutcome | None = None, program: str = __version__) -> ReaderIdentity:
    """The identity of the model as a reader, with everything that is needed to repeat the reading; `program`
    is the version that asked."""
    apart = OF_THE_RUN_ALONE | {"model"}
    details = {key: value for key, value in plan.what.items() if key not in apart and value}
    if outcome is not None and outcome.served_models:
        details[SERVED] = ", ".join(outcome.served_models)
    details |= {} if plan.choice.merging == ANY else {MERGING: plan.choice.merging}
    details |= {PROMPT_SET: sets_in_words(plan.prompts, plan.wordings)}
    details |= {ARM: arm_of(clip_options_of(plan.choice))}
    details |= {TELLS_EARLIER: "yes"} if plan.part.asking.earlier else {}
    details[PROGRAM] = program
    return ReaderIdentity(ReaderKind.MODEL, plan.what["model"], plan.prompts.version, details)
