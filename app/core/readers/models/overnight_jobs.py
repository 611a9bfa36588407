"""Overnight jobs of one reading: sent, looked after, and deleted at the service.

What may be asked for is in the account's list of jobs (`privacy/overnight_jobs.py`), which is written before
each step, so that a killed program or another day goes on from there.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from app.core.clips.clip_preparation import made_by
from app.core.errors import UserError
from app.core.jobs import CancelToken
from app.core.privacy.keys import Secret
from app.core.privacy.overnight_jobs import (
    JobSubject,
    OvernightJob,
    folder_text,
    note_asked_for,
    note_job,
    note_job_name,
    note_job_over,
    note_results,
    note_taken,
    now,
)
from app.core.readers.models.event_loop import run_to_end, until_done
from app.core.readers.models.gemini import new_upload_name
from app.core.readers.models.gemini_jobs import GeminiJobs, JobStage
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.overnight_requests import JobResults, RequestsForJob, results_of
from app.core.readers.models.providers import gemini_jobs
from app.core.readers.models.reader import Plan
from app.core.readers.models.retrying import BusyError, NoAnswerError, NoAnswerInTimeError, RequestError
from app.core.readers.models.waiting_requests import LOST_AFTER, mark_waiting, unmark_waiting

ARRIVES_WITHIN = timedelta(hours=1)
"""How long a job that was being sent may not be in the service's list yet."""

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

_WORDS = {
    JobStage.FAILED: "The service could not run the job.",
    JobStage.CANCELLED: "The job was cancelled at the service.",
    JobStage.EXPIRED: "The service did not get to the job within 48 hours, so it expired.",
}
_AGAIN = " Sending again asks what has no answer."


class RevokedError(UserError):
    """The permission to send was revoked meanwhile, here, in another window or by another program."""


@dataclass(frozen=True, slots=True)
class CollectedJob:
    """What a job has brought: its `results`, whether it is `over` so that it is deleted, and a sentence on
    what became of it, "" when it was answered."""

    job: OvernightJob
    results: JobResults = field(default_factory=JobResults)
    over: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class JobService:
    """The service through which jobs go: the choice of the model, the permission with its ledger, the key,
    and whether that permission still stands, which is looked up before each step.

    Blocking; each step raises Cancelled within a second of `cancel`, and RevokedError without asking the
    service.
    """

    choice: ModelChoice
    passage: SendContext
    key: Secret | None
    cancel: CancelToken
    stands: Callable[[], bool]

    def check(self) -> None:
        """Raises RevokedError when the permission was revoked since, Cancelled."""
        self.cancel.check()
        if not self.stands():
            raise RevokedError(
                "Nothing more was sent or asked there: the permission to send there was revoked."
            )

    def send(self, plan: Plan, requests: RequestsForJob, subject: JobSubject | None = None) -> OvernightJob:
        """Send a file of requests as a job. Raises UserError when that failed, or is not known to have
        worked: then `collect` finds out."""
        job = OvernightJob(
            id=f"overnight-{secrets.token_hex(8)}",
            destination=plan.destination,
            folder=folder_text(plan.study_folder),
            reading=plan.folder.name,
            upload=new_upload_name(),
            asked=tuple(requests.asked),
            time=now(),
            subject=subject,
            requests=tuple(requests.requests),
            made_by=made_by(),
        )
        self.check()
        # First in the account's own list: of a job that stands in the study alone nobody could ever find out
        # that it was not sent.
        note_job(job)
        try:
            mark_waiting(plan.folder, job, self.passage.permission.user)
        except UserError:
            note_job_over(job)
            raise
        lines = requests.path.read_bytes()
        try:
            self._with(lambda service: service.send_requests(job.upload, lines))
        except RevokedError:
            self._not_sent(plan, job)
            raise
        except RequestError as error:
            self._withdraw(plan, job)
            raise UserError(f"The requests could not be uploaded. {error}") from error
        self._check_before_creating(plan, job)
        job = note_asked_for(job)
        try:
            name = self._with(lambda service: service.create(job))
        except RequestError as error:
            if _may_have_arrived(error):
                raise UserError(
                    f"{error} It is not known whether the service has begun the job; collecting finds out."
                ) from error
            self._withdraw(plan, job)
            raise UserError(f"The service did not take the job. {error}") from error
        return self._note_created(plan, job, name)

    def _note_created(self, plan: Plan, job: OvernightJob, name: str) -> OvernightJob:
        """The job with its `name`, recorded wherever it is looked for. Raises UserError, which says that it
        runs all the same."""
        try:
            job = note_job_name(job, name)
            self.passage.ledger.note_left(job.id, job.destination)
            mark_waiting(plan.folder, job, self.passage.permission.user)
        except UserError as error:
            raise UserError(
                f"{error} The service has taken the job all the same; collecting finds it."
            ) from error
        return job

    def look(self, job: OvernightJob) -> JobStage:
        """What has become of a job, without taking its results. Raises RequestError."""
        found = self._found(job)
        return JobStage.UNKNOWN if found is None else self._with(lambda service: service.state(found)).stage

    def stop(self, job: OvernightJob) -> bool:
        """Ask the service to stop a job; it is collected and deleted as any other. False where the service
        does not list it, so that nothing was stopped. Raises RequestError."""
        found = self._found(job)
        if found is not None:
            self._with(lambda service: service.cancel(found))
        return found is not None

    def collect(self, plan: Plan, job: OvernightJob) -> CollectedJob:
        """What a job has brought so far. When the service cannot be asked it says so. Raises RevokedError."""
        try:
            found = self._found(job)
            if found is None:
                return self._missing(job)
            if not job.name:
                mark_waiting(plan.folder, found, self.passage.permission.user)
            return self._brought(found)
        except RequestError as error:
            return _not_yet(job, str(error))

    def end(self, plan: Plan, job: OvernightJob) -> None:
        """Delete a job that is over at the service; what could not be deleted stays in the list."""
        job = job if job.taken else note_taken(job)
        unmark_waiting(plan.folder, job)
        self.delete(job)

    def delete(self, job: OvernightJob) -> None:
        """Try to delete what is left of a job that was taken."""
        try:
            gone = self._with(lambda service: service.forget(job))
        except (RequestError, RevokedError) as error:
            _log.info("a job could not be deleted: %s", type(error).__name__)
            return
        if gone:
            note_job_over(job)
            for name in filter(None, (job.name and job.id, job.results)):
                self.passage.ledger.note_deleted(name)

    def _found(self, job: OvernightJob) -> OvernightJob | None:
        """The job with its name, looked for by its id where the program was killed before it knew it."""
        if job.name:
            return job
        name = self._with(lambda service: service.find(job)) if job.asked_for else ""
        if not name:
            return None
        self.passage.ledger.note_left(job.id, job.destination)
        return note_job_name(job, name)

    def _missing(self, job: OvernightJob) -> CollectedJob:
        """A job that the service does not list with this key, which may be another than it was sent with."""
        if not job.asked_for:
            return CollectedJob(job, over=True, words=f"It was never sent.{_AGAIN}")
        if job.age < ARRIVES_WITHIN:
            return CollectedJob(job, words="The service does not list the job yet.")
        if self._with(lambda service: service.sees_file(job.upload)):
            return CollectedJob(job, over=True, words=f"It never arrived.{_AGAIN}")
        return _not_yet(job, "The service does not list the job, nor its requests, with this key.")

    def _brought(self, job: OvernightJob) -> CollectedJob:
        state = self._with(lambda service: service.state(job))
        if state.stage is JobStage.UNKNOWN:
            return _not_yet(job, "The service does not know it with this key.")
        if state.stage is JobStage.WAITING:
            return _not_yet(job, "The service is not done with it.")
        if not state.results:
            words = _WORDS.get(state.stage, "The job brought no results.")
            return CollectedJob(job, over=True, words=words + _AGAIN)
        if state.results != job.results:
            self.passage.ledger.note_left(state.results, job.destination)
            job = note_results(job, state.results)

        async def results(service: GeminiJobs) -> JobResults:
            return results_of(await service.results(job.results), frozenset(job.asked), service.answer_in)

        found = self._with(results)
        if not found.said:
            return _not_yet(job, "Its results hold no answer to what was asked.")
        return CollectedJob(job, found, over=True, words=_WORDS.get(state.stage, ""))

    def _check_before_creating(self, plan: Plan, job: OvernightJob) -> None:
        """As `check`, when the requests of a job are at the service, where it is not made of them yet."""
        try:
            self.check()
        except RevokedError:
            self._not_sent(plan, job)
            raise

    def _not_sent(self, plan: Plan, job: OvernightJob) -> OvernightJob:
        """Its requests wait in no job; what is to be deleted is its file, perhaps."""
        unmark_waiting(plan.folder, job)
        return note_taken(job)

    def _withdraw(self, plan: Plan, job: OvernightJob) -> None:
        """Nothing of a job is at the service but its file, perhaps."""
        self.delete(self._not_sent(plan, job))

    def _with(self, step: Callable[[GeminiJobs], Coroutine[Any, Any, Result]]) -> Result:
        """The result of a step with a new client. Raises RequestError, UserError, RevokedError, Cancelled."""
        self.check()

        async def work() -> Result:
            service = gemini_jobs(self.choice, self.passage, self.key)
            try:
                return await step(service)
            finally:
                await service.close()

        return run_to_end(until_done(work(), self.cancel))


def not_over(collected: Iterable[CollectedJob]) -> frozenset[str]:
    """The SHA-256 of the requests that still wait."""
    return frozenset(name for one in collected if not one.over for name in one.job.asked)


def _not_yet(job: OvernightJob, words: str) -> CollectedJob:
    """A job that is left for later, or given up when it is older than any can be."""
    sent = f"Sent on {job.time[:16].replace('T', ' ')} UTC."
    if job.age < LOST_AFTER:
        return CollectedJob(job, words=f"{sent} {words}")
    return CollectedJob(job, over=True, words=f"{sent} {words} It counts as lost.{_AGAIN}")


def _may_have_arrived(error: RequestError) -> bool:
    """Whether the service may have begun a job in spite of this error."""
    begun = isinstance(error, BusyError) and error.begun
    return begun or isinstance(error, NoAnswerError | NoAnswerInTimeError)
