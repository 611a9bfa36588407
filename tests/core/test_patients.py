"""Patient data of recordings: from tables and names, kept as one edit, and never given away."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import main
from app.core.errors import UserError
from app.core.evaluation.describe_patients import (
    TypedRow,
    keep_patient_plan,
    keep_typed,
    patient_table,
    plan_from_names,
    plan_from_table,
    rows_to_type,
)
from app.core.evaluation.patient_names import rows_of_names
from app.core.exchange.bundle import bundle_of_study
from app.core.exchange.formats import FORMATS
from app.core.reading import person
from app.core.semiology import Answer, Presence
from app.core.study.edits import SetAnswer, SetBlindByDefault, SetPatientData
from app.core.study.moved_recordings import is_missing, missing_recordings
from app.core.study.patient_data import Diagnosis, PatientData
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom, Unsealed, every_reader
from app.core.study.without_video import NoVideoError
from tests.core.study_cases import ANA, Clip

_BO = person("Bo")
SECRET = "Pat-Zebra"
DATA = PatientData(SECRET, "E-Zebra", Diagnosis.FUNCTIONAL, "S-Zebra", (("ward", "W-Zebra"),))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    opened = Study.open(tmp_path / "clip.semioscope", author="Ana")
    opened.recording(Clip(tmp_path / "P01_S1_bed.mp4"))
    opened.recording(Clip(tmp_path / "P02_S1_bed.mp4", "e" * 64))
    return opened


def test_a_table_is_shown_and_then_kept_as_one_undoable_change(study: Study, tmp_path: Path) -> None:
    table = tmp_path / "who.csv"
    table.write_text(
        "file_name,Patient ID,seizure,diagnosis,split,age,tonic\n"
        "x/p01_s1_BED.m2t,P01,1,PNES,dev,31,yes\nP02_S1_bed.wav,P02,,epileptic,test,,no\nP03.mp4,P03,,,,,\n"
    )
    plan = plan_from_table(study, table)
    assert study.patient_data(1, viewers=()) == PatientData()
    assert [change.number for change in plan.changes] == [1, 2, None]
    assert keep_patient_plan(study, plan) == 2
    assert study.patient_data(1, viewers=()) == PatientData(
        "P01", "1", Diagnosis.FUNCTIONAL, "dev", (("age", "31"),)
    )
    assert plan_from_table(study, table).known == ()
    assert keep_patient_plan(study, plan_from_table(study, table), add_missing=True) == 1
    assert [row.has_video for row in study.recordings()] == [True, True, False]
    study.undo(1)
    assert study.patient_data(1, viewers=()) == study.patient_data(2, viewers=()) == PatientData()
    assert study.verify_history() == ()


def test_blank_cells_leave_what_is_known(study: Study, tmp_path: Path) -> None:
    study.apply(SetPatientData(1, PatientData(), DATA))
    table = tmp_path / "who.csv"
    table.write_text("recording,patient,ward,bed\nP01_S1_bed,,,4\n")
    keep_patient_plan(study, plan_from_table(study, table))
    assert study.patient_data(1, viewers=()).texts == {**DATA.texts, "bed": "4"}


def test_rows_that_contradict_each_other_are_refused_with_their_place(study: Study, tmp_path: Path) -> None:
    table = tmp_path / "who.csv"
    table.write_text("recording,patient\nP01_S1_bed_segment_0,A\nP01_S1_bed_segment_1,B\n")
    with pytest.raises(UserError, match=r"Row 3 says of .* “B”, an earlier row “A”"):
        plan_from_table(study, table)
    table.write_text("recording,diagnosis\nP01_S1_bed,tired\n")
    with pytest.raises(UserError, match="Row 2 says “tired”; a diagnosis is epileptic, functional or other"):
        plan_from_table(study, table)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{patient}_{event}_*", {"patient": "P01", "event": "S1"}),
        ("*_{camera}", {"camera": "bed"}),
        (r"(?P<patient>P[0-9]+)", {"patient": "P01"}),
    ],
)
def test_names_say_who_the_patient_is(pattern: str, said: dict[str, str]) -> None:
    rows, others = rows_of_names(["P01_S1_bed.mp4", "??"], pattern)
    assert [row.data.texts for row in rows] == [said]
    assert others == ("??",)


@pytest.mark.parametrize("pattern", ["no place", "(?P<patient>[", "{patient}_{patient}"])
def test_a_pattern_that_cannot_be_used_is_said(study: Study, pattern: str) -> None:
    with pytest.raises(UserError, match="pattern"):
        plan_from_names(study, pattern)


def test_no_export_holds_patient_data(study: Study, tmp_path: Path) -> None:
    """Fails when `bundle._row` lets rows of patient data through."""
    study.apply(SetAnswer(1, ANA, Answer("tonic"), Answer("tonic", Presence.YES)))
    keep_typed(study, (TypedRow(1, "", DATA),), Unsealed())
    study.undo(1)
    study.redo(1)
    bundle = bundle_of_study(study)
    assert len(bundle.history) == 4
    for row in FORMATS.values():
        assert all(b"Zebra" not in file.content for file in row.codec.write(bundle, "all"))
    assert main(["report", str(study.folder), "--out", str(tmp_path / "r.html"), "--unsealed"]) == 0
    assert "Zebra" not in (tmp_path / "r.html").read_text()


def test_a_blind_reader_is_not_shown_the_diagnosis(study: Study) -> None:
    """Not in the worklist, the table, the history, or as a column of labels."""
    study.apply(SetBlindByDefault(True, False))
    study.apply(SetBlindByDefault(False, True))
    study.apply(SetAnswer(1, ANA, Answer("tonic"), Answer("tonic", Presence.YES)))
    keep_typed(study, (TypedRow(1, "", DATA),), Unsealed())
    seen = study.worklist(_BO, viewer=_BO)[0].patient_data
    assert seen == DATA.known_to_blind_readers == study.patient_data(1, viewers=(_BO,))
    assert study.worklist(_BO, viewer=None)[0].patient_data == DATA
    blind = SealedFrom((_BO,))
    (row, _) = rows_to_type(study, blind)
    assert (row.sealed, row.data) == (True, seen)
    keep_typed(study, (TypedRow(1, "", PatientData("P9")),), blind)
    assert study.patient_data(1, viewers=()) == replace(DATA, patient="P9", event="", split=""), (
        "the rest was not seen"
    )
    shown = patient_table(study, every_reader(study))
    assert not any("functional" in row or "W-Zebra" in row for row in shown)
    rows = study.history_page(viewers=(_BO,)).rows
    assert not any("Zebra" in row.entry.new for row in rows)


def test_a_recording_by_label_alone_is_said_calmly(study: Study, tmp_path: Path) -> None:
    number = study.recording_without_video("Only Labels.mp4")
    assert study.recording_without_video("Only Labels.mp4") == number
    study.apply(SetAnswer(number, ANA, Answer("tonic"), Answer("tonic", Presence.YES)))
    with pytest.raises(NoVideoError, match="labels alone"):
        study.recording_path(number)
    assert not is_missing(study, number)
    assert number not in {row.id for row in missing_recordings(study)}
    assert not study.worklist(ANA, viewer=None)[-1].has_video
    out = tmp_path / "out"
    for command in (
        ["report", str(study.folder), "--out", str(tmp_path / "r.html"), "--unsealed"],
        ["export", str(study.folder), "--format", "csv-long", "--unsealed", "--out", str(out)],
        ["history", str(study.folder)],
        ["patients", str(study.folder)],
    ):
        assert main(command) == 0, command


def test_the_command_shows_first_and_keeps_when_asked(
    study: Study, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = str(study.folder)
    assert main(["patients", folder, "--pattern", "{patient}_{event}_*"]) == 0
    assert "P01_S1_bed.mp4: patient P01, event S1" in capsys.readouterr().out
    assert study.patient_data(1, viewers=()) == PatientData()
    assert main(["patients", folder, "--pattern", "{patient}_{event}_*", "--keep"]) == 0
    assert study.patient_data(2, viewers=()) == PatientData("P02", "S1")
    assert main(["patients", folder, "--csv", str(tmp_path / "all.csv")]) == 0
    assert main(["patients", folder, "--table", str(tmp_path / "all.csv"), "--keep"]) == 0
    assert "Nothing to change." in capsys.readouterr().out
    assert main(["patients", folder, "--table", str(tmp_path / "none.csv")]) == 1


def test_evaluate_takes_the_patients_of_the_study(study: Study, tmp_path: Path) -> None:
    study.apply(SetBlindByDefault(True, False))
    for number in (1, 2):
        for reader in (ANA, _BO):
            study.apply(SetAnswer(number, reader, Answer("tonic"), Answer("tonic", Presence.YES)))
    keep_typed(study, (TypedRow(1, "", PatientData("P1")), TypedRow(2, "", PatientData("p1"))), Unsealed())
    folder, out = str(study.folder), tmp_path / "e.json"
    sources = ["--reference", f"Ana={folder}", "--reading", f"Bo={folder}"]
    assert main(["evaluate", *sources, "--group-by", "patient", "--json", str(out)]) == 0
    assert json.loads(out.read_text())["patients"] == 1
