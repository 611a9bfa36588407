"""Pose and face end to end: the analysis process on a short phantom, its cache, and every way it can end."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from app.core.enhance import pose
from app.core.enhance.pose import cached_pose_track, pose_track
from app.core.enhance.pose_track import FACE_COLUMN, FACE_POINTS, Joint, PoseTrack
from app.core.errors import Cancelled, UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Progress
from app.core.phantom.demonstration import demo_script
from app.core.phantom.render import phantom_frame
from app.core.picture_box import Box
from app.core.recording import analysis_process
from app.core.recording.analysis_process import CRASH_VARIABLE
from app.core.recording.array_cache import save_arrays
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording

FRAMES = 24


def write_clip(
    path: Path, picture: Callable[[int], npt.NDArray[Any]], frames: int = FRAMES, fps: int = 25
) -> Path:
    """A recording of pictures (h, w, 3) BGR, without sound."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = picture(0).shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "g": "12"}
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), format="bgr24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = demo_script()
    folder = tmp_path_factory.mktemp("clip")
    return write_clip(folder / "phantom.mp4", lambda number: phantom_frame(script, number / 25))


@pytest.fixture
def recording(clip: Path) -> Recording:
    return open_recording(clip)


@pytest.fixture(scope="module")
def found(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> PoseTrack:
    """The track of the clip, found once for all tests that only look at it."""
    home = tmp_path_factory.mktemp("home")
    before = os.environ.get("SEMIOSCOPE_HOME")
    os.environ["SEMIOSCOPE_HOME"] = str(home)
    try:
        return pose_track(open_recording(clip))
    finally:
        if before is None:
            del os.environ["SEMIOSCOPE_HOME"]
        else:
            os.environ["SEMIOSCOPE_HOME"] = before


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every analysis process that is started."""
    started: list[subprocess.Popen[bytes]] = []
    start = analysis_process.start

    def remember(module: str) -> subprocess.Popen[bytes]:
        started.append(start(module))
        return started[-1]

    monkeypatch.setattr(analysis_process, "start", remember)
    return started


def nothing_left() -> bool:
    """No cache, not even a part of one, and no thread that waits for a process."""
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("analysis-")]
    folder = cache_folder() / "pose"
    return not threads and (not folder.exists() or not list(folder.iterdir()))


def test_the_phantom_is_found_at_its_frame_times_in_pixels(found: PoseTrack, recording: Recording) -> None:
    assert recording.video is not None
    np.testing.assert_allclose(found.times, recording.video.times)
    assert (found.width, found.height) == (recording.video.width, recording.video.height)
    assert found.joints.shape == (FRAMES, 33, 3)
    assert found.face.shape == (FRAMES, len(FACE_POINTS), 3)
    assert found.found.mean() >= 0.8
    assert found.face_found.mean() >= 0.8
    assert found.people[0] >= 1
    assert np.nanmax(found.joints[:, Joint.NOSE, 0]) < found.width
    assert 20 < found.brightness.mean() < 235


def test_the_face_lies_on_the_head_of_the_pose(found: PoseTrack) -> None:
    both = found.found & found.face_found
    head = found.joint(Joint.NOSE)[both]
    face = found.face[:, FACE_COLUMN[4]][both, :2]
    shoulders = found.joint(Joint.LEFT_SHOULDER)[both] - found.joint(Joint.RIGHT_SHOULDER)[both]
    away, width = np.linalg.norm(face - head, axis=1), np.linalg.norm(shoulders, axis=1)
    assert np.median(away) < 0.25 * np.median(width)


def test_the_patients_left_is_their_own_left(found: PoseTrack) -> None:
    left, right = found.joint(Joint.LEFT_SHOULDER), found.joint(Joint.RIGHT_SHOULDER)
    assert np.nanmedian(left[:, 0] - right[:, 0]) > 0
    assert np.nanmedian(found.face[:, FACE_COLUMN[263]][:, 0] - found.face[:, FACE_COLUMN[33]][:, 0]) > 0


def test_a_second_call_starts_no_process_and_progress_is_told(
    recording: Recording, processes: list[subprocess.Popen[bytes]]
) -> None:
    told: list[Progress] = []
    first = pose_track(recording, report=told.append)
    assert len(processes) == 1
    assert processes[0].returncode is not None
    assert {"Starting the pose detectors", "Finding pose and face"} <= {progress.what for progress in told}
    assert all(0.0 <= progress.done <= 1.0 for progress in told)
    second = pose_track(recording)
    assert len(processes) == 1
    np.testing.assert_array_equal(first.joints, second.joints)
    np.testing.assert_array_equal(first.face, second.face)
    assert not list((cache_folder() / "pose").glob("*.part"))


def test_the_cache_knows_the_content_and_the_drawn_box(recording: Recording, found: PoseTrack) -> None:
    assert cached_pose_track(recording) is None
    save_arrays("pose", pose._key(recording, None), found.arrays())
    assert cached_pose_track(recording) is not None
    assert cached_pose_track(recording, patient=Box(0.1, 0.1, 0.9, 0.9)) is None


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", b"\x00" * 4096])
def test_a_damaged_cache_counts_as_none(recording: Recording, damage: bytes) -> None:
    save_arrays("pose", pose._key(recording, None), {"times": np.zeros(3)})
    assert cached_pose_track(recording) is None
    (kept,) = (cache_folder() / "pose").glob("*.npz")
    kept.write_bytes(damage)
    assert cached_pose_track(recording) is None


def test_a_cache_cut_short_is_found_again(
    recording: Recording, found: PoseTrack, processes: list[subprocess.Popen[bytes]]
) -> None:
    save_arrays("pose", pose._key(recording, None), found.arrays())
    (kept,) = (cache_folder() / "pose").glob("*.npz")
    content = kept.read_bytes()
    kept.write_bytes(content[: len(content) // 2])
    assert pose_track(recording).found.any()
    assert len(processes) == 1
    assert cached_pose_track(recording) is not None


def test_cancel_ends_the_process_and_leaves_nothing(
    recording: Recording, processes: list[subprocess.Popen[bytes]]
) -> None:
    cancel = CancelToken()

    def cancel_in_the_middle(progress: Progress) -> None:
        if progress.done > 0:
            cancel.cancel()

    with pytest.raises(Cancelled):
        pose_track(recording, report=cancel_in_the_middle, cancel=cancel)
    assert processes[0].returncode is not None
    assert nothing_left()


def test_cancelled_beforehand_starts_nothing(
    recording: Recording, processes: list[subprocess.Popen[bytes]]
) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        pose_track(recording, cancel=cancel)
    assert processes == []


def test_a_native_crash_is_one_sentence_and_is_logged(
    recording: Recording,
    processes: list[subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(CRASH_VARIABLE, "1")
    with caplog.at_level(logging.ERROR), pytest.raises(UserError, match="failed"):
        pose_track(recording)
    assert processes[0].returncode not in (None, 0)
    assert any("analysis process failed" in record.message for record in caplog.records)
    assert nothing_left()


def test_a_killed_process_is_a_sentence_too(
    recording: Recording, processes: list[subprocess.Popen[bytes]]
) -> None:
    with pytest.raises(UserError, match=r"phantom\.mp4"):
        pose_track(recording, report=lambda _progress: processes[0].kill())
    assert nothing_left()


def test_a_process_that_does_not_stir_any_more_is_ended(
    recording: Recording, processes: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis_process, "_SILENCE", 0.0)
    with pytest.raises(UserError, match="failed"):
        pose_track(recording)
    assert processes[0].returncode is not None
    assert nothing_left()


def test_half_written_tracks_of_a_killed_program_are_swept(recording: Recording) -> None:
    folder = cache_folder() / "pose"
    folder.mkdir()
    old, young = folder / "old.part", folder / "young.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * 86400,) * 2)
    with pytest.raises(RuntimeError):
        pose_track(recording, report=_stop)
    assert list(folder.iterdir()) == [young]


def _stop(_progress: Progress) -> None:
    raise RuntimeError("stop here")


def test_a_report_that_fails_takes_the_process_along(
    recording: Recording, processes: list[subprocess.Popen[bytes]]
) -> None:
    def fail(_progress: Progress) -> None:
        raise RuntimeError("the window is gone")

    with pytest.raises(RuntimeError, match="the window is gone"):
        pose_track(recording, report=fail)
    assert processes[0].returncode is not None
    assert nothing_left()


def test_a_recording_that_is_gone_or_changed_is_refused(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "seizure.mp4"
    path.write_bytes(clip.read_bytes())
    recording = open_recording(path)
    other = write_clip(tmp_path / "other.mp4", lambda _number: np.zeros((64, 64, 3), np.uint8))
    path.write_bytes(other.read_bytes())
    with pytest.raises(UserError, match="changed"):
        pose_track(recording)
    path.unlink()
    with pytest.raises(UserError, match=r"seizure\.mp4"):
        pose_track(recording)
    assert nothing_left()


def test_an_empty_room_has_no_pose_and_no_zeros(tmp_path: Path) -> None:
    shade = np.linspace(40, 200, 320).astype(np.uint8)
    room = np.repeat(np.tile(shade, (180, 1))[:, :, None], 3, axis=2)
    track = pose_track(open_recording(write_clip(tmp_path / "room.mp4", lambda _n: room, frames=6)))
    assert not track.found.any()
    assert not track.face_found.any()
    assert np.isnan(track.joints).all()
    assert track.people[0] == 0
    assert set(track.people.tolist()) <= {-1, 0}


def test_sound_alone_has_no_pose(tmp_path: Path) -> None:
    path = tmp_path / "sound.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(UserError, match="no picture"):
        pose_track(open_recording(path))


def test_with_a_drawn_box_the_person_in_it_is_followed(clip: Path, tmp_path: Path) -> None:
    """Two phantoms beside each other; the box is round the right one, then round the left one."""
    script = demo_script()

    def both(number: int) -> npt.NDArray[Any]:
        picture = phantom_frame(script, number / 25)[::2, ::2]
        return np.ascontiguousarray(np.concatenate([picture, picture[:, ::-1]], axis=1))

    recording = open_recording(write_clip(tmp_path / "two.mp4", both, frames=10))
    assert recording.video is not None
    right = pose_track(recording, patient=Box(0.5, 0.0, 1.0, 1.0))
    left = pose_track(recording, patient=Box(0.0, 0.0, 0.5, 1.0))
    middle = recording.video.width / 2
    assert right.found.mean() > 0.8
    assert left.found.mean() > 0.8
    assert np.nanmin(right.joint(Joint.NOSE)[:, 0]) > middle
    assert np.nanmax(left.joint(Joint.NOSE)[:, 0]) < middle
    assert np.nanmin(right.face[:, FACE_COLUMN[4]][:, 0]) > middle
    assert np.nanmax(left.face[:, FACE_COLUMN[4]][:, 0]) < middle
    assert right.people.max() >= 2


def test_the_process_ends_by_itself_when_its_parent_is_gone(recording: Recording) -> None:
    """Closing stdin is what the end of the parent does."""
    process = analysis_process.start("app.core.enhance.pose_process")
    try:
        assert process.stdin is not None
        analysis_process.send(
            process, {"path": str(recording.path), "fingerprint": recording.fingerprint, "patient": None}
        )
        process.stdin.close()
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.returncode == 3
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


def test_the_window_never_imports_the_detectors() -> None:
    code = (
        "import sys, app.core.enhance.pose, app.core.enhance.pose_track, app.core.enhance.patient_tracking;"
        "print([name for name in ('cv2', 'mediapipe', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
