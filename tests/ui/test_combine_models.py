"""The dialog that makes a composite reader of two models of the study."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Presence
from app.ui.dialogs.combine_models import CombineModelsDialog
from app.ui.session.session import Session
from tests.ui.model_cases import clips_made, no_vault, quick, recording_path, service, session

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


def shown(qtbot: QtBot, session: Session) -> CombineModelsDialog:
    dialog = CombineModelsDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def keep(session: Session, name: str, presence: Presence) -> None:
    recording = session.opened.recording
    assert recording is not None
    answers = {one: Answer(one, presence) for one in ("clonic", "ictal_vocalization")}
    identity = RecordingIdentity(recording.name, "", recording.duration)
    session.study.keep_reading(Reading(identity, ReaderIdentity(ReaderKind.MODEL, name, "2"), answers))


def test_it_takes_two_models(qtbot: QtBot, session: Session) -> None:
    dialog = shown(qtbot, session)
    qtbot.waitUntil(lambda: "ask a second one first" in dialog.outcome.text())
    assert not dialog.begin.isEnabled()
    dialog.reject()


def test_two_models_are_combined(qtbot: QtBot, session: Session) -> None:
    keep(session, "eyes", Presence.YES)
    keep(session, "ears", Presence.NO)
    dialog = shown(qtbot, session)
    qtbot.waitUntil(dialog.begin.isEnabled)
    dialog.seen_by.setCurrentIndex(dialog.seen_by.findData("eyes"))
    dialog.heard_by.setCurrentIndex(dialog.heard_by.findData("ears"))
    dialog.begin.click()
    qtbot.waitUntil(lambda: "“eyes + ears” now has read 1 recording of" in dialog.outcome.text())
    access = session.study.access()
    assert access is not None
    with access.open() as study:
        (both,) = (one for one in study.readings(1, viewer=None) if one.reader.name == "eyes + ears")
    assert both.answer("clonic").presence is Presence.YES
    assert both.answer("ictal_vocalization").presence is Presence.NO
    dialog.reject()
