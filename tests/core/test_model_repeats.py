"""One answer from several to the same question: which was given how often."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.readers.models.merging import SegmentAnswer, merge
from app.core.readers.models.repeats import combine_repeats
from app.core.readers.models.segments import segments
from app.core.semiology import Answer, ConfidenceKind, Laterality, Presence, Span

YES, NO, UNSEEN = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE


def answers(*presences: Presence | None) -> list[Answer]:
    return [Answer("clonic", presence, 90 if presence else None) for presence in presences]


def test_the_confidence_is_the_share_of_repeats_and_not_what_was_stated() -> None:
    found = combine_repeats(answers(YES, YES, NO, YES))
    assert (found.presence, found.confidence, found.confidence_kind) == (YES, 75, ConfidenceKind.REPEATS)
    assert found.explanation.startswith("Yes in 3 of 4 repeats.")


def test_one_answer_stays_as_it_is() -> None:
    (one,) = answers(YES)
    assert combine_repeats([one]) is one
    with pytest.raises(ValueError, match="no answers"):
        combine_repeats([])


def test_a_yes_that_is_in_doubt_stands_before_a_no() -> None:
    found = combine_repeats(answers(NO, YES))
    assert (found.presence, found.confidence) == (YES, 50)


def test_repeats_without_an_answer_do_not_count_and_are_said() -> None:
    found = combine_repeats(answers(NO, None, NO))
    assert (found.presence, found.confidence) == (NO, 100)
    assert "1 had no answer" in found.explanation
    assert combine_repeats(answers(YES, None)).presence is None


def test_evidence_is_what_half_of_the_agreeing_repeats_name() -> None:
    spans = [(Span(1, 4),), (Span(2, 5),), (Span(3, 4), Span(9, 10))]
    repeats = [Answer("clonic", YES, evidence=one) for one in spans]
    assert combine_repeats(repeats).evidence == (Span(2, 4),)


def test_the_side_is_the_most_frequent_one() -> None:
    sides = (Laterality.LEFT, Laterality.RIGHT, Laterality.RIGHT)
    found = combine_repeats([Answer("clonic", YES, laterality=side, explanation=side) for side in sides])
    assert found.laterality is Laterality.RIGHT
    assert found.explanation.endswith("right")


@given(st.lists(st.sampled_from([None, *Presence]), min_size=2, max_size=9))
def test_no_presence_is_more_frequent_than_the_one_that_stands(presences: Sequence[Presence | None]) -> None:
    found = combine_repeats(answers(*presences))
    decided = [presence for presence in presences if presence]
    if 2 * len(decided) <= len(presences):
        assert found.presence is None
        return
    assert found.presence is not None
    assert decided.count(found.presence) == max(decided.count(one) for one in Presence)
    assert found.confidence == round(100 * decided.count(found.presence) / len(decided))


@given(st.lists(st.lists(st.floats(0, 50), max_size=4), min_size=1, max_size=5))
def test_evidence_holds_just_the_moments_that_half_of_them_name(starts: list[list[float]]) -> None:
    spans = [tuple(Span(start, start + 3) for start in row) for row in starts]
    found = combine_repeats([Answer("clonic", YES, evidence=one) for one in [*spans, ()]]).evidence
    for moment in [0.125 + step / 2 for step in range(100)]:
        named = sum(any(span.start < moment < span.end for span in one) for one in spans)
        if all(abs(moment - edge) > 1e-9 for one in spans for span in one for edge in (span.start, span.end)):
            inside = any(span.start < moment < span.end for span in found)
            assert inside == (2 * named >= len(spans) + 1)


def test_each_repeat_is_merged_over_its_segments_before_they_are_compared() -> None:
    first, second = segments(50.0)
    said = [
        SegmentAnswer(first, "clonic", Answer("clonic", YES), repeat=1),
        SegmentAnswer(second, "clonic", Answer("clonic", NO), repeat=1),
        SegmentAnswer(first, "clonic", Answer("clonic", NO), repeat=2),
        SegmentAnswer(second, "clonic", Answer("clonic", YES), repeat=2),
        SegmentAnswer(first, "clonic", Answer("clonic", NO), repeat=3),
        SegmentAnswer(second, "clonic", Answer("clonic", NO), repeat=3),
    ]
    found = merge("clonic", said)
    assert (found.presence, found.confidence) == (YES, 67)
