"""A dialog that looks at files is closed at once, also while the share that they are on hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.jobs import Progress, Task
from app.ui.dialogs.combine_models import CombineModelsDialog
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.new_study import NewStudyDialog
from app.ui.session.background import Background, close_all
from app.ui.session.session import Session
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        yield session


def new_study(session: Session) -> NewStudyDialog:
    return NewStudyDialog(session, Path(), (Path("recordings"),))


@pytest.mark.parametrize(
    "case",
    [
        (new_study, "app.core.batch.begin_study.chosen_recordings", "_looking"),
        (CombineModelsDialog, "app.core.agreement.combined_models.models_of_study", "_finding"),
    ],
)
def test_it_waits_for_no_share(
    qtbot: QtBot,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[Callable[[Session], WorkDialog], str, str],
) -> None:
    make, looks, runner = case
    looked, answers = threading.Event(), threading.Event()
    joined: list[Background] = []

    def hangs(*_args: Any, **_kwargs: Any) -> tuple[Path, ...]:
        looked.set()
        answers.wait(60)
        return ()

    monkeypatch.setattr(looks, hangs)
    dialog = make(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(looked.is_set)
    with monkeypatch.context() as counted:
        counted.setattr(Background, "join", lambda one, _deadline: joined.append(one))
        dialog.reject()
    answers.set()
    assert getattr(dialog, runner) not in joined
    assert not getattr(dialog, runner).running


def test_escape_waits_for_no_work_and_closing_the_window_does(qtbot: QtBot, session: Session) -> None:
    dialog = WorkDialog(session, "Work", "Begin", lambda: None)
    qtbot.addWidget(dialog)
    dialog.show()
    works, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(_task: Task) -> tuple[str, ...]:
        works.set()
        may_end.wait(60)
        ended.set()
        return ("done",)

    dialog.start(slow)
    qtbot.waitUntil(works.is_set)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert not ended.is_set(), "it was waited for"
    assert dialog.work.parent() is session, "who closes waits for what is still written"
    may_end.set()
    close_all(session)
    assert ended.is_set()
    assert dialog.outcome.text() == ""


def test_how_far_work_is_and_how_long_it_takes_is_said(qtbot: QtBot, quick: type[QuickReader]) -> None:
    with opened(qtbot) as session:
        dialog = WorkDialog(session, "Work", "Begin", lambda: None)
        qtbot.addWidget(dialog)
        dialog.open()
        dialog.work.progressed.emit(Progress("Hiding faces and text", 0.42, 130.0))
        assert dialog.outcome.text() == "Hiding faces and text · about 2 min left"
        assert dialog.bar.text() == "42 %"
        assert dialog.bar.isTextVisible()
        dialog.work.progressed.emit(Progress("Hiding faces and text", 0.0))
        assert dialog.outcome.text() == "Hiding faces and text"
