"""The charts of an evaluation: every number leads to the recordings it counts; files, page and methods."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app import cli
from app.core.errors import UserError
from app.core.evaluation.cases_behind import CasesWanted, cases_behind
from app.core.evaluation.chart_drawing import draw_chart
from app.core.evaluation.chart_files import chart_to_csv, file_kinds, write_charts
from app.core.evaluation.charts import (
    AGREEMENT_KINDS,
    ChartKind,
    all_charts,
    confusion_chart,
    figure_chart,
    group_columns,
    prevalence_chart,
    reliability_chart,
)
from app.core.evaluation.evaluate_readings import Evaluation, evaluate_labels
from app.core.evaluation.evaluation_page import evaluation_page
from app.core.evaluation.labels import LabelState
from app.core.evaluation.methods_text import methods_text
from app.core.evaluation.scoring import Coverage
from tests.core.label_layouts import table

_WORDS = ("yes", "no", "na", "fail", "")
_HOSTILE = "=cmd $x^{2$ <b>&"


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """24 recordings of 8 patients with two readers: all states on both sides, confidences and ratings."""
    truth, one, two = [("file", "patient", "diagnosis", "tonic", "clonic")], [], []
    head = ("file", "tonic", "clonic", "confidence_for_tonic", "faithfulness_for_tonic")
    one, two = [head], [head]
    for at in range(24):
        name, patient = f"v{at}.mp4", f"p{at // 3}"
        diagnosis = ("epileptic", "functional", "")[at % 3]
        truth.append((name, patient, diagnosis, _WORDS[at % 3], _WORDS[at % 2]))
        one.append((name, _WORDS[(at // 2) % 5], _WORDS[at % 2], str(50 + 2 * at), str(at % 5 + 1)))
        two.append((name, _WORDS[at % 2], _WORDS[(at + 1) % 2], "70", ""))
    reference, first, second = (table(*rows).labels[0] for rows in (truth, one, two))
    return evaluate_labels(reference, {"one": first, _HOSTILE: second}, group_by="patient")


def test_every_number_counts_the_cases_behind_it(evaluation: Evaluation) -> None:
    charts = {(chart.kind, chart.whose): chart for chart in all_charts(evaluation)}
    kinds = {kind for kind, _whose in charts}
    assert kinds == set(ChartKind) - set(AGREEMENT_KINDS), "the answers hold something for each chart"
    for (kind, _whose), chart in charts.items():
        assert chart.points
        for point in chart.points:
            behind = cases_behind(evaluation, point.wanted)
            if kind is ChartKind.PREVALENCE:
                yes = point.estimate.value
                assert yes is not None
                assert len(behind) == round(yes * point.n)
            else:
                assert len(behind) == point.n, (kind, point)


def test_a_number_and_its_cases_agree(evaluation: Evaluation) -> None:
    chart = figure_chart(evaluation, ChartKind.INTERVALS, "accuracy")
    tonic = next(point for point in chart.points if chart.rows[point.row] == "Tonic" and point.column == 0)
    behind = cases_behind(evaluation, tonic.wanted)
    assert tonic.estimate.value == pytest.approx(sum(bool(one.right) for one in behind) / len(behind))
    alone = cases_behind(evaluation, CasesWanted("one", "tonic", LabelState.NO, LabelState.YES))
    assert alone
    for one in alone:
        assert evaluation.grid.cases[one.place].name == one.name
        assert one.right is False
    failed = cases_behind(evaluation, CasesWanted("one", "tonic", said=LabelState.FAILED))
    assert failed
    assert {one.right for one in failed} == {None}, "what failed is in no figure, neither right nor wrong"


def test_confusion_of_one_feature_and_of_all(evaluation: Evaluation) -> None:
    of_all, of_tonic = confusion_chart(evaluation, "one"), confusion_chart(evaluation, "one", "tonic")
    assert sum(point.n for point in of_tonic.points) == 24
    assert sum(point.n for point in of_all.points) == 48


def test_prevalence_by_group(evaluation: Evaluation) -> None:
    assert set(group_columns(evaluation)) == {"patient", "diagnosis"}
    chart = prevalence_chart(evaluation)
    assert chart.title == "Prevalence by diagnosis"
    assert chart.columns == ("not said", "epileptic", "functional")
    tonic = {
        chart.columns[point.column]: (point.estimate.value, point.n)
        for point in chart.points
        if chart.rows[point.row] == "Tonic"
    }
    # every third recording is yes and epileptic, the next no and functional, the next not assessable
    assert tonic == {"epileptic": (1.0, 8), "functional": (0.0, 8)}


def test_no_confidence_no_curve(evaluation: Evaluation) -> None:
    assert reliability_chart(evaluation, "clonic").points == ()


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_chart_is_the_same_file(evaluation: Evaluation, kind: str) -> None:
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    for chart in all_charts(evaluation):
        drawn = draw_chart(chart, kind)
        assert drawn.startswith(starts[kind])
        assert drawn == draw_chart(chart, kind)


def test_names_are_text_in_pictures(evaluation: Evaluation) -> None:
    chart = figure_chart(evaluation, ChartKind.HEAT_MAP)
    texts = [text for node in ElementTree.fromstring(draw_chart(chart, "svg")).iter() if (text := node.text)]
    assert _HOSTILE in texts, "neither a formula nor markup"


def test_files_of_all_charts(evaluation: Evaluation, tmp_path: Path) -> None:
    written = write_charts(evaluation, tmp_path / "figures", ("svg",))
    assert (
        len({path.name.casefold() for path in written})
        == len(written)
        == 2 * len(list(all_charts(evaluation)))
    )
    assert all(path.stat().st_size for path in written)
    assert all(re.fullmatch(r"[A-Za-z0-9.-]+", path.name) for path in written)
    rows = list(csv.reader(io.StringIO(chart_to_csv(figure_chart(evaluation, ChartKind.HEAT_MAP)))))
    assert {row[1] for row in rows[1:]} == {"one", f"'{_HOSTILE}"}, "no cell is a formula of a spreadsheet"


def test_kinds_of_pictures() -> None:
    assert file_kinds(" svg,PNG ,svg") == ("svg", "png")
    for wrong in ("", "svg,gif"):
        with pytest.raises(UserError, match="png, svg, pdf"):
            file_kinds(wrong)


def test_the_page_leads_to_the_recordings(evaluation: Evaluation) -> None:
    page = evaluation_page(evaluation)
    links = set(re.findall(r'href="#(reader-[^"]+)"', page))
    anchors = re.findall(r'<tr id="([^"]+)"', page)
    assert links
    assert links <= set(anchors)
    assert len(anchors) == len(set(anchors))
    (row,) = re.findall(r'<tr id="reader-0-tonic">.*?</tr>', page, re.DOTALL)
    both_yes = cases_behind(evaluation, CasesWanted("one", "tonic", LabelState.YES, LabelState.YES))
    assert f"<td>{', '.join(one.name for one in both_yes)}</td>" in row
    assert "<b>" not in re.sub(r"<figcaption>.*?</figcaption>", "", page)
    assert page.count("data:image/png;base64,") == len(list(all_charts(evaluation)))


def test_methods_in_words(evaluation: Evaluation) -> None:
    words = methods_text(evaluation)
    assert "24 recordings of 8 patients (by patient)" in words
    assert "2,000 bootstrap resamples over 8 patients" in words
    failed = sum(one.coverage[Coverage.FAILED] for one in evaluation.readers["one"].features.values())
    assert f"{failed} failed" in words
    assert "Krippendorff" in words
    assert "Holm" in words


def test_the_command_writes_figures_and_methods(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("truth", "one"):
        rows = "".join(f"v{at}.mp4,{'yes' if at % 2 else 'no'}\n" for at in range(6))
        (tmp_path / f"{name}.csv").write_text("file,tonic\n" + rows, encoding="utf-8")
    asked = ["evaluate", "--reference", str(tmp_path / "truth.csv"), str(tmp_path / "one.csv")]
    figures, methods = tmp_path / "figures", tmp_path / "methods.txt"
    assert cli.main([*asked, "--figures", str(figures), "--format", "pdf", "--methods", str(methods)]) == 0
    names = {path.name for path in figures.iterdir()}
    assert {"heat-map.pdf", "intervals.csv", "confusion-one.pdf", "prevalence.pdf"} <= names
    assert "6 recordings" in methods.read_text("utf-8")
    assert cli.main([*asked, "--figures", str(figures), "--format", "bmp"]) == 1
    assert "png, svg, pdf" in capsys.readouterr().err
