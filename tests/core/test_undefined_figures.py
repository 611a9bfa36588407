"""Figures where only one answer occurs: what says nothing is a dash with its reason, on every such table."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest

from app.core.evaluation.confusion import Abstentions
from app.core.evaluation.figure_text import number
from app.core.evaluation.figures import CountedFigures, figures_of
from app.core.evaluation.labels import LabelState
from app.core.evaluation.paired_test import compare_pair
from app.core.evaluation.patients import PatientGroups, resample
from app.core.evaluation.scoring import BaselineStanding
from app.core.semiology import FEATURES
from tests.core.figure_cases import by_scikit_learn, one_feature, scored

NO, YES, NA, _FAILED, OPEN = LabelState
VERBAL = "verbal_responsiveness"
CLASSES = (NO, YES, NA)
EVERY_TABLE = [
    ((YES, YES, tp), (NO, YES, fp), (YES, NO, fn), (NO, NO, tn))
    for tp, fp, fn, tn in itertools.product((0, 1, 3), repeat=4)
] + [
    tuple((*cell, 1) for cell in cells)
    for size in range(4)
    for cells in itertools.combinations(itertools.product(CLASSES, CLASSES), size)
]
"""The counts of all tables of yes and no, and of three classes with up to three pairs of them."""


def pairs_of(table: tuple[tuple[LabelState, LabelState, int], ...]) -> list[tuple[LabelState, LabelState]]:
    return [(one, other) for one, other, times in table for _ in range(times)]


def says_nothing(pairs: list[tuple[LabelState, LabelState]], *, macro: bool) -> set[str]:
    """The figures that a table leaves undefined, in plain words."""
    truth, said = {one for one, _ in pairs}, {other for _, other in pairs}
    lacking = {
        "precision": YES not in said,
        "recall": YES not in truth,
        "f1": YES not in truth | said,
        "specificity": truth == {YES},
        "balanced_accuracy": len(truth) == 1,
        "mcc": len(truth) == 1 or len(said) == 1,
    }
    if macro:
        lacking.update(dict.fromkeys(("precision", "recall", "f1", "specificity"), len(truth) == 1))
    return {name for name, without in lacking.items() if without}


def counted(table: tuple[tuple[LabelState, LabelState, int], ...], *, macro: bool) -> CountedFigures:
    counts = np.zeros((3, 3, 1))
    for one, other, times in table:
        counts[one, other, 0] += times
    return figures_of(counts, np.array([macro]))


@pytest.mark.parametrize("macro", [False, True])
def test_every_degenerate_table_says_which_figures_mean_nothing(macro: bool) -> None:
    for table in EVERY_TABLE:
        if pairs := pairs_of(table):
            undefined = {name for name, each in counted(table, macro=macro).undefined().items() if each[0]}
            assert undefined == says_nothing(pairs, macro=macro), table


@pytest.mark.parametrize("macro", [False, True])
def test_every_degenerate_table_counts_what_the_study_counted(macro: bool) -> None:
    """The published figures are those of scikit-learn with zero_division=0, also where – is shown."""
    for table in EVERY_TABLE:
        pairs = pairs_of(table)
        if not pairs or (not macro and NA in {one for pair in pairs for one in pair}):
            continue
        found = counted(table, macro=macro)
        kept = found.with_zeros(found.undefined())
        one, other = np.array(pairs).T
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = by_scikit_learn(one, other, macro=macro)
        assert {name: each[0] for name, each in kept.values.items()} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("feature", ["tonic", VERBAL])
def test_what_is_undefined_is_shown_as_a_dash_with_its_reason(feature: str) -> None:
    macro = feature == VERBAL
    for pairs in ([(NO, NO)] * 3, [(YES, YES)] * 3, [(NO, YES), (NO, NO)], [(YES, NO)] * 2):
        found = one_feature(feature, pairs, Abstentions.STUDY).scored
        shown = {name for name, each in found.figures.items() if number(each) == "–"}
        assert shown == says_nothing(pairs, macro=macro)
        assert {name for name, each in found.figures.items() if each.why} == shown
        assert all(found.figures[name].low is None for name in shown)
        assert (found.trivial() is None) == ("f1" in shown)
        assert (found.standing is BaselineStanding.UNKNOWN) == ("f1" in shown)


def test_without_an_f1_of_both_there_is_no_difference() -> None:
    truth, one, other = np.full((3, 6, len(FEATURES)), NO, dtype=np.int8)
    other[:2] = YES
    first, second = scored(truth, one, other)
    groups = PatientGroups(np.arange(6), 6, "patient")
    found = compare_pair(first, second, groups, resample(groups))
    assert {number(each.differences["f1"]) for each in found.features.values()} == {"–"}
    assert found.features["tonic"].differences["accuracy"].value == pytest.approx(2 / 6)
