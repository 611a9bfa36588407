"""Segments, and from their answers to one for the recording."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.enhancement import Enhancement, enhancement_of, features_of
from app.core.errors import UserError
from app.core.readers.models.merging import SegmentAnswer, merge
from app.core.readers.models.prompts import PROMPT_SETS, prompt, prompts_from_json, prompts_to_json
from app.core.readers.models.segments import Segment, segments
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span

YES, NO, UNSEEN = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE


@given(st.floats(0.01, 20_000))
def test_segments_cover_the_recording_with_their_overlap(duration: float) -> None:
    pieces = segments(duration)
    assert pieces[0].span.start == 0
    assert pieces[-1].span.end == duration
    assert [piece.number for piece in pieces] == list(range(len(pieces)))
    for before, after in itertools.pairwise(pieces):
        assert before.span.duration == pytest.approx(30)
        assert before.span.end - after.span.start == pytest.approx(5)


def test_two_minutes_are_five_segments_and_nothing_is_none() -> None:
    assert len(segments(120.0)) == 5
    assert segments(0.0) == ()
    with pytest.raises(ValueError, match="overlap"):
        segments(10.0, length=5.0, overlap=5.0)


def test_every_feature_is_asked_about_once() -> None:
    asked = [feature for enhancement in Enhancement for feature in features_of(enhancement)]
    assert sorted(feature.id for feature in asked) == sorted(feature.id for feature in FEATURES)
    assert [len(features_of(enhancement)) for enhancement in Enhancement] == [11, 7, 2]
    assert all(feature in features_of(enhancement_of(feature)) for feature in FEATURES)


def said(feature: str, *presences: Presence | None) -> list[SegmentAnswer]:
    pieces = segments(len(presences) * 25.0)
    assert len(pieces) == len(presences)
    return [
        SegmentAnswer(
            piece,
            feature,
            None
            if presence is None
            else Answer(feature, presence, 50 + piece.number, (piece.span,) if presence is YES else ()),
            "" if presence else "the server was busy",
        )
        for piece, presence in zip(pieces, presences, strict=True)
    ]


@pytest.mark.parametrize(
    ("presences", "merged"),
    [
        ((NO, YES, NO), YES),
        ((None, YES), YES),
        ((NO, NO), NO),
        ((NO, UNSEEN), NO),
        ((UNSEEN, UNSEEN), UNSEEN),
        ((NO, None), None),
        ((UNSEEN, None), None),
        ((None,), None),
    ],
)
def test_merging(presences: tuple[Presence | None, ...], merged: Presence | None) -> None:
    answer = merge("clonic", said("clonic", *presences))
    assert answer.presence is merged
    if None in presences and merged is None:
        assert "the server was busy" in answer.explanation


def test_a_yes_is_as_sure_as_its_surest_part_and_a_no_as_its_least_sure() -> None:
    assert merge("clonic", said("clonic", YES, NO, YES)).confidence == 52
    assert merge("clonic", said("clonic", NO, NO, NO)).confidence == 50
    assert merge("clonic", said("clonic", UNSEEN, NO, NO)).confidence == 51
    unsure = [replace(row, answer=Answer("clonic", NO)) for row in said("clonic", NO, NO)]
    assert merge("clonic", unsure).confidence is None


@given(st.lists(st.sampled_from([YES, NO, UNSEEN, None]), min_size=1, max_size=6))
def test_a_failure_or_an_unseen_feature_is_never_a_no(presences: list[Presence | None]) -> None:
    merged = merge("clonic", said("clonic", *presences)).presence
    assert (merged is YES) == (YES in presences)
    if merged is NO:
        assert None not in presences
        assert NO in presences


def test_sleep_is_the_first_segments_answer() -> None:
    assert merge("occur_during_sleep", said("occur_during_sleep", NO, YES)).presence is NO
    assert merge("occur_during_sleep", said("occur_during_sleep", None, YES)).presence is None


def test_spans_are_joined_and_sides_added() -> None:
    first, second = segments(50.0)
    answer = merge(
        "clonic",
        [
            SegmentAnswer(first, "clonic", Answer("clonic", YES, 60, (Span(20, 29),), Laterality.LEFT, "a")),
            SegmentAnswer(
                second, "clonic", Answer("clonic", YES, 90, (Span(26, 34),), Laterality.RIGHT, "b")
            ),
        ],
    )
    assert answer.evidence == (Span(20, 34),)
    assert answer.laterality is Laterality.BOTH
    assert answer.confidence == 90
    assert answer.explanation.splitlines() == ["[0:25–0:50] b", "[0:00–0:30] a"]


def test_prompts_ask_for_each_feature_and_are_known_by_their_words() -> None:
    assert len({prompts.hash for prompts in PROMPT_SETS.values()}) == 3
    for prompts in PROMPT_SETS.values():
        assert prompts_from_json(prompts_to_json(prompts)).hash == prompts.hash
        for enhancement in Enhancement:
            text = prompt(prompts, features_of(enhancement), enhancement, Segment(0, Span(0, 12.5)))
            assert "12500 ms" in text
            assert all(f'"{feature.id}"' in text for feature in features_of(enhancement))
    with pytest.raises(UserError):
        prompts_from_json("{}")
