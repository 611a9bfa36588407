"""Agreement as charts: a forest plot, the map of all answers, the order of onsets; and all of it as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from app.core.agreement.answer_map import AnswerMap, SaidState, answer_map
from app.core.agreement.comparison import compare
from app.core.agreement.comparison_choice import Compared
from app.core.agreement.onset_order import sign_delays
from app.core.agreement.study_readings import RecordingReadings
from app.core.errors import UserError
from app.core.evaluation.agreement_charts import FOREST_FIGURES, forest_chart, onset_chart
from app.core.evaluation.agreement_files import map_to_csv, write_agreement
from app.core.evaluation.chart_files import chart_to_csv
from app.core.evaluation.chart_words import describe_point
from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Presence, Span

YES, NO, NA = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE
PLACE = {feature.id: place for place, feature in enumerate(FEATURES)}


def reading(name: str, number: int, **said: tuple[Presence, float | None]) -> Reading:
    answers = {}
    for feature, (presence, onset) in said.items():
        # Not in the order of time: the first one is not the onset.
        spans = () if onset is None else (Span(onset + 9, onset + 10), Span(onset, onset + 2))
        answers[feature] = Answer(feature, presence, None, spans)
    return Reading(RecordingIdentity(f"{number}.mp4", f"{number:064}", 60.0), person(name), answers)


def many(name: str, flipped: int = 0) -> list[Reading]:
    """Thirty recordings, of which every third has clonic jerks; in some of them the reader errs."""
    found = []
    for number in range(30):
        jerks = (number % 3 == 0) is not (number < flipped)
        said = {"clonic": (YES if jerks else NO, None), "tonic": (NO, None)}
        found.append(reading(name, number, **said))
    return found


@pytest.fixture
def compared() -> Compared:
    readers = {"Ana": many("Ana"), "Bo": many("Bo", flipped=4)}
    rows = tuple(
        RecordingReadings(number, f"{number}.mp4", pair)
        for number, pair in enumerate(zip(*readers.values(), strict=True))
    )
    return made(readers, rows)


def made(readers: Mapping[str, Sequence[Reading]], rows: Sequence[RecordingReadings]) -> Compared:
    first, second = list(readers)[:2]
    return Compared(
        tuple(readers),
        (first, second),
        comparison=compare(readers[first], readers[second]),
        answers=answer_map(rows, readers),
        delays=sign_delays(readers),
    )


def test_the_forest_plot_shows_each_figure_with_its_interval_and_cases(compared: Compared) -> None:
    found = compared.comparison
    assert found is not None
    for name, of in FOREST_FIGURES.items():
        chart = forest_chart(compared, name)
        assert chart.rows[0] == "All features"
        assert len(chart.rows) == 21
        for point in chart.points:
            figures = found.features[FEATURES[point.row - 1].id].figures if point.row else found.overall
            one = of(figures)
            found_one = point.estimate
            assert (found_one.value, found_one.low, found_one.high) == (one.value, one.low, one.high)
            assert point.n == one.n
    kappa = forest_chart(compared)
    clonic = next(one for one in kappa.points if kappa.rows[one.row] == "Clonic")
    assert clonic.wanted.feature == "clonic"
    assert clonic.n == 30
    assert describe_point(kappa, clonic).startswith("Clonic, Ana and Bo: κ 0.")
    assert "30 cases" in describe_point(kappa, clonic)


def test_marks_grow_with_the_cases_and_the_pooled_row_does_not_dwarf_them(compared: Compared) -> None:
    chart = forest_chart(compared, "Same")
    sizes = {chart.rows[one.row]: chart.size_of(one) for one in chart.points}
    assert sizes["Clonic"] == sizes["All features"] == 1.0


def test_axes_hold_what_they_show(compared: Compared) -> None:
    assert forest_chart(compared, "κ").axis == (-1.0, 1.0)
    assert forest_chart(compared, "Same").axis == (0.0, 1.0)
    late = {"Ana": [reading("Ana", 1, tonic=(YES, 2.0), clonic=(YES, 42.0))], "Bo": []}
    chart = onset_chart(Compared(("Ana", "Bo"), ("Ana", "Bo"), delays=sign_delays(late)))
    assert chart.axis == (0.0, 40.0)


def test_one_recording_has_no_forest_plot() -> None:
    assert forest_chart(Compared(("Ana", "Bo"), ("Ana", "Bo"), only_open=True)).points == ()
    assert forest_chart(Compared(())).points == ()


# --- the map -----------------------------------------------------------------------------------


@pytest.fixture
def answers() -> AnswerMap:
    ana, bo = reading("Ana", 1, clonic=(YES, 1.0), tonic=(NA, None)), reading("Bo", 1, clonic=(NO, None))
    rows = [
        RecordingReadings(7, "=night.mp4", (ana, bo)),
        RecordingReadings(8, "two.mp4", (bo,), sealed=True),
    ]
    return answer_map(rows, {"Ana": [ana], "Bo": [bo]})


def test_the_map_says_what_each_reader_says(answers: AnswerMap) -> None:
    assert answers.states.shape == (2, 20, 2)
    assert answers.states[0, PLACE["clonic"]].tolist() == [SaidState.YES, SaidState.NO]
    assert answers.states[0, PLACE["tonic"]].tolist() == [SaidState.NOT_ASSESSABLE, SaidState.UNANSWERED]
    assert answers.states[1, PLACE["clonic"]].tolist() == [SaidState.SEALED, SaidState.NO]
    assert answers.words(0, PLACE["clonic"]) == "=night.mp4, Clonic. Ana: yes, Bo: no."
    assert "Ana: sealed" in answers.words(1, PLACE["clonic"])


def test_only_yes_beside_no_differs(answers: AnswerMap) -> None:
    assert np.argwhere(answers.differs()).tolist() == [[0, PLACE["clonic"]]]


def test_the_map_as_csv_cannot_start_a_formula(answers: AnswerMap) -> None:
    rows = list(csv.reader(io.StringIO(map_to_csv(answers))))
    assert rows[0] == ["recording", "feature", "Ana", "Bo"]
    assert len(rows) == 41
    assert not rows[1][0].startswith("=")
    assert ["Clonic", "yes", "no"] in [row[1:] for row in rows]


# --- onsets ------------------------------------------------------------------------------------


def test_onsets_are_after_each_readers_first_sign_and_listed_in_their_order() -> None:
    readers = {
        "Ana": [
            reading("Ana", 1, tonic=(YES, 10.0), clonic=(YES, 16.0), head_turning=(YES, 8.0)),
            reading("Ana", 2, tonic=(YES, 0.0), clonic=(YES, 4.0)),
        ],
        "Bo": [reading("Bo", 1, tonic=(YES, 11.0)), reading("Bo", 2, clonic=(NO, None))],
    }
    delays = sign_delays(readers)
    assert delays["Ana"] == {"head_turning": (0.0,), "tonic": (2.0, 0.0), "clonic": (8.0, 4.0)}
    assert delays["Bo"] == {}, "one sign has no order"
    chart = onset_chart(Compared(("Ana", "Bo"), ("Ana", "Bo"), delays=delays))
    assert chart.rows == ("Head turning", "Tonic", "Clonic")
    assert chart.columns == ("Ana",)
    clonic = chart.points[-1]
    assert (clonic.estimate.value, clonic.n) == (6.0, 2)
    assert describe_point(chart, clonic) == (
        "Clonic, Ana: 6.0 s after the first sign (middle half 5.0 to 7.0 s), 2 recordings."
    )
    assert describe_point(chart, chart.points[0]).endswith("1 recording.")


# --- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "csv"])
def test_every_picture_becomes_a_file_of_each_kind(compared: Compared, kind: str, tmp_path: Path) -> None:
    assert compared.answers is not None
    for name, shown in (("forest", forest_chart(compared)), ("map", compared.answers)):
        path = tmp_path / f"{name}.{kind}"
        write_agreement(path, shown)
        head = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "csv": b"\xef\xbb\xbf"}[kind]
        assert path.read_bytes().startswith(head)
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(chart_to_csv(forest_chart(compared)))))
        assert {row["n"] for row in rows if row["row"] == "Clonic"} == {"30"}


def test_another_kind_of_file_is_refused(compared: Compared, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="png, svg, pdf, csv"):
        write_agreement(tmp_path / "x.exe", forest_chart(compared))
    assert not list(tmp_path.iterdir())
