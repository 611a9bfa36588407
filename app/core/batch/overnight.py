"""Readings by a model in its service's batch mode: sent as jobs, collected another day, at half the price."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.atomic import unfinished_folder
from app.core.batch.each_recording import each_recording, question_about
from app.core.batch.recording_list import ListedRecording
from app.core.batch.request_files import FileQuestion, refuse_repeats
from app.core.clips.clip import Clip
from app.core.clips.clip_preparation import made_by
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.plural import plural
from app.core.privacy.destination import Destination
from app.core.privacy.gate import Permission, find_permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.privacy.overnight_jobs import JobSubject, OvernightJob, jobs_of
from app.core.readers.models.clip_folder import ClipFolder
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice, choice_text, clip_options_of
from app.core.readers.models.model_run import RunOutcome
from app.core.readers.models.model_work import planned
from app.core.readers.models.moving_windows import (
    knows_windows,
    most_windows_of,
    windows_that_move,
)
from app.core.readers.models.overnight_jobs import CollectedJob, JobService, not_over
from app.core.readers.models.overnight_requests import (
    LATER,
    WAITING,
    KeyedClips,
    OvernightReader,
    OvernightWriter,
)
from app.core.readers.models.prices import Price, format_cost
from app.core.readers.models.provider import TokensUsed
from app.core.readers.models.providers import check_batch_mode, price_of, provider_of
from app.core.readers.models.read_recording import Permit, plan_with_pose
from app.core.readers.models.reader import (
    Plan,
    hold_reading,
    identity,
    model_run,
    prepare_plan_clips,
)
from app.core.readers.models.reading_cost import UNKNOWN_PRICE, keep_request_counts
from app.core.readers.models.run_phrases import thousands
from app.core.readers.models.spending import SpendingLimit
from app.core.readers.models.waiting_requests import waiting_names, waiting_requests
from app.core.readers.models.who_is_shown import deidentification
from app.core.reading import Reading
from app.core.recording.recording import Recording
from app.core.study.store import Study

_PURPOSE = "overnight job"

LeftOut = tuple[tuple[str, str], ...]
"""Recordings that were left out, each with the reason."""

IsRevoked = Callable[[Path, Destination], bool]
"""Whether sending to a place from the study in a folder was revoked, although that may not be on disk."""


def revoked_on_disk_alone(_folder: Path, _place: Destination) -> bool:
    """Nothing is revoked but what the disk says."""
    return False


@dataclass(slots=True)
class OvernightSums:
    """What requests are expected to take: their number, tokens, and the cost in the currency of `price`, None
    where that is not known."""

    price: Price | None
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    waiting: int = 0
    """How many of the requests wait in a job already, so that they are not sent again."""
    at_most: bool = False
    """Whether it may be less, because the windows of a second pass are not known yet."""

    def add(self, plan: Plan) -> None:
        """Add what a plan takes."""
        estimate = plan.estimate
        self.requests += estimate.requests
        self.tokens_in += estimate.tokens_in
        self.tokens_out += estimate.tokens_out

    @property
    def cost(self) -> float | None:
        return None if self.price is None else self.price.of(self.tokens_in, self.tokens_out)

    @property
    def words(self) -> str:
        """`12 requests, about 90 000 tokens in and 9 000 out, price about 0.05 USD, half of …`"""
        tokens = f"about {thousands(self.tokens_in)} tokens in and {thousands(self.tokens_out)} out"
        bound = "at most " if self.at_most else ""
        requests = bound + plural(self.requests, "request")
        words = f"{requests}, {tokens}, price {format_cost(self.price, self.cost)}"
        return f"{words}; {self.waiting} of them wait in a job already" if self.waiting else words


@dataclass(frozen=True, slots=True)
class OvernightSent:
    """What was sent: `jobs` with the requests of `sums`; how many requests were `waiting` already; why others
    were `refused`; what was left out and why."""

    jobs: int
    sums: OvernightSums
    waiting: int
    refused: tuple[str, ...]
    left_out: LeftOut


@dataclass(slots=True)
class OvernightCollected:
    """What was collected: the `readings` that are now in the study, the `missing` requests without an answer,
    of which `waiting` are under way, the `unread` lines that were no results; `words` on single jobs; the
    `price` of tokens in a job, None where it is not known; the readings that were `looked_at`, by the names
    of their folders, and how many jobs are `left` at the destination."""

    readings: int = 0
    missing: int = 0
    waiting: int = 0
    unread: int = 0
    used: TokensUsed = field(default_factory=TokensUsed)
    """What the service counted for the answers that came now."""
    price: Price | None = None
    words: list[str] = field(default_factory=list)
    left_out: LeftOut = ()
    looked_at: set[str] = field(default_factory=set)
    left: int = 0


def overnight_choice(choice: ModelChoice) -> ModelChoice:
    """The choice as jobs ask it: at half the price, no request after another. Raises UserError when the model
    has no batch mode, and for repeats."""
    check_batch_mode(choice)
    refuse_repeats(choice)
    price = price_of(choice)
    if choice.most_cost is not None and price is None:
        raise UserError(UNKNOWN_PRICE)
    return replace(choice, own_price=price and price.halved, limit=1, tell_earlier=False, keep_clips=False)


def plan_overnight(
    study_folder: Path,
    listed: Sequence[ListedRecording],
    question: FileQuestion,
    *,
    report: Report,
    cancel: CancelToken,
) -> tuple[OvernightSums, LeftOut]:
    """What jobs would ask about the recordings and what that costs. Nothing is made or sent; of a second pass
    whose windows are not known yet the most counts.

    Raises UserError as `overnight_choice`, Cancelled.
    """
    choice = overnight_choice(question.choice)
    sums = OvernightSums(price_of(choice))

    def one(recording: ListedRecording, shown: Recording, _report: Report) -> None:
        asked = question_about(recording, shown, choice, question.prompt_sets)
        known = knows_windows(choice, shown, recording.patient)
        plan = asked.plan(study_folder, shown, cancel, windows_that_move if known else most_windows_of)
        sums.at_most |= not known
        sums.add(replace(plan, requests=planned(plan).left))
        sums.waiting += len(waiting_requests(plan.folder))

    _, left_out = each_recording(listed, one, report, cancel)
    return sums, left_out


def send_overnight(
    study: Study,
    listed: Sequence[ListedRecording],
    question: FileQuestion,
    permit: Permit,
    key: Secret | None,
    *,
    report: Report,
    cancel: CancelToken,
    with_clips: Callable[[tuple[Clip, ...]], object] = lambda _clips: None,
    is_revoked: IsRevoked = revoked_on_disk_alone,
) -> OvernightSent:
    """Send what has no answer and waits in no job yet, in jobs for each recording.

    A ceiling of the choice holds for all of it: each request counts as the most that it can cost. The
    permission is looked up anew before each upload, and before a job is made of it. Raises UserError as
    `overnight_choice`, and without a permission before anything is made; Cancelled.
    """
    choice = overnight_choice(question.choice)
    asked_as = choice_text(question.choice)
    service = job_service(study, choice, permit, key, cancel, is_revoked=is_revoked)
    _delete_left(study, service)
    limit = None if choice.most_cost is None else SpendingLimit(choice.most_cost)
    sums = OvernightSums(price_of(choice))
    jobs = waiting = 0
    stopped = False
    refused: list[str] = []

    def one(recording: ListedRecording, shown: Recording, part: Report) -> None:
        nonlocal jobs, waiting, stopped
        service.check()
        if stopped:
            raise UserError("Nothing of it was sent, because the job before it was not taken.")
        asked = question_about(recording, shown, choice, question.prompt_sets)
        plan = plan_with_pose(asked, study.folder, shown, report=part, cancel=cancel)
        with hold_reading(plan), unfinished_folder(plan.folder / "requests") as folder:
            clips = prepare_plan_clips(plan, shown, report=part, cancel=cancel)
            with_clips(tuple(clips.clips))
            writer = OvernightWriter(folder, plan.destination.model, waiting_names(plan.folder))
            run = model_run(plan, KeyedClips(clips), spending=limit)
            outcome = run.run(lambda: writer, report=part, cancel=cancel)
            reasons = {failed.request: failed.reason for failed in outcome.failed if failed.again}
            waiting += sum(reason == WAITING for reason in reasons.values())
            refused.extend(reason for reason in reasons.values() if reason not in {LATER, WAITING})
            for file in writer.files:
                service.check()
                stopped = True
                service.send(plan, file, JobSubject(plan.recording.sha256, recording.number or 0, asked_as))
                stopped = False
                file.path.unlink()
                jobs += 1
                sums.add(_only(plan, {request for request, _ in file.requests}))

    _, left_out = each_recording(listed, one, report, cancel)
    return OvernightSent(jobs, sums, waiting, tuple(refused), left_out)


def collect_overnight(
    study: Study,
    listed: Sequence[ListedRecording],
    question: FileQuestion,
    permit: Permit,
    key: Secret | None,
    *,
    report: Report,
    cancel: CancelToken,
    is_revoked: IsRevoked = revoked_on_disk_alone,
) -> OvernightCollected:
    """Keep the readings that this account's jobs have brought, for the same question as it was sent with, and
    delete at the service what is over. The permission is looked up anew before each step at the service.

    Only jobs in the account's own list are asked for. Raises UserError as `overnight_choice`, without a
    permission before the service is asked, and when no job is under way; Cancelled.
    """
    choice = replace(overnight_choice(question.choice), most_cost=None)
    if not jobs_of(study.folder, provider_of(choice).destination(choice)):
        raise UserError(
            "Nothing of this account is under way: no overnight job was sent for this study and model."
        )
    service = job_service(study, choice, permit, key, cancel, is_revoked=is_revoked)
    _delete_left(study, service)
    done = OvernightCollected(price=price_of(choice))

    def one(recording: ListedRecording, shown: Recording, part: Report) -> None:
        asked = question_about(recording, shown, choice, question.prompt_sets)
        plan = plan_with_pose(asked, study.folder, shown, report=part, cancel=cancel)
        done.looked_at.add(plan.folder.name)
        jobs = [job for job in jobs_of(study.folder, plan.destination) if job.reading == plan.folder.name]
        if not jobs:
            return
        with hold_reading(plan):
            collected = [service.collect(plan, job) for job in jobs if not job.taken]
            done.words += [f"{recording.name}: {one.words}" for one in collected if one.words]
            if not any(one.over for one in collected):
                waiting = len(not_over(collected))
                done.waiting, done.missing = done.waiting + waiting, done.missing + waiting
                return
            # Those that were sent, whichever version has made them; else a later one would make them anew.
            clips = prepare_plan_clips(plan, shown, by_any_maker=True, report=part, cancel=cancel)
            done.words += [f"{recording.name}: {words}" for words in _made_by_others(collected)]
            _keep(study, shown, _Collecting(plan, clips, service, collected, done), part, cancel)

    _, done.left_out = each_recording(listed, one, report, cancel)
    done.left = len(jobs_of(study.folder, service.passage.permission.destination))
    return done


@dataclass(frozen=True, slots=True)
class _Collecting:
    """The jobs of a reading with what they have brought."""

    plan: Plan
    clips: ClipFolder
    service: JobService
    collected: Sequence[CollectedJob]
    done: OvernightCollected


def _keep(study: Study, shown: Recording, of: _Collecting, report: Report, cancel: CancelToken) -> None:
    """Keep a reading, and only then delete the jobs that made it."""
    plan, done = of.plan, of.done
    said = {name: reply for one in of.collected for name, reply in one.results.said.items()}
    sent: dict[str, str] = {}
    for key, name in (pair for one in of.collected for pair in one.job.requests):
        if key not in sent or name in said:
            sent[key] = name
    reader = OvernightReader(said, plan.destination.model, not_over(of.collected), sent)
    run = model_run(plan, KeyedClips(of.clips, sent))
    outcome = run.run(lambda: reader, report=report, cancel=cancel)
    keep_request_counts(plan.choice.target, plan.requests, plan.serving, run.fresh)
    _count(outcome, done)
    done.used = done.used.and_of(run.fresh.values())
    done.unread += sum(one.results.unread for one in of.collected)
    # Replies that are in the journal already are not asked for again: they came by a run that was stopped
    # before their job was deleted.
    if said and reader.missed and not reader.used and not run.has_replies:
        raise UserError(
            "Its results fit none of the requests that these clips make, so the job was left where it is. "
            "Give the options that it was sent with."
        )
    if any(answer.presence is not None for answer in outcome.answers.values()):
        number = study.recording(shown)
        study.set_sha256(number, plan.recording.sha256)
        makers = dict.fromkeys(one.job.made_by for one in of.collected if one.job.made_by)
        asked_by = identity(plan, outcome, "; ".join(makers)) if makers else identity(plan, outcome)
        study.keep_reading(number, Reading(plan.recording, asked_by, outcome.answers))
        done.readings += bool(said)
    for one in of.collected:
        if one.over:
            of.service.end(plan, one.job)


def _made_by_others(collected: Sequence[CollectedJob]) -> Iterator[str]:
    """What is said of jobs that another version has sent."""
    now = made_by()
    for maker in dict.fromkeys(one.job.made_by for one in collected if one.over):
        if maker not in {"", now}:
            yield f"What was answered was made and sent by {maker}; this is {now}."


def _count(outcome: RunOutcome, done: OvernightCollected) -> None:
    again = {failed.request: failed.reason for failed in outcome.failed if failed.again}
    done.missing += len(again)
    done.waiting += sum(reason == WAITING for reason in again.values())


def job_service(
    study: Study,
    choice: ModelChoice,
    permit: Permit,
    key: Secret | None,
    cancel: CancelToken,
    *,
    is_revoked: IsRevoked = revoked_on_disk_alone,
) -> JobService:
    """The service of jobs, for a permission of recordings alone. Raises UserError."""
    permission: Permission = permit(provider_of(choice).destination(choice))
    if not permission.covers_recordings:
        raise UserError("Nothing was sent: sending to this destination has not been allowed.")
    without = deidentification(clip_options_of(choice))
    passage = SendContext(permission, Ledger(study.folder), _PURPOSE, without)

    def stands() -> bool:
        place = permission.destination
        found = find_permission(study.folder, place, permission.user)
        return found is not None and not is_revoked(study.folder, place)

    return JobService(choice, passage, key, cancel, stands)


def _delete_left(study: Study, service: JobService) -> None:
    """Delete what earlier runs could not delete of jobs that are over."""
    left: list[OvernightJob] = [
        job for job in jobs_of(study.folder, service.passage.permission.destination) if job.taken
    ]
    for job in left:
        service.delete(job)


def _only(plan: Plan, keys: set[str]) -> Plan:
    return replace(plan, requests=tuple(request for request in plan.requests if request.key in keys))
