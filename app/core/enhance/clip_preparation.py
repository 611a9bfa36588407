"""The clips of a reading: kept from before, else made in the clip process and put in place at once."""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from app.core.atomic import write_atomically
from app.core.containment import check_inside, remove_left
from app.core.enhance.clip_process import TRACK_NAME
from app.core.enhance.clips import (
    INDEX_NAME,
    Clip,
    ClipOptions,
    ClipSpec,
    clips_to_send,
    from_json,
    study_of,
)
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose import DETECTOR_VERSION, cached_pose_track, pose_track
from app.core.enhance.pose_track import Box, PoseTrack
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report, no_report, share_of
from app.core.recording.analysis_process import named, run_process
from app.core.recording.recording import Recording

MAKER_VERSION = 2
"""Raise it whenever the same recording would give other clips."""

_PROCESS = "app.core.enhance.clip_process"
_UNFINISHED = ".unfinished-"
_UNFINISHED_NAME = re.compile(r"\.unfinished-[0-9a-f]{16}")
_POSE_SHARE = 0.8
"""Of the progress when the pose has to be found first."""


def prepare_clips(
    recording: Recording,
    pieces: tuple[ClipSpec, ...],
    folder: Path,
    *,
    patient: Box | None = None,
    options: ClipOptions,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> tuple[Clip, ...]:
    """The clips of `pieces` in `folder` (0700), which is whole or not there.

    Clips of the same recording, patient, pieces and options that are there already are kept if every file is
    as it was when it was made. One program at a time may prepare in one place: what an earlier one left
    unfinished beside `folder` is swept. Raises UserError when the recording cannot be read or the folder
    cannot be written; Cancelled within a second of `cancel`, with nothing left.
    """
    cancel = cancel or CancelToken()
    made_of = _made_of(recording, pieces, patient, options)
    kept = clips_to_send(folder, made_of)
    if kept is not None:
        return kept
    cancel.check()
    pictured = any(piece.enhancement is not Enhancement.SOUND for piece in pieces)
    track, rest = None, report
    if pictured and options.needs_pose and recording.video is not None:
        track = cached_pose_track(recording, patient=patient)
        if track is None:
            rest = share_of(report, _POSE_SHARE, 1.0)
            track = pose_track(
                recording, patient=patient, report=share_of(report, 0.0, _POSE_SHARE), cancel=cancel
            )
    sweep_unfinished(folder.parent)
    job = {
        **named(recording),
        "pieces": [asdict(piece) for piece in pieces],
        "options": asdict(options),
        "made_of": made_of,
    }
    try:
        return _made(job, recording, folder, track, report=rest, cancel=cancel)
    except OSError as error:
        raise UserError("The clips for the model could not be written into the study's folder.") from error


def sweep_unfinished(place: Path) -> None:
    """Remove what a program that was killed while it made clips left in `place`."""
    remove_left(place, place, _UNFINISHED_NAME)


def _made_of(
    recording: Recording, pieces: tuple[ClipSpec, ...], patient: Box | None, options: ClipOptions
) -> dict[str, Any]:
    """Everything that decides what the clips look like, in JSON's own types."""
    return {
        "fingerprint": recording.picture_key,
        "patient": None if patient is None else asdict(patient),
        "options": asdict(options),
        "pieces": [asdict(piece) for piece in sorted(pieces, key=lambda piece: piece.name)],
        "versions": [MAKER_VERSION, DETECTOR_VERSION],
    }


def _made(
    job: dict[str, Any],
    recording: Recording,
    folder: Path,
    track: PoseTrack | None,
    *,
    report: Report,
    cancel: CancelToken,
) -> tuple[Clip, ...]:
    check_inside(folder.parent, study_of(folder))
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = folder.parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
    unfinished.mkdir(mode=0o700)
    try:
        if track is not None:
            np.savez(unfinished / TRACK_NAME, **track.arrays())
        content = run_process(
            _PROCESS,
            job | {"folder": str(unfinished.absolute())},
            failed=f"The clips of “{recording.name}” for the model could not be made; nothing was sent.",
            report=report,
            cancel=cancel,
        )
        (unfinished / TRACK_NAME).unlink(missing_ok=True)
        clips, _ = from_json(content.decode())
        write_atomically(unfinished / INDEX_NAME, content, private=True)
        _make_room(folder)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return clips


def _make_room(folder: Path) -> None:
    """Remove what lies where the clips go; of a link nothing but itself."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
