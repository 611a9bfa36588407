"""What a reading's folder says of requests that wait in overnight jobs, so that nobody asks them twice.

It is in the study, for everybody who works with it. It is only ever shown and compared: what may be asked for
or deleted at the service is in the account's own list (`privacy/overnight_jobs.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.containment import files_inside, write_inside
from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.privacy.overnight_jobs import JOB_ID, OvernightJob
from app.core.readers.models.journal import read_row

FORMAT = "semioscope-overnight/1"
LOST_AFTER = timedelta(hours=96)
"""The age at which a job counts as lost: the service gives it 48 hours, and keeps its results as long."""

_BEGINS = "overnight-"
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job that was sent by `user` at `time`, with the SHA-256 of its requests, and their keys."""

    user: str
    time: datetime
    asked: frozenset[str]
    keys: frozenset[str] = frozenset()


def mark_waiting(reading: Path, job: OvernightJob, user: str) -> None:
    """Write that the requests of a job wait, or its name since it is known. Raises UserError."""
    row = {
        "format": FORMAT,
        "user": user,
        "time": job.time,
        "job": job.name,
        "model": job.destination.model,
        "host": job.destination.host,
        "requests": list(job.asked),
        "keys": [key for key, _name in job.requests],
        "made_by": job.made_by,
    }
    write_inside(_file(reading, job), reading.parents[1], json.dumps(row, indent=2).encode())


def unmark_waiting(reading: Path, job: OvernightJob) -> None:
    """Remove what `mark_waiting` wrote. Raises UserError."""
    try:
        _file(reading, job).unlink(missing_ok=True)
    except OSError as error:
        raise UserError("The study's folder cannot be written.") from error


def waiting_jobs(reading: Path) -> tuple[WaitingJob, ...]:
    """The jobs that a reading's folder says are under way. What cannot be read, or is older than any job, is
    none; so is a time that has not come yet."""
    found = (_read(path) for path in files_inside(reading, reading.parents[1], begins=_BEGINS))
    moment = datetime.now(UTC)
    return tuple(job for job in found if job is not None and timedelta() <= moment - job.time < LOST_AFTER)


def waiting_requests(reading: Path) -> frozenset[str]:
    """The SHA-256 of all requests that wait."""
    return frozenset(name for job in waiting_jobs(reading) for name in job.asked)


def waiting_names(reading: Path) -> frozenset[str]:
    """All requests that wait, by their SHA-256 and by their keys: a later version can make another request of
    what waits, and that is not asked twice either."""
    return waiting_requests(reading).union(*(job.keys for job in waiting_jobs(reading)))


def check_nothing_waits(reading: Path) -> None:
    """Raises UserError when requests of this reading wait in an overnight job."""
    waiting = waiting_jobs(reading)
    if waiting:
        number = sum(len(job.asked) for job in waiting)
        # Only the account that sent a job can collect it.
        users = ", ".join(f"“{plain(name, _LONGEST_NAME)}”" for name in sorted({job.user for job in waiting}))
        first = min(job.time for job in waiting)
        raise UserError(
            f"Nothing was sent: {number} requests of this reading wait in an overnight job, sent by {users} "
            f"on {first:%Y-%m-%d %H:%M} UTC. Collect it first (semioscope overnight collect), so that "
            "nothing is asked and paid for twice."
        )


def _file(reading: Path, job: OvernightJob) -> Path:
    if not JOB_ID.fullmatch(job.id):
        raise ValueError("not an id that this program gives")
    return reading / f"{job.id}.json"


def _read(path: Path) -> WaitingJob | None:
    row = read_row(path)
    if row is None or not JOB_ID.fullmatch(path.stem) or row.get("format") != FORMAT:
        return None
    user, asked = row.get("user"), row.get("requests")
    try:
        time = datetime.fromisoformat(str(row.get("time")))
    except ValueError:
        return None
    if time.tzinfo is None or not isinstance(user, str) or not isinstance(asked, list):
        return None
    keys = row.get("keys")
    known = frozenset(one for one in keys if isinstance(one, str)) if isinstance(keys, list) else frozenset()
    return WaitingJob(user, time, frozenset(one for one in asked if isinstance(one, str)), known)
