"""Windows at a high rate are asked about where the pose moves quickly, and never too many of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose_track import FACE_POINTS, Joint, PoseTrack
from app.core.readers.models.request_plan import WINDOW_RATE, AskingMode, most_windows, rate_windows, requests
from app.core.readers.models.where_to_look import (
    choose_windows,
    windows_from,
    windows_text,
)
from app.core.semiology import FEATURES

RATE, SECONDS = 25.0, 60.0
SEEN = frozenset({Enhancement.POSE, Enhancement.FACE})


def still() -> PoseTrack:
    """A patient who lies still, with the jitter of a detector, and turns over slowly."""
    count = round(RATE * SECONDS)
    chance = np.random.default_rng(1)
    times = np.arange(count) / RATE
    joints = chance.normal(0, 0.3, (count, 33, 3)) + np.arange(33)[None, :, None] * 10
    joints[:, Joint.LEFT_SHOULDER, :2] += (100, 0)
    joints += 40 * np.sin(times / 20)[:, None, None]
    face = chance.normal(0, 0.1, (count, len(FACE_POINTS), 3)) + np.arange(len(FACE_POINTS))[None, :, None]
    return PoseTrack(
        times,
        640,
        360,
        joints.astype(np.float32),
        np.zeros((count, 33, 3), np.float32),
        face.astype(np.float32),
        np.ones(count, np.int16),
        np.full(count, 120, np.float32),
    )


def rows(track: PoseTrack, start: float, end: float) -> slice:
    return slice(*np.searchsorted(track.times, [start, end]))


def twitching(starts: list[float], part: Enhancement) -> PoseTrack:
    track = still()
    for start in starts:
        place = rows(track, start, start + 1.0)
        wave = np.sin(2 * np.pi * 4 * track.times[place])
        if part is Enhancement.POSE:
            for joint in (Joint.LEFT_ELBOW, Joint.LEFT_WRIST, Joint.LEFT_INDEX):
                track.joints[place, joint, 1] += (20 * wave).astype(np.float32)
        else:
            track.face[place, :8, 1] += (4 * wave[:, None]).astype(np.float32)
    return track


def chosen_of(track: PoseTrack) -> dict[Enhancement, tuple[int, ...]]:
    windows = rate_windows(SECONDS, WINDOW_RATE)
    return dict(choose_windows(track, windows, most_windows(SECONDS, 2.0), SEEN))


@pytest.mark.parametrize("part", [Enhancement.POSE, Enhancement.FACE])
def test_a_twitch_of_a_second_is_shown_and_stillness_is_not(part: Enhancement) -> None:
    found = chosen_of(twitching([10.0, 41.5], part))
    windows = {window.number: window.span for window in rate_windows(SECONDS, WINDOW_RATE)}
    for start in (10.0, 41.5):
        assert any(windows[at].start <= start + 0.5 <= windows[at].end for at in found[part])
    assert all(
        any(windows[at].start < start + 1 and start < windows[at].end for start in (10.0, 41.5))
        for at in found[part]
    )
    (other,) = SEEN - {part}
    assert found[other] == ()


def test_somebody_who_is_not_surely_the_patient_moves_nothing() -> None:
    track = twitching([10.0], Enhancement.POSE)
    track.doubt[rows(track, 5.0, 20.0)] = 2
    assert chosen_of(track)[Enhancement.POSE] == ()


def test_of_much_movement_only_the_quickest_is_asked_about() -> None:
    found = chosen_of(twitching([float(start) for start in range(0, 58, 2)], Enhancement.POSE))
    assert len(found[Enhancement.POSE]) == most_windows(SECONDS, 2.0)


NUMBERS = st.lists(st.integers(0, 500), max_size=6, unique=True).map(lambda found: tuple(sorted(found)))


@given(st.dictionaries(st.sampled_from(sorted(SEEN)), NUMBERS))
def test_a_choice_is_the_same_after_it_was_written(chosen: dict[Enhancement, tuple[int, ...]]) -> None:
    assert windows_from(windows_text(chosen)) == chosen


@pytest.mark.parametrize(
    "text", ["", "[]", '{"pose": 1}', '{"pose": [-1]}', '{"nose": [1]}', '{"pose": ["1"]}']
)
def test_what_is_no_choice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        windows_from(text)


@settings(deadline=None)
@given(st.floats(15, 600), st.sampled_from(AskingMode), st.data())
def test_two_passes_ask_everything_plainly_and_what_is_fast_in_the_windows(
    duration: float, mode: AskingMode, data: st.DataObject
) -> None:
    windows, plain = rate_windows(duration, WINDOW_RATE), requests(duration, mode=mode)
    most = most_windows(duration, 2.0)
    number = st.sampled_from([window.number for window in windows])
    chosen = {one: tuple(data.draw(st.lists(number, max_size=most, unique=True))) for one in SEEN}
    plan = requests(duration, mode=mode, feature_rates=True, chosen=chosen)
    assert len({request.key for request in plan}) == len(plan)
    coarse = [request for request in plan if not request.segment.window]
    assert {(one.key, one.features) for one in coarse} == {(one.key, one.features) for one in plain}
    fine = [request for request in plan if request.segment.window]
    assert {request.segment.number for request in fine if request.enhancement is Enhancement.FACE} == set(
        chosen[Enhancement.FACE]
    )
    fast = {feature.id for feature in FEATURES if (feature.min_fps or 0) > 2}
    assert {feature.id for request in fine for feature in request.features} <= fast
    if mode is AskingMode.GROUPED:
        seen = [request for request in plan if request.enhancement in SEEN]
        usual = [request for request in plain if request.enhancement in SEEN]
        pictures, before = (
            sum(one.segment.span.duration * one.fps for one in rows) for rows in (seen, usual)
        )
        assert pictures <= 3 * before + 1e-6
