"""Clips of a recording, made in one pass over it. Imports cv2: for the clip process only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from app.core.clips.clip import Clip, ClipOptions, ClipSpec
from app.core.clips.picture_clips import make_picture_clips
from app.core.clips.sound_clips import make_sound_clips
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose_track import PoseTrack
from app.core.picture_box import Box
from app.core.recording.recording import Recording

ShareReport = Callable[[float], None]
"""Receives the completed share of the work (0–1)."""


def make_clips(
    recording: Recording,
    track: PoseTrack | None,
    specs: tuple[ClipSpec, ...],
    *,
    options: ClipOptions,
    folder: Path,
    patient: Box | None = None,
    step: ShareReport = lambda _share: None,
) -> tuple[Clip, ...]:
    """Make all clips in `folder`; `step` receives the completed share.

    `patient` is where a person said that the patient is.
    """
    seen = tuple(filter(_is_picture, specs))
    heard = [spec for spec in specs if not _is_picture(spec)]
    report_pictures, report_sound = _combine_progress(step, 0.95, 0.05)
    # In parallel: decoding and encoding release Python's lock most of the time.
    with ThreadPoolExecutor(1, thread_name_prefix="sound") as executor:
        sounds = executor.submit(
            lambda: tuple(make_sound_clips(recording, heard, options, folder, report_sound))
        )
        pictures = make_picture_clips(
            recording, track, seen, options=options, folder=folder, patient=patient, step=report_pictures
        )
        clips = (*pictures, *sounds.result())
    step(1.0)
    return tuple(sorted(clips, key=lambda clip: clip.name))


def _combine_progress(step: ShareReport, *weights: float) -> tuple[ShareReport, ...]:
    """Progress reports for weighted parts of the work, usable from several threads, as reports of the
    whole."""
    shares = [0.0] * len(weights)
    lock = threading.Lock()

    def report_share(number: int, done: float) -> None:
        with lock:
            shares[number] = done * weights[number]
            step(sum(shares))

    return tuple(partial(report_share, number) for number in range(len(weights)))


def _is_picture(spec: ClipSpec) -> bool:
    return spec.enhancement is not Enhancement.SOUND
