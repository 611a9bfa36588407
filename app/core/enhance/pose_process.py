"""The process that finds pose and face: `python -m app.core.enhance.pose_process`, started by `pose`."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.enhance.pose_track import PoseTrack
from app.core.errors import UserError
from app.core.freed_memory import give_back_freed_memory
from app.core.jobs import Progress, Report, TimeEstimate
from app.core.picture_box import Box
from app.core.recording.analysis_process import open_unchanged, serve
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording, VideoStream

if TYPE_CHECKING:
    from app.core.enhance.pose_analysis import DecodedPicture

_LARGEST = 1920
_LOOKS = 12
_SECONDS_PER_LOOK = 4.0
_FRAMES_KEPT_FREED = 64
"""Frames after which freed memory goes back. Decoder, pose and face run in several threads and free each
other's pictures; in four of eight analyses glibc kept 2 to 4 MB of them for every frame of full HD."""


def main() -> int:
    """Compute the pose track for the job on stdin; the result is its arrays as npz."""
    return serve(_track)


def _track(job: dict[str, Any], report: Report) -> bytes:
    track = analyse(open_unchanged(job), _box(job), report)
    content = io.BytesIO()
    np.savez(content, **track.arrays())
    return content.getvalue()


def analyse(recording: Recording, patient: Box | None, report: Report) -> PoseTrack:
    """The pose and face of the patient in every frame of `recording`.

    Raises UserError when it has no picture or cannot be decoded.
    """
    report(Progress("Starting the pose detectors", 0.0))
    from app.core.enhance.pose_analysis import (
        DecodedPicture,
        assemble,
        find_rows,
        patient_detectors,
        survey_room,
    )

    video = recording.video
    if video is None:
        raise UserError(f"“{recording.name}” has no picture, so there is no pose to find.")
    size = _decoded_size(video)
    rows = []
    with patient_detectors() as detectors:
        report(Progress("Looking for the patient", 0.0))
        room = survey_room(_spread(recording, size, DecodedPicture), patient, detectors)
        estimate = TimeEstimate()
        for row in find_rows(_pictures(recording, size, DecodedPicture), room, patient, detectors):
            rows.append(row)
            if len(rows) % _FRAMES_KEPT_FREED == 0:
                give_back_freed_memory()
            done = min(len(rows) / max(video.n, 1), 1.0)
            report(Progress("Finding pose and face", done, estimate.remaining(done)))
    return assemble(rows, size or (video.width, video.height), (video.width, video.height), room)


def _decoded_size(video: VideoStream) -> tuple[int, int] | None:
    """The decoding size (width, height) of pictures larger than full HD; None for the original size."""
    longest = max(video.width, video.height)
    if longest <= _LARGEST:
        return None
    return round(video.width * _LARGEST / longest), round(video.height * _LARGEST / longest)


def _pictures(
    recording: Recording, size: tuple[int, int] | None, picture: type[DecodedPicture]
) -> Iterator[DecodedPicture]:
    with FrameReader(recording, size=size, pixel_format="bgr24") as reader:
        for frame in reader.frames():
            yield picture(frame.time, frame.image)


def _spread(
    recording: Recording, size: tuple[int, int] | None, picture: type[DecodedPicture]
) -> Iterator[DecodedPicture]:
    """A few keyframes, evenly spread over the recording, each once."""
    times = recording.video.times if recording.video is not None else np.zeros(0)
    looks = int(np.clip(recording.duration / _SECONDS_PER_LOOK, 3, _LOOKS)) if len(times) else 0
    seen = set()
    with FrameReader(recording, size=size, pixel_format="bgr24") as reader:
        # Spread over the frames, not over time: there may be long times without pictures.
        for row in ((np.arange(looks) + 0.5) * len(times) / looks).astype(int):
            frame = reader.keyframe_near(float(times[row]))
            if frame.number not in seen:
                seen.add(frame.number)
                yield picture(frame.time, frame.image)


def _box(job: dict[str, Any]) -> Box | None:
    return Box(*job["patient"]) if job["patient"] is not None else None


if __name__ == "__main__":
    sys.exit(main())
