"""Which frames of a clip are on the sheet that a person looks at, and what is written over them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.core.deidentify.doubt_sheet import PLACES, DoubtedFrame, most_doubtful
from app.core.deidentify.face_check import FaceDoubt


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
    assert sum(300 <= one.number < 330 for one in chosen) <= 3
    assert max(one.number for one in chosen) > 500
    assert min(one.number for one in chosen) < 100


def test_frames_in_which_a_face_may_show_come_first_and_leave_room() -> None:
    frames = [frame(n, 0.9 if n % 2 else 0.6, shows=300 <= n < 312) for n in range(600)]
    chosen = most_doubtful(frames)
    shows = [one.shows for one in chosen]
    assert shows == [True] * 8 + [False] * 4
    assert all(frame.doubt == 0.9 for frame in chosen[8:])


@pytest.mark.parametrize("count", [1, 5, 15])
def test_a_short_clip_fills_as_much_as_it_has(count: int) -> None:
    chosen = most_doubtful([frame(number) for number in range(count)])
    assert len({one.number for one in chosen}) == min(count, PLACES)


def test_captions_say_what_the_ring_means_and_no_two_are_alike() -> None:
    assert frame(1, rate=30).caption == "00:00.03"
    assert frame(2, rate=30).caption == "00:00.07"
    assert frame(3, 0.31).caption == "00:01.00   like a face: 31%"
    assert frame(3, 0.68).caption == "00:01.00   like a face: 68%, none shows"
    assert frame(3, 0.68, shows=True).caption == "00:01.00   a face may show: 68%"
