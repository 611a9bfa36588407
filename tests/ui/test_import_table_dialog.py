"""A research group's table imported in the window."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.core.reading import ReaderKind
from app.core.semiology import Presence
from app.ui.dialogs.import_labels import TABLE, ImportDialog
from tests.ui.session_cases import QuickReader, opened, quick, recording_path, stored

__all__ = ["quick", "recording_path"]


def test_a_table_is_taken_with_its_choices(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("file_name,tonic,clonic,patient\nseizure.m2t,yes,fail,P1\nelsewhere,no,,\n")
    with opened(qtbot, recording_path) as session:
        dialog = ImportDialog(session)
        qtbot.addWidget(dialog)
        dialog.show()
        assert not dialog.models.isVisible()
        dialog.format.setCurrentIndex(dialog.format.findData(TABLE))
        assert dialog.models.isVisible()
        assert "patient data" in dialog.kept.text()
        dialog.reader.setText("qwen")
        with qtbot.waitSignal(dialog.work.ended):
            dialog.preview_from(table)
        assert "a person does not" in dialog.outcome.text()
        dialog.models.setChecked(True)
        dialog.missing.setChecked(True)
        with qtbot.waitSignal(dialog.work.ended):
            dialog.preview_from(table)
        assert "Recordings that would be added" in dialog.left_out.toPlainText()
        with stored(session) as study:
            assert [row.name for row in study.recordings()] == ["seizure.mp4"]
        with qtbot.waitSignal(dialog.work.ended):
            dialog.begin.click()
        assert dialog.outcome.text().startswith("3 answers changed")
        with stored(session) as study:
            assert [row.name for row in study.recordings()] == ["seizure.mp4", "elsewhere"]
            reading = next(one for one in study.readings(1, viewer=None) if one.reader.name == "qwen")
            assert reading.reader.kind is ReaderKind.MODEL
            assert reading.answer("tonic").presence is Presence.YES
            assert study.patient_data(1, viewers=()).patient == "P1"
