"""Movement over a recording, and small pictures of its key frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from app.core.enhance.limb_movement import limb_movement
from app.core.enhance.pose_track import Doubt, Joint
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, no_report
from app.core.recording import movement
from app.core.recording.array_cache import cache_path
from app.core.recording.frames import FrameReader
from app.core.recording.key_frames import key_frames, nearest_key_frames, small_pictures
from app.core.recording.movement import measure_movement, movement_from, picture_movement
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from tests.core.patients_of_numbers import CLONIC, track
from tests.media import HEIGHT, WIDTH, number_in, write_recording

RATE, SECONDS = 25, 12
MOVES = (4.0, 8.0)


def pictures() -> list[Any]:
    """A bar that stands still, but for four seconds in the middle; for a moment the light changes."""
    found = []
    for frame in range(RATE * SECONDS):
        image: npt.NDArray[np.uint8] = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
        seconds = frame / RATE
        at = round(30 + 25 * np.sin(2 * np.pi * 1.5 * seconds)) if MOVES[0] <= seconds < MOVES[1] else 30
        image[:, at : at + 20] = 220
        if seconds >= 10:
            image = np.asarray(np.minimum(image, 120) + 100, np.uint8)
        found.append(image)
    return found


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path = tmp_path_factory.mktemp("movement") / "night.mp4"
    return open_recording(write_recording(path, rate=RATE, gop=25, pictures=pictures()))


def inside(times: Any, start: float, end: float) -> Any:
    return (times >= start) & (times <= end)


def test_movement_is_where_something_moves(recording: Recording) -> None:
    found = measure_movement(recording, no_report)
    moving = found.energy[inside(found.times, 4.4, 7.8)].mean()
    still = found.energy[inside(found.times, 0.0, 3.8)].mean()
    assert moving > 8 * max(still, 0.1)
    assert (np.diff(found.times) > 0).all()
    assert 0.15 < float(np.median(np.diff(found.times))) < 0.3


def test_light_is_not_movement(recording: Recording) -> None:
    found = measure_movement(recording, no_report)
    moving = found.energy[inside(found.times, 4.4, 7.8)].mean()
    assert found.energy[inside(found.times, 9.8, 10.4)].max() < moving


def test_of_a_long_recording_only_frames_beside_key_frames_are_decoded(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(movement, "MOST_DECODED", 10)
    wanted: list[int] = []
    whole = FrameReader.frame

    def frame(reader: FrameReader, number: int, **more: Any) -> Any:
        wanted.append(number)
        return whole(reader, number, **more)

    monkeypatch.setattr(FrameReader, "frame", frame)
    monkeypatch.setattr(FrameReader, "frames", lambda *_arguments: pytest.fail("every frame was decoded"))
    found = measure_movement(recording, no_report)
    numbers, times = key_frames(recording)
    assert set(found.times.tolist()) <= set(times.tolist())
    assert len(wanted) == 2 * len(found.times) <= 2 * len(numbers)
    moving = found.energy[inside(found.times, 4.4, 7.8)]
    assert moving.mean() > 3 * found.energy[inside(found.times, 0.0, 3.8)].mean()


def test_it_is_cached_and_a_damaged_cache_is_computed_again(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = picture_movement(recording)
    with monkeypatch.context() as patched:
        patched.setattr(movement, "run_process", lambda *_a, **_k: pytest.fail("it was cached"))
        again = picture_movement(recording)
    np.testing.assert_array_equal(found.energy, again.energy)
    cache_path("movement", f"{recording.picture_key}-{movement.VERSION}").write_bytes(b"PK\x03\x04 no")
    np.testing.assert_array_equal(picture_movement(recording).energy, found.energy)
    with pytest.raises(ValueError, match="another form"):
        movement_from({"times": np.zeros(3), "energy": np.zeros(2)})


def test_a_cancelled_search_leaves_nothing_behind(recording: Recording) -> None:
    place = cache_path("movement", f"{recording.picture_key}-{movement.VERSION}")
    place.unlink(missing_ok=True)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        picture_movement(recording, cancel=cancel)
    assert not place.exists()


def test_a_recording_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "gone.mp4", frames=20)
    gone = open_recording(path)
    path.unlink()
    with pytest.raises(UserError):
        picture_movement(gone)


# --- key frames --------------------------------------------------------------------------------


def test_the_nearest_key_frame_of_each_moment(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4", frames=60, gop=12, b_frames=0))
    numbers, times = key_frames(recording)
    assert numbers.tolist() == [0, 12, 24, 36, 48]
    assert times.tolist() == pytest.approx([0.0, 0.48, 0.96, 1.44, 1.92])
    assert nearest_key_frames(numbers, times, [-1.0, 0.2, 0.25, 1.0, 99.0]) == [0, 0, 12, 24, 48]


def test_small_pictures_are_those_frames_and_no_other_is_decoded(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4", frames=60, gop=12, b_frames=0))
    found = list(small_pictures(recording, [36, 0], (64, 64), CancelToken()))
    assert [frame.number for frame in found] == [36, 0]
    assert [number_in(frame.image) for frame in found] == [36, 0]
    assert found[0].image.shape == (48, 64, 4)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(small_pictures(recording, [0], (64, 64), cancel))


# --- limbs -------------------------------------------------------------------------------------


def test_limbs_move_where_the_script_says() -> None:
    patient = track(CLONIC)
    speed = limb_movement(patient)
    assert speed.shape == (len(patient.times),)
    assert np.nanmax(speed) > 3 * np.nanpercentile(speed, 20)


def test_what_is_not_surely_the_patient_does_not_move() -> None:
    patient = track(CLONIC)
    patient.doubt[:] = Doubt.ANOTHER
    assert np.isnan(limb_movement(patient)).all()


def test_hidden_limbs_are_no_movement() -> None:
    patient = track(CLONIC)
    patient.joints[:, list(Joint), 2] = 0.0
    assert np.isnan(limb_movement(patient)).all()
