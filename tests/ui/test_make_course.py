"""A course is made in the window: nothing is a course before every sheet was looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.core.deidentify import prepared_clips
from app.core.errors import Cancelled
from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, person
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import SetAnswer, SetBlindByDefault
from app.core.teaching.course import FeedbackTime, Sealing, cards_of
from app.core.teaching.course_file import FILE_NAME, CourseFolder, open_course
from app.core.teaching.key_opening import open_key
from app.ui.dialogs.make_course import WAIT, MakeCourseDialog
from app.ui.memory import Memory
from app.ui.session.session import Session
from tests.core.deidentified_cases import make_clips, named_recording
from tests.media import write_recording
from tests.ui.made_poses import a_pose_track
from tests.ui.session_cases import QuickReader, opened, quick, saved

__all__ = ["quick"]

DR_STERN = person("Dr. Stern")
PASSPHRASE = "a long enough passphrase"


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    """Dr. Stern has read two recordings; the clips are made by a stand-in."""
    monkeypatch.setattr(prepared_clips, "pose_track", lambda *_a, **_k: a_pose_track(1.0))
    monkeypatch.setattr(prepared_clips, "run_process", make_clips)
    with opened(qtbot, named_recording(tmp_path / "Kowalski.mp4")) as session:
        access = session.study.access()
        assert access is not None
        with access.open() as study:
            from app.core.recording.probe import open_recording

            study.apply(SetBlindByDefault(True, False))
            other = study.recording(open_recording(write_recording(tmp_path / "two.mp4", frames=12)))
            for number in (access.number, other):
                _say(study, number, DR_STERN, "tonic", Presence.YES)
                _say(study, number, DR_STERN, "clonic", Presence.NO)
        yield session


def _say(study: Any, number: int, who: ReaderIdentity, feature: str, presence: Presence) -> None:
    spans = (Span(0.1, 0.3),) if presence is Presence.YES else ()
    study.apply(SetAnswer(number, who, Answer(feature), Answer(feature, presence, evidence=spans)))


@pytest.fixture
def memory(session: Session) -> Iterator[Memory]:
    memory = Memory()
    yield memory
    memory.close()


@pytest.fixture
def dialog(qtbot: QtBot, session: Session, memory: Memory) -> MakeCourseDialog:
    dialog = MakeCourseDialog(session, memory)
    qtbot.addWidget(dialog)
    dialog.open()
    at_rest(qtbot, dialog)
    dialog.rules.title.setText("Course")
    return dialog


def at_rest(qtbot: QtBot, dialog: MakeCourseDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.work.running)


def sheets_of(qtbot: QtBot, dialog: MakeCourseDialog, out: Path) -> Any:
    dialog.make_in(out)
    qtbot.waitUntil(lambda: dialog.sheets is not None and dialog.sheets.isVisible())
    return dialog.sheets


def course_in(tmp_path: Path, name: str = "c") -> Path:
    return tmp_path / f"{name}.semioscope-course"


def made(qtbot: QtBot, dialog: MakeCourseDialog, tmp_path: Path) -> CourseFolder:
    """The course, after every sheet was looked at and kept."""
    sheets = sheets_of(qtbot, dialog, tmp_path / "c")
    for _clip in sheets.waiting:
        qtbot.waitUntil(sheets.keep.isEnabled)
        sheets.keep.click()
    qtbot.waitUntil((course_in(tmp_path) / FILE_NAME).is_file)
    at_rest(qtbot, dialog)
    return open_course(course_in(tmp_path))


def test_what_the_study_has_is_offered(dialog: MakeCourseDialog) -> None:
    assert dialog.recordings.key.currentData() == "Dr. Stern"
    assert len(dialog.recordings.ticked) == 2
    assert dialog.recordings.foil.findText("signal") > 0


def test_the_consensus_is_the_first_choice_of_a_key_once_it_has_enough_answers(
    qtbot: QtBot, session: Session, memory: Memory
) -> None:
    offered = []
    for number in (1, 2):
        access = session.study.access()
        assert access is not None
        with access.open() as study:
            _say(study, number, CONSENSUS, "tonic", Presence.NO)
        dialog = MakeCourseDialog(session, memory)
        qtbot.addWidget(dialog)
        at_rest(qtbot, dialog)
        offered.append(dialog.recordings.key.itemData(0))
        assert dialog.recordings.key.currentIndex() == 0
    assert offered == ["Dr. Stern", "consensus"]


def test_neither_folder_nor_title_is_proposed_after_a_recording(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = list[Path]()

    def ask(_parent: object, _title: str, start: str, _kinds: str = "") -> tuple[str, str]:
        begun.append(Path(start))
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    dialog = MakeCourseDialog(session, memory)
    qtbot.addWidget(dialog)
    at_rest(qtbot, dialog)
    assert session.worklist.naming.name == "Kowalski"
    assert dialog.rules.title.text() == "", "nobody has named the study"
    dialog.rules.title.setText("Kowalski")
    dialog.choose()
    assert begun == [tmp_path / "course.semioscope-course"]
    folder = session.study.folder
    assert folder is not None
    session.worklist.naming.rename(folder, "Teaching in May")
    qtbot.waitUntil(lambda: session.worklist.naming.name == "Teaching in May")
    named = MakeCourseDialog(session, memory)
    qtbot.addWidget(named)
    at_rest(qtbot, named)
    assert named.rules.title.text() == "Teaching in May"
    named.choose()
    assert begun[1:] == [tmp_path / "Teaching in May.semioscope-course"]
    saved(qtbot, session)


def test_what_is_missing_is_shown(qtbot: QtBot, dialog: MakeCourseDialog) -> None:
    dialog.rules.title.clear()
    assert dialog.tabs.currentWidget() is dialog.recordings
    dialog.choose()
    assert "title" in dialog.outcome.text()
    assert dialog.tabs.currentWidget() is dialog.rules
    assert dialog.focusWidget() is dialog.rules.title


def test_a_long_name_leaves_room_for_answers_and_note(dialog: MakeCourseDialog) -> None:
    table, offer = dialog.recordings.table, dialog.recordings._offer
    assert offer is not None
    long = tuple(replace(one, name=one.name * 30) for one in offer.recordings)
    dialog.recordings.key.clear()
    dialog.recordings.show_offer(replace(offer, recordings=long))
    name = table.item(0, 0)
    assert name is not None
    assert name.toolTip() == name.text()
    assert table.columnViewportPosition(2) + 120 < table.viewport().width()


def test_a_course_is_made_once_every_sheet_was_kept(
    qtbot: QtBot, dialog: MakeCourseDialog, memory: Memory, tmp_path: Path
) -> None:
    dialog.rules.title.setText("Ward round")
    dialog.rules.feedback.setCurrentIndex(dialog.rules.feedback.findData("at_end"))
    dialog.rules.pass_mark.setValue(70)
    note = dialog.recordings.table.item(0, 2)
    assert note is not None
    note.setText("look at the left arm")
    sheets = sheets_of(qtbot, dialog, tmp_path / "c")
    assert not (course_in(tmp_path) / FILE_NAME).exists()
    assert not sheets.sheet.pixmap().isNull()
    qtbot.waitUntil(sheets.keep.isEnabled)
    sheets.keep.click()
    assert not (course_in(tmp_path) / FILE_NAME).exists()
    qtbot.waitUntil(sheets.keep.isEnabled)
    sheets.keep.click()
    qtbot.waitUntil((course_in(tmp_path) / FILE_NAME).is_file)
    at_rest(qtbot, dialog)
    assert "2 cases and 4 cards" in dialog.outcome.text()
    assert memory.settings.recent_courses[0] == str(course_in(tmp_path)), "Practise lists it first"
    folder = open_course(course_in(tmp_path))
    assert (folder.course.title, folder.course.rules.pass_mark) == ("Ward round", 0.7)
    assert folder.course.rules.feedback is FeedbackTime.AT_END
    cards = cards_of(folder.course.cases)
    assert {open_key(folder, card, set(cards)).note for card in cards} == {"", "look at the left arm"}
    held = b"".join(one.read_bytes() for one in folder.path.rglob("*") if one.is_file())
    assert b"Kowalski" not in held
    assert not list(folder.path.rglob("*unconfirmed*"))


def test_a_clip_that_is_left_out_is_deleted(qtbot: QtBot, dialog: MakeCourseDialog, tmp_path: Path) -> None:
    sheets = sheets_of(qtbot, dialog, tmp_path / "c")
    qtbot.waitUntil(sheets.leave_out.isEnabled)
    sheets.leave_out.click()
    qtbot.waitUntil(sheets.keep.isEnabled)
    sheets.keep.click()
    qtbot.waitUntil((course_in(tmp_path) / FILE_NAME).is_file)
    at_rest(qtbot, dialog)
    folder = open_course(course_in(tmp_path))
    assert [case.id for case in folder.course.cases] == [sheets.waiting[1].case.id]
    assert len(list((folder.path / "clips").iterdir())) == 1


def test_clips_wait_when_the_sheets_are_closed_and_are_not_made_again(
    qtbot: QtBot, dialog: MakeCourseDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = sheets_of(qtbot, dialog, tmp_path / "c")
    qtbot.waitUntil(sheets.keep.isEnabled)
    sheets.keep.click()
    qtbot.keyClick(sheets, Qt.Key.Key_Return)  # which may have been meant for another window
    assert sheets.isVisible()
    sheets.stop.click()  # what is not looked at is not kept
    assert dialog.outcome.text() == WAIT
    assert not (course_in(tmp_path) / FILE_NAME).exists()
    monkeypatch.setattr(prepared_clips, "run_process", lambda *_a, **_k: pytest.fail("made again"))
    assert len(made(qtbot, dialog, tmp_path).course.cases) == 2


def test_clips_that_hide_people_in_another_way_are_not_mixed(
    qtbot: QtBot, dialog: MakeCourseDialog, tmp_path: Path
) -> None:
    sheets_of(qtbot, dialog, tmp_path / "c").reject()
    dialog.hiding.faces.setCurrentIndex(dialog.hiding.faces.findData("figure"))
    dialog.make_in(tmp_path / "c")
    at_rest(qtbot, dialog)
    assert "another way" in dialog.outcome.text()


def test_cancelling_keeps_what_was_made(
    qtbot: QtBot, dialog: MakeCourseDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def second_hangs(module: str, job: Any, *, report: Any, cancel: Any, **rest: Any) -> bytes:
        calls.append(1)
        if len(calls) == 1:
            return make_clips(module, job, report=report, **rest)
        report(Progress("Hiding faces and text", 0.1))
        while not cancel.wait(0.01):
            pass
        raise Cancelled

    monkeypatch.setattr(prepared_clips, "run_process", second_hangs)
    dialog.make_in(tmp_path / "c")
    qtbot.waitUntil(lambda: len(calls) == 2)
    dialog.leave.click()
    at_rest(qtbot, dialog)
    assert "Stopped" in dialog.outcome.text()
    clips = course_in(tmp_path) / "clips"
    assert len(list(clips.glob("*.unconfirmed.mp4"))) == 1
    monkeypatch.setattr(prepared_clips, "run_process", make_clips)
    assert len(made(qtbot, dialog, tmp_path).course.cases) == 2


def test_a_passphrase_makes_a_test_and_has_to_be_typed_twice(
    qtbot: QtBot, dialog: MakeCourseDialog, tmp_path: Path
) -> None:
    dialog.rules.passphrase.setText(PASSPHRASE)
    dialog.make_in(tmp_path / "c")
    assert "not the same" in dialog.outcome.text()
    for field in (dialog.rules.passphrase, dialog.rules.again):
        field.setText("short")
    dialog.make_in(tmp_path / "c")
    at_rest(qtbot, dialog)
    assert "at least 12 characters" in dialog.outcome.text()
    assert not course_in(tmp_path).exists()
    for field in (dialog.rules.passphrase, dialog.rules.again):
        field.setText(PASSPHRASE)
    assert made(qtbot, dialog, tmp_path).course.sealing is Sealing.TEST


def test_nothing_ticked_and_too_long_tests_are_sentences(
    qtbot: QtBot, dialog: MakeCourseDialog, tmp_path: Path
) -> None:
    dialog.rules.tests.setValue(1)
    dialog.make_in(tmp_path / "c")
    at_rest(qtbot, dialog)
    assert "nothing to practise" in dialog.outcome.text()
    dialog.asked.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    for row in range(dialog.recordings.table.rowCount()):
        item = dialog.recordings.table.item(row, 0)
        assert item is not None
        item.setCheckState(Qt.CheckState.Unchecked)
    dialog.make_in(tmp_path / "c")
    assert "Tick the recordings" in dialog.outcome.text()


def test_recordings_of_people_are_not_taken_as_they_are(
    qtbot: QtBot, dialog: MakeCourseDialog, tmp_path: Path
) -> None:
    dialog.hiding.faces.setCurrentIndex(dialog.hiding.faces.count() - 1)
    assert dialog.hiding.choice is None
    dialog.make_in(tmp_path / "c")
    at_rest(qtbot, dialog)
    assert "not a drawn patient" in dialog.outcome.text()
    assert not list(course_in(tmp_path).rglob("*.mp4"))


def test_the_last_choice_is_remembered(
    qtbot: QtBot, dialog: MakeCourseDialog, session: Session, memory: Memory, tmp_path: Path
) -> None:
    dialog.rules.pass_mark.setValue(65)
    dialog.asked.list.item(3).setCheckState(Qt.CheckState.Unchecked)
    made(qtbot, dialog, tmp_path)
    again = MakeCourseDialog(session, memory)
    qtbot.addWidget(again)
    at_rest(qtbot, again)
    assert again.rules.pass_mark.value() == 65
    assert again.asked.features == dialog.asked.features


def test_notes_outlive_another_choice_of_the_key(dialog: MakeCourseDialog) -> None:
    fields = dialog.recordings
    note = fields.table.item(1, 2)
    assert note is not None
    note.setText("x" * 5000)
    fields.key.addItem("Nobody", "Nobody")
    fields.key.setCurrentIndex(fields.key.findData("Nobody"))
    assert fields.table.rowCount() == 0
    fields.key.setCurrentIndex(0)
    kept = fields.table.item(1, 2)
    assert kept is not None
    assert len(kept.text()) == 5000
    dialog.make_in(Path("unused"))
    assert "A note has" in dialog.outcome.text()


def test_what_looks_alike_is_chosen_and_shown_after_both_keys(
    qtbot: QtBot, dialog: MakeCourseDialog, session: Session, tmp_path: Path
) -> None:
    fields = dialog.lookalikes
    fields.add.click()
    recording, feature, other = (fields.table.cellWidget(0, column) for column in range(3))
    for box, words in ((recording, "Kowalski.mp4"), (feature, "Clonic"), (other, "two.mp4")):
        assert isinstance(box, QComboBox)
        box.setCurrentIndex(box.findText(words))
    for column, text in ((3, "0.1"), (4, "soon")):
        cell = fields.table.cellWidget(0, column)
        assert isinstance(cell, QLineEdit)
        cell.setText(text)
    dialog.make_in(tmp_path / "c")
    assert "Row 1 of what looks alike" in dialog.outcome.text()
    end = fields.table.cellWidget(0, 4)
    assert isinstance(end, QLineEdit)
    end.setText("0.3")
    folder = made(qtbot, dialog, tmp_path)
    cards = cards_of(folder.course.cases)
    chosen = {card: open_key(folder, card, set(cards)).lookalike for card in cards}
    ((card, lookalike),) = [(card, one) for card, one in chosen.items() if one is not None]
    assert card.feature == "clonic"
    assert lookalike.case != card.case
    assert lookalike.span == Span(0.1, 0.3)
    assert open_key(folder, card, {card}).lookalike is None, "it is the key there"


def test_a_recording_that_shows_the_feature_does_not_only_look_like_it(
    qtbot: QtBot, dialog: MakeCourseDialog, tmp_path: Path
) -> None:
    dialog.lookalikes.add.click()
    feature = dialog.lookalikes.table.cellWidget(0, 1)
    assert isinstance(feature, QComboBox)
    feature.setCurrentIndex(feature.findText("Tonic"))
    dialog.make_in(tmp_path / "c")
    at_rest(qtbot, dialog)
    assert "does not only look like it" in dialog.outcome.text()
    dialog.lookalikes.add.click()
    remove = dialog.lookalikes.table.cellWidget(0, 5)
    assert isinstance(remove, QPushButton)
    remove.click()
    assert [one.feature for one in dialog.lookalikes.choices] == [FEATURES[0].id], "the other row stays"
