"""What a network takes for text is covered where it has the form of a line or letters are found there too."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.hiding.burned_in_text import TextSearch
from app.core.hiding.text_detector import TextDetector, evened
from app.core.hiding.text_places import Mask, places_of_text

SHAPE = (200, 300)


def likely(left: int, top: int, right: int, bottom: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    seen = np.zeros(SHAPE, np.float32)
    seen[top:bottom, left:right] = 0.9
    return seen


def letters(everywhere: bool) -> Mask:
    return np.full(SHAPE, everywhere)


def covered(likelihood: Any, found: Mask, *, alone: bool = True) -> Mask:
    """(h, w) what is covered."""
    mask = np.zeros(SHAPE, np.uint8)
    for place in places_of_text(likelihood, found, alone=alone):
        cv2.fillConvexPoly(mask, np.round(place.outline()).astype(np.int32), (1,))
    return mask > 0


def test_a_line_is_covered_on_the_word_of_the_network_alone_with_what_it_leaves_out() -> None:
    made = covered(likely(100, 90, 200, 100), letters(False))
    assert made[84:106, 94:206].all(), "the network marks the middle of the letters only"
    assert made.mean() < 0.15


def test_a_large_spot_counts_only_where_letters_are_found() -> None:
    face = likely(100, 60, 150, 130)
    assert not covered(face, letters(False)).any()
    assert covered(face, letters(True))[60:130, 100:150].all()


def test_a_high_and_narrow_spot_as_large_as_a_face_is_no_line() -> None:
    face = likely(100, 10, 140, 190)
    assert not covered(face, letters(False)).any()
    assert covered(face, letters(True))[10:190, 100:140].all()


def test_small_spots_are_covered_whatever_their_form() -> None:
    assert covered(likely(100, 90, 108, 98), letters(False))[90:98, 100:108].all()


def test_what_strokes_alone_take_for_letters_is_left() -> None:
    assert not covered(np.zeros(SHAPE, np.float32), letters(True)).any()


def test_in_a_single_picture_the_network_needs_the_strokes() -> None:
    line = likely(100, 90, 200, 100)
    assert not covered(line, letters(False), alone=False).any()
    assert covered(line, letters(True), alone=False)[90:100, 100:200].all()


@given(st.integers(0, 250), st.integers(0, 180), st.integers(8, 50), st.integers(3, 20))
def test_what_is_covered_holds_all_of_the_place(left: int, top: int, width: int, height: int) -> None:
    seen = likely(left, top, left + width, top + height)
    assert covered(seen, letters(True))[seen > 0].all()


def test_without_the_detector_no_text_is_searched_and_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    with pytest.raises(UserError, match="detector of text is missing"):
        TextSearch()


def test_faint_contrast_is_as_strong_as_any_for_the_detector() -> None:
    picture = np.full(SHAPE, 100.0, np.float32)
    picture[::6] += 15.0
    assert np.ptp(evened(picture)) > 5 * np.ptp(picture)
    assert np.ptp(evened(np.full(SHAPE, 100.0, np.float32))) < 1


def test_the_memory_of_a_large_picture_goes_back_to_the_system() -> None:
    """It would stay until the clip is made: 600 MB of the most that the process may take."""
    assert not TextDetector(threads=1)._session.get_session_options().enable_cpu_mem_arena


def test_a_picture_of_any_size_is_looked_at() -> None:
    detector = TextDetector(threads=1)
    for shape in ((9, 40), (33, 31)):
        seen = detector.likelihood(np.zeros(shape, np.float32))
        assert seen.shape == shape
        assert 0 <= seen.min() <= seen.max() <= 1
