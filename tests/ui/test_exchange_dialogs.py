"""Export, import and report from the window, on a real study."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.exchange.format_names import FORMAT_NAMES
from app.core.exchange.formats import describe_fidelity, parts_kept, suffix_of
from app.core.jobs import Task
from app.core.semiology import Laterality, Presence, Span
from app.ui.dialogs.export_labels import ExportDialog
from app.ui.dialogs.import_labels import ImportDialog
from app.ui.dialogs.report import ReportChoice, ReportDialog
from app.ui.session.session import Session
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path, saved

__all__ = ["quick", "recording_path"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        yield session


def run(qtbot: QtBot, dialog: Any) -> None:
    qtbot.waitUntil(lambda: not dialog.work.running)


def test_every_format_says_what_it_keeps() -> None:
    assert all("kept" in describe_fidelity(id_) for id_ in FORMAT_NAMES)


def test_the_export_shows_what_every_part_becomes(qtbot: QtBot, session: Session) -> None:
    dialog = ExportDialog(session)
    qtbot.addWidget(dialog)
    for format_id in FORMAT_NAMES:
        dialog.format.setCurrentIndex(dialog.format.findData(format_id))
        cells = [
            [dialog.parts.item(row, column) for column in (0, 1)] for row in range(dialog.parts.rowCount())
        ]
        shown = tuple(tuple(cell.text() for cell in row if cell is not None) for row in cells)
        assert shown == parts_kept(format_id)


@pytest.mark.parametrize("format_id", ["csv-long", "json", "eaf"])
def test_answers_go_out_and_come_back(qtbot: QtBot, session: Session, tmp_path: Path, format_id: str) -> None:
    session.selection.select("tonic")
    session.labels.add_span("tonic", Span(0.4, 0.8))
    session.labels.set_side(Laterality.LEFT)
    before = session.answers.mine.answer("tonic")
    out = ExportDialog(session)
    qtbot.addWidget(out)
    out.format.setCurrentIndex(out.format.findData(format_id))
    target = tmp_path / "out" if format_id == "eaf" else tmp_path / f"out.{format_id[:4].strip('-')}"
    target = target.with_suffix(".csv") if format_id == "csv-long" else target
    out.export_to(target)
    run(qtbot, out)
    assert "written" in out.outcome.text()
    session.answers.answer("tonic", None)
    back = ImportDialog(session)
    qtbot.addWidget(back)
    back.format.setCurrentIndex(back.format.findData(format_id))
    back.preview_from(target)
    run(qtbot, back)
    assert session.answers.mine.answer("tonic").presence is None
    assert back.panel.model.rowCount() == 1
    back.begin.click()
    run(qtbot, back)
    saved(qtbot, session)
    assert "1 answer changed; 20 already matched." in back.outcome.text(), back.outcome.text()
    after = session.answers.mine.answer("tonic")
    assert (after.presence, after.laterality) == (Presence.YES, Laterality.LEFT)
    assert after.evidence[0].start == pytest.approx(before.evidence[0].start, abs=0.001)
    session.undoing.undo()
    saved(qtbot, session)
    assert session.answers.mine.answer("tonic").presence is None


def test_a_file_that_is_none_is_told_in_a_sentence(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("no json", encoding="utf-8")
    dialog = ImportDialog(session)
    qtbot.addWidget(dialog)
    dialog.format.setCurrentIndex(dialog.format.findData("json"))
    dialog.preview_from(wrong)
    run(qtbot, dialog)
    assert dialog.outcome.text().endswith(".")
    assert dialog.begin.isEnabled()


def test_sealed_answers_do_not_leave_in_an_export(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, tmp_path: Path
) -> None:
    with opened(qtbot) as session:
        session.readers.ask_for_new_studies(True)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        session.readers.read_blind(True)
        session.answers.answer("tonic", Presence.NO)
        dialog = ExportDialog(session)
        qtbot.addWidget(dialog)
        dialog.format.setCurrentIndex(dialog.format.findData("json"))
        dialog.export_to(tmp_path / "out.json")
        run(qtbot, dialog)
        text = (tmp_path / "out.json").read_text(encoding="utf-8")
        assert "3.1 Hz" not in text
        assert "sealed" in dialog.outcome.text()
        assert session.readers.me in text


@pytest.mark.parametrize("ending", ["html", "pdf"])
@pytest.mark.parametrize("whole", [False, True])
def test_a_report_is_written(
    qtbot: QtBot, session: Session, tmp_path: Path, ending: str, whole: bool
) -> None:
    dialog = ReportDialog(session)
    qtbot.addWidget(dialog)
    (dialog.study if whole else dialog.here).setChecked(True)
    page = tmp_path / f"report.{ending}"
    dialog.write_to(page)
    run(qtbot, dialog)
    content = page.read_bytes()
    assert content.startswith(b"%PDF" if ending == "pdf" else b"<!")
    assert len(content) > 3000
    assert "written" in dialog.outcome.text()
    assert (ending == "pdf") or ("Agreement" in content.decode()) is whole


def test_faces_are_hidden_unless_they_are_asked_for(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    dialog = ReportDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.choice == ReportChoice(whole_study=False, pictures=True, hide_faces=True)
    dialog.hide_faces.setChecked(False)
    assert "recognise" in dialog.told.text()
    dialog.write_to(tmp_path / "shown.html")
    run(qtbot, dialog)
    assert "patient's face" in dialog.outcome.text()
    dialog.pictures.setChecked(False)
    assert not dialog.hide_faces.isEnabled()
    dialog.write_to(tmp_path / "none.html")
    run(qtbot, dialog)
    assert "<img" not in (tmp_path / "none.html").read_text("utf-8")
    assert "patient's face" not in dialog.outcome.text()


def test_the_folder_of_what_was_written_is_shown(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def open_url(url: QUrl) -> bool:
        shown.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    session.answers.answer("clonic", Presence.YES)
    saved(qtbot, session)
    dialog = ExportDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.show_folder.isVisible()
    target = tmp_path / "out" if suffix_of(dialog.format_id) == "" else tmp_path / "out.txt"
    dialog.export_to(target)
    run(qtbot, dialog)
    assert dialog.show_folder.isVisible()
    dialog.show_folder.click()
    assert shown == [str(target if target.is_dir() else tmp_path)]


def test_cancelling_what_is_already_written_does_not_say_that_nothing_was(
    qtbot: QtBot, session: Session
) -> None:
    dialog = ExportDialog(session)
    qtbot.addWidget(dialog)
    cancelled = threading.Event()

    def work(_task: Task) -> tuple[str, ...]:
        cancelled.wait(60)
        return ("out.csv was written.",)

    dialog.start(work)
    dialog.leave.click()
    cancelled.set()
    run(qtbot, dialog)
    assert dialog.outcome.text() == "out.csv was written."


def test_a_cancelled_report_leaves_nothing(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def slow(_look: Any, _opened: Any, _wish: Any, _path: Path, task: Task) -> None:
        begun.set()
        while True:
            task.cancel.check()
            task.cancel.wait(0.01)

    monkeypatch.setattr("app.ui.dialogs.report.write_report_of", slow)
    dialog = ReportDialog(session)
    qtbot.addWidget(dialog)
    dialog.write_to(tmp_path / "page.pdf")
    assert begun.wait(60)
    assert dialog.leave.text() == "Cancel"
    dialog.leave.click()
    run(qtbot, dialog)
    assert dialog.outcome.text() == "Cancelled; nothing was written."
    assert list(tmp_path.glob("page*")) == []


def test_sealed_answers_are_in_no_report(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, tmp_path: Path
) -> None:
    with opened(qtbot) as session:
        session.readers.ask_for_new_studies(True)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        session.readers.read_blind(True)
        session.answers.answer("tonic", Presence.NO)
        for whole in (False, True):
            dialog = ReportDialog(session)
            qtbot.addWidget(dialog)
            dialog.study.setChecked(whole)
            dialog.write_to(tmp_path / "page.html")
            run(qtbot, dialog)
            text = (tmp_path / "page.html").read_text(encoding="utf-8")
            assert "3.1 Hz" not in text
            assert "Signal reader" not in text
            assert session.readers.me in text
            assert "sealed as long as" in dialog.outcome.text()


def test_a_dataset_with_the_eeg_is_asked_for_where_it_belongs(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    session.labels.add_span("tonic", Span(0.4, 0.8))
    dialog = ExportDialog(session)
    qtbot.addWidget(dialog)
    dialog.format.setCurrentIndex(dialog.format.findData("csv-long"))
    assert dialog.eeg.isHidden()
    assert dialog.video.isHidden()
    dialog.format.setCurrentIndex(dialog.format.findData("bids"))
    assert not dialog.eeg.isHidden()
    assert not dialog.video.isHidden()
    assert not dialog.is_dataset()
    assert dialog.as_recorded.isHidden()
    dialog.video.setChecked(True)
    assert dialog.is_dataset()
    assert not dialog.as_recorded.isHidden(), "what is copied is said before it is"
    assert "people can be recognised" in dialog.as_recorded.text()
    dialog.format.setCurrentIndex(dialog.format.findData("csv-long"))
    assert dialog.as_recorded.isHidden()
    dialog.format.setCurrentIndex(dialog.format.findData("bids"))
    dialog.video.setChecked(False)
    assert dialog.as_recorded.isHidden()
    dialog.eeg.setChecked(True)
    saved(qtbot, session)
    dialog.export_to(tmp_path / "dataset")
    run(qtbot, dialog)
    assert "dataset was written" in dialog.outcome.text()
    assert (tmp_path / "dataset" / "dataset_description.json").is_file()


def test_what_is_said_of_videos_covers_nothing(qtbot: QtBot, session: Session) -> None:
    dialog = ExportDialog(session)
    qtbot.addWidget(dialog)
    dialog.format.setCurrentIndex(dialog.format.findData("bids"))
    dialog.show()
    dialog.video.setChecked(True)
    qtbot.waitUntil(dialog.as_recorded.isVisible)
    QApplication.processEvents()
    assert dialog.eeg.y() > dialog.parts.y() + dialog.parts.height()
    assert dialog.as_recorded.height() >= dialog.as_recorded.heightForWidth(dialog.as_recorded.width())
