"""The dialogs about models: settings, questions, preview, gate, plan, progress, permissions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.core.enhance.enhancement import Enhancement
from app.core.picture_box import Box
from app.core.privacy.destination import TERMS, ServiceKind
from app.core.privacy.gate import ATTESTATION, permissions
from app.core.published import published
from app.core.readers.models.model_choice import ModelChoice, load_choice
from app.core.readers.models.prompt_files import prompt_sets
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.reading_state import Cell, ReadingStage, Status
from app.core.reading import ReaderKind
from app.core.semiology import Span
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.model_permissions import NONE
from app.ui.dialogs.model_progress import ModelProgressDialog, failure_line
from app.ui.dialogs.model_settings import ModelSettingsDialog
from app.ui.dialogs.preview import PreviewDialog
from app.ui.dialogs.prompts import PromptsDialog
from app.ui.dialogs.run_plan import RunPlanDialog
from app.ui.session.ask_model import LOCAL
from app.ui.session.session import Session
from app.ui.views.checklist import ChecklistView
from app.ui.views.explanation import ExplanationView
from app.ui.views.model_answer import ModelAnswer
from app.ui.views.model_status import ModelStatus
from app.ui.window import Window
from tests.loopback import Answer
from tests.loopback import Service as Loopback
from tests.ui.found_widgets import cell_text, now
from tests.ui.model_cases import (
    CANARY,
    at_end,
    choice_for,
    clips_made,
    no_vault,
    prepared,
    quick,
    ran,
    recording_path,
    service,
    session,
)

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


@pytest.fixture
def settings(qtbot: QtBot, session: Session) -> Iterator[ModelSettingsDialog]:
    dialog = ModelSettingsDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
    dialog.reject()


def shown_text(widget: Any) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def test_the_terms_are_told_before_anything_else(settings: ModelSettingsDialog) -> None:
    page = settings.connection
    for number, name in enumerate(("", "gemini", "vertex", "openai")):
        assert page.providers.itemData(number) == name
    page.providers.setCurrentIndex(1)
    assert TERMS[ServiceKind.GEMINI_API].text in page.terms.text()
    assert page.terms.textFormat() is Qt.TextFormat.PlainText
    page.providers.setCurrentIndex(2)
    assert "project and a location" in page.terms.text()
    page.edits["project"].setText("p")
    page.edits["location"].setText("europe-west4")
    page.edits["location"].editingFinished.emit()
    assert TERMS[ServiceKind.VERTEX_AI].text in page.terms.text()
    assert not page.key.isVisible()


def test_a_choice_is_remembered_when_saved(qtbot: QtBot, settings: ModelSettingsDialog) -> None:
    page, questions = settings.connection, settings.questions
    page.models.setEditText("other")
    questions.limit.setValue(7)
    questions.fps.setValue(1.5)
    next(iter(questions.asked.values())).setChecked(False)
    assert load_choice().model == "tiny-vl"
    settings.accept()
    kept = load_choice()
    assert (kept.model, kept.limit, kept.fps) == ("other", 7, 1.5)
    assert [one.value for one in kept.enhancements] == ["face", "sound"]
    assert settings.result() == QDialog.DialogCode.Accepted


def test_local_only_again(session: Session, settings: ModelSettingsDialog) -> None:
    settings.connection.providers.setCurrentIndex(0)
    settings.accept()
    assert load_choice() == ModelChoice(limit=1)
    assert session.models.where == LOCAL


def test_what_is_missing_is_said_and_nothing_is_saved(settings: ModelSettingsDialog) -> None:
    settings.connection.edits["base_url"].setText("http://example.org/v1")
    settings.accept()
    assert "https://" in settings.problem.text()
    assert settings.isVisible()


def test_plain_http_is_confirmed_for_one_address(settings: ModelSettingsDialog) -> None:
    page = settings.connection
    place = page.edits["base_url"]

    def typed(address: str) -> None:
        place.setText(address)
        place.editingFinished.emit()

    assert page.private.isHidden(), "this computer needs no confirmation"
    for elsewhere in ("http://16909060/v1", "https://10.0.0.5/v1"):
        typed(elsewhere)
        assert page.private.isHidden()
    typed("http://10.0.0.5:8443/v1")
    assert page.private.isVisible()
    assert "confirm" in page.terms.text()
    settings.accept()
    assert "confirm" in settings.problem.text()
    page.private.click()
    assert TERMS[ServiceKind.OTHER_SERVER].text in page.terms.text()
    typed("http://10.0.0.6:8443/v1")
    assert page.private.isVisible()
    assert not page.private.isChecked()
    typed("http://10.0.0.5:8443/v1")
    assert page.private.isChecked()
    settings.accept()
    assert load_choice().private_origins == ("http://10.0.0.5:8443",)


def test_a_key_is_hidden_kept_forgotten_and_never_in_the_settings(
    qtbot: QtBot, session: Session, settings: ModelSettingsDialog, own_folders: Path, service: Loopback
) -> None:
    page = settings.connection
    assert page.key.echoMode() is QLineEdit.EchoMode.Password
    qtbot.waitUntil(lambda: "kept for this run only" in page.key_state.text())
    page.key.setText(CANARY)
    settings.accept()
    qtbot.waitUntil(lambda: not settings.isVisible())
    assert page.key.text() == ""
    host = f"127.0.0.1:{service.port}"
    key = session.models.keys.key(host)
    assert key is not None
    assert key.reveal() == CANARY
    files = [path for path in own_folders.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    page.forget.click()
    qtbot.waitUntil(lambda: "No key for" in page.key_state.text())
    assert session.models.keys.key(host) is None


def test_testing_the_connection_tells_what_the_model_takes(
    qtbot: QtBot, session: Session, settings: ModelSettingsDialog, service: Loopback
) -> None:
    def deaf(path: str, body: bytes) -> Answer | None:
        return (400, {}, b"{}") if b"input_audio" in body else None

    service.before = deaf
    settings.connection.test.click()
    qtbot.waitUntil(lambda: "Pictures" in settings.connection.found.text())
    found = settings.connection.found.text()
    assert "✓ Pictures: yes" in found
    assert "✕ Sound: no." in found
    models = settings.connection.models
    assert [models.itemText(number) for number in range(models.count())] == ["tiny-vl", "other"]
    settings.accept()
    assert load_choice().known_capabilities.sound
    prepared(qtbot, session)
    assert session.models.planned is not None
    assert len(session.models.planned.left) == 2, "sound is not asked about"


def test_a_test_of_a_dead_address_ends_in_a_sentence(qtbot: QtBot, settings: ModelSettingsDialog) -> None:
    settings.connection.edits["base_url"].setText("http://127.0.0.1:9/v1")
    settings.connection.test.click()
    qtbot.waitUntil(lambda: settings.connection.found.text().startswith("✕"))


def test_a_set_of_questions_is_read_copied_and_changed(qtbot: QtBot, session: Session) -> None:
    dialog = PromptsDialog(session, "expert")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    assert dialog.text.toPlainText() == PROMPT_SETS["expert"].rules
    assert dialog.text.isReadOnly()
    dialog.edit_copy()
    dialog.name.setText("expert")
    dialog.accept()
    assert "a set of the program" in dialog.problem.text()
    dialog.name.setText("../away")
    dialog.accept()
    assert "is made of" in dialog.problem.text()
    dialog.name.setText("our ward")
    dialog.list.setCurrentRow(1)
    dialog.text.setPlainText("Is the patient asleep?")
    with qtbot.waitSignal(dialog.kept):
        dialog.accept()
    made = prompt_sets()["our ward"]
    assert made.questions["occur_during_sleep"] == "Is the patient asleep?"
    assert made.rules == PROMPT_SETS["expert"].rules
    assert made.hash != PROMPT_SETS["expert"].hash


def test_the_plan_is_shown_and_the_gate_refuses_by_default(
    qtbot: QtBot, session: Session, service: Loopback
) -> None:
    plan = RunPlanDialog(session)
    plan.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(plan)
    plan.show()
    qtbot.waitUntil(plan.ask.isEnabled)
    words = shown_text(plan)
    assert "3 requests" in words
    assert "MB" in words
    assert "not known for this model" in words
    plan.ask.click()
    gate = plan.findChild(GateDialog)
    assert isinstance(gate, GateDialog)
    assert gate.refuse.isDefault()
    assert not gate.send.isEnabled()
    assert not gate.attested.isChecked()
    shown = shown_text(gate)
    assert ATTESTATION in shown
    assert TERMS[ServiceKind.THIS_MACHINE].text in shown
    assert f"127.0.0.1:{service.port} · tiny-vl" in shown
    qtbot.keyClick(gate, Qt.Key.Key_Return)
    assert gate.result() == QDialog.DialogCode.Rejected
    assert now(session.models.stage) is ReadingStage.READY
    assert service.bodies == []
    assert session.study.folder is not None
    assert permissions(session.study.folder) == ()
    plan.reject()
    assert session.models.stage is ReadingStage.IDLE


def test_the_gate_opens_once_for_a_study_and_can_be_closed_again(
    qtbot: QtBot, session: Session, service: Loopback
) -> None:
    plan = RunPlanDialog(session)
    plan.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(plan)
    qtbot.waitUntil(plan.ask.isEnabled)
    plan.ask.click()
    gate = plan.findChild(GateDialog)
    assert isinstance(gate, GateDialog)
    gate.attested.click()
    gate.send.click()
    at_end(qtbot, session)
    assert len(service.asked) == 3
    assert plan.result() == QDialog.DialogCode.Accepted
    folder = session.study.folder
    assert folder is not None
    (given,) = permissions(folder)
    assert given.covers_recordings
    settings = ModelSettingsDialog(session)
    settings.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(settings)
    page = settings.permissions
    assert "3 requests left this study" in "\n".join(label.text() for label in page.findChildren(QLabel))
    (back,) = [one for one in page.findChildren(QPushButton) if one.text() == "Revoke permission"]
    back.click()
    assert permissions(folder) == ()
    content = page.widget()
    assert content is not None
    assert NONE in "\n".join(label.text() for label in content.findChildren(QLabel))
    settings.reject()


def test_the_preview_plays_the_files_that_are_sent(qtbot: QtBot, session: Session) -> None:
    prepared(qtbot, session)
    assert session.models.prepared is not None
    dialog = PreviewDialog(session, session.models.prepared.preview)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    panel = dialog.panel
    qtbot.waitUntil(lambda: panel._clip is not None)
    assert panel.clips.count() == 3
    assert "93 %" in panel.note.text()
    assert "picture 1 of 4" in panel.time.text()
    assert PROMPT_SETS["expert"].rules in panel.question.toPlainText()
    panel.toggle()
    assert panel.playing
    qtbot.waitUntil(lambda: not panel.playing)
    assert panel.position == pytest.approx(2.0, abs=0.1)
    assert "picture 4 of 4" in panel.time.text()
    panel.show_clip("0000-sound")
    qtbot.waitUntil(lambda: panel._clip is not None and panel._clip.sound is not None)
    assert panel._clip is not None
    assert panel._clip.sound is not None
    assert len(panel._clip.sound) == 8000
    assert "<b>stop</b>" in panel.note.text()
    assert panel.note.textFormat() is Qt.TextFormat.PlainText
    assert not panel.stage.grab().isNull()
    dialog.reject()


def test_a_clip_whose_file_is_gone_says_so(qtbot: QtBot, session: Session) -> None:
    prepared(qtbot, session)
    assert session.models.prepared is not None
    preview = session.models.prepared.preview
    for path in preview.folder.glob("*pose*.jpg"):
        path.unlink()
    dialog = PreviewDialog(session, preview)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: "is gone" in dialog.panel.said.text())
    dialog.panel.toggle()
    assert not dialog.panel.playing
    dialog.reject()


def test_progress_and_failures_are_listed(qtbot: QtBot, session: Session, service: Loopback) -> None:
    service.before = lambda _path, body: (400, {}, b"{}") if b"input_audio" in body else None
    status = ModelStatus(session)
    qtbot.addWidget(status)
    ran(qtbot, session)
    assert "1 failed" in status.words.text()
    dialog = ModelProgressDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    table = dialog.table
    rows = range(table.columnCount())
    assert [cell_text(table, 0, column).split("  ")[1] for column in rows] == [
        "answered",
        "answered",
        "failed",
    ]
    assert dialog.failures.toPlainText().startswith("00:00–00:02 Sound, failed: ")
    with qtbot.waitSignal(session.models.clip_wanted):
        table.cellDoubleClicked.emit(0, 0)
    with qtbot.waitSignal(session.models.again_wanted):
        dialog.again.click()
    dialog.reject()


def test_a_models_answer_says_what_it_is_worth_and_what_it_saw(qtbot: QtBot, session: Session) -> None:
    view = ExplanationView(session)
    qtbot.addWidget(view)
    answer = view.findChild(ModelAnswer)
    assert isinstance(answer, ModelAnswer)
    assert answer.isHidden(), "the signal reader is shown"
    ran(qtbot, session)
    session.selection.select("clonic")
    qtbot.waitUntil(lambda: len(answer.buttons()) == 1)
    scores = published("clonic")
    assert scores is not None
    assert answer.caution.text() == scores.sentence
    assert "always saying yes" in answer.caution.text()
    assert "patient's skeleton" in answer.shown.text()
    assert "93%" in answer.shown.text()
    (button,) = answer.buttons()
    assert button.text().startswith("00:00–00:02  ✓ yes 70")
    with qtbot.waitSignal(session.models.clip_wanted) as wanted:
        button.click()
    assert wanted.args == ["0000-pose"]


def test_any_reader_can_be_shown_beside_mine(qtbot: QtBot, session: Session) -> None:
    view = ChecklistView(session)
    qtbot.addWidget(view)
    assert not view.chooser.isEnabled()
    ran(qtbot, session)
    assert view.chooser.names() == ("tiny-vl", "Signal reader")
    assert view.chooser.isEnabled()
    view.chooser._fill()
    menu = view.chooser.menu()
    assert menu is not None
    model, signal = menu.actions()
    assert model.isChecked()
    signal.trigger()
    assert session.answers.shown is not None
    assert session.answers.shown.reader.kind is ReaderKind.SIGNAL
    session.answers.answer("tonic", None)
    assert session.answers.shown.reader.kind is ReaderKind.SIGNAL


def test_the_window_leads_through(qtbot: QtBot, session: Session, service: Loopback) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    dialogs = window._model_dialogs
    window.actions_["ask_model"].trigger()
    plan = dialogs._open["plan"]
    assert isinstance(plan, RunPlanDialog)
    qtbot.waitUntil(plan.ask.isEnabled)
    session.models.allow()
    plan.ask.click()
    at_end(qtbot, session)
    assert "plan" not in dialogs._open
    assert session.models.saw.preview is None, "the answers are sealed until it is said how the study is read"
    session.readers.read_blind(False)
    qtbot.waitUntil(lambda: session.models.saw.preview is not None)
    window.actions_["model_saw"].trigger()
    assert isinstance(dialogs._open["preview"], PreviewDialog)
    window.actions_["model_settings"].trigger()
    qtbot.waitUntil(lambda: "settings" in dialogs._open)
    window.close()
    assert not dialogs._open


def test_without_a_model_asking_opens_the_settings(qtbot: QtBot, session: Session, service: Loopback) -> None:
    session.models.choose(ModelChoice())
    window = Window(session)
    qtbot.addWidget(window)
    window.actions_["ask_model"].trigger()
    qtbot.waitUntil(lambda: "settings" in window._model_dialogs._open)
    window.close()
    assert service.bodies == []
    assert choice_for(service).provider == "openai"


def test_a_plan_follows_the_choice_and_the_patients_box(
    qtbot: QtBot, session: Session, service: Loopback, clips_made: list[Path]
) -> None:
    plan = RunPlanDialog(session)
    plan.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(plan)
    qtbot.waitUntil(plan.ask.isEnabled)
    session.models.choose(choice_for(service, fps=1.0))
    assert not plan.ask.isEnabled()
    qtbot.waitUntil(plan.ask.isEnabled)
    session.patient.set(Box(0.1, 0.1, 0.9, 0.9))
    assert not plan.ask.isEnabled()
    qtbot.waitUntil(plan.ask.isEnabled)
    assert session.models.planned is not None
    assert session.models.planned.plan.patient == Box(0.1, 0.1, 0.9, 0.9)
    assert session.models.planned.plan.choice.fps == 1.0
    assert len(set(clips_made)) == 3
    plan.reject()


def test_what_was_refused_in_an_answer_is_not_told_while_it_is_sealed() -> None:
    cell = Cell("k", Span(0, 30), Enhancement.POSE, "k", Status.PARTLY, "clonic: the end of a span …")
    assert "clonic" in failure_line(cell)
    assert failure_line(cell, told=False) == "00:00–00:30 Pose, answered in part"
    failed = replace(cell, status=Status.FAILED, reason="the server is busy")
    assert "busy" in failure_line(failed, told=False)
