"""The process that makes clips: `python -m app.core.clips.clip_process`, started by `clip_preparation`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from app.core.clips.clip import ClipOptions, clips_to_json, spec_from_dict, with_sums
from app.core.enhance.pose_track import PoseTrack
from app.core.jobs import Progress, Report
from app.core.picture_box import Box
from app.core.recording.analysis_process import open_unchanged, serve

TRACK_NAME = "track.npz"
"""The file with pose and face, which the starting program puts into the folder and removes afterwards."""


def _clips(job: dict[str, Any], report: Report) -> bytes:
    """Make the clips of the job on stdin; the result is the list of clips as JSON."""
    from app.core.clips.clip_maker import WHAT, make_clips

    os.umask(0o077)  # only the owner may read the clips
    report(Progress(WHAT, 0.0))
    folder = Path(job["folder"])
    clips = make_clips(
        open_unchanged(job),
        load_track(folder / TRACK_NAME),
        tuple(spec_from_dict(row) for row in job["pieces"]),
        options=ClipOptions(**job["options"]),
        folder=folder,
        patient=None if job["patient"] is None else Box(**job["patient"]),
        drawn=tuple(Box(**box) for box in job["drawn"]),
        report=report,
    )
    return clips_to_json(with_sums(clips, folder), job["made_of"]).encode()


def load_track(path: Path) -> PoseTrack | None:
    """The pose track in the file that the starting program wrote; None without one."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return PoseTrack.load({name: arrays[name] for name in arrays.files})


if __name__ == "__main__":
    sys.exit(serve(_clips))
