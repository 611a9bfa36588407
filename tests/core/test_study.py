"""A study keeps answers, takes them back, and tells one sentence when it cannot."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.edits import Conflict, SetAnswer, SetPatientBox
from app.core.study.history import Operation
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL, Clip, presence, tick
from tests.core.test_reading import answers

YES, NO = Presence.YES, Presence.NO


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clip.semioscope"


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    return Clip(tmp_path / "clip.mp4")


def _reading(reader: ReaderIdentity, *given: Answer) -> Reading:
    return Reading(
        RecordingIdentity("clip.mp4", "", 60.0), reader, {answer.feature: answer for answer in given}
    )


def test_answers_are_there_when_the_study_is_opened_again(folder: Path, clip: Clip) -> None:
    full = Answer("clonic", YES, 87, (Span(12.4, 31.0), Span(40, 40)), Laterality.LEFT, "3.1 Hz – “links”")
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        study.apply(SetAnswer(recording, ANA, Answer("clonic"), full))
        tick(study, recording, "tonic", NO)
    with Study.open(folder, author="Ana") as study:
        assert study.recording(clip) == recording
        reading = study.reading(recording, ANA, viewer=None)
        assert reading.answers == {"clonic": full, "tonic": Answer("tonic", NO)}
        assert reading.recording == RecordingIdentity("clip.mp4", "", 60.0)
        assert study.note == ""


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given_any(st.sampled_from(FEATURES).flatmap(lambda feature: answers(feature.id)))
def test_any_answer_comes_back_and_can_be_taken_back(
    tmp_path_factory: pytest.TempPathFactory, answer: Answer
) -> None:
    folder = tmp_path_factory.mktemp("study")
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(folder / "clip.mp4"))
        study.apply(SetAnswer(recording, ANA, Answer(answer.feature), answer))
        assert study.reading(recording, ANA, viewer=None).answer(answer.feature) == answer
        undone = study.undo(recording)
        assert undone is not None
        assert study.reading(recording, ANA, viewer=None).answers == {}
        study.redo(recording)
        assert study.reading(recording, ANA, viewer=None).answer(answer.feature) == answer
        assert study.verify_history() == ()


def test_a_change_says_what_it_changed(folder: Path, clip: Clip) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        edit = SetAnswer(recording, ANA, Answer("tonic"), Answer("tonic", YES))
        change = study.apply(edit)
        undone = study.undo(recording)
        assert (change.seq, change.who, change.operation, change.edit) == (1, "Ana", Operation.EDIT, edit)
        assert undone is not None
        assert [one.edit for one in undone.changes] == [edit.inverse()]
        assert (undone.operation, undone.features, undone.recordings) == (
            Operation.UNDO,
            ("tonic",),
            (recording,),
        )
        assert change.at.endswith("+00:00")
        assert len(change.at.split(".")[1]) == len("123456+00:00")


def test_undo_and_redo_go_on_after_a_restart(folder: Path, clip: Clip) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        for feature in ("tonic", "clonic", "head_turning"):
            tick(study, recording, feature, YES)
        study.undo(recording)
    with Study.open(folder, author="Ana") as study:
        assert presence(study, recording, "head_turning") is None
        study.undo(recording)
        assert presence(study, recording, "clonic") is None
        study.redo(recording)
        study.redo(recording)
        assert study.redo(recording) is None
        assert presence(study, recording, "head_turning") is YES
        study.undo(recording)
        tick(study, recording, "tonic", NO)
        assert study.redo(recording) is None, "a new edit ends what can be redone"
        for _ in range(3):
            assert study.undo(recording) is not None
        assert study.undo(recording) is None
        assert study.reading(recording, ANA, viewer=None).answers == {}


def test_undo_takes_back_ones_own_edits_of_this_recording_only(folder: Path, clip: Clip) -> None:
    bo = ReaderIdentity(ReaderKind.PERSON, "Bo", "1")
    with (
        Study.open(folder, author="Ana", shared=True) as ana,
        Study.open(folder, author="Bo", shared=True) as study,
    ):
        first = ana.recording(clip)
        other = ana.recording(Clip(clip.path.with_name("other.mp4"), "e" * 64))
        tick(ana, first, "tonic", YES)
        tick(ana, other, "clonic", YES)
        study.apply(SetAnswer(first, bo, Answer("tonic"), Answer("tonic", NO)))
        ana.undo(first)
        assert presence(ana, first, "tonic") is None
        assert ana.undo(first) is None
        assert presence(ana, other, "clonic") is YES
        assert ana.reading(first, bo, viewer=None).answer("tonic").presence is NO


def test_a_conflict_overwrites_nothing_and_undo_passes_it_over(folder: Path, clip: Clip) -> None:
    with (
        Study.open(folder, author="Ana", shared=True) as ana,
        Study.open(folder, author="Bo", shared=True) as bo,
    ):
        recording = ana.recording(clip)
        tick(ana, recording, "clonic", YES)
        tick(ana, recording, "tonic", YES)
        bo.apply(SetAnswer(recording, ANA, Answer("tonic", YES), Answer("tonic", NO)))
        with pytest.raises(Conflict, match="changed meanwhile"):
            ana.apply(SetAnswer(recording, ANA, Answer("tonic", YES), Answer("tonic")))
        assert presence(ana, recording, "tonic") is NO
        undone = ana.undo(recording)
        assert undone is not None
        assert undone.features == ("clonic",)
        assert presence(ana, recording, "tonic") is NO
        assert len(ana.history(viewer=None)) == 4, "the refused edit left no row"


def test_the_patient_box_is_an_edit_too(folder: Path, clip: Clip) -> None:
    box = Box(0.1, 0.2, 0.5, 0.9)
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        assert study.patient_box(recording) is None
        study.apply(SetPatientBox(recording, None, box))
        with pytest.raises(Conflict):
            study.apply(SetPatientBox(recording, None, Box(0, 0, 1, 1)))
    with Study.open(folder, author="Ana") as study:
        assert study.patient_box(recording) == box
        study.undo(recording)
        assert study.patient_box(recording) is None
        study.redo(recording)
        assert study.patient_box(recording) == box
        assert study.verify_history() == ()


def test_a_whole_reading_is_kept_in_one_row_and_once(folder: Path, clip: Clip) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        tick(study, recording, "tonic", YES)
        first = _reading(SIGNAL, Answer("tonic", NO, 60), Answer("clonic", YES, 80, (Span(1, 2),)))
        change = study.keep_reading(recording, first)
        assert change is not None
        assert change.operation is Operation.READING_KEPT
        assert study.keep_reading(recording, first) is None
        second = _reading(SIGNAL, Answer("clonic", NO, explanation="measured again"))
        study.keep_reading(recording, second)
        assert study.reading(recording, SIGNAL, viewer=None).answers == second.answers
        assert [row.operation for row in study.history(recording, viewer=None)] == [
            "edit",
            "reading_kept",
            "reading_kept",
        ]
        study.undo(recording)
        assert study.reading(recording, SIGNAL, viewer=None).answers == second.answers, (
            "undo is for one's own edits"
        )
        assert study.verify_history() == ()


def test_an_empty_reading_is_a_reading_too(folder: Path, clip: Clip) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        assert study.readings(recording, viewer=None) == ()
        assert study.keep_reading(recording, _reading(SIGNAL)) is not None
        assert [reading.reader for reading in study.readings(recording, viewer=None)] == [SIGNAL]
        assert study.verify_history() == ()


def test_readings_come_with_persons_first_then_the_latest(folder: Path, clip: Clip) -> None:
    later = ReaderIdentity(ReaderKind.SIGNAL, "signal", "2", {"rules": "a"})
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        tick(study, recording, "tonic", YES)
        study.keep_reading(recording, _reading(SIGNAL, Answer("tonic", YES)))
        study.keep_reading(recording, _reading(later, Answer("tonic", NO)))
        assert [reading.reader for reading in study.readings(recording, viewer=None)] == [ANA, later, SIGNAL]


def test_a_person_stays_the_same_over_versions_any_other_reader_does_not(folder: Path, clip: Clip) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        tick(study, recording, "tonic", YES)
        study.keep_reading(recording, _reading(SIGNAL, Answer("tonic", YES)))
        newer = ReaderIdentity(ReaderKind.PERSON, "Ana", "2", {"role": "expert"})
        assert study.reading(recording, newer, viewer=None).answer("tonic").presence is YES
        other = ReaderIdentity(ReaderKind.SIGNAL, "signal", "1", {"rules": "b"})
        assert study.reading(recording, other, viewer=None).answers == {}


def test_a_recording_is_found_again_by_its_content(folder: Path, clip: Clip, tmp_path: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        tick(study, recording, "tonic", YES)
        moved = Clip(tmp_path / "2026" / "renamed é.mp4", clip.fingerprint)
        assert study.recording(moved) == recording
        assert study.reading(recording, ANA, viewer=None).recording.name == "renamed é.mp4"
        assert study.recording_path(recording) == moved.path
        assert study.recording(Clip(clip.path, "0" * 64)) != recording


def test_a_study_can_move_with_its_recordings(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with Study.open(tmp_path / "here" / "clip.semioscope", author="Ana") as study:
        recording = study.recording(Clip(tmp_path / "here" / "clip.mp4"))
    (tmp_path / "here").rename(tmp_path / "there")
    with Study.open(tmp_path / "there" / "clip.semioscope", author="Ana", create=False) as study:
        assert study.recording_path(recording) == tmp_path / "there" / "clip.mp4"


def test_a_name_that_is_no_text_is_kept_as_well_as_it_can_be(folder: Path, tmp_path: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(tmp_path / "clip\udcff.mp4"))
        assert study.reading(recording, ANA, viewer=None).recording.name == "clip?.mp4"
        assert study.recording(Clip(tmp_path / "clip\udcff.mp4")) == recording


def test_the_sha256_is_filled_in_later_and_a_changed_file_is_told(folder: Path, clip: Clip) -> None:
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)
        study.set_sha256(recording, "a" * 64)
        study.set_sha256(recording, "a" * 64)
        assert study.reading(recording, ANA, viewer=None).recording.sha256 == "a" * 64
        with pytest.raises(UserError, match="changed"):
            study.set_sha256(recording, "b" * 64)
        assert study.reading(recording, ANA, viewer=None).recording.sha256 == "a" * 64


def test_a_second_window_looks_and_does_not_touch(folder: Path, clip: Clip) -> None:
    with Study.open(folder, author="Ana") as first:
        recording = first.recording(clip)
        tick(first, recording, "tonic", YES)
        with Study.open(folder, author="Bo") as second:
            assert second.read_only
            assert "another window" in second.note
            assert second.recording(Clip(clip.path.with_name("new name.mp4"))) == recording
            assert presence(second, recording, "tonic") is YES
            for change in (
                lambda: tick(second, recording, "tonic", NO),
                lambda: second.undo(recording),
                lambda: second.keep_reading(recording, _reading(SIGNAL)),
                lambda: second.set_sha256(recording, "a" * 64),
                lambda: second.recording(Clip(clip.path, "0" * 64)),
            ):
                with pytest.raises(UserError, match="another window"):
                    change()
            tick(first, recording, "clonic", NO)
            assert presence(second, recording, "clonic") is NO, "what the first window does is seen"
    with Study.open(folder, author="Bo") as study:
        assert not study.read_only


def test_a_program_without_a_window_writes_beside_one(folder: Path, clip: Clip) -> None:
    with Study.open(folder, author="Ana") as window, Study.open(folder, author="cli", shared=True) as program:
        recording = window.recording(clip)
        program.keep_reading(recording, _reading(SIGNAL, Answer("tonic", YES)))
        assert window.reading(recording, SIGNAL, viewer=None).answer("tonic").presence is YES
        assert not window.read_only
        assert not program.read_only


def test_any_thread_may_use_one_study(folder: Path, clip: Clip) -> None:
    errors: list[BaseException] = []
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(clip)

        def write(feature: str) -> None:
            try:
                for number in range(30):
                    tick(study, recording, feature, (YES, NO)[number % 2])
                    study.readings(recording, viewer=None)
            except BaseException as error:  # noqa: BLE001 - shown by the assertion below
                errors.append(error)

        threads = [threading.Thread(target=write, args=(feature.id,)) for feature in FEATURES[:4]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert len(study.history(viewer=None)) == 120
        assert study.verify_history() == ()


def test_a_study_that_is_not_there_is_only_made_on_request(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no study"):
        Study.open(tmp_path / "none", author="Ana", create=False)
    assert not (tmp_path / "none").exists()


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.semioscope").write_text("not a folder", encoding="utf-8")
    with pytest.raises(UserError, match=r"x\.semioscope"):
        Study.open(tmp_path / "x.semioscope", author="Ana")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_what_is_made_is_for_its_owner_alone_and_all_in_the_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    former = os.umask(0)
    try:
        with Study.open(tmp_path / "a" / "clip.semioscope", author="Ana") as study:
            tick(study, study.recording(Clip(tmp_path / "clip.mp4")), "tonic", YES)
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    finally:
        os.umask(former)
    folders = {"a", "clip.semioscope"}
    assert {name: mode for name, mode in modes.items() if name in folders} == dict.fromkeys(folders, 0o700)
    files = set(modes) - folders
    assert {"study.sqlite", "study.sqlite-wal", "writer.lock"} <= files
    assert {name: modes[name] for name in files} == dict.fromkeys(files, 0o600)


def test_closing_twice_is_harmless_and_leaves_one_file(folder: Path, clip: Clip) -> None:
    study = Study.open(folder, author="Ana")
    tick(study, study.recording(clip), "tonic", YES)
    study.close()
    study.close()
    assert sorted(path.name for path in folder.iterdir()) == ["study.sqlite", "writer.lock"]


def test_an_edit_changes_one_feature() -> None:
    with pytest.raises(ValueError, match="one feature"):
        SetAnswer(1, ANA, Answer("tonic"), Answer("clonic", YES))
