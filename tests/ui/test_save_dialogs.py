"""All dialogs that save begin where this kind was saved last, and ask in one place."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

import app
from app.core.settings import load_settings
from app.ui.dialogs.deidentify import NAME, DeidentifyDialog
from app.ui.dialogs.export_labels import ExportDialog
from app.ui.dialogs.report import ReportDialog
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
        assert begun[-1] == tmp_path / "seizure 00-00.000.png"
        at_rest(qtbot, session)
        window.close()
    assert load_settings().folders == {"report": str(elsewhere)}


def test_there_is_one_place_that_asks_where_to_save() -> None:
    root = Path(app.__file__).parent
    asking = {path.name for path in root.rglob("*.py") if "getSaveFileName" in path.read_text("utf-8")}
    assert asking == {"save_dialog.py"}
