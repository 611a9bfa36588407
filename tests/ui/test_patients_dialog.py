"""The dialog of patients and events: typed, from names and tables, kept as one change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.study.patient_data import Diagnosis, PatientData
from app.ui.dialogs.patients import PatientsDialog
from app.ui.session.session import Session
from app.ui.views.worklist import WorklistView
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, opened, quick, saved, stored

__all__ = ["quick"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], tmp_path: Path) -> Iterator[Session]:
    path = write_recording(tmp_path / "P01_S1_bed.mp4", frames=12)
    with opened(qtbot, path) as session:
        access = session.study.access()
        assert access is not None
        with access.open() as study:
            study.recording_without_video("P02_S3_bed.mp4")
        yield session


@pytest.fixture
def dialog(qtbot: QtBot, session: Session) -> PatientsDialog:
    dialog = PatientsDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: len(dialog.rows) == 2 and not dialog.work.running)
    return dialog


def _cell(dialog: PatientsDialog, row: int, title: str) -> str:
    item = dialog.table.item(row, 1 + dialog.titles.index(title))
    return "" if item is None else item.text()


def test_names_are_filled_in_first_and_kept_by_save(
    qtbot: QtBot, session: Session, dialog: PatientsDialog
) -> None:
    dialog.fill_from_names()
    assert [_cell(dialog, row, "patient") for row in (0, 1)] == ["P01", "P02"]
    with stored(session) as study:
        assert study.patient_data(1, viewers=()) == PatientData()
    with qtbot.waitSignal(dialog.work.ended):
        dialog.choose()
    assert dialog.outcome.text() == "Saved: 2 recordings changed."
    with stored(session) as study:
        assert study.patient_data(2, viewers=()) == PatientData("P02", "S3")


def test_a_table_fills_in_and_a_wrong_word_is_said(
    qtbot: QtBot, session: Session, dialog: PatientsDialog, tmp_path: Path
) -> None:
    table = tmp_path / "who.csv"
    table.write_text("recording,patient,diagnosis,ward\nP01_S1_bed,<b>A,functional,7\n")
    with qtbot.waitSignal(dialog.work.ended):
        dialog.fill_from_table(table)
    assert _cell(dialog, 0, "ward") == "7"
    item = dialog.table.item(1, 1 + dialog.titles.index("diagnosis"))
    assert item is not None
    item.setText("tired")
    dialog.choose()
    assert "a diagnosis is epileptic, functional or other" in dialog.outcome.text().replace("\u200b", "")
    item.setText("")
    with qtbot.waitSignal(dialog.work.ended):
        dialog.choose()
    with stored(session) as study:
        assert study.patient_data(1, viewers=()) == PatientData(
            "<b>A", "", Diagnosis.FUNCTIONAL, "", (("ward", "7"),)
        )


def test_the_worklist_shows_patients_and_what_has_no_video(
    qtbot: QtBot, session: Session, dialog: PatientsDialog
) -> None:
    dialog.fill_from_names()
    with qtbot.waitSignal(dialog.work.ended):
        dialog.choose()
    view = WorklistView(session)
    qtbot.addWidget(view)
    view.show()
    view.read()
    qtbot.waitUntil(lambda: len(view.model.rows) == 2)
    cells = [view.model.index(1, column).data() for column in (0, 4)]
    assert cells == ["P02_S3_bed (labels alone)", "P02 · S3"]
    said: list[str] = []
    session.status.message_changed.connect(lambda: said.append(session.status.message))
    view._open(view.table.model().index(1, 0))
    qtbot.waitUntil(lambda: any("labels alone" in text for text in said))


def test_undo_in_the_window_takes_all_of_it_back(
    qtbot: QtBot, session: Session, dialog: PatientsDialog
) -> None:
    dialog.fill_from_names()
    with qtbot.waitSignal(dialog.work.ended):
        dialog.choose()
    session.undoing.undo()
    saved(qtbot, session)
    with stored(session) as study:
        assert study.patient_data(1, viewers=()) == study.patient_data(2, viewers=()) == PatientData()
    session.undoing.redo()
    saved(qtbot, session)
    with stored(session) as study:
        assert study.patient_data(2, viewers=()) == PatientData("P02", "S3")
