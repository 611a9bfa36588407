"""Who was recorded stands in the header of an EEG, and nowhere else; no EEG is sent to a model."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.cli import main
from app.core.eeg.sync import MarkPair, Sync
from app.core.exchange.format_names import FORMAT_NAMES
from app.core.folders import settings_folder
from app.core.study.stored_eeg import AgreedSync
from app.ui.session.eeg_annotations import AnnotationUse
from app.ui.window import Window
from tests.core.eeg_files import SECRETS
from tests.core.study_cases import ROOT
from tests.loopback import Service
from tests.ui.eeg_cases import attach, write_eeg
from tests.ui.model_cases import choice_for, clips_made, no_vault, prepared, ran, service
from tests.ui.session_cases import history, opened, quick, recording_path, saved

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service"]


@pytest.fixture
def night(recording_path: Path) -> Path:
    return write_eeg(recording_path.parent / "night.edf")


def _named_in(content: str | bytes) -> list[str]:
    said = content if isinstance(content, bytes) else content.encode()
    return [secret for secret in SECRETS if secret.lower().encode() in said.lower()]


def _files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


def _texts(widget: QWidget) -> str:
    """Everything that a widget and those in it say."""
    return " ".join(_said(one) for one in (widget, *widget.findChildren(QWidget)))


def _said(widget: QWidget) -> str:
    said = [widget.windowTitle(), widget.toolTip(), widget.accessibleName(), widget.statusTip()]
    asked = (getattr(widget, name, None) for name in ("text", "toPlainText"))
    return " ".join([*said, *(str(ask()) for ask in asked if callable(ask))])


def test_the_header_names_somebody(night: Path) -> None:
    assert _named_in(night.read_bytes()) == list(SECRETS)


def test_whom_the_header_names_is_found_nowhere(  # noqa: PLR0917 - fixtures
    qtbot: QtBot,
    recording_path: Path,
    night: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    with opened(qtbot, recording_path) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        window.actions_["attach_eeg"].trigger()
        dialog = window._eeg_attaching._dialog
        assert dialog is not None
        qtbot.waitUntil(lambda: dialog.examined is not None and dialog.examined.complete)
        shown = _texts(window) + _texts(dialog) + repr(dialog.examined)
        dialog.reject()
        eeg = attach(qtbot, session, night)
        part = session.attached_eeg
        part.set_sync(eeg, AgreedSync(Sync(-9.5), "marks", (MarkPair(10.0, 0.5),)))
        part.mark_bad(part.files[0], ["EEG T3-REF"])
        with qtbot.waitSignal(session.eeg_annotations.found) as found:
            session.eeg_annotations.search()
        for row in (found.args or [])[0].rows[:2]:
            session.eeg_annotations.use(row, AnnotationUse.PHASE)
        saved(qtbot, session)
        shown += _texts(window) + repr((part.files, part.file_of(eeg), part.scan_of(eeg)))
        shown += " ".join(f"{row.what} {row.old} {row.new} {row.entry}" for row in history(session))
        shown += session.status.message + session.status.line
        part.attach(recording_path, AgreedSync(Sync(0.0)))
        qtbot.waitUntil(lambda: "not an EEG" in session.status.message)
        folder = session.study.folder
        assert folder is not None
        night.write_bytes(night.read_bytes()[:300])
        part.attach(night, AgreedSync(Sync(0.0)))
        qtbot.waitUntil(lambda: "damaged" in session.status.message)
        shown += session.status.message
        window.close()
    assert "night.edf" in shown
    assert "EEG T3-REF" in shown
    out = tmp_path / "out"
    for form in FORMAT_NAMES:
        main(["export", str(folder), "--unsealed", "--format", form, "--out", str(out / form)])
    main(["history", str(folder), "--json"])
    main(["report", str(folder), "--out", str(out / "report.html")])
    said = capsys.readouterr()
    shown += said.out + said.err + caplog.text
    assert _named_in(shown) == []
    written = list(_files(out, folder, settings_folder()))
    assert folder / "study.sqlite" in written
    assert len(written) > 5
    assert {path: _named_in(path.read_bytes()) for path in written if _named_in(path.read_bytes())} == {}


def test_an_error_with_the_file_names_nobody(
    qtbot: QtBot,
    recording_path: Path,
    night: Path,
    monkeypatch: pytest.MonkeyPatch,
    expected_errors: pytest.LogCaptureFixture,
) -> None:
    def fail(file: Any) -> str:
        raise RuntimeError(f"header: {file.contents.read(0, 256)!r}")

    monkeypatch.setattr("app.core.study.eeg_places.content_hash", lambda file, _size=None: fail(file))
    with opened(qtbot, recording_path) as session:
        session.attached_eeg.attach(night, AgreedSync(Sync(0.0)))
        qtbot.waitUntil(lambda: "Something unexpected" in session.status.message)
        assert _named_in(session.status.message) == []
    assert "RuntimeError" in expected_errors.text
    assert _named_in(expected_errors.text) == []


def test_an_export_holds_no_place_of_an_eeg(qtbot: QtBot, recording_path: Path, tmp_path: Path) -> None:
    far = write_eeg(tmp_path / "Haagse Harry" / "night.edf")
    with opened(qtbot, recording_path) as session:
        attach(qtbot, session, far)
        saved(qtbot, session)
        folder = session.study.folder
        assert folder is not None
    out = tmp_path / "out"
    for form in FORMAT_NAMES:
        main(["export", str(folder), "--unsealed", "--format", form, "--out", str(out / form)])
    assert list(_files(out))
    assert [path for path in _files(out) if b"Haagse" in path.read_bytes()] == []


# models


@pytest.mark.usefixtures("clips_made", "no_vault")
def test_a_model_is_sent_nothing_of_an_attached_eeg(
    qtbot: QtBot, recording_path: Path, night: Path, service: Service
) -> None:
    sent: list[bytes] = []

    def before(_path: str, body: bytes) -> None:
        sent.append(body)

    service.before = before
    with opened(qtbot, recording_path) as session:
        attach(qtbot, session, night)
        session.models.chosen.choose(choice_for(service))
        prepared(qtbot, session)
        ran(qtbot, session)
        saved(qtbot, session)
    assert sent
    for body in sent:
        assert _named_in(body) == []
        for trace in (b"night.edf", b"EEG Fp1", b"EEG T3", b"Video start", b"Spasm", b"uV"):
            assert trace not in body


@pytest.mark.parametrize("room", ["readers", "privacy", "enhance"])
def test_what_makes_and_sends_requests_does_not_know_eeg(room: str) -> None:
    for path in (ROOT / "app" / "core" / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any("eeg" in name for name in names), path


def test_widgets_say_what_they_show(qtbot: QtBot) -> None:
    """The search of texts above finds a label inside a widget."""
    outer = QWidget()
    qtbot.addWidget(outer)
    QLabel("Haagse_Harry", outer)
    assert _named_in(_texts(outer)) == ["Haagse", "Harry"]
