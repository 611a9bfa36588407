"""The list of this account's jobs in a service's batch mode, in its settings folder.

Only what stands here is asked for or deleted at the service: a study may come from somebody else, so what its
folder says of jobs is never acted on.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.plain_text import plain
from app.core.privacy.destination import Destination
from app.core.privacy.gate import destination_from
from app.core.privacy.json_lines import NOTHING_SENT, JsonLine, append_line, read_lines, rewrite_lines

FILE_NAME = "overnight.jsonl"

JOB_ID = re.compile(r"overnight-[0-9a-f]{16}")
"""The form of the ids that this program assigns to jobs, which the service shows beside its own name."""

JOB_NAME = re.compile(r"batches/[A-Za-z0-9_-]{1,100}")
RESULTS_NAME = re.compile(r"files/batch-[A-Za-z0-9_-]{1,100}")
"""The form of the names that the service assigns to jobs and to files of results; no others are used."""

MOST_REQUESTS = 100
"""The most requests of one job, so that its line in the list and its results can be read again."""

_FORMER_NAME = "recording"
"""Under which earlier versions kept the name of the recording."""

_DIGEST = re.compile(r"[0-9a-f]{64}")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobSubject:
    """What a job is about: the recording by the SHA-256 of its `content` ("" where it is not known) and its
    `number` in the study (0 where it is not known), and what is asked, `choice`, as the text of a choice of a
    model. Not its name: those of patients are often in names of files, and this list is outside of the study.
    """

    content: str
    number: int
    choice: str


@dataclass(frozen=True, slots=True)
class OvernightJob:
    """A job that this account sent to `destination` at `time` (UTC, ISO 8601) for a reading of the study in
    `folder`.

    `reading` is the name of the reading's folder, `upload` the uploaded file with the requests, `asked` their
    SHA-256. `asked_for` is when the service was first asked to make the job of it, "" before: until then it
    cannot have one. The service's `name` of the job and of its `results` are "" while they are not known;
    `taken` is when nothing more was expected of it, so that only its deletion is left, "" before.
    `subject` is what it is about, None in lists of earlier versions. `requests` are the requests of the
    reading's plan by their keys, each with its SHA-256, so that an answer belongs to the request that was
    sent whatever a later version would make of it; `made_by` is the version that made it. Both are empty in
    lists of earlier versions.
    """

    id: str
    destination: Destination
    folder: str
    reading: str
    upload: str
    asked: tuple[str, ...]
    time: str
    asked_for: str = ""
    name: str = ""
    results: str = ""
    taken: str = ""
    subject: JobSubject | None = None
    requests: tuple[tuple[str, str], ...] = ()
    made_by: str = ""

    @property
    def age(self) -> timedelta:
        """The time since it was sent."""
        return datetime.now(UTC) - datetime.fromisoformat(self.time)

    @property
    def taken_for(self) -> timedelta | None:
        """The time since it was taken; None before."""
        return datetime.now(UTC) - datetime.fromisoformat(self.taken) if self.taken else None


def note_job(job: OvernightJob) -> None:
    """Record a job before anything of it is sent, synced to disk on return. Raises UserError."""
    if not JOB_ID.fullmatch(job.id):
        raise ValueError("not an id that this program gives")
    row = asdict(job)
    kept = {name: row[name] for name in (*_OF_A_JOB, *_LATER, "asked", "destination")}
    _append({"sent": row.pop("id"), **kept}, NOTHING_SENT)


def note_asked_for(job: OvernightJob) -> OvernightJob:
    """Record that the service is asked to make the job now; the job with it. Raises UserError."""
    moment = now()
    _append({"job": job.id, "asked_for": moment}, NOTHING_SENT)
    return replace(job, asked_for=moment)


def note_job_name(job: OvernightJob, name: str) -> OvernightJob:
    """Record the service's name of a job; the job with it. Raises UserError, ValueError for another form."""
    if not JOB_NAME.fullmatch(name):
        raise ValueError("not a name of a job")
    _append({"job": job.id, "name": name})
    return replace(job, name=name)


def note_results(job: OvernightJob, results: str) -> OvernightJob:
    """Record the name of a job's file of results; the job with it. Raises UserError, ValueError for another
    form."""
    if not RESULTS_NAME.fullmatch(results):
        raise ValueError("not a name of a file of results")
    _append({"job": job.id, "results": results})
    return replace(job, results=results)


def note_taken(job: OvernightJob) -> OvernightJob:
    """Record that nothing more is expected of a job; the job with it. Raises UserError."""
    moment = now()
    _append({"job": job.id, "taken": moment})
    return replace(job, taken=moment)


def note_job_over(job: OvernightJob) -> None:
    """Record that nothing of a job is left at the service. Raises UserError."""
    _append({"over": job.id})


def open_jobs() -> tuple[OvernightJob, ...]:
    """The jobs of which something may be left at a service, in the order of sending."""
    jobs: dict[str, OvernightJob] = {}
    rows = read_lines(settings_folder() / FILE_NAME, settings_folder()).rows
    if any(_without_name(row) is not None for row in rows):
        _remove_names()
    for row in rows:
        if "over" in row:
            jobs.pop(str(row["over"]), None)
        elif "sent" in row:
            jobs.update((job.id, job) for job in _job(row))
        elif (known := jobs.get(str(row.get("job")))) is not None:
            jobs[known.id] = _learned(known, row)
    return tuple(jobs.values())


def jobs_of_study(folder: Path) -> tuple[OvernightJob, ...]:
    """The open jobs for the study in this folder, wherever they were sent."""
    study = folder_text(folder)
    return tuple(job for job in open_jobs() if job.folder == study)


def jobs_of(folder: Path, destination: Destination) -> tuple[OvernightJob, ...]:
    """The open jobs for the study in this folder at this destination."""
    return tuple(job for job in jobs_of_study(folder) if job.destination == destination)


def folder_text(path: Path) -> str:
    """The text of a folder in the list."""
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode("utf-8")


def now() -> str:
    """This moment (UTC, ISO 8601)."""
    return datetime.now(UTC).isoformat()


_OF_A_JOB = ("folder", "reading", "upload", "time")
_LATER = ("subject", "requests", "made_by")
_REQUEST = re.compile(r"[a-z0-9._-]{1,120}")


def _without_name(row: JsonLine) -> JsonLine | None:
    """A line of earlier versions without the recording's name; None where there is none in it."""
    subject = row.get("subject")
    if not isinstance(subject, dict) or _FORMER_NAME not in subject:
        return None
    kept = {key: value for key, value in subject.items() if key != _FORMER_NAME}
    return row | {"subject": {"content": "", **kept}}


def _remove_names() -> None:
    """Take the names of recordings out of the list, where earlier versions kept them."""
    try:
        rewrite_lines(settings_folder() / FILE_NAME, settings_folder(), _without_name)
    except OSError as error:
        _log.warning("names in the list of jobs were not removed: %s", type(error).__name__)


def _job(row: JsonLine) -> Iterator[OvernightJob]:
    try:
        name, asked = row["sent"], row["asked"]
        texts = {key: row[key] for key in _OF_A_JOB}
        if not isinstance(name, str) or not JOB_ID.fullmatch(name) or not isinstance(asked, list):
            raise TypeError("not a job")
        if not all(isinstance(one, str) for one in texts.values()):
            raise TypeError("not a job")
        if not all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in asked):
            raise TypeError("not the requests of a job")
        texts["time"] = _moment(texts["time"])
        place = destination_from(row["destination"])
        known = {"id": name, "destination": place, "asked": tuple(asked), **texts}
        known |= {"subject": _subject(row.get("subject")), "made_by": plain(str(row.get("made_by", "")), 120)}
        known |= {"requests": _requests(row.get("requests", []), asked)}
        yield OvernightJob(**known)  # type: ignore[arg-type]  # each value is checked above
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("a line of the list of jobs is invalid: %s", type(error).__name__)


def _subject(data: object) -> JobSubject | None:
    """What a line says that a job is about. Raises TypeError, KeyError for anything else."""
    if data is None:
        return None
    if not isinstance(data, dict):
        raise TypeError("not what a job is about")
    content, number, choice = data.get("content", ""), data["number"], data["choice"]
    if not (isinstance(content, str) and type(number) is int and isinstance(choice, str)):
        raise TypeError("not what a job is about")
    return JobSubject(content, number, choice)


def _requests(rows: object, asked: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The keys of requests with their SHA-256; none where one of them is anything else: the job has been
    paid for and is still collected, as one of an earlier version."""
    try:
        if not isinstance(rows, list):
            raise TypeError("not the requests of a job")
        pairs = tuple((str(key), str(name)) for key, name in rows)
        if not all(_REQUEST.fullmatch(key) and name in asked for key, name in pairs):
            raise ValueError("not the requests of a job")
    except (TypeError, ValueError) as error:
        _log.warning("the requests of a job in the list are invalid: %s", type(error).__name__)
        return ()
    return pairs


def _learned(job: OvernightJob, row: JsonLine) -> OvernightJob:
    """The job with what a later line says of it."""
    name, results = row.get("name"), row.get("results")
    if isinstance(name, str) and JOB_NAME.fullmatch(name):
        return replace(job, name=name)
    if isinstance(results, str) and RESULTS_NAME.fullmatch(results):
        return replace(job, results=results)
    try:
        moments = {key: _moment(row[key]) for key in ("asked_for", "taken") if key in row}
    except ValueError:
        return job
    return replace(job, **moments)  # type: ignore[arg-type]  # both fields are texts


def _moment(text: object) -> str:
    """A time with its zone. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.isoformat()


def _append(row: JsonLine, consequence: str = "") -> None:
    try:
        append_line(settings_folder() / FILE_NAME, settings_folder(), json.dumps(row, ensure_ascii=True))
    except OSError as error:
        raise UserError(f"The list of overnight jobs cannot be written{consequence}.") from error
