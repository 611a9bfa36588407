"""`--answers` of `semioscope agreement` and `semioscope evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import cli
from tests.core.blind_cases import changed_study
from tests.core.test_blind_readings import NOT_USED

Printed = tuple[int, str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with changed_study(tmp_path / "ward") as study:
        return study.folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Printed:
    code = cli.main([str(one) for one in arguments])
    return code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("answers", "same"), [((), 0.0), (("--answers", "locked"), 0.0), (("--answers", "now"), 1.0)]
)
def test_agreement_says_which_answers_it_is_of(
    folder: Path, capsys: pytest.CaptureFixture[str], answers: tuple[str, ...], same: float
) -> None:
    code, out, err = run(capsys, "agreement", folder, "--json", *answers)
    assert code == 0
    data = json.loads(out)
    (pair,) = (one for one in data["pairs"] if (one["first"], one["second"]) == ("Ana", "signal"))
    assert pair["features"]["tonic"]["percent_agreement"]["value"] == same
    assert data["answers"] == (answers[1] if answers else "locked")
    assert data["changed_after_unblinding"] == 2
    assert (NOT_USED in err) is (same == 0.0)
    assert err.count("after unblinding") == 1


@pytest.mark.parametrize(("answers", "right"), [((), 0), (("--answers", "now"), 2)])
def test_evaluation_says_which_answers_it_is_of(
    folder: Path, capsys: pytest.CaptureFixture[str], answers: tuple[str, ...], right: int
) -> None:
    told = f"Ana={folder}", f"signal={folder}"
    code, out, err = run(capsys, "evaluate", "--reference", told[0], "--reading", told[1], "--json", *answers)
    assert code == 0
    data = json.loads(out)
    assert data["readings"]["signal"]["features"]["tonic"]["true_positives"] == right
    assert data["changed_after_unblinding"] == 2
    assert (NOT_USED in err) is (right == 0)
    code, out, err = run(capsys, "evaluate", "--reference", f"Bo={folder}", "--reading", told[1], *answers)
    assert (code, "unblinding" in err) == (0, False), "of who neither judges nor is judged nothing is counted"


def test_an_exported_table_is_scored_as_the_answers_are(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    assert run(capsys, "export", folder, "--format", "csv-long", "--out", table)[0] == 0
    code, out, err = run(capsys, "evaluate", "--reference", f"Ana={table}", f"signal={table}", "--json")
    assert (code, "after_unblinding" in err) == (0, False)
    data = json.loads(out)
    assert data["readings"]["signal"]["features"]["tonic"]["true_positives"] == 2
    assert (data["answers"], data["changed_after_unblinding"]) == (None, None), "a table says nothing of it"
    code, out, err = run(capsys, "evaluate", "--reference", f"Ana={table}", f"signal={folder}", "--json")
    assert (code, json.loads(out)["answers"]) == (0, "locked"), "a study is among them"


@pytest.mark.parametrize("kind", ["csv-long", "xlsx-long", "json"])
def test_a_file_says_which_of_its_answers_were_changed(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: str
) -> None:
    file = tmp_path / f"labels.{kind.partition('-')[0]}"
    assert run(capsys, "export", folder, "--format", kind, "--out", file)[0] == 0
    code, _out, err = run(capsys, "evaluate", "--reference", f"Ana={file}", f"signal={file}")
    assert code == 0
    sentence = (
        f"{file.name}: 2 answers were changed after unblinding and count as the file has them, so these "
        "figures are not blind."
    )
    assert err.count(sentence) == 1
    code, _out, err = run(capsys, "evaluate", "--reference", f"Ana={file}", str(file), f"signal={folder}")
    assert (code, err.count(sentence)) == (0, 1), "however often it is read"


def test_the_history_names_what_came_after_unblinding(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _err = run(capsys, "history", folder)
    assert code == 0
    assert [line.count("answer, after unblinding") for line in out.splitlines()].count(1) == 2
