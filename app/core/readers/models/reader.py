"""A model as a reader: its plan, its permission, its run, and the reading that comes of it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from app import __version__
from app.core.atomic import remove_unfinished
from app.core.containment import files_inside, folders_inside, keep_to_owner, make_folder_inside
from app.core.enhance.clip_preparation import prepare_clips, sweep_unfinished
from app.core.enhance.pose_track import Box
from app.core.enhance.transcript import check_transcript
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report, no_report
from app.core.privacy.destination import Destination
from app.core.privacy.gate import Permission, permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import FILE_NAME as LEDGER
from app.core.privacy.ledger import Ledger
from app.core.privacy.uploads import Upload, left_at
from app.core.readers.models.clip_folder import ClipFolder
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.journal import READINGS, RUN_FILE, Journal
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.model_run import ClipSource, ModelRun, RunOptions, RunOutcome, is_refused, tidied
from app.core.readers.models.prompts import PROMPT_SETS, PromptSet
from app.core.readers.models.providers import price_of, provider_of, unable
from app.core.readers.models.request_plan import PlanEstimate, Request, clip_specs, estimate, requests
from app.core.readers.models.segments import STRETCHES, stretches_text
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.recording.recording import Recording
from app.core.recording.stretches import stretches_of
from app.core.semiology import Answer, Span
from app.core.study.durable import make_folder
from app.core.study.study_files import copies_in
from app.core.study.writer_lock import WriterLock

_log = logging.getLogger(__name__)

CLIPS = "clips"

DEIDENTIFICATION = "pseudonymous name, no metadata; the patient can be recognised"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a reading by this choice asks, for which study, and in which folder its files lie.

    `picture` is the picture track where it is not the camera's, `stretches` where there is something in a
    recording in which there mostly is nothing.
    """

    choice: ModelChoice
    recording: RecordingIdentity
    prompts: PromptSet
    requests: tuple[Request, ...]
    study_folder: Path
    patient: Box | None = None
    picture: int | None = None
    stretches: tuple[Span, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder of this reading inside the study's; the same plan has the same one."""
        digest = hashlib.sha256(_canonical(self.what).encode()).hexdigest()[:16]
        return self.study_folder / READINGS / digest

    @property
    def what(self) -> dict[str, str]:
        """Everything that decides the answers."""
        return {
            "recording": self.recording.sha256,
            "provider": self.choice.provider,
            "server": self.choice.base_url,
            "model": provider_of(self.choice).destination(self.choice).model,
            "mode": self.choice.mode.value,
            "prompts": self.prompts.hash,
            "enhancements": ",".join(self.choice.enhancements),
            "fps": f"{self.choice.fps:g}",
            "feature_rates": "yes" if self.choice.feature_rates else "",
            "clips": _canonical(asdict(self.choice.clip_options)),
            "patient": _canonical(asdict(self.patient)) if self.patient else "",
            **({"video": "yes"} if self.choice.prefer_video else {}),
            **({} if self.picture is None else {"picture": str(self.picture + 1)}),
            **({STRETCHES: stretches_text(self.stretches)} if self.stretches else {}),
        }

    @property
    def destination(self) -> Destination:
        """Where it would be sent."""
        return provider_of(self.choice).destination(self.choice)

    @property
    def estimate(self) -> PlanEstimate:
        """What it will take."""
        row = provider_of(self.choice)
        unseen = unable(self.choice)
        asked = tuple(request for request in self.requests if request.enhancement not in unseen)
        video = row.sends_video or self.choice.prefer_video
        return estimate(asked, limit=self.choice.limit, price=price_of(self.choice), as_video=video)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def plan_reading(
    choice: ModelChoice,
    recording: RecordingIdentity,
    study_folder: Path,
    *,
    patient: Box | None = None,
    prompt_sets: dict[str, PromptSet] | None = None,
    content: Recording | None = None,
) -> Plan:
    """The plan of a reading; the same choice and recording give the same plan and folder. With its `content`
    nothing is asked about time in which there is nothing.

    Raises UserError when the choice is not complete or there is nothing to read.
    """
    prompts = (prompt_sets or PROMPT_SETS).get(choice.prompts)
    if prompts is None:
        raise UserError(f"The prompt set “{choice.prompts}” is not there any more; choose another.")
    present = None if content is None else stretches_of(content)
    stretches = () if present is None else present.spans()
    asked = requests(
        recording.duration,
        mode=choice.mode,
        enhancements=frozenset(choice.enhancements),
        fps=choice.fps,
        feature_rates=choice.feature_rates,
        stretches=stretches,
    )
    if not asked:
        raise UserError("There is nothing to ask: choose at least one of pose, face and sound.")
    if choice.transcript:
        check_transcript(choice.transcript)
    other = content is not None and content.picture != content.default_picture
    picture = content.picture if content is not None and other else None
    return Plan(choice, recording, prompts, asked, study_folder, patient, picture, stretches)


@contextmanager
def held(plan: Plan) -> Iterator[None]:
    """The folder of a reading, for this program alone until it is done; what a killed one left is swept.

    Raises UserError when another program is at the same reading, or the folder cannot be written.
    """
    try:
        make_folder(plan.study_folder)
        make_folder_inside(plan.folder, plan.study_folder)
        lock = WriterLock.acquire(plan.folder, plan.study_folder)
    except OSError as error:
        raise UserError("The study's folder cannot be written, so no model is asked.") from error
    if lock is None:
        raise UserError("Another window or program is at this very reading; wait until it is done.")
    try:
        _sweep(plan.folder)
        yield
    finally:
        lock.release()


def sweep_study(study_folder: Path) -> None:
    """Remove what killed programs left half-made in the readings of a study; what is in use is left alone.

    Links are not followed. What is there is kept to its owner, also what an earlier version wrote.
    """
    for folder in folders_inside(study_folder / READINGS, study_folder):
        try:
            lock = WriterLock.acquire(folder, study_folder)
        except (OSError, UserError) as error:
            _log.info("a reading's folder could not be swept: %s", type(error).__name__)
            continue
        if lock is not None:
            _sweep(folder)
            lock.release()
        keep_to_owner(files_inside(folder, study_folder))
        keep_to_owner(files_inside(folder / CLIPS, study_folder))
    keep_to_owner((*files_inside(study_folder, study_folder), *copies_in(study_folder)))


def _sweep(folder: Path) -> None:
    sweep_unfinished(folder)
    remove_unfinished(folder)


def clips_for(
    plan: Plan, recording: Recording, *, report: Report = no_report, cancel: CancelToken | None = None
) -> ClipFolder:
    """The clips of a plan, made when they are not there yet; hold the reading meanwhile (`held`).

    Raises as `prepare_clips`.
    """
    unseen = unable(plan.choice)
    wanted = clip_specs(request for request in plan.requests if request.enhancement not in unseen)
    folder = plan.folder / CLIPS
    clips = prepare_clips(
        recording,
        wanted,
        folder,
        patient=plan.patient,
        options=plan.choice.clip_options,
        report=report,
        cancel=cancel,
    )
    return ClipFolder(folder, clips)


def refused(plan: Plan) -> frozenset[str]:
    """The requests of a plan whose answer an earlier run had to refuse, in part or as a whole."""
    if not (plan.folder / RUN_FILE).is_file():
        return frozenset()
    journal = Journal(plan.folder, plan.what)
    replies = ((request, journal.reply(request.key)) for request in plan.requests)
    return frozenset(request.key for request, reply in replies if reply and is_refused(request, reply))


def model_run(plan: Plan, clips: ClipSource, again: frozenset[str] = frozenset()) -> ModelRun:
    """The run of a plan, with what an earlier one has heard already; `again` is asked once more."""
    options = RunOptions(plan.prompts, limit=plan.choice.limit, unable=unable(plan.choice), again=again)
    return ModelRun(plan.requests, clips, Journal(plan.folder, plan.what), options)


def deleted_at_provider(
    choice: ModelChoice,
    study_folder: Path,
    user: str,
    key_for: Callable[[str], Secret | None],
    cancel: CancelToken,
) -> None:
    """Let the chosen provider delete what this account has left there when its program was killed.

    Blocking. What cannot be deleted stays listed. Only when `user` allowed sending there from this study,
    whose ledger lists the requests. Raises UserError when the choice is not complete, Cancelled.
    """
    row = provider_of(choice)
    place = row.destination(choice)
    left, given = left_at(place, study_folder), permission(study_folder, place, user)
    if not left or given is None:
        return
    key = key_for(place.key_name)
    if key is not None or not row.needs_key:
        ledger = Ledger(study_folder)
        passage = SendContext(given, ledger, "deleting what was left", "no media")
        tidied(partial(row.make, choice, passage, key), cancel)
        gone = set(left) - set(left_at(place, study_folder))
        _tell_their_studies(upload for upload in gone if Path(upload.folder) != study_folder.absolute())


def _tell_their_studies(gone: Iterable[Upload]) -> None:
    """Write into the ledgers of the studies, where they still are, which of their files are gone."""
    for upload in gone:
        try:
            if Path(upload.folder, LEDGER).is_file():
                Ledger(Path(upload.folder)).note_deleted(upload.name)
        except (OSError, UserError) as error:
            _log.info("a study was not told that its file is gone: %s", type(error).__name__)


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
    """Let the model read under `permission`; blocking. Raises UserError, Cancelled.

    `arrived` takes the reading as far as it has come, from this thread.
    """
    row = provider_of(plan.choice)
    if not permission.covers_recordings or permission.destination != row.destination(plan.choice):
        raise UserError("Nothing was sent: sending to this destination has not been allowed.")
    ledger = Ledger(plan.study_folder)
    passage = SendContext(permission, ledger, "reading", DEIDENTIFICATION)
    make = partial(row.make, plan.choice, passage, key)
    if left_at(permission.destination, plan.study_folder):
        tidied(make, cancel)

    def tell(answers: Mapping[str, Answer]) -> None:
        arrived(Reading(plan.recording, identity(plan), answers))

    outcome = run.run(make, report=report, cancel=cancel, arrived=tell)
    return Reading(plan.recording, identity(plan, outcome), outcome.answers), outcome


def identity(plan: Plan, outcome: RunOutcome | None = None) -> ReaderIdentity:
    """Who answered: the model by name, and what it takes to ask it the same again."""
    details = {
        key: value
        for key, value in plan.what.items()
        if key not in {"recording", "model", STRETCHES} and value
    }
    if outcome is not None and outcome.served_models:
        details["served"] = ", ".join(outcome.served_models)
    details["program"] = __version__
    return ReaderIdentity(ReaderKind.MODEL, plan.what["model"], plan.prompts.version, details)
