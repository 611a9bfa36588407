"""Epileptic or functional: judged without the patient, for one kind of reader, files of numbers alone."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from app import cli
from app.core.errors import UserError
from app.core.evaluation.labels import LabelledCase, ReaderLabels
from app.core.evaluation.patients import PatientGroups
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, to_json
from app.core.semiology import FEATURES, Answer, Presence
from app.core.training.diagnosis.answers_and_diagnoses import (
    AnswerOrigin,
    DiagnosedCases,
    diagnosed_cases,
    origin_of,
)
from app.core.training.diagnosis.diagnosis_file import load_diagnosis
from app.core.training.diagnosis.forest import (
    fit_classifier,
    fit_forest,
    forest_from_list,
    forest_to_list,
)
from app.core.training.diagnosis.judging import area, judge_diagnosis

Run = Callable[..., tuple[int, str, str]]
Floats = npt.NDArray[np.float64]
TELLING = ("tonic", "clonic", "eye_blinking")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: object) -> tuple[int, str, str]:
        code = cli.main(["diagnosis", *(str(part) for part in argv)])
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


def answered(rows: int, *, telling: bool, seed: int = 5) -> tuple[Floats, Floats]:
    """Answers (r, 20) of 1, 0, −1 and whether each event is epileptic; three features tell, or none does."""
    generator = np.random.default_rng(seed)
    epileptic = np.arange(rows) % 2 == 0
    answers = generator.choice([-1.0, 1.0, 0.0], size=(rows, 20), p=[0.5, 0.4, 0.1])
    if telling:
        for place, feature in enumerate(FEATURES):
            if feature.id in TELLING:
                says = generator.random(rows) < 0.85
                answers[:, place] = np.where(says == epileptic, 1.0, -1.0)
    return answers, epileptic.astype(float)


def write_answers(path: Path, *, telling: bool = True, rows: int = 60, seed: int = 5) -> Path:
    answers, epileptic = answered(rows, telling=telling, seed=seed)
    words = {1.0: "yes", -1.0: "no", 0.0: "na"}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file_name", "patient", "diagnosis", *(feature.id for feature in FEATURES)])
        for at in range(rows):
            name = "epileptic" if epileptic[at] else "PNES"
            writer.writerow([f"e{at}.mp4", f"p{at // 3}", name, *(words[value] for value in answers[at])])
        writer.writerow(["x.mp4", "p0", "other", *["yes"] * 20])
        writer.writerow(["y.mp4", "p0", "", *["yes"] * 20])
    return path


def test_from_judging_to_a_suggestion(run: Run, tmp_path: Path) -> None:
    table, file = write_answers(tmp_path / "experts.csv"), tmp_path / "d.json"
    code, out, err = run("--judge", file, "--answers", table, "--kind", "person")
    assert code == 0
    assert "60 events of 20 patients, 30 epileptic and 30 functional" in out
    assert "always the majority" in out
    assert "research" in out
    assert "Left out: 1 recording with another diagnosis" in err
    judged = load_diagnosis(file).judged
    for figures in judged.methods.values():
        assert (figures.auc.low or 0) > 0.7
        best = sorted(figures.importance, key=lambda feature: -figures.importance[feature])[:3]
        assert set(best) == set(TELLING)
    other, suggested = write_answers(tmp_path / "others.csv", seed=6), tmp_path / "s.json"
    code, out, _ = run("--by", file, "--answers", other, "--kind", "person", "--json", suggested)
    assert code == 0
    assert "e0.mp4: epileptic" in out
    assert "always the majority" in out
    data = json.loads(suggested.read_text("utf-8"))
    assert data["judged"]["majority_accuracy"] == 0.5
    said = [one["epileptic"]["logistic regression"] for one in data["suggestions"][:60]]
    assert roc_auc_score(answered(60, telling=True, seed=6)[1], said) > 0.8


def test_another_kind_of_reader_is_refused(run: Run, tmp_path: Path) -> None:
    table, file = write_answers(tmp_path / "experts.csv"), tmp_path / "d.json"
    assert run("--judge", file, "--answers", table)[0] == 1
    assert run("--judge", file, "--answers", table, "--kind", "person")[0] == 0
    code, out, err = run("--by", file, "--answers", table, "--kind", "model")
    assert (code, out) == (1, "")
    assert "judged on answers of people and is not used for those of the model reader" in err
    reading = Reading(
        RecordingIdentity("e1.mp4", "a" * 64, 9.0),
        ReaderIdentity(ReaderKind.MODEL, "m", "1"),
        {"tonic": Answer("tonic", Presence.YES)},
    )
    (tmp_path / "m.json").write_text(to_json(reading), encoding="utf-8")
    code, _, err = run("--by", file, "--answers", tmp_path / "m.json", "--kind", "person")
    assert code == 1
    assert "is model by the answers themselves, not person" in err
    assert run("--by", file, "--answers", tmp_path / "m.json")[0] == 1


def test_two_programs_are_two_kinds_of_readers_and_people_are_one() -> None:
    def origin(kind: ReaderKind, name: str) -> AnswerOrigin:
        return origin_of(ReaderLabels(name, (), kind), None)

    assert origin(ReaderKind.MODEL, "one") != origin(ReaderKind.MODEL, "two")
    assert origin(ReaderKind.SIGNAL, "signal") != origin(ReaderKind.MODEL, "signal")
    assert origin(ReaderKind.PERSON, "Ana") == origin(ReaderKind.PERSON, "Bo")


def test_what_was_at_chance_suggests_nothing(run: Run, tmp_path: Path) -> None:
    table, file = write_answers(tmp_path / "model.csv", telling=False), tmp_path / "d.json"
    assert run("--judge", file, "--answers", table, "--kind", "model")[0] == 0
    code, out, err = run("--by", file, "--answers", table, "--kind", "model")
    assert (code, out) == (1, "")
    assert "no method was above chance" in err


def test_too_little_unknown_words_and_missing_columns_are_said(run: Run, tmp_path: Path) -> None:
    few = write_answers(tmp_path / "few.csv", rows=20)
    code, _, err = run("--judge", tmp_path / "d.json", "--answers", few, "--kind", "person")
    assert code == 1
    assert "10 epileptic and 10 functional events of 7 patients" in err
    code, _, err = run(
        "--judge", tmp_path / "d.json", "--answers", few, "--kind", "person", "--column", "nothing"
    )
    assert "No table has a column “nothing”" in err
    few.write_text(few.read_text("utf-8").replace("PNES", "syncope?"), encoding="utf-8")
    code, _, err = run("--judge", tmp_path / "d.json", "--answers", few, "--kind", "person")
    assert "“e1.mp4” says “syncope?”; a diagnosis is epileptic" in err
    few.write_text(few.read_text("utf-8").replace("patient", "who"), encoding="utf-8")
    code, _, err = run("--judge", tmp_path / "d.json", "--answers", few, "--kind", "person")
    assert "Nothing says which recordings are of one patient" in err


def test_diagnoses_may_stand_in_another_table() -> None:
    cases = tuple(LabelledCase(name, name, {}) for name in ("a", "b", "c"))
    further = (
        LabelledCase("a", "a", {}, columns={"Diagnosis": "Epileptic"}),
        LabelledCase("b", "b", {}, columns={"Diagnosis": "functional seizure"}),
    )
    groups = PatientGroups(np.array([0, 1, 2]), 3, "patient")
    found = diagnosed_cases(ReaderLabels("", cases), further, "diagnosis", groups)
    assert found.epileptic.tolist() == [1.0, 0.0]
    assert found.left_out["without a diagnosis"] == 1
    unnamed = PatientGroups(np.array([0, 1, 2]), 3, "patient", (1,))
    found = diagnosed_cases(ReaderLabels("", cases), further, "diagnosis", unnamed)
    assert found.epileptic.tolist() == [1.0]
    assert found.left_out["without a patient"] == 1


def test_the_forest_is_scikit_learns() -> None:
    answers, epileptic = answered(80, telling=True)
    forest = forest_from_list(json.loads(json.dumps(forest_to_list(fit_forest(answers, epileptic)))), 20)
    expected = fit_classifier(answers, epileptic).predict_proba(answers)[:, 1]
    assert forest.probabilities(answers) == pytest.approx(expected, abs=1e-9)


def test_the_area_is_scikit_learns_with_ties() -> None:
    generator = np.random.default_rng(3)
    said, truth = generator.integers(0, 6, 70) / 5, generator.integers(0, 2, 70).astype(float)
    assert area(said, truth) == pytest.approx(roc_auc_score(truth, said), abs=1e-9)


def test_a_patient_is_judged_without_their_own_diagnosis() -> None:
    """Each patient has a different answer pattern: only who has seen it could be right."""
    generator = np.random.default_rng(7)
    patterns = generator.choice([-1.0, 1.0], size=(30, 20))
    patients = np.repeat(np.arange(30), 4)
    epileptic = (np.arange(30) % 2).astype(float)[patients]
    judged = judge_diagnosis(DiagnosedCases(patterns[patients], epileptic, patients, {}))
    for figures in judged.methods.values():
        assert (figures.auc.value or 1) < 0.75


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(format="x"),
        lambda data: data["reader"].update(kind="oracle"),
        lambda data: data["judged"].update(patients=-3),
        lambda data: data["judged"]["methods"].pop("random forest"),
        lambda data: data["judged"]["methods"]["random forest"].update(auc=[1]),
        lambda data: data["logistic_regression"]["inputs"].reverse(),
        lambda data: data.update(random_forest=[]),
        lambda data: data["random_forest"][0]["left"].__setitem__(0, 0),
        lambda data: data["random_forest"][0]["right"].__setitem__(0, 10**6),
        lambda data: data["random_forest"][0]["feature"].__setitem__(0, 20),
        lambda data: data["random_forest"][0]["feature"].__setitem__(0, 0.5),
        lambda data: data["random_forest"][0]["yes"].__setitem__(0, 2),
        lambda data: data["random_forest"][0].pop("threshold"),
    ],
)
def test_a_file_from_elsewhere_is_checked(change: Change, judged_file: Path, tmp_path: Path) -> None:
    data = json.loads(judged_file.read_text("utf-8"))
    change(data)
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UserError, match="is not a judged diagnosis"):
        load_diagnosis(path)


@pytest.fixture(scope="module")
def judged_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judged")
    table = write_answers(folder / "experts.csv")
    file = folder / "d.json"
    arguments = ["diagnosis", "--judge", str(file), "--answers", str(table), "--kind", "person"]
    assert cli.main(arguments) == 0
    return file
