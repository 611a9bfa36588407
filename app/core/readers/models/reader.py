"""A model as a reader: plan, permission, run and resulting reading."""

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
from app.core.clips.clip import ClipOptions
from app.core.clips.clip_preparation import prepare_clips, sweep_unfinished
from app.core.containment import files_inside, folders_inside, keep_to_owner, make_folder_inside
from app.core.enhance.transcript import check_transcript
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report, no_report
from app.core.picture_box import Box
from app.core.privacy.destination import Destination
from app.core.privacy.gate import Permission, find_permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import FILE_NAME as LEDGER
from app.core.privacy.ledger import Ledger
from app.core.privacy.uploads import Upload, remaining_uploads
from app.core.readers.models.clip_folder import ClipFolder
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.journal import READINGS, RUN_FILE, Journal
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.model_run import (
    ClipSource,
    ModelRun,
    RunOptions,
    RunOutcome,
    is_refused,
    run_tidy,
)
from app.core.readers.models.prompts import PROMPT_SETS, PromptSet
from app.core.readers.models.providers import price_of, provider_of, unsupported_enhancements
from app.core.readers.models.request_plan import PlanEstimate, Request, clip_specs, estimate, requests
from app.core.readers.models.segments import STRETCHES, stretches_text
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.recording.recording import Recording
from app.core.recording.sparse_time import stretches_of
from app.core.semiology import Answer, Span
from app.core.study.durable import make_folder
from app.core.study.study_files import copies_in
from app.core.study.writer_lock import WriterLock

_log = logging.getLogger(__name__)

CLIPS = "clips"


def deidentification(options: ClipOptions) -> str:
    """What is taken out of clips before they are sent, for the ledger."""
    patient = "face covered in clips for limbs and body" if options.cover_patient else "can be recognised"
    others = "heads covered where they were found" if options.cover_bystanders else "not covered"
    return f"pseudonymous name, no metadata; patient: {patient}; other people: {others}; voices: as recorded"


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a reading: the chosen model, recording, prompts, requests and study.

    `picture` is the number of the picture track if not the camera's; `stretches` are the spans with content
    in a recording that is mostly empty.
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
        """The folder of this reading inside the study's, determined by the plan."""
        digest = hashlib.sha256(_canonical(self.what).encode()).hexdigest()[:16]
        return self.study_folder / READINGS / digest

    @property
    def what(self) -> dict[str, str]:
        """Everything that determines the answers."""
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
        """The destination of its requests."""
        return provider_of(self.choice).destination(self.choice)

    @property
    def estimate(self) -> PlanEstimate:
        """The estimated cost."""
        row = provider_of(self.choice)
        unseen = unsupported_enhancements(self.choice)
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
    """The plan of a reading; the same choice and recording give the same plan and folder. With the
    recording's `content` empty time is left out.

    Raises UserError when the choice is incomplete or there is nothing to read.
    """
    prompts = (prompt_sets or PROMPT_SETS).get(choice.prompts)
    if prompts is None:
        raise UserError(f"The prompt set “{choice.prompts}” no longer exists; choose another.")
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
        _sweep(plan.folder)
        yield
    finally:
        lock.release()


def sweep_study(study_folder: Path) -> None:
    """Remove unfinished files of killed programs from the readings of a study, except for readings in use.

    Links are not followed. Access to existing files is restricted to their owner.
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


def prepare_plan_clips(
    plan: Plan, recording: Recording, *, report: Report = no_report, cancel: CancelToken | None = None
) -> ClipFolder:
    """The clips of a plan, made if necessary; to be called within `hold_reading`.

    Raises as `prepare_clips`.
    """
    unseen = unsupported_enhancements(plan.choice)
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
    return ClipFolder(folder, clips, plan.choice.clip_options)


def refused_requests(plan: Plan) -> frozenset[str]:
    """The requests of a plan whose answers were rejected in an earlier run, partly or as a whole."""
    if not (plan.folder / RUN_FILE).is_file():
        return frozenset()
    journal = Journal(plan.folder, plan.what)
    replies = ((request, journal.reply(request.key)) for request in plan.requests)
    return frozenset(request.key for request, reply in replies if reply and is_refused(request, reply))


def model_run(plan: Plan, clips: ClipSource, again: frozenset[str] = frozenset()) -> ModelRun:
    """The run of a plan, with the replies of earlier runs; the requests in `again` are repeated."""
    options = RunOptions(
        plan.prompts, limit=plan.choice.limit, unable=unsupported_enhancements(plan.choice), again=again
    )
    return ModelRun(plan.requests, clips, Journal(plan.folder, plan.what), options)


def delete_at_provider(
    choice: ModelChoice,
    study_folder: Path,
    user: str,
    key_for: Callable[[str], Secret | None],
    cancel: CancelToken,
) -> None:
    """Delete uploads of this account at the chosen provider that a killed program left.

    Blocking. Uploads that cannot be deleted stay listed. It does nothing unless `user` has allowed sending
    there from this study, whose ledger records the requests. Raises UserError when the choice is incomplete,
    Cancelled.
    """
    row = provider_of(choice)
    place = row.destination(choice)
    left, given = remaining_uploads(place, study_folder), find_permission(study_folder, place, user)
    if not left or given is None:
        return
    key = key_for(place.key_name)
    if key is not None or not row.needs_key:
        ledger = Ledger(study_folder)
        passage = SendContext(given, ledger, "deleting what was left", "no media")
        run_tidy(partial(row.make, choice, passage, key), cancel)
        gone = set(left) - set(remaining_uploads(place, study_folder))
        _record_in_studies(upload for upload in gone if Path(upload.folder) != study_folder.absolute())


def _record_in_studies(gone: Iterable[Upload]) -> None:
    """Record the deletions in the ledgers of the studies, as far as these still exist."""
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
    """The reading and outcome of a run under `permission`; blocking. Raises UserError, Cancelled.

    `arrived` receives intermediate readings in this thread.
    """
    row = provider_of(plan.choice)
    if not permission.covers_recordings or permission.destination != row.destination(plan.choice):
        raise UserError("Nothing was sent: sending to this destination has not been allowed.")
    ledger = Ledger(plan.study_folder)
    passage = SendContext(permission, ledger, "reading", deidentification(plan.choice.clip_options))
    make = partial(row.make, plan.choice, passage, key)
    if remaining_uploads(permission.destination, plan.study_folder):
        run_tidy(make, cancel)

    def tell(answers: Mapping[str, Answer]) -> None:
        arrived(Reading(plan.recording, identity(plan), answers))

    outcome = run.run(make, report=report, cancel=cancel, arrived=tell)
    return Reading(plan.recording, identity(plan, outcome), outcome.answers), outcome


def identity(plan: Plan, outcome: RunOutcome | None = None) -> ReaderIdentity:
    """The identity of the model as a reader, with everything that is needed to repeat the reading."""
    details = {
        key: value
        for key, value in plan.what.items()
        if key not in {"recording", "model", STRETCHES} and value
    }
    if outcome is not None and outcome.served_models:
        details["served"] = ", ".join(outcome.served_models)
    details["program"] = __version__
    return ReaderIdentity(ReaderKind.MODEL, plan.what["model"], plan.prompts.version, details)
