"""Faces that were found in a frame are not searched again, and none is ever forgotten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app.core.hiding import face_memory
from app.core.hiding.face_detector import FoundFace
from app.core.hiding.face_memory import FaceMemory
from app.core.recording.array_cache import cache_path, save_arrays
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from tests.media import write_recording

Image = npt.NDArray[np.uint8]
LARGE, SMALL = np.zeros((200, 400, 3), np.uint8), np.zeros((100, 200, 3), np.uint8)
FACES = (FoundFace(100.0, 50.0, 40.0, 0.9), FoundFace(300.0, 150.0, 12.0, 0.25))


class Eye:
    """Finds faces in the first frame that it sees, and nothing in others."""

    def __init__(self) -> None:
        self.looks = 0

    def find(self, _image: Image) -> tuple[FoundFace, ...]:
        self.looks += 1
        return FACES if self.looks == 1 else ()


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recording:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))
    return open_recording(write_recording(tmp_path / "a.mp4", frames=5))


def test_a_frame_is_searched_once_also_in_another_process_and_size(recording: Recording) -> None:
    eye, memory = Eye(), FaceMemory(recording)
    find = memory.finder(eye, "close")
    assert find(LARGE, 1.0) == find(LARGE, 1.0) == FACES
    assert find(LARGE, 2.0) == ()
    memory.save()
    again = FaceMemory(recording).finder(eye, "close")
    assert again(SMALL, 1.0) == (FoundFace(50.0, 25.0, 20.0, 0.9), FoundFace(150.0, 75.0, 6.0, 0.25))
    assert again(SMALL, 2.0) == ()
    assert eye.looks == 2


def test_each_way_of_looking_has_its_own_finds(recording: Recording) -> None:
    memory = FaceMemory(recording)
    memory.finder(Eye(), "close")(LARGE, 1.0)
    other = Eye()
    assert memory.finder(other, "all turns")(LARGE, 1.0) == FACES
    assert other.looks == 1


@pytest.mark.parametrize(
    "rows",
    [np.zeros(0), np.zeros((1, 4)), np.full((1, 5), np.nan)],
    ids=["no rows", "short rows", "no numbers"],
)
def test_damaged_finds_are_searched_again(recording: Recording, rows: npt.NDArray[np.float64]) -> None:
    key = f"{recording.picture_key}-{face_memory.SEARCH_VERSION}"
    save_arrays("faces", key, {"close/times": np.array([1000]), "close/faces": rows})
    assert FaceMemory(recording).finder(Eye(), "close")(LARGE, 1.0) == FACES
    cache_path("faces", key).write_bytes(b"nothing of the kind")
    assert FaceMemory(recording).finder(Eye(), "close")(LARGE, 1.0) == FACES
