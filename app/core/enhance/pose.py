"""The pose track of a recording: from the cache, else from the analysis process."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import time
import zipfile

import numpy as np

from app.core.enhance.pose_track import PoseTrack
from app.core.errors import UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Report, no_report
from app.core.picture_box import Box
from app.core.recording.analysis_process import recording_job, run_process
from app.core.recording.array_cache import load_arrays, save_arrays
from app.core.recording.recording import Recording

logger = logging.getLogger(__name__)

DETECTOR_VERSION = "mediapipe-0.10.21/2"
"""Part of the cache's key, to be raised whenever the same recording would give another track."""
_KIND = "pose"
_PROCESS = "app.core.enhance.pose_process"
_STALE = 24 * 3600.0
"""Age in seconds from which on an unfinished file was left by a killed program."""


def pose_track(
    recording: Recording,
    *,
    patient: Box | None = None,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> PoseTrack:
    """The patient's pose and face in every frame of `recording`, cached by content and `patient`.

    `patient` is the box that a clinician drew around the patient, None to find them automatically. The first
    call takes about 18 ms per frame. Raises UserError when the recording has no picture, is gone or has
    changed, or when the analysis process failed; Cancelled within a second of `cancel`.
    """
    kept = cached_pose_track(recording, patient=patient)
    if kept is not None:
        return kept
    if recording.video is None:
        raise UserError(f"“{recording.name}” has no picture, so there is no pose to find.")
    cancel = cancel or CancelToken()
    cancel.check()
    _sweep()
    track = _analyse(recording, patient, report, cancel)
    save_arrays(_KIND, _key(recording, patient), track.arrays())
    return track


def cached_pose_track(recording: Recording, *, patient: Box | None = None) -> PoseTrack | None:
    """The track in the cache; None without one or when it is damaged."""
    arrays = load_arrays(_KIND, _key(recording, patient))
    if arrays is None:
        return None
    try:
        track = PoseTrack.load(arrays)
    except (KeyError, ValueError, IndexError):
        logger.warning("A cached pose track was damaged and is computed again")
        return None
    return track if _is_of(track, recording) else None


def _is_of(track: PoseTrack, recording: Recording) -> bool:
    """Whether a cached track has the recording's frame times: earlier versions had others for some files."""
    times = recording.video.times if recording.video is not None else np.zeros(0)
    return len(track.times) != len(times) or bool(np.allclose(track.times, times, rtol=0.0, atol=1e-3))


def _sweep() -> None:
    """Remove unfinished cache files of killed programs."""
    for part in (cache_folder() / _KIND).glob("*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _STALE:
                part.unlink()


def _key(recording: Recording, patient: Box | None) -> str:
    box = None if patient is None else [round(value, 4) for value in _corners(patient)]
    rest = hashlib.sha256(json.dumps([DETECTOR_VERSION, box]).encode()).hexdigest()[:16]
    return f"{recording.picture_key}-{rest}"


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def _analyse(recording: Recording, patient: Box | None, report: Report, cancel: CancelToken) -> PoseTrack:
    job = {
        **recording_job(recording),
        "patient": None if patient is None else _corners(patient),
    }
    failed = (
        f"The analysis of the picture of “{recording.name}” failed; the recording can be reviewed "
        "without it, or analysed again."
    )
    track = _load(run_process(_PROCESS, job, failed=failed, report=report, cancel=cancel))
    if track is None:
        raise UserError(failed)
    return track


def _load(content: bytes) -> PoseTrack | None:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return PoseTrack.load({name: arrays[name] for name in arrays.files})
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile):
        logger.exception("The result of the pose process cannot be read")
        return None
