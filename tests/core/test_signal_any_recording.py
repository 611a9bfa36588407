"""The signal reader on recordings of any length, rate and visibility: 20 answers, no fault, no row lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.enhance.pose_track import Joint, PoseTrack
from app.core.program_log import LogFormatter
from app.core.readers.signal.measures.measures import Measures, measure
from app.core.readers.signal.reader import signal_reading
from app.core.readers.signal.rules import table
from app.core.readers.signal.rules.table import RULES
from app.core.reading import RecordingIdentity
from app.core.semiology import FEATURES, Answer, Presence
from tests.core.patients_of_numbers import CLONIC, FIGURE4, ORDINARY, calm, track

Sound = npt.NDArray[np.float32]


@st.composite
def recordings(draw: st.DrawFn) -> tuple[float, PoseTrack, Sound | None]:
    """A moving or calm person for 0–12 s at 2–60 frames a second, with some joints hidden, out of the
    picture or lost for a while, with or without face and sound."""
    seconds = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0, 1.7, 2.5, 3.0, 3.9, 6.4, 12.0]) | st.floats(0, 12))
    fps = draw(st.sampled_from([2.0, 5.0, 10.0, 24.0, 60.0]) | st.floats(2, 60))
    patient = draw(st.sampled_from([calm(), FIGURE4, CLONIC, ORDINARY]))
    made = track(replace(patient, seconds=max(seconds, 1.0), fps=fps, has_face=draw(st.booleans())))
    rows = min(len(made.times), round(seconds * fps))
    arrays = {
        name: value[:rows] if len(value) == len(made.times) and name != "size" else value
        for name, value in made.arrays().items()
    }
    hidden = draw(st.lists(st.sampled_from(list(Joint)), max_size=33))
    arrays["joints"][:, hidden, 2] = 0.1
    outside = draw(st.lists(st.sampled_from(list(Joint)), max_size=12))
    arrays["joints"][:, outside, 1] = 5000.0
    if rows and draw(st.booleans()):
        lost = draw(st.integers(0, rows - 1))
        arrays["joints"][lost:], arrays["face"][lost:] = np.nan, np.nan
    if rows:
        _film_badly(draw, arrays)
    return seconds, PoseTrack.load(arrays), draw(st.sampled_from(_sounds(seconds)))


def _film_badly(draw: st.DrawFn, arrays: dict[str, npt.NDArray[Any]]) -> None:
    """Frames at uneven times, of somebody else, of nobody, in the dark, of people whom nobody counted."""
    rows = len(arrays["times"])
    part = slice(draw(st.integers(0, rows)), draw(st.integers(0, rows)))
    arrays["times"][part] += draw(st.sampled_from([0.0, 0.0, 0.4, 5.0]))
    arrays["times"].sort()
    arrays["doubt"][part] = draw(st.sampled_from([0, 0, 1, 2, 3]))
    arrays["people"][part] = draw(st.sampled_from([-1, 0, 1, 3]))
    arrays["brightness"][part] = draw(st.sampled_from([np.nan, 0.0, 10.0, 120.0]))


def _sounds(seconds: float) -> list[Sound | None]:
    n = round(seconds * 16_000)
    noise = np.random.default_rng(4).normal(0, 0.1, n).astype(np.float32)
    tone = (0.2 * np.sin(2 * np.pi * 150 * np.arange(n) / 16_000)).astype(np.float32)
    return [None, np.zeros(n, np.float32), noise, tone]


@settings(max_examples=60)
@given(recordings())
def test_every_rule_answers_any_recording(made: tuple[float, PoseTrack, Sound | None]) -> None:
    seconds, found, sound = made
    measures = measure(found, sound)
    for feature in FEATURES:
        answer = RULES[feature.id](measures)
        assert answer.feature == feature.id
        assert answer.explanation
    told = {f.id: RULES[f.id](measures).presence for f in FEATURES if f.min_fps is not None}
    if seconds < 3:
        assert set(told.values()) == {Presence.NOT_ASSESSABLE}
    reading = signal_reading(RecordingIdentity("x.mp4", "0" * 64, seconds), found, sound)
    seen = {feature: reading.answer(feature) for feature in told}
    assert all(told[feature] in (Presence.NOT_ASSESSABLE, one.presence) for feature, one in seen.items())
    if seconds < 3:
        assert Presence.YES not in {one.presence for one in seen.values()}, "a brief look only excludes"
    if seconds < 1:
        assert {one.presence for one in seen.values()} == {Presence.NOT_ASSESSABLE}
    assert not any("fault" in one.explanation for one in seen.values())


@settings(max_examples=60)
@given(recordings())
def test_measures_are_as_long_as_the_picture(made: tuple[float, PoseTrack, Sound | None]) -> None:
    _, found, sound = made
    measures = measure(found, sound)
    if measures.grid is None:
        return
    rows = len(measures.grid.times)
    lengths = {len(limb.angle) for limb in measures.limbs} | {len(limb.hiding) for limb in measures.limbs}
    if measures.eyes is not None:
        lengths |= {len(measures.eyes.aperture), len(measures.eyes.clear)}
    if measures.mouth is not None:
        lengths |= {len(measures.mouth.opening), len(measures.mouth.articulation)}
    if measures.head is not None:
        lengths |= {len(measures.head.yaw), len(measures.head.pitch)}
    assert lengths <= {rows}
    span = float(found.times[-1] - found.times[0])
    assert abs(rows - 1 - span * measures.grid.rate) <= 1


def test_a_fault_in_one_rule_costs_one_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(_: Measures) -> Answer:
        raise ZeroDivisionError

    monkeypatch.setitem(table.RULES, "clonic", faulty)
    reading = signal_reading(RecordingIdentity("x.mp4", "0" * 64, 30.0), track(calm()), None)
    assert reading.answer("clonic").presence is Presence.NOT_ASSESSABLE
    assert "fault" in reading.answer("clonic").explanation
    assert any("the rule for clonic failed" in LogFormatter().format(one) for one in caplog.records)
    assert reading.answer("arm_flexion").presence is Presence.NO
