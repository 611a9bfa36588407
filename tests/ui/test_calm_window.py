"""What keeps the window's thread free while a model's clips are made and while it is asked."""

from __future__ import annotations

import sys
import threading

import pytest
from pytestqt.qtbot import QtBot

from app.core.readers.models import model_work
from app.core.readers.models.model_work import planned
from app.core.readers.models.reader import Plan
from app.core.readers.models.reading_stage import ReadingStage
from app.core.readers.models.reading_state import Planned
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Presence
from app.ui import SECONDS_OF_A_TURN
from app.ui.session.session import Session
from app.ui.theme import Mode
from app.ui.views.model_status import ModelStatus
from app.ui.views.status_bar import StatusBar
from tests.ui.model_cases import clips_made, no_vault, prepared, quick, recording_path, service, session

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


def test_the_window_does_not_wait_long_for_another_thread_of_python() -> None:
    assert sys.getswitchinterval() == pytest.approx(SECONDS_OF_A_TURN)


def test_answers_that_come_together_are_shown_together(qtbot: QtBot, session: Session) -> None:
    prepared(qtbot, session)
    models = session.models
    models._of = session.opened.recording
    shown: list[int] = []
    session.answers.readings_changed.connect(
        lambda: shown.append(sum(a.presence is not None for a in session.answers.others[0].answers.values()))
    )
    for count in (1, 2, 3, 4):
        models._on_posted(_grown(count))
    assert shown == []
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == [4]


def test_a_plan_is_reckoned_in_the_background_alone(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned: list[threading.Thread] = []

    def counted(plan: Plan, again: frozenset[str]) -> Planned:
        reckoned.append(threading.current_thread())
        return planned(plan, again)

    monkeypatch.setattr(model_work, "planned", counted)
    prepared(qtbot, session)
    assert session.models.planned is not None
    assert reckoned
    assert threading.main_thread() not in reckoned


def test_what_determines_the_answers_is_reckoned_once(qtbot: QtBot, session: Session) -> None:
    prepared(qtbot, session)
    assert session.models.planned is not None
    plan = session.models.planned.plan
    assert plan.what is plan.what
    assert plan.folder is plan.folder


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


def _grown(count: int) -> Reading:
    answers = {feature.id: Answer(feature.id, Presence.NO) for feature in FEATURES[:count]}
    identity = ReaderIdentity(ReaderKind.MODEL, "tiny-vl", "1")
    return Reading(RecordingIdentity("x.mp4", "0" * 64, 1.0), identity, answers)
