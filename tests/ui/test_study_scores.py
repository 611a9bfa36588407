"""The study's own figures stand before the published ones beside a model's answer."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.agreement.study_figures import StudyFigure
from app.core.privacy.ledger import Ledger
from app.core.readers.models.reading_stage import ReadingStage
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, person
from app.core.semiology import Answer, Presence
from app.core.study.content import Asking, load
from app.core.study.store import Study
from app.ui.commands.model_commands import ModelDialogs
from app.ui.dialogs.run_plan import RunPlanDialog
from app.ui.session.session import Session
from app.ui.views.explanation import ExplanationView
from app.ui.views.model_answer import ModelAnswer
from tests.loopback import Service
from tests.ui.model_cases import at_end, clips_made, no_vault, quick, ran, recording_path, service, session

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


def test_the_studys_figures_come_first_for_the_model_that_they_are_of(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def figures(_study: Any, viewer: Any, me: Any) -> Any:
        asked.append((viewer, me))
        return {one.reader.anywhere.key: {"clonic": StudyFigure(24, 10, 0.62, 0.59)} for one in models()}

    def models() -> list[Any]:
        return [one for one in session.answers.others if one.reader.kind == "model"]

    view = ExplanationView(session)
    qtbot.addWidget(view)
    answer = view.findChild(ModelAnswer)
    assert isinstance(answer, ModelAnswer)
    monkeypatch.setattr("app.core.agreement.study_figures.study_figures", figures)
    ran(qtbot, session)
    session.selection.select("clonic")
    qtbot.waitUntil(lambda: answer.caution.text().startswith("In this study: F1 .62 (24 recordings"))
    assert "Nothing is published" in answer.caution.text().splitlines()[1]
    session.selection.select("tonic")
    assert answer.caution.text().startswith("Nothing is published"), "too few recordings for this feature"
    access = session.study.access()
    assert access is not None
    assert asked[-1] == (access.viewer, access.me), "in the name of the person who looks"


def test_what_is_counted_of_a_study_is_not_shown_to_another(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(qtbot, session)
    (reader,) = (one.reader for one in session.answers.others if one.reader.kind == "model")
    counting, goes_on = list[threading.Thread](), threading.Event()

    def figures(*_of: Any) -> Any:
        counting.append(threading.current_thread())
        goes_on.wait(60)
        return {reader.anywhere.key: {"clonic": StudyFigure(24, 10, 0.62, 0.59)}}

    monkeypatch.setattr("app.core.agreement.study_figures.study_figures", figures)
    own = session.models.study_scores
    own.count()
    qtbot.waitUntil(lambda: bool(counting))
    with monkeypatch.context() as closed:
        closed.setattr(session.study, "access", lambda: None)
        own.count()
        goes_on.set()
        for thread in counting:
            thread.join()
        QApplication.processEvents()
    assert own.sentence(reader, "clonic") == ""


def test_after_another_reader_was_shown_it_is_counted_anew(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(qtbot, session)
    own, counted = session.models.study_scores, list[object]()
    shown = session.answers.shown
    assert shown is not None
    monkeypatch.setattr(own._counting, "start", counted.append)
    own.count()
    session.answers.readings_changed.emit()
    assert len(counted) == 1, "it is known already"
    with monkeypatch.context() as now:
        other = replace(shown, reader=person("Ana"))
        now.setattr(type(session.answers), "shown", property(lambda _answers: other))
        own.count()
    session.answers.readings_changed.emit()
    assert len(counted) == 2


def by_name(readings: Iterable[Reading]) -> dict[str, Reading]:
    """The readings by their readers, in whichever order they came."""
    return {f"{one.reader.kind} {one.reader.name}": one for one in readings}


def asked_blind(qtbot: QtBot, session: Session) -> None:
    session.models.prepare(blind=True)
    qtbot.waitUntil(lambda: session.models.stage is ReadingStage.READY)
    session.models.start(allowed=True)
    at_end(qtbot, session)


def test_what_is_said_of_nothing_stands_under_each_answer_and_is_no_answer(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    view = ExplanationView(session)
    qtbot.addWidget(view)
    answer = view.findChild(ModelAnswer)
    assert isinstance(answer, ModelAnswer)
    session.selection.select("clonic")
    ran(qtbot, session)
    before, asked = session.answers.others, len(service.asked)
    assert "black" not in answer.caution.text()
    live = []
    session.study.content_changed.connect(lambda *_: live.append(session.study.of_recording.live))
    asked_blind(qtbot, session)
    assert len(service.asked) == 2 * asked
    assert not any(live), "what grows there is not shown as answers to the recording"
    assert by_name(session.answers.others) == by_name(before)
    assert session.answers.shown is not None
    assert not session.answers.shown.reader.is_control
    said = "Shown nothing, it said yes to 1 of 1 black and silent clip."
    qtbot.waitUntil(lambda: answer.caution.text().startswith(said))
    folder, number = session.study.folder, session.study.recording_number
    assert folder is not None
    assert len(Ledger(folder).entries()) == 2 * asked, "through the same gate, into the same ledger"
    session.close()
    with Study.open(folder, author="me", create=False) as study:
        (control,) = (one for one in study.readings(number, viewer=None) if one.reader.is_control)
        row = study.recordings()[0]
        loaded = load(study, number, Asking(person("Eve"), read_openly=True))
    assert control.reader.details["shown"] == "black frames and silence"
    assert "patient" not in control.reader.details
    assert (control.recording.name, row.name) == (row.name, row.name)
    assert not any(one.reader.is_control for one in loaded.content.others)


def test_nothing_is_sent_of_the_control_before_it_was_allowed(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    session.models.prepare(blind=True)
    qtbot.waitUntil(lambda: session.models.stage is ReadingStage.READY)
    planned = session.models.planned
    assert planned is not None
    assert planned.permission is None
    session.models.start()
    at_end(qtbot, session)
    assert service.bodies == []
    assert "has not been allowed" in session.status.message


def test_the_dialog_of_the_control_says_what_is_shown(qtbot: QtBot, session: Session) -> None:
    dialog = RunPlanDialog(session, blind=True)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: session.models.stage is ReadingStage.READY)
    assert dialog.part.isHidden()
    assert any(one.text().startswith("Black frames and silence") for one in dialog.findChildren(QLabel))
    assert session.models.prepared is not None
    assert session.models.prepared.control is not None
    dialog.reject()


def test_what_is_asked_again_after_a_control_is_the_control(
    qtbot: QtBot, session: Session, service: Service
) -> None:
    """Never the recording in its place: for that another click would be enough."""
    window = QWidget()
    qtbot.addWidget(window)
    dialogs = ModelDialogs(window, session)

    def shown() -> list[tuple[bool, bool]]:
        return [one.wanted for one in window.findChildren(RunPlanDialog) if one.isVisible()]

    dialogs.ask()
    assert shown() == [(False, False)]
    dialogs.ask(blind=True)
    assert shown() == [(False, True)], "the plan of the recording is not shown for that of the control"
    dialogs.close()
    asked_blind(qtbot, session)
    session.models.again_wanted.emit()
    assert shown() == [(False, True)]
    session.models.refused_wanted.emit()
    assert shown() == [(True, True)]
    dialogs.close()
    ran(qtbot, session)
    session.models.again_wanted.emit()
    assert shown() == [(False, False)]
    dialogs.close()


def test_what_was_answered_to_a_control_is_kept_when_its_recording_is_left(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.models.prepare(blind=True)
    qtbot.waitUntil(lambda: session.models.stage is ReadingStage.READY)
    kept: list[Reading] = []
    monkeypatch.setattr(session.study, "keep_reading", kept.append)
    answered = Reading(
        RecordingIdentity("x.mp4", "0" * 64, 1.0),
        ReaderIdentity(ReaderKind.MODEL, "tiny-vl", "1"),
        {"clonic": Answer("clonic", Presence.YES)},
    )
    session.models.start(allowed=True)
    session.models._on_posted(answered)
    session.models.leave()
    assert [one.reader.is_control for one in kept] == [True]
    at_end(qtbot, session)
