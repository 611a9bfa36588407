"""The phantom's scripts and their truth."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.phantom.demonstration import demo_script
from app.core.phantom.event_kinds import LOOKALIKES
from app.core.phantom.motion import MOTIONS
from app.core.phantom.ordinary_course import ordinary_script
from app.core.phantom.random_course import random_script
from app.core.phantom.script import Event
from app.core.phantom.sound import SOUND_MAKERS
from app.core.phantom.time_functions import envelope
from app.core.phantom.timetable import Timetable
from app.core.phantom.truth import lookalikes, shown_features, truth, truth_dict
from app.core.reading import ReaderKind, from_json
from app.core.semiology import FEATURES, Laterality, Presence, Span

SEEDS = range(40)
RHYTHMIC = (
    "clonic",
    "eye_blinking",
    "oral_automatisms",
    "face_twitching",
    "pelvic_thrusting",
    "limb_automatisms",
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([20.0, 45.0, 60.0, 90.0]), st.booleans())
def test_a_random_course_answers_all_features_with_spans_inside_the_recording(
    seed: int, duration: float, with_lookalikes: bool
) -> None:
    script = random_script(seed, duration, lookalikes=with_lookalikes)
    reading = truth(script)
    assert set(reading.answers) == {feature.id for feature in FEATURES}
    for answer in reading.answers.values():
        assert answer.presence is not None
        assert (answer.presence is Presence.YES) <= bool(answer.evidence)
        for span in answer.evidence:
            assert span.duration > 0
            assert span.end <= duration
    for event in script.events:
        assert event.kind in MOTIONS or event.kind in SOUND_MAKERS
        assert event.span.end <= duration
    assert with_lookalikes or not lookalikes(script)


def test_the_same_seed_gives_the_same_script_and_another_one_differs() -> None:
    assert random_script(5) == random_script(5)
    assert random_script(5) != random_script(6)
    assert ordinary_script(5) == ordinary_script(5)
    assert demo_script() == demo_script()


def test_over_40_seeds_every_feature_is_often_there_and_often_not() -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        counts.update(f for f, a in truth(random_script(seed)).answers.items() if a.presence is Presence.YES)
    for feature in FEATURES:
        assert 0.2 <= counts[feature.id] / len(SEEDS) <= 0.7, feature.id


def test_over_40_seeds_every_lookalike_appears() -> None:
    kinds = {row["kind"] for seed in SEEDS for row in lookalikes(random_script(seed))}
    listed = {LOOKALIKES[kind] for kind in ("talking", "phone", "reaching", "turning", "nurse")}
    conditions = {
        "a blanket over the legs",
        "a dim infrared picture with noise",
        "a mirrored picture",
        "a camera off-axis",
    }
    assert listed | conditions <= kinds


@pytest.mark.parametrize("feature", [feature.id for feature in FEATURES])
def test_a_single_feature_can_be_asked_for(feature: str) -> None:
    reading = truth(random_script(3, 40.0, (feature,), lookalikes=False))
    assert reading.answer(feature).presence is Presence.YES


def test_a_single_rhythm_brings_no_other_feature() -> None:
    for feature in ("limb_automatisms", "eye_blinking", "pelvic_thrusting", "arm_flexion", "head_turning"):
        reading = truth(random_script(9, 40.0, (feature,), lookalikes=False))
        shown = {f for f, a in reading.answers.items() if a.presence is Presence.YES}
        assert shown == {feature}


def test_the_explanation_names_the_rate() -> None:
    for feature in RHYTHMIC:
        script = random_script(4, 40.0, (feature,), lookalikes=False)
        event = script.of_kind(feature)[0]
        assert f"{event.rate:.1f} Hz" in truth(script).answer(feature).explanation


def test_the_events_of_one_arm_never_overlap() -> None:
    for seed in SEEDS:
        taken: dict[Laterality, list[tuple[float, float]]] = {Laterality.LEFT: [], Laterality.RIGHT: []}
        for event in random_script(seed).events:
            if event.kind not in ("tonic", "clonic", "figure4", "arm_flexion", "limb_automatisms", "phone"):
                continue
            both = event.side in (None, Laterality.BOTH) or event.kind == "figure4"
            for side in taken if both else (event.side,):
                assert side is not None
                for start, end in taken[side]:
                    assert event.span.start >= end or event.span.end <= start, seed
                taken[side].append((event.span.start, event.span.end))


@pytest.mark.parametrize("seconds", [0.2, 0.9, 5.0])
def test_a_movement_begins_and_ends_at_rest_and_is_whole_in_its_middle(seconds: float) -> None:
    event = Event("tonic", Span(1.0, 1.0 + seconds))
    course = [envelope(1.0 + seconds * share, event) for share in (-0.5, 0.0, 0.5, 1.0, 1.5)]
    assert course == pytest.approx([0.0, 0.0, 1.0, 0.0, 0.0])


@pytest.mark.parametrize("seed", range(20))
def test_what_takes_one_limb_leaves_a_pause_and_two_arms_never_start_or_stop_together(seed: int) -> None:
    table = Timetable(Span(0.0, 40.0), np.random.default_rng(seed))
    left = [table.find(frozenset({"left arm"}), 3.0) for _ in range(4)]
    right = [table.find(frozenset({"right arm"}), 3.0) for _ in range(2)]
    mine, other = ([span for span in spans if span is not None] for spans in (left, right))
    assert len(mine) >= 3
    assert other
    for one, next_one in itertools.pairwise(sorted(mine)):
        assert next_one.start - one.end >= 0.8 - 1e-9
    for one, another in itertools.product(mine, other):
        moments = itertools.product((one.start, one.end), (another.start, another.end))
        assert min(abs(a - b) for a, b in moments) >= 1.3 - 1e-9


def test_what_does_not_fit_or_exist_is_said_in_a_sentence() -> None:
    with pytest.raises(UserError, match="not one of the 20"):
        random_script(1, features=("levitation",))
    with pytest.raises(UserError, match="exclude one another"):
        random_script(1, features=("close_eyes", "blank_stare"))
    with pytest.raises(UserError, match="do not fit"):
        random_script(1, 12.0, features=("tonic", "figure4", "full_body_shaking", "asynchronous_movement"))


def test_the_demonstration_is_a_focal_to_bilateral_course() -> None:
    reading = truth(demo_script())
    yes = {f for f, a in reading.answers.items() if a.presence is Presence.YES}
    assert {"blank_stare", "oral_automatisms", "head_turning", "figure4", "tonic", "clonic"} <= yes
    assert reading.answer("verbal_responsiveness").presence is Presence.NO
    assert reading.answer("figure4").laterality is Laterality.LEFT
    assert reading.answer("arm_flexion").laterality is Laterality.BOTH or (
        reading.answer("arm_flexion").laterality is Laterality.RIGHT
    )
    assert "slowing to" in reading.answer("clonic").explanation
    onset = [reading.answer(f).evidence[0].start for f in ("blank_stare", "head_turning", "tonic", "clonic")]
    assert onset == sorted(onset)


def test_ordinary_activity_shows_no_feature() -> None:
    for seed in SEEDS:
        script = ordinary_script(seed)
        reading = truth(script)
        assert len(script.events) >= 4
        assert not any(shown_features(event) for event in script.events)
        for feature, answer in reading.answers.items():
            if feature != "verbal_responsiveness":
                assert answer.presence is Presence.NO
        asked = bool(script.of_kind("question"))
        assert reading.answer("verbal_responsiveness").presence is (
            Presence.YES if asked else Presence.NOT_ASSESSABLE
        )


def test_responsiveness_follows_question_and_reply() -> None:
    seen: set[Presence | None] = set()
    for seed in SEEDS:
        script = random_script(seed)
        presence = truth(script).answer("verbal_responsiveness").presence
        expected = (
            Presence.NOT_ASSESSABLE
            if not script.of_kind("question")
            else Presence.YES
            if script.of_kind("reply")
            else Presence.NO
        )
        assert presence is expected
        seen.add(presence)
    assert seen == set(Presence)


def test_the_truth_file_is_a_reading_with_the_lookalikes_beside_it() -> None:
    script = random_script(2)
    data = truth_dict(script, "a.mp4", "ab" * 32)
    reading = from_json(json.dumps(data))
    assert reading.reader.kind is ReaderKind.PHANTOM
    assert reading.recording.sha256 == "ab" * 32
    assert dict(reading.answers) == dict(truth(script).answers)
    assert data["lookalikes"] == lookalikes(script)
