"""A find in a finished clip counts where the recording has a face that still shows, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib import cbook

from app.core.deidentify import still_shown
from app.core.deidentify.face_check import SURE, FaceDoubt, SecondDetector
from app.core.deidentify.still_shown import faces_still_shown, likeness
from app.core.hiding.cells import in_cells

Image = npt.NDArray[np.uint8]
FACE = FaceDoubt(267.0, 240.0, 180.0, 0.9)
"""The face in the photograph."""


@pytest.fixture(scope="module")
def photograph() -> Image:
    path = Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    return np.asarray(cv2.imread(str(path)), np.uint8)


@pytest.fixture(scope="module")
def detector() -> Iterator[SecondDetector]:
    with closing(SecondDetector()) as made:
        yield made


@pytest.fixture(scope="module")
def known(detector: SecondDetector, photograph: Image) -> tuple[FaceDoubt, ...]:
    """What is found in the photograph."""
    return detector.find(photograph)


def greatest(weighed: tuple[FaceDoubt, ...]) -> float:
    """The greatest doubt that is left about the clip's picture."""
    return max((doubt.doubt for doubt in weighed), default=0.0)


def covered(image: Image, grey: int = 128) -> Image:
    """The photograph with a disc over the head and a figure drawn across it."""
    made = image.copy()
    cv2.circle(made, (267, 230), 190, (grey, grey, grey), cv2.FILLED)
    for start, end in (((200, 180), (330, 185)), ((200, 180), (215, 320)), ((330, 185), (300, 320))):
        cv2.line(made, start, end, (255, 160, 60), 6, cv2.LINE_AA)
    return made


def test_a_face_that_was_left_counts(photograph: Image, known: tuple[FaceDoubt, ...]) -> None:
    assert greatest(faces_still_shown(known, photograph, photograph, lambda: known)) >= SURE


def test_so_does_one_in_small_cells(
    photograph: Image, detector: SecondDetector, known: tuple[FaceDoubt, ...]
) -> None:
    softened = np.asarray(in_cells(photograph, FACE.size / 10), np.uint8)
    assert greatest(faces_still_shown(detector.find(softened), softened, photograph, lambda: known)) >= SURE


def test_so_does_one_that_the_coding_made_dull(
    photograph: Image, detector: SecondDetector, known: tuple[FaceDoubt, ...]
) -> None:
    noise = np.random.default_rng(3).normal(0.0, 8.0, photograph.shape)
    dull = np.clip(photograph * 0.5 + 60 + noise, 0, 255).astype(np.uint8)
    assert greatest(faces_still_shown(detector.find(dull), dull, photograph, lambda: known)) >= SURE


@pytest.mark.parametrize("grey", [0, 60, 128, 230, 255])
def test_a_cover_does_not_count_where_the_recording_has_a_face(photograph: Image, grey: int) -> None:
    [weighed] = faces_still_shown((FACE,), covered(photograph, grey), photograph, lambda: (FACE,))
    assert weighed.doubt == FACE.doubt / 2


@pytest.mark.parametrize("grey", [0, 60, 128, 230, 255])
@pytest.mark.parametrize(
    "hidden",
    [np.s_[250:, :], np.s_[:230, :], np.s_[:, 280:], np.s_[:, :254], np.s_[:204, :], np.s_[:, :231]],
    ids=["below", "above", "right", "left", "a third above", "a third left"],
)
def test_half_a_face_that_shows_counts(photograph: Image, hidden: Any, grey: int) -> None:
    """The edge of a cover is detail too, stronger than that of a face."""
    half = photograph.copy()
    half[hidden] = grey
    [weighed] = faces_still_shown((FACE,), half, photograph, lambda: (FACE,))
    assert weighed.doubt == FACE.doubt


@pytest.mark.parametrize(
    "others",
    [
        (),
        (FaceDoubt(FACE.x + 0.55 * FACE.size, FACE.y, FACE.size, 0.9),),
        (FaceDoubt(FACE.x, FACE.y, FACE.size / 3.1, 0.9),),
        # As in a real clip: a print on a shirt, and in the recording something large about the whole person.
        (FaceDoubt(FACE.x, FACE.y - 0.76 * FACE.size, 1.8 * FACE.size, 0.28),),
    ],
)
def test_what_the_recording_shows_as_no_face_does_not_count(
    photograph: Image, others: tuple[FaceDoubt, ...]
) -> None:
    [weighed] = faces_still_shown((FACE,), photograph, photograph, lambda: others)
    assert weighed.doubt == FACE.doubt / 2


@pytest.mark.parametrize(("away", "size"), [(0.45, 1.5), (0.3, 2.9), (0.4, 0.35)])
def test_a_doubt_of_the_recording_is_enough(photograph: Image, away: float, size: float) -> None:
    weak = FaceDoubt(FACE.x + away * FACE.size * min(size, 1.0), FACE.y, size * FACE.size, 0.25)
    assert faces_still_shown((FACE,), photograph, photograph, lambda: (weak,)) == (FACE,)


def test_the_most_doubtful_comes_first(photograph: Image) -> None:
    elsewhere = FaceDoubt(100.0, 500.0, 60.0, 0.95)
    weighed = faces_still_shown((elsewhere, FACE), photograph, photograph, lambda: (FACE,))
    assert [doubt.doubt for doubt in weighed] == [FACE.doubt, elsewhere.doubt / 2]


def test_a_flat_place_is_like_nothing(photograph: Image) -> None:
    flat = np.full_like(photograph, 90)
    assert likeness(flat, photograph, FACE) == 0.0
    assert likeness(photograph, photograph, FACE) == pytest.approx(1.0)


def test_pictures_of_two_sizes_are_not_compared(photograph: Image) -> None:
    with pytest.raises(ValueError, match="size"):
        faces_still_shown((FACE,), photograph, photograph[:-2], lambda: (FACE,))


def test_the_recording_is_not_searched_where_the_clip_shows_nothing_of_it(photograph: Image) -> None:
    def slow() -> tuple[FaceDoubt, ...]:
        raise AssertionError("the slow detector was asked")

    [weighed] = faces_still_shown((FACE,), covered(photograph), photograph, slow)
    assert weighed.doubt == FACE.doubt / 2


@pytest.mark.parametrize(
    "find",
    [
        pytest.param(FACE, id="inside"),
        pytest.param(FaceDoubt(3.0, 590.0, 120.0, 0.9), id="across a corner"),
        pytest.param(FaceDoubt(500.0, 20.0, 15.0, 0.9), id="small"),
        pytest.param(FaceDoubt(-200.0, 700.0, 60.0, 0.9), id="outside"),
        pytest.param(FaceDoubt(256.0, 300.0, 900.0, 0.9), id="larger than the picture"),
    ],
)
def test_the_detail_of_a_find_is_that_of_the_whole_picture(
    monkeypatch: pytest.MonkeyPatch, photograph: Image, find: FaceDoubt
) -> None:
    here = still_shown._detail(photograph, find)
    every = slice(0, photograph.shape[0]), slice(0, photograph.shape[1])
    monkeypatch.setattr(still_shown, "_about", lambda *_: every)
    assert np.allclose(here, still_shown._detail(photograph, find), atol=1e-3)
