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
from app.core.clips.text_covers import TextCovers, text_covers
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose_track import PoseTrack
from app.core.jobs import Progress, Report, TimeEstimate, no_report, part_of
from app.core.picture_box import Box
from app.core.recording.recording import Recording

WHAT, TEXT = "Making the clips for the model", "Looking for text in the picture"
_TEXT_SHARE = 0.4
"""Share of the progress for the text, where it has to be looked for."""

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
    drawn: tuple[Box, ...] = (),
    report: Report = no_report,
) -> tuple[Clip, ...]:
    """Make all clips in `folder`.

    `patient` is where a person said that the patient is, `drawn` what they want covered where text is. Raises
    UserError where something that is to be covered cannot be looked for.
    """
    seen = tuple(filter(_is_picture, specs))
    heard = [spec for spec in specs if not _is_picture(spec)]
    text, rest = None, report
    if options.cover_text and seen and recording.video is not None:
        text, rest = _find_text(recording, seen, drawn, report)
    step = _steps_of(WHAT, rest)
    report_pictures, report_sound = _combine_progress(step, 0.95, 0.05)
    # In parallel: decoding and encoding release Python's lock most of the time.
    with ThreadPoolExecutor(1, thread_name_prefix="sound") as executor:
        sounds = executor.submit(
            lambda: tuple(make_sound_clips(recording, heard, options, folder, report_sound))
        )
        pictures = make_picture_clips(
            recording,
            track,
            seen,
            options=options,
            folder=folder,
            patient=patient,
            text=text,
            step=report_pictures,
        )
        clips = (*pictures, *sounds.result())
    step(1.0)
    return tuple(sorted(clips, key=lambda clip: clip.name))


def _find_text(
    recording: Recording, seen: tuple[ClipSpec, ...], drawn: tuple[Box, ...], report: Report
) -> tuple[TextCovers, Report]:
    """What is covered where text is, and the report of what comes afterwards: of all of the work where the
    text was known."""
    searched = False
    step = _steps_of(TEXT, part_of(report, 0.0, _TEXT_SHARE))

    def look(done: float) -> None:
        nonlocal searched
        searched = True
        step(done)

    found = text_covers(recording, [spec.span for spec in seen], drawn, look)
    return found, part_of(report, _TEXT_SHARE, 1.0) if searched else report


def _steps_of(what: str, report: Report) -> ShareReport:
    """Reports of completed shares (0–1) of what begins now, with the time that remains."""
    estimate = TimeEstimate()
    return lambda done: report(Progress(what, done, estimate.remaining(done)))


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
