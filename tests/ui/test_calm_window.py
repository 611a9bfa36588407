"""What keeps the window's thread free while a model's clips are made and while it is asked."""

from __future__ import annotations

import sys

import pytest
from pytestqt.qtbot import QtBot

from app.core.readers.models.reading_state import ReadingStage
from app.ui import SECONDS_OF_A_TURN
from app.ui.session.session import Session
from app.ui.theme import Mode
from app.ui.views.model_status import ModelStatus
from app.ui.views.status_bar import StatusBar
from tests.ui.model_cases import clips_made, no_vault, quick, recording_path, service, session

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


def test_the_window_does_not_wait_long_for_another_thread_of_python() -> None:
    assert sys.getswitchinterval() == pytest.approx(SECONDS_OF_A_TURN)


def test_the_words_on_a_reading_are_styled_anew_only_in_another_colour(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = ModelStatus(session)
    qtbot.addWidget(status)
    styled: list[str] = []
    monkeypatch.setattr(status.words, "setStyleSheet", styled.append)
    session.models.run_changed.emit()
    assert styled == []
    session.appearance.set_mode(Mode.LIGHT)
    assert len(styled) == 1


def test_the_picture_keeps_its_size_while_a_model_is_asked(qtbot: QtBot, session: Session) -> None:
    bar = StatusBar(session)
    qtbot.addWidget(bar)
    bar.resize(1900, bar.sizeHint().height())
    bar.show()
    heights = []
    for stage in (ReadingStage.IDLE, ReadingStage.PREPARING, ReadingStage.RUNNING, ReadingStage.IDLE):
        session.models._set(stage)
        qtbot.wait(1)
        heights.append(bar.sizeHint().height())
    assert len(set(heights)) == 1, heights
