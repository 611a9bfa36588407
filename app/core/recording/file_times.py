"""Start and duration of a media file by its container alone, without reading its packets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import av

from app.core.errors import UserError
from app.core.recording.container import open_container
from app.core.recording.mp4_limits import fault_of_tables
from app.core.recording.open_errors import check_file, explain_refusal
from app.core.recording.start_time import started_at

_PATIENCE = 2.0
"""Seconds that reading a packet may take."""


@dataclass(frozen=True, slots=True)
class FileTimes:
    """The stated start (None without one) and duration in seconds. The duration may be off by some frames."""

    started_at: datetime | None
    duration: float


def file_times(path: Path) -> FileTimes:
    """What the container states, within milliseconds. Raises UserError when it cannot be opened, or states no
    duration."""
    check_file(path)
    if fault := fault_of_tables(path):
        raise UserError(f"“{path.name}” is damaged: {fault}.")
    try:
        with open_container(path, glance=True, patience=_PATIENCE) as container:
            duration, metadata = container.duration, dict(container.metadata)
    except (av.FFmpegError, OSError, UnicodeError) as error:
        raise UserError(explain_refusal(path)) from error
    if not duration or duration < 0:
        raise UserError(f"“{path.name}” does not state how long it is.")
    seconds = duration / av.time_base
    return FileTimes(started_at(metadata, seconds), seconds)
