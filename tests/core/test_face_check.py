"""The second look for faces: a large find has to be found again in a smaller picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib import cbook

from app.core.deidentify import face_check
from app.core.deidentify.face_check import SURE, FaceDoubt, SecondDetector

Image = npt.NDArray[np.uint8]
FACE = (267, 240, 180)
"""Centre and size, in pixels, of the face in the photograph."""
PICTURE = np.zeros((200, 400, 3), np.uint8)


def found(monkeypatch: pytest.MonkeyPatch, alone: FaceDoubt, again: FaceDoubt | None) -> float:
    """How doubtful a find is that stands in the picture alone, and with a border like `again`."""

    def turned(_self: SecondDetector, small: Image, _turn: int, factor: float) -> Iterator[FaceDoubt]:
        here = alone if factor == 1.0 else again
        assert small.shape[1] <= 480
        if here is not None:
            yield here

    monkeypatch.setattr(SecondDetector, "_turned", turned)
    monkeypatch.setattr(face_check, "_TURNS", (0,))
    [doubt] = object.__new__(SecondDetector).find(PICTURE)
    return doubt.doubt


LARGE, BORDER = FaceDoubt(200.0, 100.0, 180.0, 0.8), (200.0, 100.0)


def test_a_large_find_that_is_found_again_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    again = FaceDoubt(LARGE.x + BORDER[0] + 20, LARGE.y + BORDER[1], 150.0, SURE / 2)
    assert found(monkeypatch, LARGE, again) == LARGE.doubt, "also where it is a doubt only"


@pytest.mark.parametrize(
    "again",
    [
        None,
        FaceDoubt(LARGE.x + BORDER[0] + 150, LARGE.y + BORDER[1], 180.0, 0.9),
        FaceDoubt(LARGE.x + BORDER[0], LARGE.y + BORDER[1], 60.0, 0.9),
    ],
)
def test_one_that_is_not_counts_half(monkeypatch: pytest.MonkeyPatch, again: FaceDoubt | None) -> None:
    assert found(monkeypatch, LARGE, again) == LARGE.doubt / 2


def test_a_small_find_counts_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the smaller picture a small face would be too small to be found."""
    assert found(monkeypatch, FaceDoubt(200.0, 100.0, 100.0, 0.8), None) == 0.8


def test_a_large_doubt_below_a_face_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not looked for again, so nothing speaks against it."""
    doubtful = replace(LARGE, doubt=SURE - 0.05)
    assert found(monkeypatch, doubtful, None) == doubtful.doubt


@pytest.mark.parametrize("share", [0.45, 0.9])
def test_a_large_face_counts_as_a_face(share: float) -> None:
    """A photograph that comes with matplotlib, cut so that the face fills this share of its longer side."""
    path = Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    whole = np.asarray(cv2.imread(str(path)), np.uint8)
    x, y, size = FACE
    around = round(size / share / 2)
    face = whole[max(y - around, 0) : y + around, max(x - around, 0) : x + around]
    detector = SecondDetector()
    try:
        [first, *_] = detector.find(np.ascontiguousarray(face))
    finally:
        detector.close()
    assert first.doubt >= SURE
    assert first.size >= 0.3 * max(face.shape[:2])
