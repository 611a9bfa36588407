"""The process in which a local reader reads one recording: `python -m app.core.batch.work_process`.

A process each: a crash costs one recording, memory is given back, and readings use all cores.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.core.errors import UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Report
from app.core.picture_box import Box
from app.core.readers.local_readers import local_reader
from app.core.readers.models.blind_control import blind_copy
from app.core.reading import RecordingIdentity, to_json
from app.core.recording.analysis_process import Job, run_process, serve
from app.core.recording.identity import content_sha256
from app.core.recording.probe import open_recording

_MODULE = "app.core.batch.work_process"
_FAILED = "The program that read this recording ended unexpectedly; the log says more."


def work_job(path: Path, kind: str, sha256: str, patient: Box | None, *, blind: bool) -> Job:
    """The job of reading a recording with this content."""
    return {
        "path": str(path.absolute()),
        "reader": kind,
        "sha256": sha256,
        "patient": None if patient is None else asdict(patient),
        "blind": blind,
    }


def run_work(job: Job, report: Report, cancel: CancelToken) -> bytes:
    """The reading as JSON, from a process that has ended when this returns. Raises UserError, Cancelled."""
    return run_process(_MODULE, job, failed=_FAILED, report=report, cancel=cancel)


def read_job(job: dict[str, Any], report: Report) -> bytes:
    """The reading of the job's recording as JSON. Raises UserError."""
    path, cancel = Path(job["path"]), CancelToken()
    recording = open_recording(path, cancel=cancel)
    identity = RecordingIdentity(recording.name, content_sha256(path, cancel=cancel), recording.duration)
    if identity.sha256 != job["sha256"]:
        raise UserError(f"“{path.name}” was changed after the batch began.")
    box = None if job["patient"] is None else Box(**job["patient"])
    reader = local_reader(job["reader"])(box)
    shown = recording
    if job["blind"]:
        folder = cache_folder() / "blind"
        copy = blind_copy(recording, identity.sha256, folder, report=report, cancel=cancel)
        shown = open_recording(copy, cancel=cancel)
    reading = reader.read(shown, report=report, cancel=cancel)
    if shown is recording and reading.recording.sha256 != identity.sha256:
        raise UserError(f"“{path.name}” was changed while it was read.")
    return to_json(type(reading)(identity, reading.reader, reading.answers)).encode()


if __name__ == "__main__":
    sys.exit(serve(read_job))
