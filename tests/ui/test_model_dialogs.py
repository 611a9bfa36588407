"""The dialogs about models: settings, questions, preview, gate, plan, progress, permissions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.core.enhance.enhancement import Enhancement
from app.core.picture_box import Box
from app.core.privacy.destination import TERMS, ServiceKind
from app.core.privacy.gate import ATTESTATION, permissions
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompt_files import prompt_sets
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.provider import TokensUsed
from app.core.readers.models.reading_stage import ReadingStage, Status
from app.core.readers.models.reading_state import Cell
from app.core.reading import ReaderKind
from app.core.semiology import Span
from app.core.study.edits import SetHiddenPlaces
from app.ui.commands.model_commands import NO_MODEL
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.model_permissions import NONE
from app.ui.dialogs.model_progress import ModelProgressDialog, failure_line
from app.ui.dialogs.model_settings import ModelSettingsDialog
from app.ui.dialogs.preview import PreviewDialog
from app.ui.dialogs.prompts import PromptsDialog
from app.ui.dialogs.run_plan import RunPlanDialog
from app.ui.session.places_to_cover import PlacesToCover
from app.ui.session.session import Session
from app.ui.views.checklist import ChecklistView
from app.ui.views.explanation import ExplanationView
from app.ui.views.model_answer import ModelAnswer
from app.ui.views.model_status import ModelStatus
from app.ui.window import Window
from tests.loopback import Service as Loopback
from tests.ui.found_widgets import cell_text, now
from tests.ui.model_cases import (
    accept_gate,
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


def shown_text(widget: Any) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


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
    accept_gate(plan)
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

    def said() -> str:
        content = page.widget()
        assert content is not None
        return "\n".join(label.text() for label in content.findChildren(QLabel))

    qtbot.waitUntil(lambda: "3 requests left this study" in said())
    (back,) = [one for one in page.findChildren(QPushButton) if one.text() == "Revoke permission"]
    back.click()
    qtbot.waitUntil(lambda: NONE in said())
    qtbot.waitUntil(lambda: permissions(folder) == ())  # it holds at once, and is removed in the background
    settings.reject()


def test_how_a_model_is_served_is_chosen_where_its_name_says_nothing(qtbot: QtBot, session: Session) -> None:
    settings = ModelSettingsDialog(session)
    settings.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(settings)
    family = settings.questions.family
    assert family.currentData() == ""
    assert settings.choice().model_family.id == "unknown"
    family.setCurrentIndex(family.findData("gpt-5"))
    assert settings.choice().model_family.id == "gpt-5"
    settings.pages.setCurrentIndex(1)
    settings.show()
    assert family.isVisibleTo(settings.questions)
    settings.questions.show_for("gemini")
    assert not family.isVisibleTo(settings.questions)


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
    assert not dialog.used.isVisibleTo(dialog)  # this server counts nothing
    session.models.used = TokensUsed(2, 24_310, 1_204)
    session.models.run_changed.emit()
    assert dialog.used.isVisibleTo(dialog)
    assert "24\u202f310 tokens in" in dialog.used.text()
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
    assert answer.caution.text().startswith("Nothing is published for this model. The best of another")
    assert "the picture as recorded, 90 recordings); always saying yes" in answer.caution.text()
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
    # The recording was opened before the window, so it was read for somebody whom nobody asks.
    session.readers.become(session.readers.me)
    qtbot.waitUntil(lambda: session.readers.asking)
    dialogs = window._model_dialogs
    window.actions_["ask_model"].trigger()
    plan = dialogs._open["plan"]
    assert isinstance(plan, RunPlanDialog)
    qtbot.waitUntil(plan.ask.isEnabled)
    plan.ask.click()
    accept_gate(plan)
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
    session.models.chosen.choose(ModelChoice())
    window = Window(session)
    qtbot.addWidget(window)
    window.actions_["ask_model"].trigger()
    dialogs = window._model_dialogs
    qtbot.waitUntil(lambda: "settings" in dialogs._open)
    settings = dialogs._open["settings"]
    assert isinstance(settings, ModelSettingsDialog)
    assert settings.why.text() == NO_MODEL, "it is said why it opened"
    window.actions_["model_settings"].trigger()
    qtbot.waitUntil(lambda: not settings.why.text())
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
    session.models.chosen.choose(choice_for(service, fps=1.0))
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


def test_a_place_that_is_drawn_after_the_preview_is_covered_in_what_is_sent(
    qtbot: QtBot, session: Session, clips_made: list[Path]
) -> None:
    plan = RunPlanDialog(session)
    plan.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(plan)
    qtbot.waitUntil(plan.ask.isEnabled)
    recording, place = session.opened.recording, Box(0.1, 0.1, 0.4, 0.2)
    assert recording is not None
    mirrored = {f"{recording.picture_key}-mirrored": (Box(0.6, 0.1, 0.9, 0.2),)}
    places = PlacesToCover(session.opened, session.study, session.picture.drawn_covers)
    covers = places.covers()
    covers.add(place)
    places.keep(covers, recording)
    assert not plan.ask.isEnabled()
    qtbot.waitUntil(plan.ask.isEnabled)
    assert session.models.planned is not None
    assert session.models.planned.plan.drawn == (place,)
    assert len(set(clips_made)) == 2
    before = session.study.content.hidden_places
    session.study.apply(lambda: SetHiddenPlaces(session.study.opened(), before, {**before, **mirrored}))
    qtbot.waitUntil(plan.ask.isEnabled)
    plan.ask.click()
    gate = plan.findChild(GateDialog)
    assert isinstance(gate, GateDialog)
    assert "another picture of this recording are not covered: 1." in shown_text(gate)
    gate.reject()
    plan.reject()


def test_what_was_refused_in_an_answer_is_not_told_while_it_is_sealed() -> None:
    cell = Cell("k", Span(0, 30), Enhancement.POSE, "k", Status.PARTLY, "clonic: the end of a span …")
    assert "clonic" in failure_line(cell)
    assert failure_line(cell, told=False) == "00:00–00:30 Pose, answered in part"
    failed = replace(cell, status=Status.FAILED, reason="the server is busy")
    assert "busy" in failure_line(failed, told=False)
