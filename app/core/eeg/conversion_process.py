"""The process that converts an EEG to EDF+: `python -m app.core.eeg.conversion_process`, started by
`conversion`."""

from __future__ import annotations

import errno
import json
import logging
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core.eeg.conversion import CONVERTED
from app.core.eeg.edf_streaming import StreamedEdf, write_edf_blocks
from app.core.eeg.other_readers import READERS
from app.core.eeg.other_recording import OtherRecording
from app.core.errors import UserError
from app.core.jobs import Progress, Report, TimeEstimate
from app.core.recording.analysis_process import serve

WHAT = "Converting the EEG to EDF+"

logger = logging.getLogger(__name__)


def _convert(job: dict[str, Any], report: Report) -> bytes:
    """Convert the file of the job on stdin; the result is what that cost, as JSON."""
    os.umask(0o077)  # only the owner may read what is converted
    path, folder = Path(job["path"]), Path(job["folder"])
    report(Progress(WHAT, 0.0))
    recording = open_other(path, job["format"], folder)
    estimate = TimeEstimate()
    cost = _written(
        recording,
        folder / CONVERTED,
        path.name,
        lambda done: report(Progress(WHAT, done, estimate.remaining(done))),
    )
    return json.dumps({"worst_error": cost.worst_error, "not_finite": cost.not_finite}).encode()


def open_other(path: Path, form: str, folder: Path) -> OtherRecording:
    """The recording of a file of the format named `form`. Raises UserError when it cannot be read."""
    try:
        recording = READERS[form](path, folder)
    except (OSError, struct.error, MemoryError) as error:
        raise UserError(
            f"“{path.name}” could not be read as {form}: a file is damaged or missing."
        ) from error
    except UserError:
        raise
    except Exception as error:  # the libraries raise whatever a damaged file makes them raise
        logger.exception("The EEG could not be read")
        raise UserError(
            f"“{path.name}” could not be read as {form}: it is damaged or of a kind that is not supported."
        ) from error
    if not recording.channels or not any(one.count for one in recording.stretches):
        raise UserError(f"“{path.name}” has no samples.")
    return recording


def _written(recording: OtherRecording, place: Path, name: str, step: Callable[[float], None]) -> StreamedEdf:
    try:
        with place.open("wb") as file:
            cost = write_edf_blocks(file, recording, step)
            file.flush()
            os.fsync(file.fileno())
    except UserError:
        raise
    except OSError as error:
        full = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or "a disk error"
        raise UserError(f"“{name}” could not be converted: {full}.") from error
    except Exception as error:  # samples are read late, and the libraries raise whatever damage makes them
        logger.exception("The EEG could not be converted")
        raise UserError(f"“{name}” could not be converted: its data are damaged or cut off.") from error
    return cost


if __name__ == "__main__":
    sys.exit(serve(_convert))
