"""The window shows what an import would change before it does, and asks where the file leaves a doubt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.reading import person
from app.core.semiology import Presence, Span
from app.ui.dialogs.import_labels import ImportDialog
from app.ui.session.session import Session
from tests.core.foreign_files import observation, project, state
from tests.core.study_cases import Clip
from tests.ui.found_widgets import box_in, choose, pick
from tests.ui.session_cases import QuickReader, opened, quick, recording_path, saved, stored

__all__ = ["quick", "recording_path"]

HEAD = "recording,reader,feature,presence,start,end\n"


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        yield session


@pytest.fixture
def dialog(qtbot: QtBot, session: Session) -> ImportDialog:
    dialog = ImportDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def see(qtbot: QtBot, dialog: ImportDialog, path: Path, format_id: str) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(format_id))
    dialog.preview_from(path)
    at_rest(qtbot, dialog)


def at_rest(qtbot: QtBot, dialog: ImportDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.work.running)


def shown(dialog: ImportDialog) -> list[tuple[str, ...]]:
    model = dialog.panel.model
    return [
        tuple(str(model.data(model.index(row, column))) for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def answered(session: Session, name: str, feature: str) -> Presence | None:
    with stored(session) as study:
        found = [one for one in study.readings(1, viewer=None) if one.reader.name == name]
        return found[0].answer(feature).presence if found else None


def test_nothing_changes_before_import_and_one_undo_takes_all_back(
    qtbot: QtBot, session: Session, dialog: ImportDialog, tmp_path: Path
) -> None:
    me = session.readers.me
    session.answers.answer("tonic", Presence.NO)
    saved(qtbot, session)
    table = tmp_path / "labels.csv"
    table.write_text(HEAD + f"seizure,{me},tonic,yes,0.1,0.2\nseizure,{me},clonic,no,,\n", "utf-8")
    see(qtbot, dialog, table, "csv-long")
    assert shown(dialog) == [
        ("seizure.mp4", me, "Tonic", "no", "yes, 0.1–0.2 s"),
        ("seizure.mp4", me, "Clonic", "unanswered", "no"),
    ]
    assert dialog.begin.text() == "Import 2"
    assert answered(session, me, "clonic") is None
    dialog.begin.click()
    at_rest(qtbot, dialog)
    saved(qtbot, session)
    assert dialog.outcome.text().startswith("2 answers changed")
    assert session.answers.mine.answer("tonic").evidence == (Span(0.1, 0.2),)
    assert not dialog.panel.isVisible()
    session.undoing.undo()
    saved(qtbot, session)
    assert session.answers.mine.answer("tonic").presence is Presence.NO
    assert answered(session, me, "clonic") is None


def test_a_contradiction_waits_for_a_choice(
    qtbot: QtBot, session: Session, dialog: ImportDialog, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(HEAD + "seizure.mp4,Bo,clonic,yes,,\nseizure,Bo,clonic,no,,\n", "utf-8")
    see(qtbot, dialog, table, "csv-long")
    assert dialog.panel.sides.isVisible()
    assert "contradicts itself" in dialog.left_out.toPlainText()
    assert not dialog.begin.isEnabled()
    pick(box_in(dialog.panel.sides, 0), 2)
    assert dialog.begin.isEnabled()
    dialog.begin.click()
    at_rest(qtbot, dialog)
    assert answered(session, "Bo", "clonic") is Presence.NO


def test_of_two_recordings_of_one_name_one_is_chosen(
    qtbot: QtBot, session: Session, dialog: ImportDialog, tmp_path: Path
) -> None:
    access = session.study.access()
    assert access is not None
    with access.open() as study:
        second = study.recording(Clip(tmp_path / "elsewhere" / "seizure.mp4", "e" * 64))
    table = tmp_path / "labels.csv"
    table.write_text(HEAD + "seizure.mp4,Bo,clonic,yes,0.1,0.2\n", "utf-8")
    see(qtbot, dialog, table, "csv-long")
    assert dialog.panel.recordings.isVisible()
    assert shown(dialog) == []
    assert not dialog.begin.isEnabled()
    box = box_in(dialog.panel.recordings, 0)
    pick(box, box.findData(second))
    at_rest(qtbot, dialog)
    assert [row[2:] for row in shown(dialog)] == [("Clonic", "unanswered", "yes, 0.1–0.2 s")]
    dialog.begin.click()
    at_rest(qtbot, dialog)
    assert answered(session, "Bo", "clonic") is None
    with stored(session) as study:
        assert study.reading(second, person("Bo"), viewer=None).answer("clonic").evidence == (Span(0.1, 0.2),)
    see(qtbot, dialog, table, "csv-long")
    assert dialog.panel.chosen_recordings == {}


def test_names_and_the_patient_are_asked_for_and_names_kept(
    qtbot: QtBot, session: Session, dialog: ImportDialog, tmp_path: Path
) -> None:
    events = [*state(0.1, 0.3, "Jerks", "P 1"), *state(0.5, 0.6, "Jerks", "P 2")]
    data = project({"one": observation(events, file={"1": ["x/seizure.mp4"]}, media_info={})}, subjects=())
    path = tmp_path / "own.boris"
    path.write_text(json.dumps(data))
    dialog.reader.setText("Bo")
    see(qtbot, dialog, path, "boris")
    assert shown(dialog) == []
    choose(box_in(dialog.panel.names, 0), "Clonic")
    at_rest(qtbot, dialog)
    assert dialog.panel.patient.isVisible()
    dialog.panel.patient.setCurrentIndex(dialog.panel.patient.findData("P 2"))
    dialog.panel.meant.emit()
    at_rest(qtbot, dialog)
    assert [row[2:] for row in shown(dialog)] == [("Clonic", "unanswered", "yes, 0.5–0.6 s")]
    dialog.begin.click()
    at_rest(qtbot, dialog)
    assert answered(session, "Bo", "clonic") is Presence.YES
    see(qtbot, dialog, path, "boris")
    assert not dialog.panel.names.isVisible()


def test_a_column_of_a_table_that_reads_as_answers_is_patient_data_or_a_feature(
    qtbot: QtBot, session: Session, dialog: ImportDialog, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("recording,reader,Twitches\nseizure.mp4,Bo,yes\n", "utf-8")
    see(qtbot, dialog, table, "table")
    box = box_in(dialog.panel.names, 0)
    assert box.currentText() == "Keep it as patient data"
    choose(box, "Face twitching")
    at_rest(qtbot, dialog)
    assert [row[2:] for row in shown(dialog)] == [("Face twitching", "unanswered", "yes")]
    dialog.begin.click()
    at_rest(qtbot, dialog)
    assert answered(session, "Bo", "face_twitching") is Presence.YES
    see(qtbot, dialog, table, "table")
    assert not dialog.panel.names.isVisible()
    with stored(session) as study:
        assert study.patient_data(1, viewers=()).columns == ()


def test_another_choice_forgets_what_was_shown(
    qtbot: QtBot, session: Session, dialog: ImportDialog, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(HEAD + "seizure,Bo,tonic,yes,0.1,0.2\n", "utf-8")
    see(qtbot, dialog, table, "csv-long")
    assert dialog.panel.isVisible()
    dialog.format.setCurrentIndex(dialog.format.findData("eaf"))
    assert not dialog.panel.isVisible()
    assert dialog.path is None
    assert dialog.begin.text().startswith("Choose")
    assert answered(session, "Bo", "tonic") is None
