"""Segments, and from their answers to one for the recording."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.enhancement import Enhancement, enhancement_of, features_of
from app.core.errors import UserError
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.distinct_segments import count_distinct
from app.core.readers.models.merge_rule import MergeRule, merge_rule
from app.core.readers.models.merging import SegmentAnswer, merge
from app.core.readers.models.prompts import PROMPT_SETS, prompt, prompts_from_json, prompts_to_json
from app.core.readers.models.request_plan import Part, requests
from app.core.readers.models.segments import Segment, segments, windows
from app.core.semiology import FEATURES, Answer, ConfidenceKind, Laterality, Presence, SideFrom, Span

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


def test_a_part_that_lies_in_a_gap_has_no_segments() -> None:
    recorded = (Span(0.0, 50.0), Span(400.0, 450.0))
    assert segments(450.0, stretches=recorded, within=Span(100.0, 300.0)) == ()
    assert requests(450.0, part=Part(450.0, Span(100.0, 300.0), stretches=recorded)) == ()
    assert [one.span for one in segments(450.0, stretches=recorded, within=Span(100.0, 410.0))] == [
        Span(375.0, 405.0),
        Span(400.0, 410.0),
    ]


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


def seen(start: float, end: float, side: Laterality | None, confidence: int = 60, text: str = "") -> Answer:
    return Answer("clonic", YES, confidence, (Span(start, end),), side, text)


def test_spans_are_joined_and_sides_follow_each_other() -> None:
    first, second = segments(50.0)
    answer = merge(
        "clonic",
        [
            SegmentAnswer(first, "clonic", seen(20, 29, Laterality.LEFT, 60, "a")),
            SegmentAnswer(second, "clonic", seen(26, 34, Laterality.RIGHT, 90, "b")),
        ],
    )
    assert answer.evidence == (Span(20, 34),)
    assert answer.sides == (SideFrom(20, Laterality.LEFT), SideFrom(26, Laterality.RIGHT))
    assert answer.laterality is Laterality.LEFT
    assert answer.confidence == 90
    assert answer.explanation.splitlines() == ["[0:25–0:50] b", "[0:00–0:30] a"]


def test_a_side_that_stays_is_no_sequence_and_both_is_what_is_on_both_at_once() -> None:
    first, second = segments(50.0)
    stays = [SegmentAnswer(one, "clonic", seen(26, 29, Laterality.LEFT)) for one in (first, second)]
    assert (merge("clonic", stays).laterality, merge("clonic", stays).sides) == (Laterality.LEFT, ())
    at_once = [
        SegmentAnswer(first, "clonic", seen(26, 29, Laterality.LEFT)),
        SegmentAnswer(second, "clonic", seen(26, 29, Laterality.RIGHT)),
    ]
    assert (merge("clonic", at_once).laterality, merge("clonic", at_once).sides) == (Laterality.BOTH, ())


SIDED = st.lists(
    st.tuples(st.integers(0, 60), st.none() | st.sampled_from(Laterality)), min_size=1, max_size=8
)


@given(SIDED)
def test_sides_are_changes_in_order_of_time(sided: list[tuple[int, Laterality | None]]) -> None:
    rows = [
        SegmentAnswer(Segment(number, Span(0, 70)), "clonic", seen(start, start + 1, side))
        for number, (start, side) in enumerate(sided)
    ]
    answer = merge("clonic", rows)
    named = [(start, side) for start, side in sided if side]
    assert (answer.laterality is None) == (not named)
    for change in answer.sides:
        assert any(start == change.seconds for start, _side in named)
    if len({side for _start, side in named}) == 1:
        assert answer.sides == ()


@pytest.mark.parametrize(
    ("rule", "presences", "expected"),
    [
        ("any", (YES, NO, NO), YES),
        ("2 segments", (YES, NO, NO), NO),
        ("2 segments", (YES, YES, NO), YES),
        ("2 segments", (YES, None, NO), None),
        ("2 segments", (YES, UNSEEN, UNSEEN), NO),
        ("2 segments", (UNSEEN, UNSEEN, UNSEEN), UNSEEN),
        ("50% of segments", (YES, NO, UNSEEN), YES),
        ("50% of segments", (YES, NO, NO), NO),
        ("confidence 51", (NO, YES, NO), YES),
        ("confidence 52", (NO, YES, NO), NO),
    ],
)
def test_a_rule_says_when_segments_are_a_yes(
    rule: str, presences: tuple[Presence | None, ...], expected: Presence | None
) -> None:
    answer = merge("clonic", said("clonic", *presences), merge_rule(rule))
    assert answer.presence is expected
    if expected is NO:
        assert answer.evidence == ()
        assert f"not a yes by the rule “{rule}”" in answer.explanation


def passes(*said: tuple[float, float, bool, Presence]) -> list[SegmentAnswer]:
    """Answers by (start, end, whether it is a window, presence)."""
    pieces = [(Segment(at, Span(one[0], one[1]), window=one[2]), one[3]) for at, one in enumerate(said)]
    return [SegmentAnswer(piece, "clonic", Answer("clonic", presence)) for piece, presence in pieces]


@pytest.mark.parametrize(
    ("rule", "said", "expected"),
    [
        ("2 segments", ((0, 30, False, YES), (12, 16, True, YES), (25, 55, False, NO)), NO),
        ("2 segments", ((0, 30, False, NO), (12, 16, True, YES), (18, 22, True, YES)), NO),
        ("2 segments", ((0, 30, False, YES), (40, 44, True, YES), (25, 55, False, NO)), YES),
        ("2 segments", ((0, 30, False, NO), (25.5, 29.5, True, YES), (25, 55, False, YES)), NO),
        ("2 segments", ((12, 16, True, YES), (18, 22, True, YES)), YES),
        ("60% of segments", ((0, 30, False, YES), (12, 16, True, YES), (25, 55, False, NO)), NO),
        ("50% of segments", ((0, 30, False, YES), (12, 16, True, NO), (25, 55, False, NO)), YES),
    ],
)  # fmt: skip
def test_a_window_supports_the_segment_that_it_lies_in(
    rule: str, said: tuple[tuple[float, float, bool, Presence], ...], expected: Presence
) -> None:
    answer = merge("clonic", passes(*said), merge_rule(rule))
    assert answer.presence is expected
    if expected is NO and rule == "2 segments":
        assert answer.explanation.startswith("Yes in 1 of the segments (")


@given(st.floats(1.0, 100.0), st.data())
def test_windows_never_count_as_more_than_the_segments_they_lie_in(
    duration: float, data: st.DataObject
) -> None:
    asked = [*segments(duration), *windows(duration, 4.0)]
    said = data.draw(st.sets(st.sampled_from(asked)))
    counted = count_distinct(said, asked)
    plain = [one for one in asked if not one.window]
    heard = {one for one in said if not one.window}
    around = [
        {
            p
            for p in plain
            if min(p.span.end, w.span.end) - max(p.span.start, w.span.start) >= w.span.duration / 2
        }
        for w in said - heard
    ]
    assert len(heard) <= counted <= len(plain)
    # By trying every choice of segments, which is what the count promises to be the fewest of.
    choices = (heard | {*more} for n in range(len(plain) + 1) for more in itertools.combinations(plain, n))
    assert counted == min(len(one) for one in choices if all(one & places for places in around))
    more = data.draw(st.sampled_from(asked))
    assert count_distinct(said | {more}, asked) >= counted, "one more that says so takes nothing away"


@given(st.floats(1.0, 200.0), st.data())
def test_without_windows_every_segment_counts(duration: float, data: st.DataObject) -> None:
    asked = segments(duration)
    said = data.draw(st.sets(st.sampled_from(asked)))
    assert count_distinct(said, asked) == len(said)


def test_sleep_is_the_first_segments_answer_by_any_rule() -> None:
    answers = said("occur_during_sleep", YES, NO, NO)
    assert merge("occur_during_sleep", answers, merge_rule("2 segments")).presence is YES


@given(st.integers(2, 50) | st.none(), st.integers(1, 100) | st.none(), st.integers(1, 100))
def test_a_rule_is_found_by_its_name(count: int | None, part: int | None, sure: int) -> None:
    rule = MergeRule(count) if count else MergeRule(part=part / 100) if part else MergeRule(confidence=sure)
    assert merge_rule(rule.name) == rule


@pytest.mark.parametrize(
    "name", ["", "1 segments", "0% of segments", "101% of segments", "confidence 0", "all"]
)
def test_what_is_no_rule_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="not a rule"):
        merge_rule(name)


def test_the_kind_of_confidence_is_that_of_most_segments() -> None:
    rows = [
        SegmentAnswer(
            Segment(number, Span(25 * number, 25 * number + 30)),
            "clonic",
            Answer("clonic", YES, confidence, confidence_kind=kind),
        )
        for number, (confidence, kind) in enumerate(
            [(99, ConfidenceKind.STATED), (70, ConfidenceKind.TOKENS), (80, ConfidenceKind.TOKENS)]
        )
    ]
    merged = merge("clonic", rows)
    assert (merged.confidence, merged.confidence_kind) == (80, ConfidenceKind.TOKENS)


def test_prompts_ask_for_each_feature_and_are_known_by_their_words() -> None:
    assert len({prompts.hash for prompts in PROMPT_SETS.values()}) == 4
    for name in ("expert", "plain", "ilae"):
        prompts = PROMPT_SETS[name]
        assert prompts_from_json(prompts_to_json(prompts)).hash == prompts.hash
        for enhancement in Enhancement:
            text = prompt(prompts, features_of(enhancement), enhancement, Segment(0, Span(0, 12.5)))
            assert "This clip ends at 12.5 seconds" in text
            assert all(f'"{feature.id}"' in text for feature in features_of(enhancement))
            schema = json.loads(text.splitlines()[-1].partition("JSON Schema: ")[2])
            assert schema == response_schema(features_of(enhancement))
            order = list(schema["properties"]["answers"]["items"]["properties"])
            assert order.index("explanation") < order.index("presence")
    with pytest.raises(UserError):
        prompts_from_json("{}")
