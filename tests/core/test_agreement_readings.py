"""Readers compared over recordings: matching, overlap in time, side, several readers, faithfulness."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.agreement.anchors import ANCHORS
from app.core.agreement.comparison import compare, compare_pairs, compare_together, group_by_reader
from app.core.agreement.faithfulness import (
    AnswerOutcome,
    FeatureScore,
    build_queue,
    summarise_by_feature,
    summarise_scores,
)
from app.core.agreement.figure import Flag
from app.core.agreement.overlap import iou, overlap_figures, side_agreement
from app.core.agreement.reading_pairs import match_readings
from app.core.errors import UserError
from app.core.reader_names import name_readers
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span

YES, NO = Presence.YES, Presence.NO
ANA = ReaderIdentity(ReaderKind.PERSON, "Ana", "1")
BO = ReaderIdentity(ReaderKind.PERSON, "Bo", "1")
MODEL = ReaderIdentity(ReaderKind.MODEL, "model", "1", {"prompt": "a"})
OTHER = ReaderIdentity(ReaderKind.MODEL, "model", "1", {"prompt": "b"})


def reading(number: int, reader: ReaderIdentity, *answers: Answer, sha256: str = "") -> Reading:
    recording = RecordingIdentity(f"{number}.mp4", sha256, 60.0)
    return Reading(recording, reader, {answer.feature: answer for answer in answers})


def yes(*spans: tuple[float, float], side: Laterality | None = None) -> Answer:
    return Answer("clonic", YES, evidence=tuple(Span(*span) for span in spans), laterality=side)


# matching


def test_recordings_are_the_same_by_content_else_by_name() -> None:
    first = [reading(1, ANA, sha256="a"), reading(2, ANA), reading(3, ANA, sha256="c")]
    second = [reading(9, BO, sha256="a"), reading(2, BO, sha256="b"), reading(3, BO, sha256="x")]
    pairs = match_readings(first, second)
    assert [(one.recording.name, other.recording.name) for one, other in pairs] == [
        ("1.mp4", "9.mp4"),
        ("2.mp4", "2.mp4"),
    ]


def test_two_readings_of_one_recording_by_one_reader_are_refused() -> None:
    for first, second in (([1, 1], [1]), ([1], [1, 1])):
        with pytest.raises(UserError, match=r"two readings of “1\.mp4”"):
            match_readings([reading(n, ANA) for n in first], [reading(n, BO) for n in second])


def test_readers_of_one_name_are_told_apart() -> None:
    groups = group_by_reader([reading(1, MODEL), reading(1, OTHER), reading(2, MODEL), reading(1, ANA)])
    counts = {name: len(found) for name, found in groups.items()}
    assert counts == {"model 1 (prompt a)": 2, "model 1 (prompt b)": 1, "Ana": 1}


def test_a_model_is_one_reader_over_recordings_whatever_belongs_to_each() -> None:
    def asked(**details: str) -> ReaderIdentity:
        return ReaderIdentity(ReaderKind.MODEL, "m", "1", {"prompts": "a", **details})

    of_each = [
        asked(patient="box 1", range="60-120"),
        asked(patient="box 2", range="0.5-1.5", view="mirrored"),
        asked(range="5-9", picture="2"),
    ]
    readings = [reading(number, one, yes()) for number, one in enumerate(of_each)]
    whole = reading(0, asked(), yes())
    groups = group_by_reader([*readings, whole])
    assert [len(found) for found in groups.values()] == [3, 1]
    assert {one.reader.exact_key for one in readings} == {one.exact_key for one in of_each}
    twice = group_by_reader([*readings, reading(2, asked(range="20-29"), Answer("clonic", NO))])
    assert [len(found) for found in twice.values()] == [1, 1, 1, 1], "no reading of one recording is left out"
    people = [reading(number, ANA, yes()) for number in range(3)]
    (pair,) = compare_pairs(group_by_reader([*people, *readings])).values()
    assert pair.recordings == 3
    together = [[one, other, third] for one, other, third in zip(people, readings, readings, strict=True)]
    found = compare_together(together, group_by_reader([*people, *readings]))
    assert found["clonic"].alpha.n == 3


def _signal(version: str, **details: str) -> ReaderIdentity:
    return ReaderIdentity(ReaderKind.SIGNAL, "signal", version, {"caution": "none", **details})


def test_a_reader_compared_with_itself_shows_versions_and_settings() -> None:
    """Two versions of the signal reader on one recording, and one of them on another picture."""
    former, now, other = _signal("1.1"), _signal("1.2"), _signal("1.2", picture_track="2")
    (pair,) = compare_pairs(group_by_reader([reading(1, former, yes((0, 1))), reading(1, now, yes((0, 1)))]))
    assert pair == ("signal 1.1", "signal 1.2")
    names = list(group_by_reader([reading(1, one) for one in (former, now, other)]))
    assert names == ["signal 1.1", "signal 1.2", "signal 1.2 (picture track 2)"]


@given(
    st.lists(
        st.builds(
            ReaderIdentity,
            st.sampled_from([ReaderKind.SIGNAL, ReaderKind.MODEL]),
            st.sampled_from(["", "m", "m 1", "m 1 (2)"]),
            st.sampled_from(["", "1", "1 (2)"]),
            st.dictionaries(st.sampled_from(["run", "seed"]), st.sampled_from(["", "1", "x" * 30, "x" * 31])),
        )
    )
)
def test_no_two_readers_are_called_the_same(readers: list[ReaderIdentity]) -> None:
    names = name_readers(readers)
    assert len(set(names.values())) == len(names) == len({reader.exact_key for reader in readers})


# overlap


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([(0, 10)], [(5, 15)], 1 / 3),
        ([(0, 10)], [(0, 10)], 1.0),
        ([(0, 10)], [(20, 30)], 0.0),
        ([(0, 4), (2, 10)], [(0, 5), (5, 10)], 1.0),
        ([(3, 3)], [(3, 3)], 1.0),
        ([(3, 3)], [(4, 4)], 0.0),
        ([(3, 3)], [(2, 4)], 0.0),
        ([], [(2, 4)], None),
    ],
)
def test_iou_of_span_sets(
    first: list[tuple[float, float]], second: list[tuple[float, float]], expected: float | None
) -> None:
    found = iou([Span(*span) for span in first], [Span(*span) for span in second])
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-12))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6),
       st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6))  # fmt: skip
def test_iou_is_that_of_the_seconds_covered(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    sets = [[Span(min(pair), max(pair)) for pair in pairs] for pairs in (first, second)]
    covered = [{t for span in spans for t in range(int(span.start), int(span.end))} for spans in sets]
    found = iou(sets[0], sets[1])
    assert found == iou(sets[1], sets[0])
    if covered[0] | covered[1]:
        assert found == pytest.approx(len(covered[0] & covered[1]) / len(covered[0] | covered[1]), abs=1e-12)


def test_onset_and_offset_differences_are_the_second_minus_the_first() -> None:
    pairs = [
        (yes((10, 20)), yes((12, 19))),
        (yes((10, 20), (30, 40)), yes((11, 44))),
        (yes((0, 1)), yes((3, 4))),
        (yes(), yes((3, 4))),
        (yes((0, 1)), Answer("clonic", NO, evidence=(Span(0, 1),))),
    ]
    found = overlap_figures(pairs)
    assert (found.onset.value, found.offset.value, found.iou.n) == (2.0, 3.0, 3)
    assert Flag.SMALL_N in found.iou.flags
    assert overlap_figures([]).iou.value is None


def test_side_agreement_counts_only_where_both_say_yes_and_a_side() -> None:
    left, right, both = Laterality
    pairs = [
        (yes(side=left), yes(side=left)), (yes(side=left), yes(side=right)), (yes(side=both), yes(side=both)),
        (yes(side=left), yes()), (yes(side=left), Answer("clonic", NO, laterality=left)),
    ]  # fmt: skip
    found, counts = side_agreement(pairs)
    assert found.value == pytest.approx(2 / 3)
    assert found.n == 3
    assert counts == {(left, left): 1, (left, right): 1, (both, both): 1}


# whole readings


def test_a_comparison_has_every_feature_and_all_of_them_together() -> None:
    first = [reading(n, ANA, Answer("clonic", YES if n % 2 else NO), Answer("tonic", NO)) for n in range(30)]
    second = [reading(n, BO, Answer("clonic", YES if n % 2 else NO)) for n in range(29)]
    found = compare(first, second)
    assert list(found.features) == [feature.id for feature in FEATURES]
    assert found.recordings == 29
    assert found.features["clonic"].figures.kappa.value == 1.0
    assert found.features["tonic"].figures.counts.unanswered == 29
    assert found.overall.counts.n == 29
    assert list(compare_pairs({"Ana": first, "Bo": second, "alone": [reading(99, MODEL)]})) == [("Ana", "Bo")]


def test_all_readers_together() -> None:
    recordings = [
        [
            reading(n, who, Answer("clonic", YES if (n + shift) % 4 else NO))
            for shift, who in enumerate((ANA, BO))
        ]
        for n in range(8)
    ]
    recordings[0].append(reading(0, MODEL, Answer("clonic", YES)))
    found = compare_together(recordings, group_by_reader([one for said in recordings for one in said]))
    assert found["clonic"].readers == 3
    assert found["clonic"].fleiss.n == 1
    assert found["clonic"].alpha.n == 8
    assert found["tonic"].alpha.value is None


# faithfulness


def test_the_anchors_are_one_to_five_and_twenty_to_a_hundred_percent() -> None:
    assert [(anchor.score, anchor.percent) for anchor in ANCHORS] == [(n, 20 * n) for n in range(1, 6)]
    for score in (0, 6):
        with pytest.raises(ValueError, match="no score"):
            FeatureScore("clonic", score)


def test_the_share_of_faithful_explanations_has_its_interval() -> None:
    found = summarise_by_feature(
        [FeatureScore("tonic", score) for score in (1, 2, 3, 4, 5, 5)] + [FeatureScore("arm_flexion", 1)]
    )
    assert list(found) == ["arm_flexion", "tonic"]
    tonic = found["tonic"]
    assert tonic.distribution == {1: 1, 2: 1, 3: 1, 4: 1, 5: 2}
    assert tonic.faithful.value == pytest.approx(4 / 6)
    assert tonic.mean.value == pytest.approx(20 / 6)
    assert tonic.faithful.low is not None
    assert 0.2 < tonic.faithful.low < 4 / 6
    assert summarise_scores([]).faithful.value is None


def test_the_queue_has_all_true_positives_and_as_many_true_negatives() -> None:
    def model(number: int, presence: Presence, text: str = "because") -> Reading:
        return reading(number, MODEL, Answer("clonic", presence, explanation=text))

    truth = [reading(n, ANA, Answer("clonic", YES if n < 6 else NO)) for n in range(20)]
    said = [model(n, YES if n < 4 else NO) for n in range(19)] + [model(19, NO, " ")]
    found = build_queue(truth, said)
    outcomes = [item.outcome for item in found.items]
    assert outcomes.count(AnswerOutcome.TRUE_POSITIVE) == outcomes.count(AnswerOutcome.TRUE_NEGATIVE) == 4
    positives = {
        item.reading.recording.name for item in found.items if item.outcome is AnswerOutcome.TRUE_POSITIVE
    }
    assert positives == {"0.mp4", "1.mp4", "2.mp4", "3.mp4"}
    assert all(item.reading.recording.name != "19.mp4" for item in found.items)
    assert found == build_queue(truth, said)
    assert found != build_queue(truth, said, seed=1)
    assert found.missing == {}
    assert build_queue(truth[:8], said[:8]).missing == {"clonic": 2}
    with pytest.raises(UserError, match="none of the recordings"):
        build_queue(truth, [model(99, YES)])
