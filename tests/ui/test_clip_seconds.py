"""Which seconds a de-identified clip takes, and how long that lasts, as the dialog says it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.core.jobs import Progress
from app.core.timeline.clock_text import parse_clock
from app.ui.dialogs.deidentify import ESTIMATING, RANGE, SEIZURE
from app.ui.memory import Memory
from app.ui.session.session import Session
from tests.ui.deidentify_cases import dialog_of, memory, session
from tests.ui.session_cases import quick, recording_path, saved

__all__ = ["memory", "quick", "recording_path", "session"]


def test_the_fields_say_which_seconds_of_the_study_are_taken(
    qtbot: QtBot, session: Session, memory: Memory
) -> None:
    dialog = dialog_of(qtbot, session, memory)
    dialog.start_at.setText("00:00.2")
    dialog.stretch.setCurrentIndex(dialog.stretch.findData(SEIZURE))
    qtbot.waitUntil(lambda: "No onset" in dialog.taken.text())
    assert (dialog.start_at.text(), dialog.end_at.text()) == ("", ""), "not those of another choice"
    session.labels.marks.set("onset", 0.3)
    session.labels.marks.set("end", 0.8)
    saved(qtbot, session)
    dialog.stretch.setCurrentIndex(dialog.stretch.findData(RANGE))
    assert (dialog.start_at.text(), dialog.taken.text()) == ("00:00.2", "")
    dialog.stretch.setCurrentIndex(dialog.stretch.findData(SEIZURE))
    qtbot.waitUntil(lambda: dialog.start_at.text() != "")
    assert (parse_clock(dialog.start_at.text()), parse_clock(dialog.end_at.text())) == pytest.approx(
        (0.3, 0.8), abs=0.05
    )
    assert not dialog.start_at.isEnabled()
    assert "marked it" in dialog.taken.text()


def test_before_it_is_known_how_long_it_takes_that_is_said(
    qtbot: QtBot, session: Session, memory: Memory
) -> None:
    dialog = dialog_of(qtbot, session, memory)
    dialog._making = True
    dialog._progressed(Progress("Looking for text", 0.01))
    assert dialog.outcome.text() == f"Looking for text · {ESTIMATING}"
    dialog._progressed(Progress("Looking for text", 0.1, 30.0))
    assert dialog.outcome.text() == "Looking for text · about 30 s left"
    dialog._making = False
