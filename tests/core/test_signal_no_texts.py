"""A *no* says what was measured and what would have counted, and the measured is on the side of *no*."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from app.core.enhance.pose_track import PoseTrack
from app.core.readers.signal.reader import signal_reading
from app.core.readers.signal.rules.brief import BRIEF_LOOKS
from app.core.readers.signal.thresholds import limit
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import FEATURES, Presence
from tests.core.no_text_patients import random_patient
from tests.core.ordinary_people import ordinary_person
from tests.core.patients_of_numbers import calm, heard_reading, held, track
from tests.core.test_signal_voice import Sound, scripted

SEEDS, PEOPLE = range(12), range(702, 704)
UNIT = r"(?:s|%|°|°/s|Hz|shoulder widths|blinks?|times|dB|cycles|syllables)"
NUMBER = re.compile(rf"\d+(?:\.\d+)? ?{UNIT}(?![a-z])")
DISTANCE = re.compile(
    rf"(-?\d+(?:\.\d+)?) ?(?:{UNIT})? ?"
    r"(?:too (?:short|little|slow|far|fast|few)|more\)|less than|fewer than)"
)
SHORT = r"longest (?:difference |lasted )*# s, # s too short"

_Sum = Callable[[float, float], bool]


def adds_up_to(name: str, allowed: float = 0.06) -> _Sum:
    """Whether what was measured and what is missing are together the threshold of this name."""
    return lambda measured, missing: abs(measured + missing - limit(name)) <= allowed


def below(measured: float, threshold: float) -> bool:
    return measured <= threshold


SUMS: tuple[tuple[str, str, _Sum], ...] = (
    ("arm_flexion", SHORT, adds_up_to("posture_seconds")),
    ("arm_straightening", SHORT, adds_up_to("posture_seconds")),
    ("figure4", SHORT, adds_up_to("figure4_seconds")),
    ("tonic", SHORT, adds_up_to("tonic_seconds")),
    ("limb_automatisms", SHORT, adds_up_to("automatism_seconds")),
    ("asynchronous_movement", SHORT, adds_up_to("shaking_seconds")),
    ("full_body_shaking", SHORT, adds_up_to("shaking_seconds")),
    (
        "pelvic_thrusting",
        r"# shoulder widths(?: at most)?, # (?:less|too)",
        adds_up_to("pelvic_amplitude", 0.002),
    ),
    ("blank_stare", r"for # s at most, # s too short", adds_up_to("stare_seconds")),
    ("close_eyes", SHORT, adds_up_to("closed_seconds")),
    ("close_eyes", r"closed for # % of it, # % less", lambda shut, left: abs(shut + left - 25) <= 1),
    ("face_pulling", SHORT, adds_up_to("pull_seconds")),
    ("head_turning", r"turned by #° at most, #° too little", adds_up_to("head_turn_angle", 1.0)),
    ("head_turning", r"turned by #° at most, #° less", adds_up_to("head_turn_edge", 0.11)),
    ("head_turning", r"at #°/s, #°/s too fast", lambda speed, over: abs(speed - over - 90) <= 1),
    ("oral_automatisms", SHORT, adds_up_to("chewing_seconds")),
    ("ictal_vocalization", SHORT, adds_up_to("vocal_seconds")),
    (
        "clonic",
        r"# shoulder widths at most, # too little",
        adds_up_to("rhythm_amplitude", 0.002),
    ),
    ("clonic", r"# shoulder widths, less than #", below),
    ("clonic", r"# shoulder widths/s, slower than #", below),
    ("clonic", r"regularity of #, less than #", below),
    ("clonic", r"(?:skewness|share) of #(?: at one)?, # needed", below),
    (
        "arms_move_simultaneously",
        r"were # s apart, # s too far",
        lambda apart, over: abs(apart - over - 0.5) <= 0.02,
    ),
    (
        "arms_move_simultaneously",
        r"at # shoulder widths/s at most, # too slow",
        adds_up_to("onset_speed", 0.02),
    ),
    ("eye_blinking", r"were # blinks?, # fewer", lambda blinks, fewer: blinks + fewer == 3),
)
"""Of features: where a measured number and what is said of the threshold stand (#), and how the two belong
together."""


def pairs_in(pattern: str, text: str) -> list[tuple[float, float]]:
    """The numbers at # in every place that the pattern fits."""
    places = re.finditer(pattern.replace("#", r"(-?\d+(?:\.\d+)?)"), text)
    return [(float(one[1]), float(one[2])) for one in places]


@cache
def said_no() -> tuple[tuple[str, str], ...]:
    """The features and explanations of every *no*."""
    return tuple(_said_no())


def _said_no() -> Iterator[tuple[str, str]]:
    readings = [heard_reading(random_patient(seed)) for seed in SEEDS]
    once = calm(seconds=2.5, bend={"left": held(38, 110, 0.4, 1.8)})
    readings += [heard_reading(calm(seconds=2.5)), heard_reading(once)]
    for seed in PEOPLE:
        made = ordinary_person(seed)
        readings.append(_read(made.track, made.sound))
    asked = scripted(("question", 2.0, 3.5, ""), ("question", 8.0, 9.5, ""))
    readings.append(_read(track(calm(seconds=14.0)), asked))
    for reading in readings:
        for answer in reading.answers.values():
            if answer.presence is Presence.NO:
                yield answer.feature, answer.explanation


def _read(found: PoseTrack, sound: Sound | None) -> Reading:
    return signal_reading(RecordingIdentity("o.mp4", "0" * 64, float(found.times[-1])), found, sound)


def test_every_feature_is_denied_somewhere_also_after_a_brief_look() -> None:
    assert {feature for feature, _ in said_no()} == {one.id for one in FEATURES}
    brief = {feature for feature, text in said_no() if text.startswith("Seen for")}
    assert brief == set(BRIEF_LOOKS)


def test_every_no_has_a_number_with_its_unit_apart_from_how_long_it_looked() -> None:
    bare = [
        f"{feature}: {text}"
        for feature, text in said_no()
        if not NUMBER.search(re.sub(r"^Seen for [\d.]+ s only: ", "", text))
    ]
    assert bare == []


def test_nothing_is_missed_by_less_than_nothing() -> None:
    wrong = [
        f"{feature}: {text}"
        for feature, text in said_no()
        if any(float(found[1]) < 0 for found in DISTANCE.finditer(text)) or "nan" in text
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("feature", "pattern", "fits"), SUMS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_what_was_measured_is_on_the_side_of_no(feature: str, pattern: str, fits: _Sum) -> None:
    texts = [text for name, text in said_no() if name == feature]
    assert [text for text in texts if not all(fits(*pair) for pair in pairs_in(pattern, text))] == []


def test_most_forms_of_explanation_were_compared() -> None:
    texts = said_no()
    seen = [
        any(name == feature and pairs_in(pattern, text) for name, text in texts)
        for feature, pattern, _ in SUMS
    ]
    unseen = [row for row, is_seen in zip(SUMS, seen, strict=True) if not is_seen]
    assert len(unseen) <= 5, unseen
