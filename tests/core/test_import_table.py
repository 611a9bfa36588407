"""Research groups' tables taken into a study: three ways of not answering stay three to the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli import main
from app.core.errors import UserError
from app.core.evaluation.import_table import FAILED, TableChoice, import_table, preview_table
from app.core.evaluation.label_sources import LabelShelf
from app.core.evaluation.labels import LabelState
from app.core.exchange.joined_readings import ContradictionError, Prefer, Settlement
from app.core.exchange.meaning import Meaning
from app.core.jobs import CancelToken, no_report
from app.core.reading import ReaderKind, person
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.edits import SetBlindByDefault
from app.core.study.patient_data import PatientData
from app.core.study.store import Study
from app.core.study.viewer import Unsealed
from tests.core.label_layouts import make_layouts
from tests.core.study_cases import Clip

MODEL = TableChoice("qwen", ReaderKind.MODEL, add_missing=True)


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as opened:
        opened.recording(Clip(tmp_path / "V1.mp4"))
        opened.apply(SetBlindByDefault(True, False))
        yield opened


def take(study: Study, path: Path, choice: TableChoice) -> tuple[str, ...]:
    done = import_table(study, Unsealed(), path, choice, report=no_report, cancel=CancelToken())
    return (*done.outcome.remarks, *done.outcome.asides)


def test_everything_that_a_table_says_is_in_the_study(study: Study, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(
        "file_name,tonic,justification_for_tonic,start_time_for_tonic,end_time_for_tonic,left_right_tonic,"
        "clonic,blank_stare,ward\nx\\v1.M2T,Yes.,stiff,0:05,0:00:50,left,na,,7\n"
    )
    assert take(study, table, TableChoice("Bo")) == ("Recordings whose patient data changed: 1.",)
    reading = study.reading(1, person("Bo"), viewer=None)
    expected = Answer("tonic", Presence.YES, None, (Span(5, 50),), Laterality.LEFT, "stiff")
    assert reading.answer("tonic") == expected
    assert reading.answer("clonic").presence is Presence.NOT_ASSESSABLE
    assert reading.answers.keys() == {"tonic", "clonic"}
    assert study.patient_data(1, viewers=()) == PatientData(columns=(("ward", "7"),))


def test_a_person_does_not_fail(study: Study, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("recording,tonic\nV1,fail\n")
    with pytest.raises(UserError, match="--reader-kind model"):
        take(study, table, TableChoice("Bo"))
    take(study, table, MODEL)
    (reading,) = study.readings(1, viewer=None)
    assert reading.answer("tonic") == Answer("tonic", explanation=FAILED)


def written(tmp_path: Path, *lines: str) -> Path:
    table = tmp_path / "t.csv"
    table.write_text("\n".join(lines) + "\n")
    return table


def test_rows_of_one_recording_and_reader_are_joined(study: Study, tmp_path: Path) -> None:
    head = "recording,reader,tonic,start_time_for_tonic,end_time_for_tonic,clonic"
    table = written(tmp_path, head, "V1.mp4,Bo,yes,5,10,", "v1,bo ,yes,20,25,no")
    assert take(study, table, TableChoice()) == ("“bo” was taken for “Bo”.",)
    reading = study.reading(1, person("Bo"), viewer=None)
    assert reading.answer("tonic") == Answer("tonic", Presence.YES, None, (Span(5, 10), Span(20, 25)))
    assert reading.answer("clonic").presence is Presence.NO


@pytest.mark.parametrize("head", ["recording,reader,tonic", "recording,reader,reader_kind,tonic"])
def test_rows_that_contradict_each_other_are_told_and_nothing_is_changed(
    study: Study, tmp_path: Path, head: str
) -> None:
    kind = "person," if "kind" in head else ""
    table = written(tmp_path, head, f"V1.mp4,Bo,{kind}yes", f"new,Bo,{kind}yes", f"v1,Bo,{kind}no")
    with pytest.raises(ContradictionError, match=r"yes \(row 2\), no \(row 4\)"):
        take(study, table, TableChoice(add_missing=True))
    assert [row.name for row in study.recordings()] == ["V1.mp4"]
    assert study.readings(1, viewer=None) == ()
    later = Settlement(otherwise=Prefer.LATER)
    take(study, table, TableChoice(settlement=later))
    assert study.reading(1, person("Bo"), viewer=None).answer("tonic").presence is Presence.NO


def test_a_column_of_another_name_is_mapped_and_then_no_patient_data(study: Study, tmp_path: Path) -> None:
    table = written(tmp_path, "recording,tonic,Jerks,reason for Jerks,ward", "V1,no,yes,arm,7")
    meaning = Meaning({"jerks": "clonic"})
    take(study, table, TableChoice("Bo", meaning=meaning))
    assert study.reading(1, person("Bo"), viewer=None).answer("clonic").explanation == "arm"
    assert study.patient_data(1, viewers=()) == PatientData(columns=(("ward", "7"),))


def test_columns_that_read_as_answers_are_offered_to_be_mapped(study: Study, tmp_path: Path) -> None:
    table = written(tmp_path, "recording,tonic,Jerks,ward,empty", "V1,no,yes,7,")
    seen = preview_table(study, Unsealed(), table, TableChoice("Bo"), report=no_report, cancel=CancelToken())
    assert seen.unknown == ("Jerks",)


def test_the_command_takes_a_map_a_side_and_a_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "s.semioscope"
    with Study.open(folder, author="Ana") as study:
        for place in "ab":
            study.recording(Clip(tmp_path / place / "V1.mp4", place * 64))
    table = written(tmp_path, "recording,Jerks", "V1.mp4,yes", "V1.mp4,no")
    base = ["import", str(folder), "--format", "table", "--reader", "Bo", "--unsealed", str(table)]
    asked = ["--map", "Jerks=clonic", "--on-contradiction", "later"]
    assert main([*base, *asked]) == 0
    assert "“V1.mp4” can be recording 1 (“../a/V1.mp4”" in capsys.readouterr().err
    assert main([*base, "--on-contradiction", "later", "--recording", "V1.mp4=7"]) == 1
    assert "cannot be recording 7" in capsys.readouterr().err
    assert main([*base, "--recording", "V1.mp4=x"]) == 1
    assert main([*base, *asked, "--recording", "V1.mp4=2"]) == 0
    with Study.open(folder, author="Ana") as study:
        assert study.readings(1, viewer=None) == ()
        assert study.reading(2, person("Bo"), viewer=None).answer("clonic").presence is Presence.NO
    assert main([*base, "--preview", "--recording", "V1.mp4=1"]) == 0
    assert "V1.mp4 · Bo · Clonic" not in capsys.readouterr().out  # the sides contradict each other again


_WORDS = {
    "yes": LabelState.YES,
    "NO": LabelState.NO,
    "n.a.": LabelState.NOT_ASSESSABLE,
    "fail.": LabelState.FAILED,
    "": LabelState.UNANSWERED,
}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(_WORDS)), min_size=1, max_size=6))
def test_failed_not_assessable_and_unanswered_stay_three(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    """From the table through the study to the labels that evaluate sees."""
    folder = tmp_path_factory.mktemp("s")
    table = folder / "t.csv"
    table.write_text(
        "recording,tonic,clonic\n" + "".join(f"v{n},{word},no\n" for n, word in enumerate(words))
    )
    with Study.open(folder / "s.semioscope", author="Ana") as study:
        take(study, table, MODEL)

        @contextmanager
        def opened(_folder: Path) -> Iterator[tuple[Study, Unsealed]]:
            yield study, Unsealed()

        (labels,) = LabelShelf({}, opened).of(study.folder).labels
        assert {case.key: case.state("tonic") for case in labels.cases} == {
            f"v{n}": _WORDS[word] for n, word in enumerate(words)
        }


def test_tables_in_the_layouts_of_groups_give_the_same_figures_from_the_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_layouts(tmp_path / "made")
    folder = str(tmp_path / "all.semioscope")
    Study.open(Path(folder), author="Ana").close()
    base = ["import", folder, "--format", "table", "--unsealed"]
    assert main([*base, "--reader", "Ana", "--add-missing", str(made / "labels.csv")]) == 0
    model = ["--reader-kind", "model"]
    assert main([*base, *model, "--reader", "sound", str(made / "sound_predictions.csv")]) == 0
    assert main([*base, *model, "--reader", "visual", str(made / "visual_segments.csv")]) == 0
    for name, table in (("sound", "sound_predictions.csv"), ("visual", "visual_segments.csv")):
        of_study, of_table = tmp_path / "a.json", tmp_path / "b.json"
        sources = ["--reference", f"Ana={folder}", "--reading", f"{name}={folder}", "--unsealed"]
        assert main(["evaluate", *sources, "--replace", "--json", str(of_study)]) == 0
        tables = ["--reference", str(made / "labels.csv"), "--reading", f"{name}={made / table}"]
        assert main(["evaluate", *tables, "--replace", "--json", str(of_table)]) == 0
        one, other = (json.loads(path.read_text())["readings"][name] for path in (of_study, of_table))
        shared = {key for key, row in other["features"].items() if row["n"]}
        assert shared
        for key in shared:
            assert one["features"][key]["f1"] == other["features"][key]["f1"], key
            assert one["features"][key]["n"] == other["features"][key]["n"], key
    capsys.readouterr()
