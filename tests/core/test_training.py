"""Training: a patient is never on both sides, numbers are scikit-learn's, too little is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from threadpoolctl import threadpool_info, threadpool_limits

from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from app.core.readers.trained.trained_reader_file import TrainedReaderFile
from app.core.semiology import Presence
from app.core.training.fitting import (
    Candidate,
    FittedFeature,
    Judged,
    TrainingTask,
    case_scores,
    fit_feature,
    fit_pipeline,
    judge_feature,
)
from app.core.training.patient_folds import patient_folds
from app.core.training.train_reader import train_on
from app.core.training.training_scores import cross_validated_scores
from app.core.training.training_set import (
    label_task,
    patients_of,
    too_little,
    training_set,
    training_task,
)
from tests.core.trained_cases import (
    FEATURE,
    INPUTS,
    Drawn,
    NumbersSource,
    drawn,
    file_named,
    labels_of,
    sha256_of,
)

CANDIDATES = NumbersSource().candidates(FEATURE)


def task_of(found: Drawn) -> TrainingTask:
    return training_task(training_set(found.labels, found.files, {}, None).cases, FEATURE)


def trained(found: Drawn) -> TrainedReaderFile:
    known = training_set(found.labels, found.files, {}, None)
    return train_on(known, NumbersSource(), "n", "experts", report=no_report, cancel=CancelToken())


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 14)), min_size=2, max_size=80), st.integers(2, 8))
def test_a_patient_is_never_on_both_sides(cases: list[tuple[bool, int]], folds: int) -> None:
    truth = np.array([float(yes) for yes, _ in cases])
    patients = np.array([patient for _, patient in cases])
    judged: list[int] = []
    for fitted, left_out in patient_folds(truth, patients, folds):
        assert not set(patients[fitted]) & set(patients[left_out])
        assert sorted([*fitted, *left_out]) == list(range(len(cases)))
        assert len(set(truth[fitted])) == 2
        judged += left_out.tolist()
    assert len(set(judged)) == len(judged)


def test_linear_algebra_takes_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """More would wait for each other on such small tables, and take the cores from the window."""
    threads: list[int] = []

    def counted(task: TrainingTask, candidates: Sequence[Candidate]) -> FittedFeature | None:
        threads.extend(library["num_threads"] for library in threadpool_info())
        return fit_feature(task, candidates)

    monkeypatch.setattr("app.core.training.train_reader.fit_feature", counted)
    with threadpool_limits(limits=2):
        trained(drawn(12, 4))
        after = {library["num_threads"] for library in threadpool_info()}
    assert set(threads) == {1}
    assert 2 in after, "the rest of the program has its threads again"


def test_who_is_judged_was_not_seen_by_anything_that_judges_them() -> None:
    """Neither the fit nor the choice, the calibration or the threshold has seen who is judged."""
    task = task_of(drawn(12, 4))
    before = judge_feature(task, CANDIDATES)
    folds = [left_out for _, left_out in patient_folds(task.truth, task.patients)]
    for left_out in folds:
        others = np.setdiff1d(np.arange(len(task.truth)), left_out)
        found = fit_feature(task.only(others), CANDIDATES)
        assert found is not None
        scores = found.model.scores(task.rows[left_out][:, : len(found.model.inputs)])
        assert before.probability[left_out] == pytest.approx([found.model.probability(s) for s in scores])
        assert (before.yes[left_out] == (before.probability[left_out] >= found.model.threshold)).all()


def test_knowing_a_patient_helps_nothing_from_labels_to_figures() -> None:
    """Each patient looks like nobody else: only a model that has seen them could know their label."""
    generator = np.random.default_rng(8)
    looks = generator.normal(size=(24, INPUTS))
    names = [f"P{patient:02}_{number}.mp4" for patient in range(24) for number in range(4)]
    who = {name: name[:3] for name in names}
    answers = {name: Presence.YES if int(name[1:3]) % 2 else Presence.NO for name in names}
    files = tuple(file_named(name, looks[int(name[1:3])]) for name in names)
    scores = trained(Drawn(labels_of(answers, who), files)).features[FEATURE].training.scores
    assert scores["auc"] < 0.75
    assert scores["balanced_accuracy"] < 0.75


def test_a_model_is_the_scikit_learn_pipeline_it_came_from() -> None:
    task = task_of(drawn(12, 4))
    found = fit_feature(task, CANDIDATES)
    assert found is not None
    assert np.isnan(task.rows).any()
    rows = task.rows[:, : found.chosen.width]
    pipeline = fit_pipeline(task, found.chosen)
    assert found.model.scores(rows) == pytest.approx(pipeline.decision_function(rows), abs=1e-9)


def test_the_rows_of_a_case_weigh_one_case_together_and_the_highest_counts() -> None:
    generator = np.random.default_rng(1)
    once = generator.normal(size=(40, 3))
    truth = (once[:, 0] > 0).astype(float)
    patients = np.arange(40)
    single = TrainingTask(("a", "b", "c"), once, np.arange(40), truth, patients)
    twice = TrainingTask(("a", "b", "c"), once.repeat(2, axis=0), np.arange(40).repeat(2), truth, patients)
    one, two = (fit_pipeline(task, Candidate("", 3, 1.0)) for task in (single, twice))
    assert two.decision_function(once) == pytest.approx(one.decision_function(once), abs=1e-3)
    assert case_scores(np.array([1.0, 3.0, 2.0, -1.0]), np.array([0, 0, 1, 2]), 3).tolist() == [3, 2, -1]


def test_the_figures_are_scikit_learns() -> None:
    generator = np.random.default_rng(2)
    truth = generator.integers(0, 2, 60).astype(float)
    probability = generator.random(60)
    probability[5] = np.nan
    yes = probability > 0.4
    rules = generator.random(60) > 0.5
    found = cross_validated_scores(Judged(probability, yes), truth, rules)
    known = np.isfinite(probability)
    right, said = truth[known], yes[known]
    assert found["f1"] == pytest.approx(metrics.f1_score(right, said), abs=1e-9)
    assert found["rules_f1"] == pytest.approx(metrics.f1_score(right, rules[known]), abs=1e-9)
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(right, probability[known]), abs=1e-9)
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(right, probability[known]), abs=1e-9)
    assert found["judged"] == 59


@pytest.mark.parametrize(
    ("patients", "each", "reason"),
    [
        (5, 4, "recordings with yes"),
        (9, 8, r"of 9 patients; at least 10"),
    ],
)
def test_too_little_is_refused_in_a_sentence(patients: int, each: int, reason: str) -> None:
    found = drawn(patients, each)
    assert re.search(reason, too_little(task_of(found)) or "")
    with pytest.raises(UserError, match="No feature has enough labelled recordings"):
        trained(found)


def test_one_of_a_thing_is_counted_as_one() -> None:
    one = np.zeros(1, np.int64)
    assert (too_little(TrainingTask(("a",), np.zeros((1, 1)), one, one, one)) or "").startswith(
        "0 recordings with yes and 1 with no"
    )
    truth = np.repeat([1, 0], 15)
    task = TrainingTask(("a",), np.zeros((30, 1)), np.arange(30), truth, np.zeros(30, np.int64))
    assert (too_little(task) or "").startswith("they are of 1 patient;")
    task = replace(task, patients=np.where(truth, 0, np.arange(30)))
    assert (too_little(task) or "").startswith("the recordings with yes are of 1 patient,")


def test_fifteen_of_each_from_ten_patients_are_enough_and_fourteen_are_not() -> None:
    def recordings(yes: int) -> Drawn:
        names = [f"p{at % 10}_{at}.mp4" for at in range(yes + 15)]
        answers = {name: Presence.YES if at < yes else Presence.NO for at, name in enumerate(names)}
        files = tuple(file_named(name, np.full(INPUTS, float(at))) for at, name in enumerate(names))
        return Drawn(labels_of(answers, {name: name[:2] for name in names}), files)

    assert too_little(task_of(recordings(15))) is None
    assert "14 recordings with yes and 15 with no are there" in (too_little(task_of(recordings(14))) or "")


def test_a_class_that_few_patients_have_is_refused() -> None:
    names = [f"p{at % 12}_{at}.mp4" for at in range(80)]
    answers = {
        name: Presence.YES if name.startswith(("p0_", "p1_", "p2_")) else Presence.NO for name in names
    }
    files = tuple(file_named(name, np.zeros(INPUTS)) for name in names)
    task = task_of(Drawn(labels_of(answers, {name: name.split("_")[0] for name in names}), files))
    assert "the recordings with yes are of 3 patients" in (too_little(task) or "")


def test_without_patients_nothing_is_trained() -> None:
    found = drawn(12, 4)
    answers = {case.name: case.answer(FEATURE).presence or Presence.NO for case in found.labels.cases}
    with pytest.raises(UserError, match="Nothing says which recordings are of one patient"):
        training_set(labels_of(answers), found.files, {}, None)
    assert training_set(labels_of(answers), found.files, {}, r"P\d+").patients == 12


def test_a_recording_that_names_no_patient_is_left_out() -> None:
    found = drawn(12, 4)
    answers = {case.name: case.answer(FEATURE).presence or Presence.NO for case in found.labels.cases}
    who = {name: "" if name.endswith("_0.mp4") else name[:3] for name in answers}
    labels = labels_of(answers, who)
    known = training_set(labels, found.files, {}, None)
    assert len(known.cases) == 36
    assert any("12 labelled recordings name no patient" in remark for remark in known.remarks)
    assert len(label_task(labels, patients_of(labels, None), FEATURE).truth) == 36


def test_one_recording_under_two_names_is_refused() -> None:
    found = drawn(12, 4)
    twin = file_named("other.mp4", np.zeros(INPUTS))
    twin = type(twin)(twin.name, sha256_of(found.files[0].name), twin.inputs)
    with pytest.raises(UserError, match="the same recording"):
        training_set(found.labels, (*found.files, twin), {}, None)


def test_what_has_no_labels_or_no_file_is_left_out_and_said() -> None:
    found = drawn(12, 4)
    stranger = file_named("stranger.mp4", np.zeros(INPUTS))
    known = training_set(found.labels, (*found.files[1:], stranger), {}, None)
    assert len(known.cases) == 47
    assert any("stranger" in remark for remark in known.remarks)
    assert any("1 labelled recordings" in remark for remark in known.remarks)


def test_it_learns_what_is_there_and_says_what_it_was_trained_on() -> None:
    found = drawn(20, 4, noise=0.5)
    reader = trained(found)
    assert set(reader.features) == {FEATURE}
    assert "0 recordings with yes" in reader.refused["clonic"]
    training = reader.features[FEATURE].training
    assert training.scores["f1"] > 0.85
    assert training.scores["rules_f1"] > 0.85
    assert training.positives + training.negatives == 80
    assert set(reader.recordings) == {file.sha256 for file in found.files}
    assert reader.patients == 20
    assert "scikit-learn" in reader.versions
