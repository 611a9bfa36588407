"""The study's own figures stand before the published ones beside a model's answer."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.agreement.own_figures import OwnFigure
from app.ui.session.session import Session
from app.ui.views.explanation import ExplanationView
from app.ui.views.model_answer import ModelAnswer
from tests.ui.model_cases import clips_made, no_vault, quick, ran, recording_path, service, session

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


def test_own_figures_come_first_for_the_model_that_they_are_of(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def figures(_study: Any, viewer: Any, me: Any) -> Any:
        asked.append((viewer, me))
        return {one.reader.anywhere.key: {"clonic": OwnFigure(24, 10, 0.62, 0.59)} for one in models()}

    def models() -> list[Any]:
        return [one for one in session.answers.others if one.reader.kind == "model"]

    view = ExplanationView(session)
    qtbot.addWidget(view)
    answer = view.findChild(ModelAnswer)
    assert isinstance(answer, ModelAnswer)
    monkeypatch.setattr("app.core.agreement.own_figures.own_figures", figures)
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
        return {reader.anywhere.key: {"clonic": OwnFigure(24, 10, 0.62, 0.59)}}

    monkeypatch.setattr("app.core.agreement.own_figures.own_figures", figures)
    own = session.models.own
    own._find()
    qtbot.waitUntil(lambda: bool(counting))
    with monkeypatch.context() as closed:
        closed.setattr(session.study, "access", lambda: None)
        own._find()
        goes_on.set()
        for thread in counting:
            thread.join()
        QApplication.processEvents()
    assert own.sentence(reader, "clonic") == ""
