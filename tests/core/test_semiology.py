"""The table of the 20 features, and the arithmetic of spans."""

from __future__ import annotations

import csv
import itertools
import math
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.semiology import (
    FEATURE,
    FEATURES,
    GROUP_NAMES,
    Answer,
    Group,
    Laterality,
    Presence,
    Span,
    in_group,
    joined,
)

_SECONDS = st.floats(0, 1e5, allow_nan=False)
_SPANS = st.lists(st.tuples(_SECONDS, _SECONDS).map(lambda pair: Span(min(pair), max(pair))), max_size=12)


def test_there_are_20_features_with_everything_a_reader_needs() -> None:
    assert len(FEATURES) == len(FEATURE) == 20
    for feature in FEATURES:
        assert feature.name
        assert feature.observable
        assert feature.confusers
        assert (feature.min_fps is None) == (feature.group is Group.SOUND)
        assert feature.min_fps is None or feature.min_fps > 0


def test_a_side_is_of_what_one_side_can_show_alone() -> None:
    without = {feature.id for feature in FEATURES if not feature.has_side}
    assert without == {
        "occur_during_sleep",
        "arms_move_simultaneously",
        "asynchronous_movement",
        "pelvic_thrusting",
        "full_body_shaking",
        "blank_stare",
        "close_eyes",
        "oral_automatisms",
        "verbal_responsiveness",
        "ictal_vocalization",
    }
    assert all(FEATURE[name].lateralising_note != "none" for name in FEATURE.keys() - without)


def test_the_groups_share_the_features_out_in_the_order_of_the_checklist() -> None:
    assert [len(in_group(group)) for group in (Group.BODY, Group.FACE, Group.SOUND)] == [11, 7, 2]
    assert [feature for group in GROUP_NAMES for feature in in_group(group)] == list(FEATURES)


def test_every_feature_has_published_scores() -> None:
    text = resources.files("app.core").joinpath("published_f1.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    named = {value for row in rows for value in row.values()}
    assert set(FEATURE) <= named


@pytest.mark.parametrize(
    ("start", "end"), [(-0.1, 1), (2, 1), (math.nan, 1), (0, math.nan), (0, math.inf), (-math.inf, 0)]
)
def test_what_is_not_a_span_is_refused(start: float, end: float) -> None:
    with pytest.raises(ValueError, match="not a span"):
        Span(start, end)


def test_a_point_is_a_span() -> None:
    point = Span(3.0, 3.0)
    assert point.duration == 0
    assert point.contains(3.0)
    assert point.overlaps(Span(3.0, 4.0))


@given(_SPANS, st.tuples(_SECONDS, _SECONDS).map(lambda pair: Span(min(pair), max(pair))))
def test_overlap_is_sharing_a_moment(spans: list[Span], other: Span) -> None:
    for span in spans:
        shares = max(span.start, other.start) <= min(span.end, other.end)
        assert span.overlaps(other) == other.overlaps(span) == shares


@given(_SPANS, st.floats(0, 100))
def test_joined_spans_are_ordered_and_further_apart_than_the_gap(spans: list[Span], gap: float) -> None:
    result = joined(tuple(spans), gap)
    for before, after in itertools.pairwise(result):
        assert after.start - before.end > gap


@given(_SPANS, _SECONDS, st.floats(0, 100))
def test_joining_loses_no_moment_and_adds_none_but_gaps(spans: list[Span], moment: float, gap: float) -> None:
    covered = any(span.contains(moment) for span in spans)
    assert any(span.contains(moment) for span in joined(tuple(spans))) == covered
    if covered:
        assert any(span.contains(moment) for span in joined(tuple(spans), gap))


@given(_SPANS, st.floats(0, 100))
def test_joining_twice_is_joining_once_and_order_does_not_matter(spans: list[Span], gap: float) -> None:
    once = joined(tuple(spans), gap)
    assert joined(once, gap) == once
    assert joined(tuple(reversed(spans)), gap) == once


def test_an_answer_refuses_what_cannot_be_one() -> None:
    with pytest.raises(ValueError, match="unknown feature"):
        Answer("sneezing")
    for confidence in (-1, 101):
        with pytest.raises(ValueError, match="confidence"):
            Answer("tonic", Presence.YES, confidence)
    with pytest.raises(ValueError, match="surrogates"):
        Answer("tonic", explanation="\ud800")


def test_evidence_is_put_in_order() -> None:
    answer = Answer("tonic", Presence.YES, evidence=(Span(5, 6), Span(1, 9), Span(1, 2)))
    assert answer.evidence == (Span(1, 2), Span(1, 9), Span(5, 6))


def test_unanswered_is_not_no() -> None:
    empty = Answer("tonic")
    assert empty.presence is None
    assert empty != Answer("tonic", Presence.NO)
    assert {side.value for side in Laterality} == {"left", "right", "both"}
