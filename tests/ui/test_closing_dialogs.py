"""A dialog that looks at files is closed at once, also while the share that they are on hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.ui.dialogs.combine_models import CombineModelsDialog
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.new_study import NewStudyDialog
from app.ui.session.background import Background
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
