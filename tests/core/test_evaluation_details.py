"""Timing, sides and confidence by hand and against scikit-learn; nothing is fitted on its own patient."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from app.core.evaluation.calibration import (
    POOLED,
    calibrate,
    calibration_error,
    platt_scaled,
    reliability,
)
from app.core.evaluation.chart_words import table_rows
from app.core.evaluation.details_json import details_to_dict
from app.core.evaluation.evaluate_readings import AnswerDetails, evaluate_labels
from app.core.evaluation.evaluation_page import evaluation_page
from app.core.evaluation.evaluation_text import evaluation_lines
from app.core.evaluation.labels import LabelledCase, ReaderLabels, label_of
from app.core.evaluation.patients import PatientGroups, resample
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.semiology import Answer, Laterality, Presence, Span

LEFT, RIGHT, BOTH = Laterality


def yes(
    span: tuple[float, float] | None = None, side: Laterality | None = None, confidence: int | None = None
) -> Answer:
    return Answer("clonic", Presence.YES, confidence, (Span(*span),) if span else (), side)


def no(confidence: int | None = None) -> Answer:
    return Answer("clonic", Presence.NO, confidence)


def test_one_case_is_counted_as_one() -> None:
    case = LabelledCase("a", "a", {"clonic": label_of(Answer("clonic", Presence.YES))})
    found = evaluate_labels(ReaderLabels("truth", (case,)), {"m": ReaderLabels("m", (case,))})
    sentences = [cell.sentence for row in table_rows(found, "m") for cell in row.cells]
    assert any("of 1 case of the reference" in sentence for sentence in sentences)


def details(pairs: list[tuple[Answer, Answer]]) -> AnswerDetails:
    sides = [
        ReaderLabels(
            name,
            tuple(
                LabelledCase(str(at), str(at), {"clonic": label_of(pair[place])})
                for at, pair in enumerate(pairs)
            ),
        )
        for place, name in enumerate(("truth", "m"))
    ]
    found = evaluate_labels(sides[0], {"m": sides[1]})
    text = "\n".join(evaluation_lines(found)) + evaluation_page(found)
    assert not re.search(r"\b(nan|None)\b", text)
    json.dumps(details_to_dict(found.details["m"]), allow_nan=False)
    return found.details["m"]


def test_timing_beside_a_constant_of_other_patients() -> None:
    pairs = [
        (yes((10, 20)), yes((12, 20))),
        (yes((10, 30)), yes((10, 40))),
        (yes((40, 50)), yes((0, 10))),
        (yes(), yes((0, 1))),
        (yes((0, 1)), no()),
    ]
    found = details(pairs).timing["clonic"]
    assert found.n == 3
    assert found.reader.iou.value == pytest.approx((0.8 + 2 / 3 + 0) / 3)
    assert found.reader.onset_error.value == pytest.approx((2 + 0 + 40) / 3)
    assert found.reader.end_error.value == pytest.approx((0 + 10 + 40) / 3)
    # of the other two: 25–40, 25–35, 10–25
    assert found.constant.onset_error.value == pytest.approx((15 + 15 + 30) / 3)
    assert found.constant.end_error.value == pytest.approx((20 + 5 + 25) / 3)
    assert found.constant.iou.value == pytest.approx((0 + 5 / 25 + 0) / 3)


def test_one_patient_has_no_constant_and_so_no_timing() -> None:
    assert details([(yes((10, 20)), yes((12, 20)))]).timing == {}


def test_sides_beside_chance() -> None:
    pairs = [(LEFT, LEFT), (LEFT, LEFT), (LEFT, RIGHT), (RIGHT, RIGHT), (BOTH, None), (None, LEFT)]
    found = details([(yes(side=one), yes(side=other)) for one, other in pairs]).sides["clonic"]
    assert found.n == 4
    assert found.same.value == pytest.approx(3 / 4)
    assert found.chance == pytest.approx((3 * 2 + 1 * 2) / 16)
    assert found.constant == pytest.approx(3 / 4)


def test_the_confidence_of_a_no_is_one_less_the_probability_of_yes() -> None:
    found = details(
        [(yes(), yes(confidence=90)), (no(), no(confidence=80)), (yes(), no(confidence=60)), (no(), no())]
    )
    assert list(found.confidence) == ["clonic", POOLED]
    clonic = found.confidence["clonic"]
    assert clonic.n == 3
    assert clonic.brier.value == pytest.approx((0.1**2 + 0.2**2 + 0.6**2) / 3)
    assert [(one.n, round(one.probability, 9), one.yes) for one in clonic.curve] == [
        (1, 0.2, 0.0), (1, 0.4, 1.0), (1, 0.9, 1.0),
    ]  # fmt: skip
    assert clonic.ece == pytest.approx((0.2 + 0.6 + 0.1) / 3)


def simulated(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Overconfident probabilities, truth, patients of four cases each."""
    generator = np.random.default_rng(seed)
    real = generator.uniform(0.2, 0.8, size=240)
    truth = (generator.random(240) < real).astype(float)
    return np.clip(0.5 + 2.2 * (real - 0.5), 0.02, 0.98), truth, np.repeat(np.arange(60), 4)


def test_brier_is_scikit_learns_and_platt_scaling_calibrates() -> None:
    said, truth, patients = simulated(4)
    groups = PatientGroups(patients, 60, "patient")
    found = calibrate(said, truth, patients, groups, resample(groups, 200))
    assert found.brier.value == pytest.approx(brier_score_loss(truth, said), abs=1e-9)
    assert found.platt_brier is not None
    assert found.platt_ece is not None
    assert found.platt_brier < (found.brier.value or 0)
    assert found.platt_ece < found.ece
    assert calibration_error(reliability(truth, truth)) == 0


def test_platt_scaling_is_a_logistic_regression_on_other_patients() -> None:
    said, truth, patients = simulated(5)
    scaled = platt_scaled(said, truth, patients)
    assert scaled is not None
    logits = np.log(said / (1 - said))[:, None]
    others = patients % 5 != 0
    expected = LogisticRegression(C=1e9, tol=1e-8).fit(logits[others], truth[others])
    assert scaled[~others] == pytest.approx(expected.predict_proba(logits[~others])[:, 1], abs=0.01)
    changed = truth.copy()
    changed[patients == 0] = 1 - changed[patients == 0]
    again = platt_scaled(said, changed, patients)
    assert again is not None
    assert (again[patients == 0] == scaled[patients == 0]).all()
    assert (again[patients == 1] != scaled[patients == 1]).any()


def test_platt_scaling_needs_two_classes_and_two_patients() -> None:
    said = np.array([0.2, 0.9])
    assert platt_scaled(said, np.array([0.0, 1.0]), np.array([0, 0])) is None
    assert platt_scaled(said, np.array([1.0, 1.0]), np.array([0, 1])) is None


def test_a_mean_is_resampled_over_the_patients_that_have_a_value() -> None:
    groups = PatientGroups(np.arange(50), 50, "patient")
    values = np.arange(20.0)
    found = resampled_mean(values, np.arange(20), groups, resample(groups))
    assert found.value == 9.5
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low == pytest.approx(2 * 2.09 * values.std(ddof=1) / np.sqrt(20), rel=0.12)
    assert resampled_mean(values[:0], np.arange(0), groups, resample(groups)).value is None


def test_repetitions_flip_and_spread() -> None:
    words = {"truth": "yynn", "m#1": "yynn", "m#2": "ynnn", "m#3": "yyn-", "other": "yyyy"}
    presences = {"y": Presence.YES, "n": Presence.NO, "-": None}
    labels = {
        name: ReaderLabels(
            name,
            tuple(
                LabelledCase(str(at), str(at), {"clonic": label_of(Answer("clonic", presences[word]))})
                for at, word in enumerate(said)
            ),
        )
        for name, said in words.items()
    }
    found = evaluate_labels(labels.pop("truth"), labels)
    (repeated,) = found.repeats.values()
    assert repeated.readings == ("m#1", "m#2", "m#3")
    clonic = repeated.features["clonic"]
    assert clonic.n == 3
    assert clonic.flips.value == pytest.approx(1 / 3)
    assert [clonic.lowest, clonic.highest] == pytest.approx([2 / 3, 1])
    assert clonic.deviation == pytest.approx(np.std([1, 2 / 3, 1], ddof=1))
    assert "m, 3 repetitions" in "\n".join(evaluation_lines(found))


def test_repetitions_without_an_f1_have_no_spread_of_it() -> None:
    case = LabelledCase("0", "0", {"clonic": label_of(Answer("clonic", Presence.NO))})
    named = {name: ReaderLabels(name, (case,)) for name in ("m#1", "m#2")}
    found = evaluate_labels(ReaderLabels("truth", (case,)), named)
    clonic = found.repeats["m"].features["clonic"]
    assert (clonic.lowest, clonic.mean, clonic.highest, clonic.deviation) == (None,) * 4
    (row,) = (line for line in evaluation_lines(found) if line.startswith("  Clonic") and "0.00" in line)
    assert row.split()[-4:] == ["–"] * 4
