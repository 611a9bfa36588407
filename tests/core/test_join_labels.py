"""Labels without a video are joined with the recording of their video: all of it, and undone in one step."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.core.errors import UserError
from app.core.exchange.join_labels import JoinPlan, join_labels, join_proposed, look_at_joins, plan_join
from app.core.exchange.joined_readings import Prefer, Settlement
from app.core.exchange.label_joins import LabelJoin, propose_joins
from app.core.reading import person
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.edits import (
    Conflict,
    Edit,
    JoinLabels,
    LockReading,
    RateExplanation,
    SetAnswer,
    SetBlindByDefault,
    SetMark,
    SetNote,
    SetPatientData,
)
from app.core.study.history import Operation
from app.core.study.marks import Mark, MarkKind
from app.core.study.patient_data import Diagnosis, PatientData
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom, Unsealed
from tests.core.study_cases import ANA, SIGNAL, Clip

YES, NO = Presence.YES, Presence.NO
BO = person("Bo")
OPEN = SealedFrom(())
FULL = Answer("tonic", YES, 80, (Span(1.5, 2.0), Span(3.0, 4.25)), Laterality.LEFT, "why")
DATA = PatientData("P7", "2", Diagnosis.FUNCTIONAL, "test", (("age", "31"),))


@pytest.fixture(name="study")
def _study(tmp_path: Path) -> Iterator[Study]:
    """The labels of “P01_bed” alone (number 1) and its video (2)."""
    with Study.open(tmp_path / "s.semioscope", author="Ward") as study:
        study.recording_without_video("P01_bed")
        study.recording(Clip(tmp_path / "p01_BED.mp4"))
        yield study


def label(study: Study, number: int = 1) -> None:
    """Everything that can be said of labels alone, also a rating of a text that was changed since."""
    for edit in (
        SetAnswer(number, ANA, Answer("tonic"), FULL),
        SetAnswer(number, SIGNAL, Answer("clonic"), Answer("clonic", NO, 61, explanation="first")),
        SetNote(number, ANA, "tonic", "", "a note"),
        SetMark(number, ANA, None, Mark(MarkKind.ONSET, 3.5)),
        SetMark(number, ANA, None, Mark(MarkKind.PHASE, 4.5, "aura")),
        RateExplanation(number, SIGNAL, "clonic", ANA, None, Rating(4, "good")),
        SetAnswer(
            number,
            SIGNAL,
            Answer("clonic", NO, 61, explanation="first"),
            Answer("clonic", NO, 61, explanation="then"),
        ),
        SetPatientData(number, PatientData(), DATA),
    ):
        study.apply(edit)


def said(study: Study, number: int) -> tuple[Any, ...]:
    full = [
        one
        for one in study.full_readings(number, viewer=None)
        if one.reading.answers or one.notes or one.marks
    ]
    ratings = [
        (one.explained.reader.name, one.explained.feature, one.rating, one.explanation, one.current)
        for one in study.ratings(recording_id=number, viewer=None)
    ]
    return (
        sorted((one.reading.reader.name, dict(one.reading.answers), one.notes, one.marks) for one in full),
        ratings,
        study.patient_data(number, viewers=()),
    )


def the_join(study: Study) -> LabelJoin:
    (join,) = propose_joins(study).joins
    return join


def planned(study: Study, settlement: Settlement | None = None) -> JoinPlan:
    return plan_join(study, OPEN, the_join(study), settlement or Settlement())


def test_all_that_was_said_is_said_of_the_video_and_one_undo_takes_it_back(study: Study) -> None:
    label(study)
    before, nothing = said(study, 1), said(study, 2)
    plan = planned(study)
    assert plan.moved == "2 answers of Ana, signal"
    group = join_labels(study, OPEN, the_join(study))
    assert [change.edit for change in group.changes] == list(plan.edits)
    assert [row.id for row in study.recordings()] == [2]
    assert said(study, 2) == before
    assert study.verify_history() == ()
    assert study.undo(2) is not None
    (labels,) = (row for row in study.recordings() if not row.has_video)
    assert (labels.name, said(study, labels.id), said(study, 2)) == ("P01_bed", before, nothing)
    assert study.verify_history() == ()
    assert study.redo(2) is not None
    assert [row.id for row in study.recordings()] == [2]
    assert said(study, 2) == before
    assert study.verify_history() == ()


def test_labels_of_which_nothing_is_said_are_joined_too(study: Study) -> None:
    group = join_labels(study, OPEN, the_join(study))
    assert [type(change.edit) for change in group.changes] == [JoinLabels]
    assert group.operation is Operation.EDIT
    assert study.undo(2) is not None
    assert propose_joins(study).joins != ()


def test_it_survives_a_restart_and_the_number_is_given_to_no_other(study: Study, tmp_path: Path) -> None:
    alone = study.recording_without_video("P02")
    study.recording(Clip(tmp_path / "P02.mkv", "e" * 64))
    label(study, alone)
    join_labels(study, OPEN, propose_joins(study).joins[-1])
    study.close()
    with Study.open(tmp_path / "s.semioscope", author="Ward") as again:
        assert again.recording(Clip(tmp_path / "P03.mkv", "d" * 64)) not in (alone, 1, 2)
        assert again.undo(4) is not None
        (row,) = (row for row in again.recordings() if row.name == "P02")
        assert row.id > alone
        assert again.verify_history() == ()


def test_answers_of_one_reader_on_both_sides_complete_each_other(study: Study) -> None:
    study.apply(SetAnswer(1, ANA, Answer("tonic"), Answer("tonic", YES, explanation="stiff")))
    study.apply(SetAnswer(2, ANA, Answer("tonic"), Answer("tonic", YES, 70, (Span(1, 2),))))
    join_labels(study, OPEN, the_join(study))
    assert study.reading(2, ANA, viewer=None).answer("tonic") == Answer(
        "tonic", YES, 70, (Span(1, 2),), None, "stiff"
    )


@pytest.mark.parametrize(
    ("prefer", "answer"), [(Prefer.EARLIER, NO), (Prefer.LATER, YES), (Prefer.NEITHER, None)]
)
def test_a_contradiction_is_shown_and_chosen(study: Study, prefer: Prefer, answer: Presence | None) -> None:
    study.apply(SetAnswer(1, ANA, Answer("tonic"), FULL))
    study.apply(SetAnswer(2, ANA, Answer("tonic"), Answer("tonic", NO)))
    (contradiction,) = planned(study).unsettled
    assert [side.place for side in contradiction.alternatives] == ["with the video", "labels alone"]
    rows = len(study.history(viewer=None))
    with pytest.raises(UserError, match="Nothing was joined, because answers contradict each other"):
        join_labels(study, OPEN, the_join(study))
    assert len(study.history(viewer=None)) == rows
    join_labels(study, OPEN, the_join(study), Settlement(otherwise=prefer))
    assert study.reading(2, ANA, viewer=None).answer("tonic").presence is answer


def test_patient_data_that_contradict_are_chosen_and_others_completed(study: Study) -> None:
    study.apply(SetPatientData(1, PatientData(), DATA))
    study.apply(SetPatientData(2, PatientData(), PatientData("P8", columns=(("ward", "3"),))))
    (contradiction,) = planned(study).unsettled
    assert contradiction.what == "patient"
    join_labels(study, OPEN, the_join(study), Settlement({contradiction.key: 1}))
    assert study.patient_data(2, viewers=()) == PatientData(
        "P7", "2", Diagnosis.FUNCTIONAL, "test", (("age", "31"), ("ward", "3"))
    )


def test_times_beyond_the_end_of_the_video_are_left_out_with_a_sentence(study: Study) -> None:
    late = Answer("tonic", YES, None, (Span(5, 6), Span(70, 80)))
    study.apply(SetAnswer(1, ANA, Answer("tonic"), late))
    (remark,) = planned(study).remarks
    assert "70.0–80.0 s, beyond the end of the recording at 60.0 s, was left out" in remark
    join_labels(study, OPEN, the_join(study))
    assert study.reading(2, ANA, viewer=None).answer("tonic").evidence == (Span(5, 6),)
    study.undo(2)
    (labels,) = (row for row in study.recordings() if not row.has_video)
    assert study.reading(labels.id, ANA, viewer=None).answer("tonic") == late


def test_a_locked_reading_is_not_changed(study: Study) -> None:
    study.apply(SetAnswer(1, ANA, Answer("tonic"), FULL))
    study.apply(SetAnswer(2, ANA, Answer("clonic"), Answer("clonic", NO)))
    study.apply(LockReading(2, ANA))
    with pytest.raises(UserError, match="locked"):
        join_labels(study, OPEN, the_join(study))
    assert len(study.recordings()) == 2


def test_what_is_sealed_is_moved_and_not_shown(study: Study) -> None:
    study.apply(SetBlindByDefault(True, False))
    study.apply(SetBlindByDefault(False, True))
    study.apply(SetAnswer(1, BO, Answer("tonic"), FULL))
    ana = SealedFrom((ANA,))
    plan = plan_join(study, ana, the_join(study))
    assert plan.moved == "what is sealed from you"
    join_labels(study, ana, the_join(study))
    assert study.reading(2, BO, viewer=None).answer("tonic") == FULL
    assert study.sealed_readers(2, (ANA,)) == {BO.exact_key}


def test_what_is_sealed_on_both_sides_is_not_compared(study: Study) -> None:
    study.apply(SetBlindByDefault(True, False))
    study.apply(SetBlindByDefault(False, True))
    for number in (1, 2):
        study.apply(SetAnswer(number, BO, Answer("tonic"), FULL))
    with pytest.raises(UserError, match="sealed from you stand on both sides"):
        plan_join(study, SealedFrom((ANA,)), the_join(study))
    assert len(study.recordings()) == 2


@pytest.mark.parametrize(
    "use",
    [
        lambda study: look_at_joins(study, Unsealed()),
        lambda study: join_labels(study, Unsealed(), the_join(study)),
        lambda study: join_proposed(study, Unsealed()),
    ],
)
def test_what_is_unsealed_for_a_join_is_written_down_once(study: Study, use: Callable[[Study], Any]) -> None:
    study.apply(SetBlindByDefault(True, False))
    study.apply(SetBlindByDefault(False, True))
    study.apply(SetAnswer(1, BO, Answer("tonic"), FULL))
    study.apply(SetAnswer(2, ANA, Answer("tonic"), FULL))
    use(study)
    (row,) = (row for row in study.history(viewer=None) if row.subject == "unsealed")
    assert json.loads(row.new) == {"for": "join labels", "readings": 2}


def test_sealed_times_beyond_the_end_are_not_told(study: Study) -> None:
    study.apply(SetBlindByDefault(True, False))
    study.apply(SetBlindByDefault(False, True))
    for reader in (BO, SIGNAL):
        study.apply(SetAnswer(1, reader, Answer("tonic"), Answer("tonic", YES, None, (Span(70, 80),))))
    study.apply(SetMark(1, BO, None, Mark(MarkKind.ONSET, 71)))
    (remark,) = plan_join(study, SealedFrom((ANA,)), the_join(study)).remarks
    assert remark == (
        "“p01_BED.mp4”: times that are sealed from you, beyond the end of the recording at 60.0 s, were left "
        "out or set to its end."
    )
    assert len(planned(study).remarks) == 2


@pytest.mark.parametrize("rated", [(1, 2), (1,), (2,)])
def test_ratings_on_both_sides_are_not_compared_while_the_recording_is_sealed(
    study: Study, rated: tuple[int, ...]
) -> None:
    study.apply(SetBlindByDefault(True, False))
    study.apply(SetBlindByDefault(False, True))
    for number in (1, 2):
        study.apply(SetAnswer(number, ANA, Answer("tonic"), FULL))
    for number in rated:
        study.apply(RateExplanation(number, ANA, "tonic", BO, None, Rating(number)))
    if len(rated) == 2:
        with pytest.raises(UserError, match="sealed from you stand on both sides"):
            plan_join(study, SealedFrom((ANA,)), the_join(study))
        assert planned(study).unsettled[0].what == "the rating of Tonic by Bo"
    else:
        assert plan_join(study, SealedFrom((ANA,)), the_join(study)).unsettled == ()


def test_labels_of_which_something_is_still_said_never_go(study: Study) -> None:
    edits: tuple[Edit, ...] = (
        SetAnswer(1, ANA, Answer("tonic"), FULL),
        SetNote(1, ANA, "tonic", "", "a note"),
        SetMark(1, ANA, None, Mark(MarkKind.ONSET, 3.5)),
        LockReading(1, ANA),
        SetPatientData(1, PatientData(), DATA),
    )
    for edit in edits:
        study.apply(edit)
        with pytest.raises(Conflict, match="meanwhile"):
            study.apply(JoinLabels(2, "P01_bed", None))
        study.undo(1)
    with pytest.raises(Conflict, match="no video"):
        study.apply(JoinLabels(1, "P01_bed", None))
    assert len(study.recordings()) == 2


def test_what_somebody_else_says_after_the_join_stays_when_it_is_undone(study: Study) -> None:
    label(study)
    join_labels(study, OPEN, the_join(study))
    study.change_author("Bo")
    changed = Answer("tonic", NO)
    study.apply(SetAnswer(2, ANA, FULL, changed))
    study.change_author("Ward")
    group = study.undo(2)
    assert group is not None
    assert len(group.left) >= 1
    assert study.reading(2, ANA, viewer=None).answer("tonic") == changed
    assert study.verify_history() == ()


def _propose(tmp_path: Path, labels: list[str], videos: list[str], **names: str) -> tuple[list[str], int]:
    with Study.open(tmp_path / "names.semioscope", author="Ward") as study:
        for name in labels:
            study.recording_without_video(name)
        for number, name in enumerate(videos):
            study.recording(Clip(tmp_path / str(number) / name, f"{number:064}"))
        found = propose_joins(study, names)
        return [f"{one.labels.name} > {one.video.name}" for one in found.joins], len(found.doubts)


@pytest.mark.parametrize(
    ("labels", "videos", "names", "expected"),
    [
        (["a.mp4"], ["a.mp4"], {}, (["a.mp4 > a.mp4"], 0)),
        (["ward/A"], ["a.m2t"], {}, (["ward/A > a.m2t"], 0)),
        (["a"], ["b.mp4"], {}, ([], 0)),
        (["a"], ["b.mp4"], {"a": "x", "b": "x"}, (["a > b.mp4"], 0)),
        (["a"], ["a.mp4", "A.mkv"], {}, ([], 1)),
        (["a.mkv"], ["a.mp4", "a.mkv"], {}, (["a.mkv > a.mkv"], 0)),
        (["x/a", "y/a"], ["a.mp4"], {}, ([], 1)),
        (["a.mp4", "a.wav"], ["a.mp4"], {}, (["a.mp4 > a.mp4"], 0)),
    ],
)
def test_only_a_name_that_fits_one_is_proposed(
    tmp_path: Path,
    labels: list[str],
    videos: list[str],
    names: dict[str, str],
    expected: tuple[list[str], int],
) -> None:
    assert _propose(tmp_path, labels, videos, **names) == expected


def test_the_history_names_the_labels_by_their_name(study: Study) -> None:
    join_labels(study, OPEN, the_join(study))
    (row,) = study.history(viewer=None)
    assert (row.subject, row.recording, row.reader, row.old, row.new) == (
        "joined_labels", "f" * 64, None, '"P01_bed"', "null",
    )  # fmt: skip
    (shown,) = study.history_page(viewers=()).rows
    assert (shown.what, shown.old) == ("join of labels", "labels alone of P01_bed")


def test_a_table_that_is_imported_again_finds_the_recording_that_its_labels_were_joined_with(
    tmp_path: Path,
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("file_name,tonic,patient\nP01_bed.mp4,yes,P01\n", "utf-8")
    command = ["import", str(tmp_path / "s"), str(table), "--format", "table", "--reader", "Bo"]
    with Study.open(tmp_path / "s", author="Ward") as study:
        study.recording(Clip(tmp_path / "0017.mp4"))
    assert main([*command, "--add-missing"]) == 0
    with Study.open(tmp_path / "s", author="Ward") as study:
        (join,) = propose_joins(study, {"0017": "p01_bed"}).joins
        join_labels(study, OPEN, join)
    table.write_text("file_name,tonic,patient\nP01_bed.mp4,no,P01\n", "utf-8")
    assert main([*command, "--add-missing", "--unsealed"]) == 0
    with Study.open(tmp_path / "s", author="Ward") as study:
        assert [row.name for row in study.recordings()] == ["0017.mp4"]
        assert study.reading(1, BO, viewer=None).answer("tonic").presence is NO
        assert study.patient_data(1, viewers=()).patient == "P01"
