"""The detector of faces: its file, its turns, and that nothing is hidden without it."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.hiding import centerface_model, picture_hider
from app.core.hiding.face_detector import (
    CUT_OFF,
    DOUBTFUL,
    TURNS,
    CenterFace,
    FoundFace,
    Image,
    distinct_faces,
    turning,
)
from app.core.hiding.installed_models import network_session
from app.core.hiding.picture_hider import PictureHider
from app.core.phantom.demonstration import demo_script
from app.core.phantom.render import phantom_frame
from tests.core.drawn_patient import head_pixels


def test_without_its_file_nothing_is_hidden_and_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    with pytest.raises(UserError, match="detector of faces is missing"):
        PictureHider(None)


def test_a_file_that_is_listed_and_gone_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listed = SimpleNamespace(name="centerface.onnx", locate=lambda: tmp_path / "gone")
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _name: SimpleNamespace(files=[listed]))
    with pytest.raises(UserError, match="missing"):
        centerface_model.centerface_model()


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"\x3a\x02\x5a\x00"])
def test_a_damaged_file_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "centerface.onnx").write_bytes(content)
    monkeypatch.setattr(centerface_model, "_file", lambda: tmp_path / "centerface.onnx")
    with pytest.raises(UserError, match="detector of faces"):
        CenterFace()


def test_nothing_but_the_picture_is_put_into_the_network() -> None:
    """Weights that could be put in are not laid out for the processor, which takes nearly twice as long."""
    session = network_session(centerface_model.centerface_model(), 1, "")
    assert [one.name for one in session.get_inputs()] == [centerface_model.INPUT]
    assert not session.get_overridable_initializers()
    assert tuple(one.name for one in session.get_outputs()) == centerface_model.OUTPUTS


def test_there_is_one_opencv_and_it_is_the_one_mediapipe_needs() -> None:
    """A second one would overwrite its files; onnxruntime goes with the same numpy and protobuf."""
    names = {each.metadata["Name"].lower() for each in importlib.metadata.distributions()}
    assert {name for name in names if name.startswith("opencv")} == {"opencv-contrib-python"}
    assert not names & {"onnx", "imageio", "imageio-ffmpeg", "scikit-image"}
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "protobuf", "onnxruntime")}
    assert int(versions["numpy"].split(".")[0]) < 2
    assert int(versions["protobuf"].split(".")[0]) < 5


def test_the_locks_hold_one_opencv() -> None:
    for lock in sorted(Path(__file__).parents[2].glob("requirements*.lock")):
        if lock.name == "requirements-text-peers.lock":
            continue  # has a separate environment, for a benchmark
        named = {
            line.split("==")[0] for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line
        }
        found = {name for name in named if name.startswith("opencv")}
        allowed = "opencv-contrib-python-headless" if "bundle" in lock.name else "opencv-contrib-python"
        assert found <= {allowed}, lock.name


@given(st.integers(8, 300), st.integers(8, 300), st.sampled_from(TURNS), st.floats(0, 1), st.floats(0, 1))
def test_every_point_of_a_turned_picture_is_in_it_and_found_back(
    width: int, height: int, turn: int, across: float, down: float
) -> None:
    matrix, size = turning(width, height, turn)
    point = np.array([across * width, down * height, 1.0])
    x, y = matrix @ point
    assert -1 <= x <= size[0] + 1
    assert -1 <= y <= size[1] + 1
    assert size[0] % 32 == size[1] % 32 == 0
    square = np.vstack([matrix, [0, 0, 1]])
    assert (np.linalg.inv(square) @ (x, y, 1.0))[:2] == pytest.approx(point[:2], abs=1e-6)


def test_a_face_found_in_several_turns_is_one_and_one_within_another_is_two() -> None:
    face = FoundFace(100.0, 100.0, 50.0, 0.9)
    again = FoundFace(104.0, 98.0, 55.0, 0.6)
    beside, around = FoundFace(160.0, 100.0, 50.0, 0.5), FoundFace(100.0, 100.0, 120.0, 0.5)
    assert distinct_faces([again, face]) == (FoundFace(100.0, 100.0, 55.0, 0.9),)  # as large as the larger
    assert set(distinct_faces([face, beside, around])) == {face, beside, around}


def test_a_drawn_face_is_found_whichever_way_up_it_is() -> None:
    script = demo_script()
    frame, head = phantom_frame(script, 0.6), head_pixels(script, 0.6)
    rows, columns = np.nonzero(head)
    place = (float(columns.mean()), float(rows.mean()))
    detector = CenterFace(threads=1, pixels=320)
    for quarters in (0, 1, 2, 3):
        picture = np.ascontiguousarray(np.rot90(frame, quarters))
        turned = np.argwhere(np.rot90(head, quarters)).mean(axis=0)[::-1]
        found = detector.find(picture)
        assert found, quarters
        assert np.hypot(found[0].x - turned[0], found[0].y - turned[1]) < 0.5 * np.ptp(rows), (
            quarters,
            place,
        )


SIDE = 400
CUT = FoundFace(390.0, 200.0, 200.0, 0.15)


@pytest.mark.parametrize(
    ("face", "counts"),
    [
        (CUT, True),
        (replace(CUT, x=420.0), True),
        (replace(CUT, score=0.05), False),
        (replace(CUT, size=150.0), False),
        (replace(CUT, x=250.0), False),
        (replace(CUT, x=250.0, score=0.25), True),
    ],
)
def test_a_large_face_that_the_border_cuts_counts_on_less_than_others(
    monkeypatch: pytest.MonkeyPatch, face: FoundFace, counts: bool
) -> None:
    def found(_: CenterFace, image: Image, _factor: float, least: float = DOUBTFUL) -> Iterator[FoundFace]:
        border = (image.shape[0] - SIDE) / 2
        if border and face.score >= least:
            yield replace(face, x=face.x + border, y=face.y + border)

    monkeypatch.setattr(CenterFace, "_found", found)
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    keen, other = (CenterFace(threads=1, cut_off=least).find(picture) for least in (CUT_OFF, DOUBTFUL))
    inside = replace(face, x=min(face.x, 2 * SIDE - face.x))
    assert keen == ((inside,) if counts else ())
    assert other == ((inside,) if face.score >= DOUBTFUL else ())


def test_pictures_that_are_handed_on_are_searched_for_cut_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(picture_hider, "CenterFace", lambda **options: asked.update(options))
    PictureHider(None)
    assert asked["cut_off"] == CUT_OFF < DOUBTFUL
