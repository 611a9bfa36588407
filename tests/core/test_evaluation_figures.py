"""Figures against scikit-learn, statsmodels and scipy; rules for abstentions by hand; resampled patients."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.core.evaluation.confusion import NOT_SCORED, Abstentions, score_cases
from app.core.evaluation.evaluate_readings import evaluate_labels
from app.core.evaluation.figures import FIGURES
from app.core.evaluation.label_sources import NamedSource, reader_labels, reference_labels
from app.core.evaluation.labels import FeatureLabel, LabelledCase, LabelState, ReaderLabels
from app.core.evaluation.paired_test import compare_pair, holm, mcnemar_exact
from app.core.evaluation.patients import PatientGroups, intervals, resample
from app.core.evaluation.scoring import BaselineStanding, score_reader
from app.core.semiology import FEATURES, Answer
from benchmarks.evaluation import coverage_of_intervals
from tests.core.figure_cases import by_scikit_learn, grid_of, one_feature, scored, value
from tests.core.label_layouts import make_layouts, shelf

NO, YES, NA, FAILED, OPEN = LabelState
PLACE = {feature.id: at for at, feature in enumerate(FEATURES)}
VERBAL = "verbal_responsiveness"


# against scikit-learn


STATES = st.integers(0, 2**31 - 1).map(
    lambda seed: np.random.default_rng(seed).choice(
        5,
        size=(2, 1 + seed % 40, len(FEATURES)),
        p=np.random.default_rng(seed).dirichlet([2, 2, 1, 0.5, 0.5]),
    )
)


@settings(max_examples=4)
@given(STATES, st.sampled_from(Abstentions))
def test_figures_are_those_of_scikit_learn(states: NDArray[Any], rule: Abstentions) -> None:
    truth, said = states.astype(np.int8)
    (result,) = scored(truth, said, rule=rule)
    for feature in ("tonic", FEATURES[-1].id, VERBAL):
        found = result.features[feature]
        expected = expected_classes(truth[:, PLACE[feature]], said[:, PLACE[feature]], feature, rule)
        assert found.n == len(expected)
        if not expected:
            assert all(found.scored.figures[name].value is None for name in FIGURES)
            continue
        one, other = np.array(expected).T
        macro = rule is Abstentions.CLASS or feature == VERBAL
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            figures = by_scikit_learn(one, other, macro=macro)
            always = by_scikit_learn(one, np.ones_like(one), macro=macro)
        assert {name: value(found, name) for name in FIGURES} == pytest.approx(figures, abs=1e-9)
        assert found.scored.baselines["always_yes"] == pytest.approx(always, abs=1e-9)


def expected_classes(
    truth: NDArray[Any], said: NDArray[Any], feature: str, rule: Abstentions
) -> list[tuple[int, int]]:
    """The rule for abstentions in plain words: the pairs that are in the figures."""
    third = rule is Abstentions.CLASS or (rule is Abstentions.STUDY and feature == VERBAL)
    kept = []
    for one, other in zip(truth.tolist(), said.tolist(), strict=True):
        if {one, other} & {FAILED, OPEN}:
            continue
        if rule is Abstentions.WRONG and one != NA and other == NA:
            kept.append((one, 1 - one))
        elif third or NA not in (one, other):
            kept.append((one, other))
    return kept


# by hand


PAIRS = (
    [(YES, YES)] * 4
    + [(YES, NO)] * 2
    + [(NO, NO)] * 5
    + [(NO, YES), (YES, NA), (NO, NA), (NA, NA), (NA, YES)]
)
ASIDE = [(YES, FAILED), (NO, OPEN), (OPEN, YES), (FAILED, NO), (NA, FAILED)]


def test_two_classes_leave_abstentions_out() -> None:
    for rule in (Abstentions.STUDY, Abstentions.EXCLUDE):
        found = one_feature("tonic", PAIRS + ASIDE, rule)
        assert (found.n, found.positives, found.prevalence) == (12, 6, 0.5)
        figures = {name: value(found, name) for name in FIGURES}
        assert figures == pytest.approx(
            {"accuracy": 9 / 12, "precision": 4 / 5, "recall": 4 / 6, "f1": 8 / 11, "specificity": 5 / 6,
             "balanced_accuracy": 3 / 4, "mcc": (4 * 5 - 1 * 2) / math.sqrt(5 * 6 * 6 * 7)}, abs=1e-12
        )  # fmt: skip
        assert {kind.value: number for kind, number in found.coverage.items()} == {
            "answered": 13, "not_assessable": 3, "failed": 2, "unanswered": 1,
        }  # fmt: skip
        assert found.cases == 19


def test_wrong_counts_an_abstention_as_the_other_answer() -> None:
    found = one_feature("tonic", PAIRS + ASIDE, Abstentions.WRONG)
    assert found.n == 14
    assert value(found, "accuracy") == pytest.approx(9 / 14)
    assert value(found, "f1") == pytest.approx(2 * 4 / (2 * 4 + 3 + 2))


@pytest.mark.parametrize(
    ("feature", "rule"),
    [("tonic", Abstentions.CLASS), (VERBAL, Abstentions.CLASS), (VERBAL, Abstentions.STUDY)],
)
def test_three_classes_are_averaged(feature: str, rule: Abstentions) -> None:
    found = one_feature(feature, PAIRS + ASIDE, rule)
    assert (found.n, found.macro) == (16, True)
    assert value(found, "accuracy") == pytest.approx(10 / 16)
    precision = (5 / 7 + 4 / 6 + 1 / 3) / 3
    recall = (5 / 7 + 4 / 7 + 1 / 2) / 3
    f1 = (10 / 14 + 8 / 13 + 2 / 5) / 3
    assert [value(found, name) for name in ("precision", "recall", "f1")] == pytest.approx(
        [precision, recall, f1]
    )


def test_a_model_that_abstains_where_the_reference_answers_is_not_better_for_it() -> None:
    """53 cases, 21 abstentions: leaving them out flatters, the study's three classes do not."""
    pairs = [(NO, NO)] * 24 + [(YES, YES)] * 3 + [(YES, NO)] * 5 + [(YES, NA)] * 6 + [(NO, NA)] * 15
    flattered = value(one_feature(VERBAL, pairs, Abstentions.EXCLUDE), "f1")
    study = value(one_feature(VERBAL, pairs, Abstentions.STUDY), "f1")
    assert flattered > 0.6
    assert study < 0.45


def test_undefined_figures_count_nothing_and_say_so() -> None:
    found = one_feature("tonic", [(NO, NO)] * 3, Abstentions.STUDY)
    assert found.scored.figures["f1"].value == 0
    assert found.scored.figures["f1"].undefined
    assert not found.scored.figures["accuracy"].undefined
    assert found.scored.figures["f1"].low is None


def test_trivial_answers_and_the_mark() -> None:
    found = one_feature("tonic", [(YES, YES)] * 6 + [(NO, YES)] * 4, Abstentions.STUDY)
    always = found.scored.baselines
    assert always["always_yes"]["f1"] == pytest.approx(0.75)
    assert always["always_no"] == pytest.approx(
        {
            "accuracy": 0.4,
            "precision": 0,
            "recall": 0,
            "f1": 0,
            "specificity": 1,
            "balanced_accuracy": 0.5,
            "mcc": 0,
        }
    )
    assert always["prevalence"] == pytest.approx(
        {"accuracy": 0.52, "precision": 0.6, "recall": 0.6, "f1": 0.6, "specificity": 0.4,
         "balanced_accuracy": 0.5, "mcc": 0}
    )  # fmt: skip
    assert (found.scored.best, found.scored.standing) == ("always_yes", BaselineStanding.NOT_BETTER)
    right = one_feature("tonic", [(YES, YES), (NO, NO)] * 40, Abstentions.STUDY)
    assert right.scored.standing is BaselineStanding.BEATS
    unsure = one_feature("tonic", [(YES, YES), (NO, NO)] * 6 + [(YES, NO), (NO, YES)] * 4, Abstentions.STUDY)
    assert unsure.scored.standing is BaselineStanding.NOT_BETTER


def test_means_over_features() -> None:
    truth, said = np.full((2, 4, len(FEATURES)), OPEN, dtype=np.int8)
    truth[:, 0], said[:, 0] = [YES, YES, YES, NO], [YES, YES, YES, NO]
    truth[:, 1], said[:, 1] = [YES, NO, NO, NO], [NO, NO, NO, NO]
    truth[:, 2], said[:, 2] = [NO, NO, NO, NO], [NO, NO, NO, NO]
    (result,) = scored(truth, said)
    assert result.macro.figures["f1"].value == pytest.approx((1 + 0 + 0) / 3)
    assert result.weighted.figures["f1"].value == pytest.approx((3 * 1 + 1 * 0) / 4)
    assert result.macro.figures["accuracy"].value == pytest.approx((1 + 0.75 + 1) / 3)
    assert result.macro.baselines["always_yes"]["f1"] == pytest.approx((6 / 7 + 2 / 5 + 0) / 3)


def test_failed_open_and_not_assessable_change_no_figure() -> None:
    plain = one_feature("tonic", PAIRS[:12], Abstentions.STUDY).scored.figures
    beside = one_feature("tonic", PAIRS[:12] + ASIDE, Abstentions.STUDY).scored.figures
    assert {name: one.value for name, one in beside.items()} == {n: one.value for n, one in plain.items()}
    cases = score_cases(np.array([[OPEN] * 20]), np.array([[NA] * 20]), Abstentions.WRONG)
    assert (cases.truth == NOT_SCORED).all()


# the layouts


@pytest.mark.parametrize("seed", [7, 11])
def test_the_layouts_have_their_expected_figures(tmp_path: Path, seed: int) -> None:
    folder = make_layouts(tmp_path, seed)
    kept = shelf()
    reference = reference_labels(kept, [NamedSource(folder / "labels.csv")])
    files = [NamedSource(folder / name) for name in ("sound_predictions.csv", "visual_segments.csv")]
    found = evaluate_labels(reference, reader_labels(kept, files, []), group_by=r"(P\d+)@")
    expected: Mapping[str, Mapping[str, float]] = json.loads((folder / "expected.json").read_text("utf-8"))
    for feature, figures in expected.items():
        reader = "sound_predictions" if feature in (VERBAL, "ictal_vocalization") else "visual_segments"
        result = found.readers[reader].features[feature]
        assert {
            "n": result.n,
            **{name: value(result, name) for name in figures if name != "n"},
        } == pytest.approx(figures, abs=1e-9)
    assert found.groups.count == 12


# two readers


def test_mcnemar_and_holm_are_those_of_statsmodels() -> None:
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.multitest import multipletests

    for mine in range(0, 12, 3):
        for theirs in range(0, 11, 2):
            expected = mcnemar([[3, mine], [theirs, 5]], exact=True).pvalue
            assert mcnemar_exact(mine, theirs) == pytest.approx(expected, abs=1e-9)
    for seed in range(20):
        ps = np.random.default_rng(seed).random(1 + seed) ** 3
        assert holm([None, *ps]) == pytest.approx([None, *multipletests(ps, method="holm")[1]], abs=1e-9)


def test_two_readers_are_compared_on_the_cases_of_both() -> None:
    truth, one, other = np.full((3, 30, len(FEATURES)), OPEN, dtype=np.int8)
    truth[:, 0] = [YES] * 10 + [NO] * 20
    one[:, 0], other[:, 0] = truth[:, 0], truth[:, 0]
    other[:8, 0], other[25:, 0] = NO, FAILED
    first, second = scored(truth, one, other)
    groups = PatientGroups(np.arange(30), 30, "patient")
    found = compare_pair(first, second, groups, resample(groups))
    tonic = found.features[FEATURES[0].id]
    assert (tonic.n, tonic.first_only, tonic.second_only) == (25, 8, 0)
    assert tonic.p == tonic.p_holm == pytest.approx(2 * 0.5**8)
    difference = tonic.differences["f1"]
    assert difference.value == pytest.approx(1 - 2 * 2 / (2 * 2 + 8))
    assert difference.low is not None
    assert difference.low > 0
    assert found.features["clonic"].p is None
    assert found.mean["accuracy"].value == pytest.approx(8 / 25)


# resampled patients


def test_patients_stay_together() -> None:
    """Recordings of one patient that are all alike are worth one recording."""
    generator = np.random.default_rng(3)
    truth = np.full((120, len(FEATURES)), YES, dtype=np.int8)
    said = np.repeat(generator.integers(0, 2, size=(20, len(FEATURES))), 6, axis=0).astype(np.int8)
    grid = grid_of(truth, said)
    widths = []
    for numbers in (np.arange(120), np.arange(120) // 6):
        groups = PatientGroups(numbers, int(numbers.max()) + 1, "patient")
        result = score_reader(grid, grid.readers["r0"], Abstentions.STUDY, groups, resample(groups))
        bounds = [one.scored.figures["accuracy"] for one in result.features.values()]
        widths.append(
            np.mean([one.high - one.low for one in bounds if one.low is not None and one.high is not None])
        )
    assert widths[1] / widths[0] == pytest.approx(math.sqrt(6), rel=0.15)


def test_intervals_are_numpys_percentiles_of_what_is_known() -> None:
    draws = np.random.default_rng(1).normal(size=(400, 3))
    draws[:150, 1], draws[:, 2] = np.nan, 1.0
    low, high = intervals(draws, 10**6)
    known = np.nanpercentile(draws, [2.5, 97.5], axis=0)
    assert np.stack([low, high])[:, :2] == pytest.approx(known[:, :2], abs=1e-3)
    assert np.isnan([low[2], high[2]]).all()
    draws[:250, 1] = np.nan
    assert np.isnan(intervals(draws, 50)[0][1])
    assert np.isnan(intervals(draws, 1)[0]).all()


def test_few_patients_widen_the_interval() -> None:
    draws = np.random.default_rng(1).normal(size=(4000, 1))
    few, many = (float((high - low)[0]) for low, high in (intervals(draws, 10), intervals(draws, 1000)))
    assert few / many == pytest.approx(2.262 * math.sqrt(10 / 9) / 1.962, rel=0.06)


def test_the_interval_holds_the_true_accuracy_as_often_as_it_says() -> None:
    assert 0.93 <= coverage_of_intervals(np.random.default_rng(6), 30, 400) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("patients", [12, 30, 80])
def test_the_interval_holds_the_true_accuracy_in_many_studies(patients: int) -> None:
    assert 0.93 <= coverage_of_intervals(np.random.default_rng(8), patients, 3000) <= 0.97


def test_the_same_labels_give_the_same_result() -> None:
    labels = [
        ReaderLabels(
            name,
            tuple(
                LabelledCase(
                    str(at), str(at), {"tonic": FeatureLabel(LabelState(at % step), Answer("tonic"))}
                )
                for at in range(30)
            ),
        )
        for name, step in (("truth", 2), ("m", 3))
    ]
    once, again = (evaluate_labels(labels[0], {"m": labels[1]}) for _ in range(2))
    assert once.readers["m"].features["tonic"].scored == again.readers["m"].features["tonic"].scored
