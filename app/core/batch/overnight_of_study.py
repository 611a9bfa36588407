"""The overnight jobs of a study as its window has them: listed, looked at, collected and stopped.

Each job is collected with what it was sent with, which the account's own list of jobs remembers. Only jobs of
that list are asked for, and only while a permission stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from app.core.batch.each_recording import each_recording, question_about
from app.core.batch.overnight import (
    IsRevoked,
    OvernightCollected,
    collect_overnight,
    job_service,
    overnight_choice,
    revoked_on_disk_alone,
)
from app.core.batch.recording_list import ListedRecording, recordings_of_study
from app.core.batch.request_files import FileQuestion
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report, share_of
from app.core.plural import plural
from app.core.privacy.destination import Destination
from app.core.privacy.gate import Permission, find_permission
from app.core.privacy.keys import Secret
from app.core.privacy.overnight_jobs import JobSubject, OvernightJob, jobs_of_study, note_taken
from app.core.readers.models.gemini_jobs import JobStage
from app.core.readers.models.key_to_ask import KeyFor, key_to_ask
from app.core.readers.models.model_choice import ModelChoice, choice_from_text, for_any_recording
from app.core.readers.models.model_work import planned, preview_of
from app.core.readers.models.overnight_jobs import JobService
from app.core.readers.models.prompt_files import prompt_sets
from app.core.readers.models.provider import TokensUsed
from app.core.readers.models.providers import provider_of
from app.core.readers.models.read_recording import plan_with_pose
from app.core.readers.models.reader import hold_reading, prepare_plan_clips
from app.core.readers.models.reading_state import Planned, Preview
from app.core.readers.models.retrying import RequestError
from app.core.readers.models.run_phrases import used_words
from app.core.readers.models.waiting_requests import LOST_AFTER
from app.core.recording.recording import Recording
from app.core.study.store import Study


class OvernightState(StrEnum):
    """How far a job is, as a person says it."""

    SENT = "sent"
    WAITING = "waiting"
    ANSWERED = "answered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "not known to the service"
    COLLECTED = "collected, not deleted yet"


_NOT_LISTED = "The service does not list the job, so it was not asked to stop it; try again in some minutes."

_NOT_IN_STUDY = "A recording that is not in this study"

_CHANGED = (
    "the answers do not fit what would be asked now: the recording, its patient's box, places to cover or "
    "view, or the questions have changed since. They are collected once these are as they were."
)

_STATES = {
    JobStage.WAITING: OvernightState.WAITING,
    JobStage.DONE: OvernightState.ANSWERED,
    JobStage.FAILED: OvernightState.FAILED,
    JobStage.CANCELLED: OvernightState.CANCELLED,
    JobStage.EXPIRED: OvernightState.EXPIRED,
    JobStage.UNKNOWN: OvernightState.UNKNOWN,
}
TO_COLLECT = frozenset(
    {OvernightState.ANSWERED, OvernightState.FAILED, OvernightState.CANCELLED, OvernightState.EXPIRED}
)


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job with its state when it was last looked at, and why it could not be looked at, "" otherwise;
    `recording` is what the study calls the recording that it is about, "" where that is not known."""

    job: OvernightJob
    state: OvernightState
    problem: str = ""
    recording: str = ""


@dataclass(frozen=True, slots=True)
class ToBeSent:
    """What is sent of one recording, with its clips, before the person allows it."""

    name: str
    planned: Planned
    preview: Preview
    number: int
    """The recording's in the study."""


@dataclass(frozen=True, slots=True)
class StopRequest:
    """A job that was to be stopped, and why the service could not be asked, "" when it was."""

    shown: ShownJob
    failure: str = ""


def shown_jobs(study: Study) -> tuple[ShownJob, ...]:
    """The account's jobs of the study; nobody is asked."""
    name_of = _names_in(study)
    return tuple(
        ShownJob(job, _known_state(job), recording=name_of(job.subject))
        for job in jobs_of_study(study.folder)
    )


def question_of(text: str) -> FileQuestion:
    """What a job asks, by the text of its choice. Raises UserError."""
    return FileQuestion(for_any_recording(choice_from_text(text)), prompt_sets())


@dataclass(frozen=True, slots=True)
class OvernightAccount:
    """Whose jobs: the `user` with the permissions, the keys, and whether sending there from the study in a
    folder `is_revoked`, although that may not be on disk."""

    user: str
    key_for: KeyFor
    is_revoked: IsRevoked = revoked_on_disk_alone

    def permit(self, folder: Path, place: Destination) -> Permission:
        """The permission to send there. Raises UserError without one."""
        given = find_permission(folder, place, self.user)
        if given is None or self.is_revoked(folder, place):
            raise UserError("Nothing was asked: sending to this destination is not allowed.")
        return given

    def key(self, choice: ModelChoice) -> Secret | None:
        """The key with which jobs of the chosen model are sent and collected. Raises UserError as
        `key_to_ask`."""
        return key_to_ask(choice, self.key_for)

    def look(self, study: Study, cancel: CancelToken) -> tuple[ShownJob, ...]:
        """The jobs with what the service says of them. Raises Cancelled."""
        return tuple(self._looked_at(study, one, cancel) for one in shown_jobs(study))

    def stop(self, study: Study, ids: frozenset[str], cancel: CancelToken) -> Iterator[StopRequest]:
        """Ask the service to stop these jobs, one after the other; what came of each when it has been asked.
        Raises Cancelled."""
        for one in shown_jobs(study):
            if one.job.id in ids and one.state is not OvernightState.COLLECTED:
                yield StopRequest(one, self._not_stopped(study, one, cancel))

    def _not_stopped(self, study: Study, one: ShownJob, cancel: CancelToken) -> str:
        """Why a job could not be stopped, in a sentence; "" when the service was asked to."""
        try:
            if self._service(study, one.job, cancel).stop(one.job):
                return ""
            return f"{one.recording or _NOT_IN_STUDY}: {_NOT_LISTED}"
        except (RequestError, UserError) as error:
            return f"{one.recording or _NOT_IN_STUDY}: {error}"

    def collect(self, study: Study, *, report: Report, cancel: CancelToken) -> tuple[str, ...]:
        """Keep the readings that the jobs have brought; what came of it, in sentences. Raises Cancelled."""
        groups = [*_by_question(jobs_of_study(study.folder))]
        said: list[str] = []
        readings, waiting, missing = 0, 0, 0
        for place, (text, numbers) in enumerate(groups):
            part = share_of(report, place / len(groups), (place + 1) / len(groups))
            try:
                found = self._collected(study, text, numbers, part, cancel)
            except UserError as error:
                said.append(str(error))
                continue
            readings, waiting = readings + found.readings, waiting + found.waiting
            missing += found.missing - found.waiting
            said += [*found.words, *(f"{name}: {reason}" for name, reason in found.left_out)]
            said += _fitting_nothing(study, text, found)
            said += [used_words(found.used, found.price)] if found.used != TokensUsed() else []
        return (*_totals(readings, waiting, missing), *said)

    def _collected(
        self,
        study: Study,
        text: str,
        numbers: frozenset[int] | None,
        report: Report,
        cancel: CancelToken,
    ) -> OvernightCollected:
        question = question_of(text)
        place = provider_of(question.choice).destination(overnight_choice(question.choice))
        listed = recordings_of_study(study, only=numbers)
        permission = self.permit(study.folder, place)
        key = self.key(question.choice)
        return collect_overnight(
            study,
            listed,
            question,
            lambda _place: permission,
            key,
            report=report,
            cancel=cancel,
            is_revoked=self.is_revoked,
        )

    def _looked_at(self, study: Study, one: ShownJob, cancel: CancelToken) -> ShownJob:
        if one.state is OvernightState.COLLECTED:
            return one
        try:
            stage = self._service(study, one.job, cancel).look(one.job)
        except (RequestError, UserError) as error:
            return replace(one, problem=str(error))
        found = _STATES[stage]
        unnamed = found is OvernightState.UNKNOWN and not one.job.name
        return one if unnamed else replace(one, state=found)

    def _service(self, study: Study, job: OvernightJob, cancel: CancelToken) -> JobService:
        if job.subject is None:
            raise UserError(
                "It was sent by an earlier version: collect it with semioscope overnight collect."
            )
        permission = self.permit(study.folder, job.destination)
        choice = overnight_choice(question_of(job.subject.choice).choice)
        key = self.key(choice)
        return job_service(study, choice, lambda _place: permission, key, cancel, is_revoked=self.is_revoked)


def prepare_overnight(
    study_folder: Path,
    listed: Sequence[ListedRecording],
    question: FileQuestion,
    *,
    report: Report,
    cancel: CancelToken,
) -> tuple[tuple[ToBeSent, ...], tuple[tuple[str, str], ...]]:
    """What would be sent of each recording, with its clips made, so that a person can look at it; and what is
    left out, with the reason. Nothing is sent. Raises UserError as `overnight_choice`, Cancelled."""
    choice = overnight_choice(question.choice)
    made: list[ToBeSent] = []

    def one(recording: ListedRecording, shown: Recording, part: Report) -> None:
        asked = question_about(recording, shown, choice, question.prompt_sets)
        plan = plan_with_pose(asked, study_folder, shown, report=part, cancel=cancel)
        with hold_reading(plan):
            clips = prepare_plan_clips(plan, shown, report=part, cancel=cancel)
        made.append(ToBeSent(recording.name, planned(plan), preview_of(plan, clips), recording.number or 0))

    _, left_out = each_recording(listed, one, report, cancel)
    return tuple(made), left_out


def _known_state(job: OvernightJob) -> OvernightState:
    if job.taken:
        return OvernightState.COLLECTED
    return OvernightState.WAITING if job.name else OvernightState.SENT


def _by_question(jobs: Sequence[OvernightJob]) -> Iterator[tuple[str, frozenset[int] | None]]:
    """What was asked by these jobs, each with the recordings, None where these are not known."""
    texts = dict.fromkeys(job.subject.choice for job in jobs if job.subject is not None)
    for text in texts:
        # Of those that are taken only the deletion is left, for which no recording is opened.
        numbers = frozenset(
            job.subject.number
            for job in jobs
            if job.subject is not None and job.subject.choice == text and not job.taken
        )
        yield text, None if 0 in numbers else numbers


def _fitting_nothing(study: Study, text: str, found: OvernightCollected) -> Iterator[str]:
    """What is said of jobs with this question that belong to no reading as it would be asked now. Jobs whose
    answers the service no longer has are given up."""
    left_out = {name for name, _ in found.left_out}
    name_of = _names_in(study)
    for job in jobs_of_study(study.folder):
        subject, name = job.subject, name_of(job.subject)
        if subject is None or subject.choice != text or job.taken or name in left_out:
            continue
        if job.reading in found.looked_at:
            continue
        # Without its name nobody knows whether that recording was left out.
        if job.age < LOST_AFTER or (not name and left_out):
            yield f"{name or _NOT_IN_STUDY}: {_CHANGED}"
        else:
            note_taken(job)
            yield f"{name or _NOT_IN_STUDY}: the service no longer has the answers; ask again."


def _names_in(study: Study) -> Callable[[JobSubject | None], str]:
    """What the study calls the recordings of jobs, which the account's list does not say."""
    rows = study.recordings()
    by_number = {row.id: row for row in rows}
    by_content = {row.sha256: row.name for row in rows if row.sha256}

    def name_of(subject: JobSubject | None) -> str:
        if subject is None:
            return ""
        if subject.content in by_content:
            return by_content[subject.content]
        row = by_number.get(subject.number)
        # The number alone says nothing of a file that has been replaced, or of a study made anew.
        return "" if row is None or (subject.content and row.sha256) else row.name

    return name_of


def _totals(readings: int, waiting: int, missing: int) -> Iterator[str]:
    yield "No reading is complete yet." if not readings else f"{plural(readings, 'reading')} came in."
    if waiting:
        yield f"{plural(waiting, 'request')} still under way."
    if missing > 0:
        yield f"{plural(missing, 'request')} without an answer; asking again asks for those alone."
