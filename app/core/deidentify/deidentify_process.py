"""The process that makes de-identified clips: `python -m app.core.deidentify.deidentify_process`, started by
`prepared_clips`."""

from __future__ import annotations

import json
import os
import sys
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from app.core.clips.clip_process import TRACK_NAME, load_track
from app.core.deidentify.clip_choice import ClipStretch, FaceHiding, choice_from_dict
from app.core.deidentify.clip_work import ClipProgress, work_of_clip
from app.core.deidentify.held_recording import HeldRecording
from app.core.jobs import Progress, Report, part_of
from app.core.recording.analysis_process import open_unchanged, serve
from app.core.semiology import Span

_TEXT, _HIDE, _CHECK = (
    "Looking for text in the picture",
    "Hiding faces and text",
    "Checking the clip for faces",
)


def _clips(job: dict[str, Any], report: Report) -> bytes:
    """Make the clips of the job on stdin; the result is a list with a row for each, as JSON."""
    os.umask(0o077)  # only the owner may read the clips
    report(Progress(_TEXT, 0.0))
    rows = []
    stretches = [ClipStretch(Span(**row["span"]), row["name"]) for row in job["stretches"]]
    with HeldRecording(Path(job["path"]), job["fingerprint"]) as held:
        recording, faces = open_unchanged(job), choice_from_dict(job["choice"]).faces
        works = [work_of_clip(recording, stretch.span, faces) for stretch in stretches]
        ends = list(accumulate((work.total for work in works), initial=0.0))
        for number, stretch in enumerate(stretches):
            part = part_of(report, ends[number] / ends[-1], ends[number + 1] / ends[-1])
            rows.append(_clip(job, number, stretch, held, ClipProgress(works[number], part)))
    return json.dumps(rows).encode()


def _clip(
    job: dict[str, Any], number: int, stretch: ClipStretch, held: HeldRecording, progress: ClipProgress
) -> dict[str, Any]:
    """Write one clip and the sheet of its doubtful frames into the job's folder; what is said of them.

    Raises UserError when the recording was changed before the clip was compared with it to the end.
    """
    import cv2

    from app.core.deidentify.clip_making import frames_of_clips, text_of_stretch, write_clip
    from app.core.deidentify.doubt_sheet import check_clip
    from app.core.hiding.covered_places import CoveredPlaces

    recording, choice, folder = open_unchanged(job), choice_from_dict(job["choice"]), Path(job["folder"])
    text = CoveredPlaces()
    if choice.faces is not FaceHiding.FIGURE:  # a figure shows nothing of the picture
        text = text_of_stretch(recording, stretch.span, lambda share: progress.text(_TEXT, share))
    clip = folder / f"{number}.mp4"
    made = write_clip(
        recording,
        stretch.span,
        choice,
        clip,
        track=load_track(folder / TRACK_NAME),
        text=text,
        report=lambda share: progress.hide(_HIDE, share),
    )
    held.check()
    with frames_of_clips(recording) as reader:
        checked = check_clip(
            clip,
            lambda number: reader.frame(made.numbers[number]).image,
            lambda share: progress.check(_CHECK, share),
        )
    held.check()
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
