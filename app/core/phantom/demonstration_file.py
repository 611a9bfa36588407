"""The demonstration as a recording with its EEG, rendered once and stored in the cache folder."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from app import __version__
from app.core.eeg.sync import Sync
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Report, no_report
from app.core.phantom.demonstration import demo_script
from app.core.phantom.demonstration_study import attach_demonstration_eeg, has_study
from app.core.phantom.eeg_file import EegOptions, render_phantom_eeg
from app.core.phantom.eeg_sources import ClosedEyes
from app.core.phantom.render import render_phantom
from app.core.phantom.shipped_demonstration import take_shipped_demonstration

EEG_SYNC = Sync(-20.0, 12e-6)
"""The clocks of the demonstration: its EEG begins 20 s before the recording and drifts as devices do."""

_EEG = EegOptions(
    EEG_SYNC,
    after=10.0,
    has_sound=True,
    start=datetime(2026, 1, 15, 14, 25, 10),  # noqa: DTZ001 - local time, as in EDF
    eyes_closed=(ClosedEyes(-17.0, -5.0),),  # in the picture they are open: before it there is alpha
)


def demonstration_recording(*, report: Report = no_report, cancel: CancelToken | None = None) -> Path:
    """The path of the demonstration recording: the first time it is copied from a program that carries it,
    else rendered. Its truth is a JSON file next to it, and so is its EEG (`demonstration_eeg_file`), which is
    attached to it in its study.

    A demonstration without EEG or study gets them; an EEG that was detached stays detached. Raises UserError
    when the cache cannot be written, Cancelled.
    """
    script = demo_script()
    digest = hashlib.sha256(f"{__version__} {script!r}".encode()).hexdigest()[:12]
    file = cache_folder() / "demonstration" / digest / "demonstration.mp4"
    if not file.exists() and not take_shipped_demonstration(file):
        render_phantom(script, file, file.with_name("truth.json"), report, cancel)
    eeg = demonstration_eeg_file(file)
    is_new = not eeg.exists()
    if is_new:  # an earlier version rendered the recording alone
        render_phantom_eeg(script, eeg, file.with_name("eeg_truth.json"), _EEG)
    if is_new or not has_study(file):
        attach_demonstration_eeg(file, eeg, EEG_SYNC)
    return file


def demonstration_eeg_file(recording: Path) -> Path:
    """The path of the EEG next to the demonstration recording; its clock is related by `EEG_SYNC`."""
    return recording.with_name("demonstration.edf")
