"""`semioscope evaluate`: sources and outputs on the command line, and what stays sealed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app import cli
from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.edits import LockReading, SetAnswer, SetBlindByDefault
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL, Clip

BO = person("Bo")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: object) -> tuple[int, str, str]:
        code = cli.main(["evaluate", *(str(part) for part in argv)])
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


def write_table(path: Path, words: str, *, feature: str = "tonic") -> Path:
    """Twelve recordings of four patients; `words` has a letter for each: y, n, a, f or - for blank."""
    meant = {"y": "yes", "n": "no", "a": "na", "f": "fail", "-": ""}
    rows = [["file_name", feature], *([f"P{at % 4}_{at}.mp4", meant[word]] for at, word in enumerate(words))]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path, Path]:
    return (
        write_table(tmp_path / "truth.csv", "yyyynnnnyn-y"),
        write_table(tmp_path / "one.csv", "yyynnnnyyafy"),
        write_table(tmp_path / "two & more.csv", "yyyyyyyyyyyy"),
    )


def test_every_output_says_the_same(run: Run, tables: tuple[Path, Path, Path], tmp_path: Path) -> None:
    truth, one, two = tables
    outputs = [(f"--{kind}", tmp_path / f"out.{kind}") for kind in ("json", "csv", "latex", "html")]
    code, out, err = run(
        "--reference", truth, "--reading", f"<b>m</b>={one}", "--reading", two, "--group-by", r"P\d",
        *(part for output in outputs for part in output),
    )  # fmt: skip
    assert (code, err) == (0, "")
    data = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert (data["patients"], data["grouped_by"], data["recordings"]) == (4, r"P\d", 12)
    assert list(data["readings"]) == ["<b>m</b>", "two & more"]
    tonic = data["readings"]["<b>m</b>"]["features"]["tonic"]
    assert (tonic["n"], tonic["positives"], tonic["true_positives"], tonic["false_positives"]) == (
        10,
        6,
        5,
        1,
    )
    assert tonic["coverage"] == {"answered": 10, "not_assessable": 1, "failed": 0, "unanswered": 0}
    assert (tonic["not_assessable"], tonic["failed"], tonic["unanswered"]) == (1, 0, 1)
    assert tonic["f1"] == pytest.approx(10 / 12)
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()))
    (row,) = (row for row in rows if row["reader"] == "<b>m</b>" and row["feature"] == "tonic")
    assert float(row["f1"]) == tonic["f1"]
    assert [float(row["f1_low"]), float(row["f1_high"])] == tonic["intervals"]["f1"]
    assert len(rows) == 2 * (len(FEATURES) + 2)
    shown = f"{tonic['f1']:.3f}"
    assert shown in out
    latex = (tmp_path / "out.latex").read_text("utf-8")
    assert shown in latex
    assert r"two \& more" in latex
    assert r"$^\dagger$" in latex
    page = (tmp_path / "out.html").read_text("utf-8")
    assert "&lt;b&gt;m&lt;/b&gt;" in page
    assert "<b>m</b>" not in page
    assert not references(page)
    assert "≤ not above it" in page


@pytest.mark.parametrize(
    ("words", "bold", "shown"),
    [
        (("yynn", "yynn", "yyyn"), ["1.000"], ["1.000", "0.800"]),
        (("yynn", "yyyn", "yyny"), [], ["0.800", "0.800"]),
        (("yynn", "nnnn", "nnyy"), [], ["0.000", "0.000"]),
        (("nnnn", "nnnn", "nnyn"), [], ["--", "0.000"]),
        (("yynn", "yynn", "aaaa"), [], ["1.000", "--"]),
    ],
)
def test_bold_is_what_is_above_all_others(
    run: Run, tmp_path: Path, words: tuple[str, ...], bold: list[str], shown: list[str]
) -> None:
    """The words of the reference and of two readers."""
    paths = [write_table(tmp_path / f"{place}.csv", said) for place, said in enumerate(words)]
    latex = tmp_path / "out.tex"
    code, *_ = run("--reference", paths[0], "--reading", paths[1], "--reading", paths[2], "--latex", latex)
    assert code == 0
    (row,) = (line for line in latex.read_text("utf-8").split("toprule")[1].splitlines() if "Tonic &" in line)
    assert re.findall(r"\\textbf\{([^}]+)\}", row) == bold
    assert re.findall(r"--|\d\.\d{3}", row.split("&", 2)[2])[:2] == shown


def test_what_is_not_defined_is_said_with_its_reason(run: Run, tmp_path: Path) -> None:
    truth, said = write_table(tmp_path / "t.csv", "nnnn"), write_table(tmp_path / "m.csv", "nnnn")
    latex, page = tmp_path / "out.tex", tmp_path / "out.html"
    code, out, _ = run("--reference", truth, "--reading", said, "--latex", latex, "--html", page)
    assert code == 0
    assert "  – because neither side says yes: Tonic." in out
    assert "because neither side says yes: Tonic" in page.read_text("utf-8")
    assert "because neither side says yes: Tonic" in latex.read_text("utf-8")


def references(page: str) -> list[str]:
    """What the page would load from elsewhere."""
    found: list[str] = []

    class Finder(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(
                value or ""
                for key, value in attrs
                if key in ("src", "href") and not (value or "").startswith(("#", "data:image/png;"))
            )

    Finder().feed(page)
    return found


def test_readings_are_compared_in_pairs(run: Run, tables: tuple[Path, Path, Path]) -> None:
    truth, one, two = tables
    code, out, err = run("--reference", truth, one, two, "--json")
    assert code == 0
    assert "each counts as a patient" in err
    (pair,) = json.loads(out)["comparisons"]
    tonic = pair["features"]["tonic"]
    assert (tonic["n"], tonic["first_only_right"], tonic["second_only_right"]) == (10, 3, 1)
    assert tonic["mcnemar_p"] == tonic["mcnemar_p_holm"] == pytest.approx(0.625)


@pytest.mark.parametrize(
    ("rule", "n", "f1"), [("exclude", 10, 10 / 12), ("wrong", 11, 10 / 13), ("class", 11, None)]
)
def test_the_rule_for_abstentions(
    run: Run, tables: tuple[Path, Path, Path], rule: str, n: int, f1: float | None
) -> None:
    data = json.loads(run("--reference", tables[0], tables[1], "--json", "--abstentions", rule)[1])
    tonic = data["readings"]["one"]["features"]["tonic"]
    assert tonic["n"] == n
    assert f1 is None or tonic["f1"] == pytest.approx(f1)


def test_what_is_wrong_is_one_sentence(run: Run, tables: tuple[Path, Path, Path], tmp_path: Path) -> None:
    truth, one, _ = tables
    empty = write_table(tmp_path / "none.csv", "yyyynnnnynyy", feature="hair")
    for argv, message in (
        ((), "Give what is to be scored"),
        ((f"m={tmp_path / 'missing.csv'}",), "cannot be read"),
        ((one, "--group-by", "Q[0-9]"), "has no patient by the pattern"),
        ((one, "--json", tmp_path), "is a folder"),
        ((one, "--names", empty), "in two rows"),
    ):
        code, out, err = run("--reference", truth, *argv)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert message in err
    code, _out, err = run("--reference", empty, one)
    assert (code, "no column of one of the 20 features" in err) == (1, True)


# what is sealed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Read blind by Ana and Bo, neither locked; the signal reader has answered too."""
    place = tmp_path / "ward"
    with Study.open(place, author="Ana") as study:
        study.apply(SetBlindByDefault(True, True))
        for name in ("one.mp4", "two.mp4"):
            number = study.recording(Clip(tmp_path / name, fingerprint=name[0] * 64))
            said = {each.id: Answer(each.id, Presence.NO) for each in FEATURES}
            study.keep_reading(number, Reading(RecordingIdentity("", "", 0), SIGNAL, said))
            for reader, presence in ((ANA, Presence.YES), (BO, Presence.NO)):
                study.apply(SetAnswer(number, reader, Answer("tonic"), Answer("tonic", presence)))
    return place


def notes_of_unsealing(folder: Path) -> int:
    with Study.open(folder, author="x", shared=True) as study:
        return sum(row.subject == "unsealed" for row in study.history(viewer=None))


def test_while_two_read_blind_nothing_is_scored_or_named(run: Run, folder: Path, tmp_path: Path) -> None:
    for argv in ((f"Ana={folder}", folder), (folder, folder), (f"Bo={folder}", f"signal={folder}")):
        code, out, err = run("--reference", *argv, "--json", tmp_path / "o.json")
        assert (code, out) == (1, "")
        assert "Readings left out: 6" in err
        assert "signal" not in err
        assert not (tmp_path / "o.json").exists()
    assert notes_of_unsealing(folder) == 0


def test_for_one_of_them_only_what_they_may_see(run: Run, folder: Path) -> None:
    code, _out, err = run("--reference", f"Ana={folder}", f"signal={folder}", "--viewer", "Ana")
    assert code == 1
    assert "no reader called “signal”. There are: Ana." in err
    with Study.open(folder, author="Ana") as study:
        for row in study.recordings():
            study.apply(LockReading(row.id, ANA))
            study.reveal(row.id, ANA)
    code, out, _err = run("--reference", f"Ana={folder}", folder, "--viewer", "Ana", "--json")
    assert sorted(json.loads(out)["readings"]) == ["Bo", "signal"]
    code, _out, err = run("--reference", f"Ana={folder}", folder)
    assert code == 1
    assert "Bo" in err


def test_what_is_left_out_as_sealed_is_said_to_count_as_unanswered(run: Run, folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        first = study.recordings()[0].id
        study.apply(LockReading(first, ANA))
        study.reveal(first, ANA)
    code, out, err = run("--reference", f"Ana={folder}", f"Bo={folder}", "--viewer", "Ana", "--json")
    assert code == 0
    assert "Readings left out: 2" in err
    assert "sealed count as unanswered" in err
    tonic = json.loads(out)["readings"]["Bo"]["features"]["tonic"]
    assert (tonic["n"], tonic["coverage"]["unanswered"]) == (1, 1)


def test_unsealed_is_written_into_the_study_once(run: Run, folder: Path) -> None:
    code, out, err = run("--reference", f"Ana={folder}", folder, "--unsealed", "--json")
    assert code == 0
    assert sorted(json.loads(out)["readings"]) == ["Bo", "signal"]
    assert json.loads(out)["readings"]["Bo"]["features"]["tonic"]["false_negatives"] == 2
    assert "Sealed readings given all the same: 6" in err
    assert notes_of_unsealing(folder) == 1
