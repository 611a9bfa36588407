"""The clips of a reading: reused, or made in the clip process and moved into place atomically."""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from app import __version__
from app.core.atomic import write_atomically
from app.core.clips.clip import (
    INDEX_NAME,
    MAKERS,
    Clip,
    ClipOptions,
    ClipSpec,
    clips_by_any_maker,
    clips_from_json,
    clips_to_send,
    study_of,
)
from app.core.clips.clip_process import TRACK_NAME
from app.core.containment import check_inside, remove_left
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose import DETECTOR_VERSION, cached_pose_track, pose_track
from app.core.enhance.pose_track import PoseTrack
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report, no_report, share_of
from app.core.picture_box import Box
from app.core.recording.analysis_process import recording_job, run_process
from app.core.recording.recording import Recording

MAKER_VERSION = 6
"""To be raised whenever the same recording would give other clips."""

_PROCESS = "app.core.clips.clip_process"
_DRAWN = "drawn"
_UNFINISHED = ".unfinished-"
_UNFINISHED_NAME = re.compile(r"\.unfinished-[0-9a-f]{16}")
_POSE_SHARE = 0.4
"""Share of the progress for the pose, when it has to be computed first."""


def made_by() -> str:
    """What makes clips in this version of the program, in words."""
    return f"Semioscope {__version__} (clip maker {MAKER_VERSION}, pose {DETECTOR_VERSION})"


def prepare_clips(
    recording: Recording,
    specs: tuple[ClipSpec, ...],
    folder: Path,
    *,
    patient: Box | None = None,
    drawn: tuple[Box, ...] = (),
    options: ClipOptions,
    by_any_maker: bool = False,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> tuple[Clip, ...]:
    """The clips of `specs` in `folder` (0700), which is whole or not there.

    `drawn` are places that a person wants covered, which they are where text is. Existing clips of the same
    recording, patient, places, specs and options are reused if every file is unchanged; those that another
    version of this program has made only with `by_any_maker`.
    Only one program at a time may prepare clips in one place: unfinished folders of earlier ones next to
    `folder` are removed. Raises UserError when the recording cannot be read or the folder cannot be written;
    Cancelled within a second of `cancel`, with nothing left behind.
    """
    cancel = cancel or CancelToken()
    made_of = _ingredients(recording, specs, patient, drawn, options)
    kept = clips_by_any_maker(folder, made_of) if by_any_maker else clips_to_send(folder, made_of)
    if kept is not None:
        return kept
    cancel.check()
    pictured = any(spec.enhancement is not Enhancement.SOUND for spec in specs)
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
        **recording_job(recording),
        "pieces": [asdict(spec) for spec in specs],
        "options": asdict(options),
        "patient": made_of["patient"],
        "drawn": made_of.get(_DRAWN, []),
        "made_of": made_of,
    }
    try:
        return _make_clips(job, recording, folder, track, report=rest, cancel=cancel)
    except OSError as error:
        raise UserError("The clips for the model could not be written into the study's folder.") from error


def sweep_unfinished(place: Path) -> None:
    """Remove unfinished folders of killed programs from `place`."""
    remove_left(place, place, _UNFINISHED_NAME)


def _ingredients(
    recording: Recording,
    specs: tuple[ClipSpec, ...],
    patient: Box | None,
    drawn: tuple[Box, ...],
    options: ClipOptions,
) -> dict[str, Any]:
    """Everything that determines the content of the clips, as JSON values."""
    places = [asdict(box) for box in drawn if options.cover_text]
    return {
        "fingerprint": recording.picture_key,
        "patient": None if patient is None else asdict(patient),
        # As earlier versions wrote them, which covered no text.
        "options": options.named("cover_text"),
        **({_DRAWN: places} if places else {}),
        "pieces": [asdict(spec) for spec in sorted(specs, key=lambda spec: spec.name)],
        MAKERS: [MAKER_VERSION, DETECTOR_VERSION],
    }


def _make_clips(
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
        clips, _ = clips_from_json(content.decode())
        write_atomically(unfinished / INDEX_NAME, content, private=True)
        _remove_former(folder)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return clips


def _remove_former(folder: Path) -> None:
    """Remove the former folder of clips; of a link only the link itself."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
