"""The analysis process: `python -m app.core.enhance.pose_process`, started by `app.core.enhance.pose`.

It takes one job as a line of JSON on stdin, writes progress as lines of JSON on stdout and, last, the
line `{"result": BYTES}` followed by so many bytes: the arrays of the pose track as npz. An error that is
the recording's fault is the line `{"error": SENTENCE}`. It ends by itself when stdin is closed: then the
program that wanted the result is gone.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from app.core.enhance.pose_track import Box, PoseTrack
from app.core.errors import UserError
from app.core.jobs import Estimate, Progress, Report
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording, VideoStream

if TYPE_CHECKING:
    from app.core.enhance.analysis import Picture

CRASH_VARIABLE = "SEMIOSCOPE_CRASH_POSE"
"""Tests set it to make the process die in the middle of its work, as a native crash would."""

_NICENESS = 10
_LARGEST = 1920
_LOOKS = 12
_SECONDS_PER_LOOK = 4.0
_REPORTS_PER_SECOND = 5.0


def main() -> int:
    """Do the job on stdin; exit code 0 also for errors that were told as a sentence."""
    out = _own_stdout()
    lower_priority()
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    try:
        track = analyse(_open(job), _box(job), _reporter(out))
    except UserError as error:
        _say(out, {"error": str(error)})
        return 0
    content = io.BytesIO()
    np.savez(content, **track.arrays())
    _say(out, {"result": content.tell()})
    out.write(content.getbuffer())
    out.flush()
    return 0


def analyse(recording: Recording, patient: Box | None, report: Report) -> PoseTrack:
    """The pose and face of the patient in every frame of `recording`.

    Raises UserError when it has no picture or cannot be decoded.
    """
    report(Progress("Starting the pose detectors", 0.0))
    from app.core.enhance.analysis import Picture, assemble, find_rows, survey_room
    from app.core.enhance.detectors import CrowdDetector

    video = recording.video
    if video is None:
        raise UserError(f"“{recording.name}” has no picture, so there is no pose to find.")
    size = _decoded_size(video)
    rows = []
    with closing(CrowdDetector()) as crowd:
        report(Progress("Looking for the patient", 0.0))
        room = survey_room(_spread(recording, size, Picture), patient, crowd)
        estimate = Estimate()
        for row in find_rows(_pictures(recording, size, Picture), room, patient, crowd):
            rows.append(row)
            done = min(len(rows) / max(video.n, 1), 1.0)
            report(Progress("Finding pose and face", done, estimate.remaining(done)))
    return assemble(rows, size or (video.width, video.height), (video.width, video.height))


def _decoded_size(video: VideoStream) -> tuple[int, int] | None:
    """Pictures larger than full HD are made smaller while they are decoded."""
    longest = max(video.width, video.height)
    if longest <= _LARGEST:
        return None
    return round(video.width * _LARGEST / longest), round(video.height * _LARGEST / longest)


def _pictures(
    recording: Recording, size: tuple[int, int] | None, picture: type[Picture]
) -> Iterator[Picture]:
    with FrameReader(recording, size=size, pixel_format="bgr24") as reader:
        for frame in reader.frames():
            yield picture(frame.time, frame.image)


def _spread(recording: Recording, size: tuple[int, int] | None, picture: type[Picture]) -> Iterator[Picture]:
    """A few keyframes spread evenly over the recording, each once."""
    looks = int(np.clip(recording.duration / _SECONDS_PER_LOOK, 3, _LOOKS))
    seen = set()
    with FrameReader(recording, size=size, pixel_format="bgr24") as reader:
        for seconds in (np.arange(looks) + 0.5) * recording.duration / looks:
            frame = reader.keyframe_near(float(seconds))
            if frame.number not in seen:
                seen.add(frame.number)
                yield picture(frame.time, frame.image)


def _open(job: dict[str, Any]) -> Recording:
    path = Path(job["path"])
    recording = open_recording(path)
    if recording.fingerprint != job["fingerprint"]:
        raise UserError(f"“{path.name}” has changed since it was opened; open it again.")
    return recording


def _box(job: dict[str, Any]) -> Box | None:
    return Box(*job["patient"]) if job["patient"] is not None else None


def _reporter(out: BinaryIO) -> Report:
    next_report = 0.0
    what = ""
    crash = os.environ.get(CRASH_VARIABLE)

    def report(progress: Progress) -> None:
        nonlocal next_report, what
        if crash and progress.done > 0.0:
            os.abort()
        now = time.monotonic()
        if now < next_report and progress.what == what:
            return
        next_report, what = now + 1.0 / _REPORTS_PER_SECOND, progress.what
        _say(out, {"what": progress.what, "done": progress.done, "remaining": progress.remaining})

    return report


def _say(out: BinaryIO, message: dict[str, Any]) -> None:
    out.write(json.dumps(message).encode() + b"\n")
    out.flush()


def _own_stdout() -> BinaryIO:
    """Stdout for this protocol alone: what libraries print goes to stderr."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def lower_priority() -> None:
    """Playback comes first; on Windows the starting process sets it."""
    nice: Callable[[int], int] | None = getattr(os, "nice", None)
    if nice is not None:
        nice(max(_NICENESS - nice(0), 0))


def _end_with_parent() -> None:
    """Wait until stdin is closed, then end at once: nobody waits for the result any more."""
    while os.read(0, 1):  # not through sys.stdin, whose lock would be held when the process ends
        pass
    os._exit(3)


if __name__ == "__main__":
    sys.exit(main())
