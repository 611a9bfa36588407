"""The process that computes the trends of a whole EEG: `python -m app.core.eeg.overview_process`, started by
`overview_cache`."""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from app.core.eeg.displayed_file import DisplayedFile
from app.core.eeg.eeg_file import EegFile, open_eeg
from app.core.eeg.file_overview import names_of_rows, rows_of_overview, trends_to_arrays
from app.core.eeg.overview import overview
from app.core.eeg.record_scan import read_recording
from app.core.eeg.timeline import NANOSECONDS
from app.core.eeg.trends import Trends
from app.core.errors import UserError
from app.core.jobs import Report, share_of
from app.core.recording.analysis_process import serve

TRENDS_NAME = "trends.npz"
"""The file that the process writes into the folder of its job."""

_SCANNED = 0.05
"""The share of the work that reading the time stamps counts as."""


def _trends(job: dict[str, Any], report: Report) -> bytes:
    """Compute the trends of the job on stdin into a file in its folder; the result is empty."""
    os.umask(0o077)  # only the owner may read them
    eeg = open_eeg(Path(job["path"]), job["name"])
    try:
        if eeg.contents.size != job["size"]:
            raise UserError(f"“{eeg.name}” has changed since it was opened; open it again.")
        trends = trends_of_file(eeg, frozenset(job["bad"]), report)
    finally:
        eeg.contents.close()
    try:
        with (Path(job["folder"]) / TRENDS_NAME).open("wb") as file:
            np.savez(file, **trends_to_arrays(trends))
    except OSError as error:
        raise UserError("The overview of the EEG could not be stored on this computer.") from error
    return b""


def trends_of_file(eeg: EegFile, bad: frozenset[str], report: Report) -> Trends:
    """The trends of an open file without its bad channels. Raises UserError when it has no EEG."""
    timeline = read_recording(eeg, report=share_of(report, 0.0, _SCANNED)).timeline
    file = DisplayedFile(eeg, timeline, bad=bad)
    channels = file.channels()
    rows = rows_of_overview(channels, file.bad_numbers())
    if not rows:
        raise UserError(f"“{eeg.name}” has no channel of EEG in µV, so there is no overview.")
    duration = Fraction(timeline.duration_ns, NANOSECONDS)
    trends = overview(rows, file.read, duration, report=share_of(report, _SCANNED, 1.0))
    return Trends(
        names_of_rows(rows, channels),
        trends.start,
        trends.rms,
        trends.spectrum,
        trends.low,
        trends.high,
        trends.peak,
        trends.rhythm,
    )


if __name__ == "__main__":
    sys.exit(serve(_trends))
