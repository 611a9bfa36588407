"""The phantom's picture and sound, and that detectors see in it what was scripted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Progress
from app.core.phantom.demonstration import demo_script
from app.core.phantom.ordinary_course import ordinary_script
from app.core.phantom.random_course import random_script
from app.core.phantom.render import phantom_frame, phantom_sound, render_phantom
from app.core.phantom.script import Event, PhantomScript
from app.core.reading import from_json
from app.core.semiology import Laterality, Span

SMALL = (320, 180)


def small(script: PhantomScript, fps: float = 10.0) -> PhantomScript:
    return replace(script, size=SMALL, fps=fps)


def test_the_same_script_gives_the_same_picture_and_sound() -> None:
    for script in (random_script(1, 10.0), random_script(8, 10.0)):
        assert np.array_equal(phantom_frame(small(script), 3.3), phantom_frame(small(script), 3.3))
        assert np.array_equal(phantom_sound(script), phantom_sound(script))


def test_a_picture_has_the_asked_size_and_changes_with_seed_and_time() -> None:
    script = small(demo_script())
    picture = phantom_frame(script, 3.0)
    assert picture.shape == (180, 320, 3)
    assert picture.dtype == np.uint8
    still = replace(script, appearance=replace(script.appearance, noise=0.0))
    assert not np.array_equal(phantom_frame(still, 3.0), phantom_frame(still, 26.0))
    assert not np.array_equal(picture, phantom_frame(small(random_script(4)), 3.0))


def test_a_mirrored_picture_is_the_same_picture_mirrored() -> None:
    script = small(demo_script())
    look = replace(script.appearance, noise=0.0)
    plain = phantom_frame(replace(script, appearance=look), 26.0)
    mirrored = phantom_frame(replace(script, appearance=replace(look, mirrored=True)), 26.0)
    assert np.array_equal(plain[:, ::-1], mirrored)


def test_an_infrared_picture_is_grey_and_dim() -> None:
    script = small(demo_script())
    infrared = replace(script, appearance=replace(script.appearance, infrared=True, noise=0.0))
    picture = phantom_frame(infrared, 3.0)
    assert np.array_equal(picture[:, :, 0], picture[:, :, 2])
    assert picture.mean() < 0.7 * phantom_frame(script, 3.0).mean()


def test_the_rendered_file_decodes_with_monotonic_times_and_equal_durations(tmp_path: Path) -> None:
    script = replace(small(demo_script(duration=6.0), 15.0), duration=3.0)
    out, truth_path = tmp_path / "p.mp4", tmp_path / "p.json"
    seen: list[Progress] = []
    render_phantom(script, out, truth_path, seen.append)
    with av.open(str(out)) as container:
        times = [float(frame.time or 0) for frame in container.decode(video=0)]
    with av.open(str(out)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert len(times) == script.frames == 45
    assert np.allclose(np.diff(times), 1 / 15, atol=1e-3)
    assert samples / 48000 == pytest.approx(script.frames / script.fps, abs=0.05)
    assert seen[-1].done == 1.0
    reading = from_json(truth_path.read_text(encoding="utf-8"))
    assert reading.recording.name == "p.mp4"
    assert len(reading.recording.sha256) == 64


def test_cancel_and_an_unwritable_folder_leave_nothing_behind(tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        render_phantom(small(demo_script(duration=1.0)), tmp_path / "p.mp4", cancel=token)
    assert list(tmp_path.iterdir()) == []
    blocker = tmp_path / "file"
    blocker.write_text("x")
    with pytest.raises(UserError, match="could not be written"):
        render_phantom(small(demo_script(duration=1.0)), blocker / "p.mp4")


def test_sound_is_as_long_as_the_picture_and_loud_where_somebody_speaks() -> None:
    question = Event("question", Span(2.0, 3.4))
    groan = Event("ictal_vocalization", Span(5.0, 7.0), variant="groan")
    script = PhantomScript(3, 8.0, (question, groan))
    sound = phantom_sound(script, 16000)
    assert sound.dtype == np.float32
    assert len(sound) == 8 * 16000

    def level(start: float, end: float) -> float:
        return float(np.sqrt(np.mean(sound[int(start * 16000) : int(end * 16000)] ** 2)))

    assert level(2.2, 3.2) > 5 * level(0.5, 1.8)
    assert level(5.3, 6.7) > 5 * level(3.8, 4.8)
    assert float(np.abs(sound).max()) <= 1.0


def test_a_question_rises_and_the_examiner_speaks_higher_than_the_patient() -> None:
    def pitch(kind: str) -> float:
        script = PhantomScript(3, 3.0, (Event(kind, Span(0.5, 2.5)),))
        part = phantom_sound(script, 16000)[int(0.6 * 16000) : int(2.3 * 16000)]
        lags = np.arange(50, 230)
        frames = [part[i : i + 640] for i in range(0, len(part) - 900, 320)]
        best = []
        for i, frame in enumerate(frames):
            if np.sqrt(np.mean(frame**2)) > 0.02:
                start = i * 320
                scores = [float(frame @ part[start + lag : start + lag + 640]) for lag in lags]
                best.append(16000 / lags[int(np.argmax(scores))])
        return float(np.median(best))

    assert pitch("question") > 1.3 * pitch("reply")


def test_the_pose_and_the_face_are_found_and_scripted_sides_are_where_they_should_be() -> None:
    mediapipe = pytest.importorskip("mediapipe")
    scripts = [demo_script(), random_script(2), random_script(7), random_script(46), ordinary_script(8)]
    found = total = 0
    with mediapipe.solutions.pose.Pose(static_image_mode=True, model_complexity=1) as pose:
        mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, refine_landmarks=True)
        with mesh:
            for script in scripts:
                for seconds in np.linspace(2.0, script.duration - 2.0, 4):
                    picture = np.ascontiguousarray(phantom_frame(script, float(seconds))[:, :, ::-1])
                    body = pose.process(picture).pose_landmarks
                    total += 1
                    if body is None:
                        continue
                    height, width = picture.shape[:2]
                    head = np.array([(p.x * width, p.y * height) for p in body.landmark[:11]]).mean(axis=0)
                    left, top = np.maximum(head - 75, 0).astype(int)
                    right, bottom = (head + 75).astype(int)
                    crop = np.ascontiguousarray(picture[top:bottom, left:right])
                    found += mesh.process(crop).multi_face_landmarks is not None
    assert found >= 0.8 * total


def test_the_left_arm_is_on_the_right_of_the_picture() -> None:
    raised = Event("arm_straightening", Span(0.0, 10.0), Laterality.LEFT)
    base = PhantomScript(1, 10.0, (), size=SMALL)
    base = replace(base, appearance=replace(base.appearance, noise=0.0))
    change = np.abs(
        phantom_frame(replace(base, events=(raised,)), 5.0).astype(int) - phantom_frame(base, 5.0)
    ).sum(axis=(0, 2))
    assert change[160:].sum() > 20 * max(1, change[:120].sum())
