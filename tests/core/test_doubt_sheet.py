"""Which frames of a clip are on the sheet that a person looks at, and what is written over them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from app.core.deidentify import doubt_sheet, still_shown
from app.core.deidentify.doubt_sheet import PLACES, DoubtedFrame, most_doubtful
from app.core.deidentify.face_check import FaceDoubt
from app.core.recording.frames import Frame


def frame(number: int, doubt: float = 0.0, *, shows: bool = False, rate: float = 3.0) -> DoubtedFrame:
    find = FaceDoubt(10.0, 10.0, 10.0, doubt) if doubt else None
    return DoubtedFrame(number, number / rate, find, shows)


def test_without_anything_doubtful_the_sheet_shows_the_whole_clip_in_order() -> None:
    chosen = most_doubtful([frame(number) for number in range(600)])
    times = [one.seconds for one in chosen]
    assert len(times) == PLACES
    assert times == sorted(times)
    assert min(after - before for before, after in pairwise(times)) >= 200 / PLACES - 1


def test_a_doubt_that_lasts_does_not_fill_the_sheet() -> None:
    chosen = most_doubtful([frame(n, 0.4 if 300 <= n < 330 else 0.1) for n in range(600)])
    assert 300 <= chosen[0].number < 330
    assert sum(300 <= one.number < 330 for one in chosen) <= 8
    assert max(one.number for one in chosen) > 450
    assert min(one.number for one in chosen) < 100


def test_frames_in_which_a_face_may_show_come_first_and_leave_room() -> None:
    frames = [frame(n, 0.9 if n % 2 else 0.6, shows=300 <= n < 312) for n in range(600)]
    chosen = most_doubtful(frames)
    shows = [one.shows for one in chosen]
    assert shows == [True] * 8 + [False] * 4
    assert all(frame.doubt == 0.9 for frame in chosen[8:])


def test_what_is_doubtful_beside_a_find_comes_before_what_is_not() -> None:
    found = frame(900, 0.9, shows=True)
    doubted = [frame(number, 0.49) for number in range(915, 960)]
    others = [frame(number) for number in range(0, 1800) if number not in range(900, 960)]
    chosen = most_doubtful([found, *doubted, *others])
    assert chosen[0] == found
    assert all(one.doubt > 0.0 for one in chosen)


def test_a_refuted_find_beside_faces_that_show_is_on_the_sheet() -> None:
    shows = [frame(number, 0.8, shows=True) for number in range(300, 360)]
    refuted = frame(362, 0.95)
    others = [frame(number, 0.1) for number in range(600) if not 300 <= number < 363]
    chosen = most_doubtful([*others, *shows, refuted])
    assert refuted in chosen
    assert [one.doubt for one in chosen if one.shows] == [0.8] * 8


def test_two_places_at_one_time_are_both_shown() -> None:
    one, other = FaceDoubt(10.0, 10.0, 10.0, 0.9), FaceDoubt(80.0, 10.0, 10.0, 0.6)
    frames = [DoubtedFrame(n, n / 3, other if n == 11 else one, shows=True) for n in range(10, 13)]
    chosen = most_doubtful([*frames, *(frame(number, 0.9) for number in range(300, 600))])
    assert frames[1] in chosen


class _Found:
    """A detector that finds what it was given, in the clip and in the recording."""

    def __init__(self, *finds: FaceDoubt) -> None:
        self.finds = finds

    def find(self, _image: object) -> tuple[FaceDoubt, ...]:
        return self.finds


def test_the_find_that_shows_is_marked_and_the_cover_too(monkeypatch: pytest.MonkeyPatch) -> None:
    cover, face = FaceDoubt(20.0, 20.0, 20.0, 0.9), FaceDoubt(70.0, 20.0, 20.0, 0.7)
    monkeypatch.setattr(still_shown, "likeness", lambda _image, _there, one: 1.0 if one == face else 0.0)
    picture = np.zeros((60, 100, 3), np.uint8)
    detector: Any = _Found(cover, face)
    weighed = doubt_sheet._weighed(detector, Frame(0.5, 7, picture), lambda _number: picture)
    assert (weighed.find, weighed.shows, weighed.others) == (face, True, (cover,))
    assert weighed.caption.endswith("a face may show: 70%")


@pytest.mark.parametrize("count", [1, 5, 15])
def test_a_short_clip_fills_as_much_as_it_has(count: int) -> None:
    chosen = most_doubtful([frame(number) for number in range(count)])
    assert len({one.number for one in chosen}) == min(count, PLACES)


def test_the_frames_of_a_short_clip_are_spread_to_its_end() -> None:
    searched = [DoubtedFrame(number, number / 30) for number in range(36)]
    chosen = [one.seconds for one in most_doubtful(searched)]
    assert len(chosen) == PLACES
    assert max(chosen) > 1.0
    assert max(later - earlier for earlier, later in pairwise(sorted(chosen))) < 0.14


def test_captions_say_what_the_ring_means_and_no_two_are_alike() -> None:
    assert frame(1, rate=30).caption == "00:00.03"
    assert frame(2, rate=30).caption == "00:00.07"
    assert frame(3, 0.31).caption == "00:01.00   like a face: 31%"
    assert frame(3, 0.68).caption == "00:01.00   like a face: 68%, none shows"
    assert frame(3, 0.68, shows=True).caption == "00:01.00   a face may show: 68%"
