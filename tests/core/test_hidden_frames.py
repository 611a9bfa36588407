"""Single frames that are handed on: text and drawn places covered, and faces of the moments around them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.errors import Cancelled, UserError
from app.core.hiding import hidden_frames
from app.core.hiding.covered_places import CoveredPlaces
from app.core.hiding.face_detector import FoundFace
from app.core.hiding.hidden_frames import HiddenFrame, HiddenFrames
from app.core.jobs import CancelToken, no_report
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from tests.core.planted_recordings import DRAWN, Image, drawn_of, is_covered, name_of, planted_recording
from tests.media import numbered_picture, write_recording

FACE = FoundFace(160.0, 120.0, 30.0, 0.9)


def hidden_at(recording: Recording, seconds: float, **rest: object) -> HiddenFrame:
    with HiddenFrames(recording, None, **rest) as frames:  # type: ignore[arg-type]
        return frames.at(seconds, report=no_report, cancel=CancelToken())


@pytest.mark.timeout(600)  # a process loads its network
def test_names_and_drawn_places_are_covered(tmp_path: Path) -> None:
    recording = open_recording(planted_recording(tmp_path / "a.mp4"))
    made = hidden_at(recording, 0.35, drawn=(DRAWN,))
    assert made.number == 3
    assert made.seconds == pytest.approx(0.3)
    assert made.picture.whole
    assert made.picture.image.shape == (360, 640, 3)
    assert is_covered(name_of(made.picture.image))
    assert is_covered(drawn_of(made.picture.image))
    assert not is_covered(made.picture.image)


class _FaceInOne:
    """A detector that finds a face in the frame with one number alone."""

    def __init__(self, number: int) -> None:
        self._shown = numbered_picture(number, 320, 240)
        self.searches = 0

    def find(self, image: Image) -> tuple[FoundFace, ...]:
        self.searches += 1
        return (FACE,) if np.abs(image.astype(int) - self._shown).mean() < 5.0 else ()


@pytest.fixture
def numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recording:
    """A recording without text, 25 frames a second."""
    monkeypatch.setattr(hidden_frames, "text_of_recording", lambda *_args, **_rest: CoveredPlaces())
    pictures = [numbered_picture(number, 320, 240) for number in range(50)]
    return open_recording(write_recording(tmp_path / "a.mp4", pictures=pictures, size=(320, 240)))


@pytest.mark.parametrize(
    ("face_in", "found"),
    [(25, True), (19, True), (31, True), (12, False), (38, False)],
    ids=["in it", "a quarter of a second before", "after it", "long before", "long after"],
)
def test_a_face_is_looked_for_in_the_frame_and_in_those_around_it(
    numbered: Recording, monkeypatch: pytest.MonkeyPatch, face_in: int, found: bool
) -> None:
    eye = _FaceInOne(face_in)
    monkeypatch.setattr(hidden_frames, "CenterFace", lambda **_: eye)
    made = hidden_at(numbered, 1.0)
    assert made.number == 25
    assert bool(made.picture.heads) is found
    assert eye.searches <= 4


@pytest.mark.usefixtures("numbered")
@pytest.mark.parametrize("face_in", [8, 10, 12], ids=["before", "in it", "after"])
def test_of_few_frames_a_second_every_one_counts_that_is_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, face_in: int
) -> None:
    pictures = [numbered_picture(number, 320, 240) for number in range(20)]
    path = write_recording(tmp_path / "slow.mp4", pictures=pictures, size=(320, 240), rate=10)
    monkeypatch.setattr(hidden_frames, "CenterFace", lambda **_: _FaceInOne(face_in))
    assert hidden_at(open_recording(path), 1.0).picture.heads


@pytest.mark.parametrize("seconds", [0.0, 1.99])
def test_the_first_and_the_last_frame_are_searched_too(
    numbered: Recording, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(hidden_frames, "CenterFace", lambda **_: _FaceInOne(round(seconds * 25 - 0.4)))
    assert hidden_at(numbered, seconds).picture.heads


def test_one_picture_after_another_whatever_their_order(
    numbered: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hidden_frames, "CenterFace", lambda **_: _FaceInOne(25))
    with HiddenFrames(numbered, None) as frames:
        heads = [
            bool(frames.at(seconds, report=no_report, cancel=CancelToken()).picture.heads)
            for seconds in (1.8, 1.0, 0.2, 1.0)
        ]
    assert heads == [False, True, False, True]


def test_without_a_detector_there_is_no_picture(numbered: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(**_: object) -> object:
        raise UserError("The detector of faces is missing.")

    monkeypatch.setattr(hidden_frames, "CenterFace", missing)
    with pytest.raises(UserError, match="missing"):
        HiddenFrames(numbered, None)


def test_it_can_be_cancelled(numbered: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hidden_frames, "CenterFace", lambda **_: _FaceInOne(25))
    token = CancelToken()
    token.cancel()
    with HiddenFrames(numbered, None) as frames, pytest.raises(Cancelled):
        frames.at(1.0, report=no_report, cancel=token)
