"""All dialogs that save begin where this kind was saved last, and ask in one place."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

import app
from app.core.saving_places import SaveKind
from app.core.settings import load_settings
from app.ui.dialogs.deidentify import NAME, DeidentifyDialog
from app.ui.dialogs.export_labels import ExportDialog
from app.ui.dialogs.report import ReportDialog
from app.ui.dialogs.result_files import ResultFiles
from app.ui.views.save_dialog import ask_where
from app.ui.window import Window
from tests.ui.session_cases import at_rest, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.mark.usefixtures("quick")
def test_dialogs_begin_beside_the_recording_then_where_was_saved_last(
    qtbot: QtBot, recording_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Path] = []
    elsewhere = tmp_path / "reports"
    elsewhere.mkdir()
    chosen = [str(elsewhere / "a.pdf"), ""]

    def ask(_parent: object, _title: str, start: str, _kinds: str = "") -> tuple[str, str]:
        begun.append(Path(start))
        return (chosen.pop(0) if chosen else "", "")

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    monkeypatch.chdir(tmp_path.parent)
    with opened(qtbot, recording_path) as session:
        window = Window(session)
        qtbot.addWidget(window)
        report = ReportDialog(session)
        qtbot.addWidget(report)
        monkeypatch.setattr(report, "write_to", lambda _path: None)
        for _ in range(2):
            report.choose()
        assert begun == [tmp_path / "seizure report.pdf", elsewhere / "seizure report.pdf"]
        export = ExportDialog(session)
        qtbot.addWidget(export)
        export.choose()
        assert begun[-1].parent == tmp_path, "each kind has a folder"
        assert begun[-1].name.startswith("seizure answers.")
        window._exchange.deidentify()
        clip = window.findChild(DeidentifyDialog)
        assert isinstance(clip, DeidentifyDialog)
        clip.choose()
        assert begun[-1] == tmp_path / NAME, "its name says nothing of whom it shows"
        window._tools.save_picture()
        assert begun[-1] == tmp_path / "hidden picture 00-00.000.png", "nor does a hidden picture's"
        at_rest(qtbot, session)
        window.close()
    assert load_settings().folders == {"report": str(elsewhere)}


def test_there_is_one_place_that_asks_where_to_save() -> None:
    root = Path(app.__file__).parent
    asking = {path.name for path in root.rglob("*.py") if "getSaveFileName" in path.read_text("utf-8")}
    assert asking == {"save_dialog.py"}


Answer = QMessageBox.StandardButton


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, QMessageBox.StandardButton]]:
    """The questions whether to replace, each with its default answer, which is taken."""
    questions: list[tuple[str, QMessageBox.StandardButton]] = []

    def take_default(box: QMessageBox) -> QMessageBox.StandardButton:
        button = box.defaultButton()
        assert button is not None
        questions.append((box.text(), box.standardButton(button)))
        return questions[-1][1]

    monkeypatch.setattr(QMessageBox, "exec", take_default)
    return questions


def choose(monkeypatch: pytest.MonkeyPatch, path: Path, kind: str = "") -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), kind))


@pytest.mark.usefixtures("quick")
def test_a_name_that_was_not_asked_about_replaces_nothing_without_a_question(
    qtbot: QtBot,
    recording_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, QMessageBox.StandardButton]],
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    with opened(qtbot, recording_path) as session:

        def where(name: str, kinds: str, kind: str = "") -> Path | None:
            choose(monkeypatch, tmp_path / name, kind)
            places = session.worklist.naming.places
            return ask_where(window, places, SaveKind.PICTURE, "Save", "x", kinds=kinds)[0]

        (tmp_path / "seizure2.mp4").touch()
        assert where("seizure2", "*.mp4") is None
        assert asked == [("“seizure2.mp4” exists already. It would be replaced.", Answer.No)]
        assert "picture" not in session.worklist.naming.places.folders
        assert where("seizure2.mp4", "*.mp4") == tmp_path / "seizure2.mp4", "the dialog has asked"
        assert where("Rec 0-12.4", "Pictures (*.png)") == tmp_path / "Rec 0-12.4.png"
        assert where("a.HTML", "*.pdf *.html") == tmp_path / "a.HTML"
        assert where("a.b", "*.pdf *.html") == tmp_path / "a.b.pdf"
        assert where("a", "P (*.png);;S (*.svg)", "S (*.svg)") == tmp_path / "a.svg"
        assert where("a", "*.answers.csv") == tmp_path / "a.answers.csv"
        assert where("a.b", "*") == tmp_path / "a.b"
        assert len(asked) == 1
        monkeypatch.setattr(QMessageBox, "exec", lambda _box: Answer.Yes)
        assert where("seizure2", "*.mp4") == tmp_path / "seizure2.mp4"


@pytest.mark.usefixtures("quick")
def test_every_dialog_lets_the_ending_be_added_where_is_asked(
    qtbot: QtBot,
    recording_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, QMessageBox.StandardButton]],
) -> None:
    for name in ("x.mp4", "x.csv", "x.pdf", "x.png", "x.html"):
        (tmp_path / name).write_bytes(b"kept")
    choose(monkeypatch, tmp_path / "x")
    with opened(qtbot, recording_path) as session:
        window = Window(session)
        qtbot.addWidget(window)
        report, export = ReportDialog(session), ExportDialog(session)
        for dialog in (report, export):
            qtbot.addWidget(dialog)
            dialog.choose()
        window._exchange.deidentify()
        clip = window.findChild(DeidentifyDialog)
        assert isinstance(clip, DeidentifyDialog)
        clip.choose()
        window._tools.save_picture()
        results = ResultFiles(window, session.worklist.naming.places, lambda: None)
        results.ask_for_page()
        assert len(asked) >= 4
        assert {path.read_bytes() for path in tmp_path.glob("x.*")} == {b"kept"}
        at_rest(qtbot, session)
        window.close()


@pytest.mark.usefixtures("quick")
def test_charts_go_into_a_folder_that_is_there_only_after_a_question(
    qtbot: QtBot,
    recording_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, QMessageBox.StandardButton]],
) -> None:
    window, written = QWidget(), list[Path]()
    qtbot.addWidget(window)
    (tmp_path / "charts").mkdir()
    with opened(qtbot, recording_path) as session:
        files = ResultFiles(window, session.worklist.naming.places, lambda: None)
        monkeypatch.setattr(files, "write_charts", lambda folder, _kind: written.append(folder))
        for name in ("charts.png", "new.png", "Rec 0-12.4"):
            choose(monkeypatch, tmp_path / name, "PNG (*.png)")
            files.ask_for_charts()
    assert written == [tmp_path / "new", tmp_path / "Rec 0-12.4"]
    assert [default for _text, default in asked] == [Answer.No]
