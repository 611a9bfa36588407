"""The process that makes de-identified clips: `python -m app.core.deidentify.deidentify_process`, started by
`prepared_clips`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from app.core.clips.clip_process import TRACK_NAME, load_track
from app.core.deidentify.clip_choice import ClipStretch, FaceHiding, choice_from_dict
from app.core.jobs import Progress, Report, TimeEstimate, part_of
from app.core.recording.analysis_process import open_unchanged, serve
from app.core.semiology import Span

_TEXT, _HIDE, _CHECK = (
    "Looking for text in the picture",
    "Hiding faces and text",
    "Checking the clip for faces",
)
_SHARES = (0.12, 0.75, 1.0)
"""Where each of the three parts of the work on a clip ends, as a share of it."""


def _clips(job: dict[str, Any], report: Report) -> bytes:
    """Make the clips of the job on stdin; the result is a list with a row for each, as JSON."""
    os.umask(0o077)  # only the owner may read the clips
    report(Progress(_TEXT, 0.0))
    rows = []
    stretches = [ClipStretch(Span(**row["span"]), row["name"]) for row in job["stretches"]]
    for number, stretch in enumerate(stretches):
        part = part_of(report, number / len(stretches), (number + 1) / len(stretches))
        rows.append(_clip(job, number, stretch, part))
    return json.dumps(rows).encode()


def _clip(job: dict[str, Any], number: int, stretch: ClipStretch, report: Report) -> dict[str, Any]:
    """Write one clip and the sheet of its doubtful frames into the job's folder; what is said of them."""
    import cv2

    from app.core.deidentify.clip_making import frames_of_clips, text_of_stretch, write_clip
    from app.core.deidentify.doubt_sheet import check_clip
    from app.core.hiding.covered_places import CoveredPlaces

    recording, choice, folder = open_unchanged(job), choice_from_dict(job["choice"]), Path(job["folder"])
    estimate = TimeEstimate()

    def step(what: str, start: float, end: float, share: float) -> None:
        done = start + (end - start) * share
        report(Progress(what, done, estimate.remaining(done)))

    text = CoveredPlaces()
    if choice.faces is not FaceHiding.FIGURE:  # a figure shows nothing of the picture
        text = text_of_stretch(recording, stretch.span, lambda share: step(_TEXT, 0.0, _SHARES[0], share))
    clip = folder / f"{number}.mp4"
    made = write_clip(
        recording,
        stretch.span,
        choice,
        clip,
        track=load_track(folder / TRACK_NAME),
        text=text,
        report=lambda share: step(_HIDE, _SHARES[0], _SHARES[1], share),
    )
    with frames_of_clips(recording) as reader:
        checked = check_clip(
            clip,
            lambda number: reader.frame(made.numbers[number]).image,
            lambda share: step(_CHECK, _SHARES[1], _SHARES[2], share),
        )
    coded, sheet = cv2.imencode(".png", checked.sheet)
    if not coded:
        raise ValueError("the sheet could not be written as PNG")
    (folder / f"{number}.png").write_bytes(np.asarray(sheet).tobytes())
    return {
        "frames": made.frames,
        "coarse": int(made.coarse),
        "text": made.covered,
        "checked": checked.checked,
        "suspected": checked.suspected,
        "drawn": len(choice.covers),
    }


if __name__ == "__main__":
    sys.exit(serve(_clips))
