"""Recordings, marks and poses for batches that ask a model at a server of the test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from app.core.enhance import pose
from app.core.enhance.pose_track import FACE_POINTS, Joint, PoseTrack
from app.core.folders import cache_folder
from app.core.reading import ReaderIdentity, Reading, from_json
from app.core.recording.array_cache import save_arrays
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.study.edits import SetMark
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from tests.core.model_commands import AS_RECORDED
from tests.loopback import Service
from tests.media import tone, write_recording

PLAIN = 3
"""The requests about a short recording in one pass: what is seen of body and face, and what is heard."""
WINDOWS = 2
"""And those of the second pass over it: one window, of body and face."""


def emu_of(folder: Path, *names: str) -> Path:
    """A folder of recordings, each of another length of some two seconds."""
    folder.mkdir()
    for place, name in enumerate(names):
        write_recording(folder / f"{name}.mp4", frames=50 + 5 * place, sound=tone(2.0))
    return folder


def mark(study: Path, path: Path, reader: ReaderIdentity, onset: float | None, end: float | None) -> None:
    """The reader marks the recording in the study, which is made where there is none."""
    with Study.open(study, author=reader.name) as opened:
        number = opened.recording(open_recording(path))
        for kind, seconds in ((MarkKind.ONSET, onset), (MarkKind.END, end)):
            if seconds is not None:
                opened.apply(SetMark(number, reader, None, Mark(kind, seconds)))


def twitching_pose(recording: Recording) -> PoseTrack:
    """A patient whose arm and face twitch throughout."""
    assert recording.video is not None
    times = np.asarray(recording.video.times, dtype=np.float64)
    count, wave = len(times), np.sin(2 * np.pi * 4 * times)
    joints = np.zeros((count, 33, 3)) + np.arange(33)[None, :, None] * 10
    joints[:, Joint.LEFT_SHOULDER, :2] += (100, 0)
    for joint in (Joint.LEFT_ELBOW, Joint.LEFT_WRIST, Joint.LEFT_INDEX):
        joints[:, joint, 1] += 20 * wave
    face = np.zeros((count, len(FACE_POINTS), 3)) + np.arange(len(FACE_POINTS))[None, :, None]
    face[:, :8, 1] += 4 * wave[:, None]
    return PoseTrack(
        times, 640, 360, joints.astype(np.float32), np.zeros((count, 33, 3), np.float32),
        face.astype(np.float32), np.ones(count, np.int16), np.full(count, 120, np.float32),
    )  # fmt: skip


def know_pose(path: Path) -> None:
    """Keep such a pose of the recording, as the signal reader keeps what it finds."""
    recording = open_recording(path)
    save_arrays("pose", pose._key(recording, None), twitching_pose(recording).arrays())


def empty_pose_cache() -> None:
    """Forget every pose, as on another computer."""
    shutil.rmtree(cache_folder(), ignore_errors=True)


def options(service: Service) -> list[str]:
    """The model at the server, shown what was recorded as it is."""
    server = ["--base-url", f"{service.url}/v1", "--model", "tiny-vl"]
    return [*server, *AS_RECORDED, "--i-have-authority"]


def readings_in(results: Path) -> list[Reading]:
    """The readings of a batch."""
    return [from_json(path.read_text()) for path in sorted((results / "results").glob("*.json"))]


def texts_of(service: Service) -> Iterator[str]:
    """The text of each question."""
    for asked in service.asked:
        parts: list[dict[str, Any]] = asked["messages"][0]["content"]
        yield "".join(part["text"] for part in parts if part["type"] == "text")
