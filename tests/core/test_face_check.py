"""The second look for faces: a large find has to be found again in a smaller picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from app.core.deidentify import face_check
from app.core.deidentify.face_check import SURE, FaceDoubt, SecondDetector

Image = npt.NDArray[np.uint8]
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
    again = FaceDoubt(LARGE.x + BORDER[0] + 20, LARGE.y + BORDER[1], 150.0, SURE)
    assert found(monkeypatch, LARGE, again) == LARGE.doubt


@pytest.mark.parametrize(
    "again",
    [
        None,
        FaceDoubt(LARGE.x + BORDER[0], LARGE.y + BORDER[1], 180.0, SURE - 0.1),
        FaceDoubt(LARGE.x + BORDER[0] + 150, LARGE.y + BORDER[1], 180.0, 0.9),
        FaceDoubt(LARGE.x + BORDER[0], LARGE.y + BORDER[1], 60.0, 0.9),
    ],
)
def test_one_that_is_not_counts_half(monkeypatch: pytest.MonkeyPatch, again: FaceDoubt | None) -> None:
    assert found(monkeypatch, LARGE, again) == LARGE.doubt / 2


def test_a_small_find_counts_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the smaller picture a small face would be too small to be found."""
    assert found(monkeypatch, FaceDoubt(200.0, 100.0, 100.0, 0.8), None) == 0.8
