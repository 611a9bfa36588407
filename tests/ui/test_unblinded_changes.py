"""Answers that are changed after unblinding, in the window: said once, not used until chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.semiology import FEATURES, Presence, Span
from app.core.study.blind_readings import AnswersUsed
from app.ui.dialogs.results import ResultsDialog
from app.ui.session.session import Session
from app.ui.session.unblinded_changes import HOW_IT_COUNTS
from app.ui.views.answers_used_box import AnswersUsedBox
from app.ui.views.comparison import ComparisonView
from app.ui.views.history import HistoryView
from tests.ui.found_widgets import displayed
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path, saved

__all__ = ["quick", "recording_path"]

pytestmark = pytest.mark.usefixtures("statistics_are_loaded")


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    """Read blind and locked: everything is no; the signal reader says yes to clonic."""
    with opened(qtbot) as session:
        session.readers.ask_for_new_studies(True)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        session.readers.read_blind(True)
        saved(qtbot, session)
        for feature in FEATURES:
            session.answers.answer(feature.id, Presence.NO)
        assert session.readers.lock_and_reveal()
        saved(qtbot, session)
        assert session.answers.my_reading.unblinded
        yield session


def choose_now(box: AnswersUsedBox) -> None:
    box.setCurrentIndex(box.findData(AnswersUsed.NOW.value))
    box.activated.emit(box.currentIndex())


def test_the_status_line_says_once_how_a_change_counts(qtbot: QtBot, session: Session) -> None:
    said: list[str] = []
    session.status.line_changed.connect(lambda: said.append(session.status.line))
    assert HOW_IT_COUNTS not in said
    session.labels.set_note("clonic", "seen now")
    saved(qtbot, session)
    assert HOW_IT_COUNTS not in said, "a note is not an answer"
    session.answers.answer("clonic", Presence.YES)
    saved(qtbot, session)
    assert session.status.line == HOW_IT_COUNTS
    session.labels.add_span("clonic", Span(0.2, 0.8))
    saved(qtbot, session)
    assert session.status.line.startswith("saved")
    assert said.count(HOW_IT_COUNTS) == 1


def test_a_change_that_undo_makes_is_one_too(qtbot: QtBot, session: Session) -> None:
    session.undoing.undo()
    saved(qtbot, session)
    assert session.status.line == HOW_IT_COUNTS


def test_who_reads_openly_is_not_spoken_to(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        assert session.readers.lock_and_reveal()
        saved(qtbot, session)
        session.answers.answer("clonic", Presence.YES)
        saved(qtbot, session)
        assert session.status.line.startswith("saved")


def test_the_comparison_uses_what_was_locked_until_chosen_otherwise(qtbot: QtBot, session: Session) -> None:
    view = displayed(qtbot, ComparisonView(session))
    qtbot.waitUntil(lambda: view.figures.rowCount() == 21)
    assert view.used.isHidden(), "nothing was changed, so there is nothing to choose"
    session.answers.answer("clonic", Presence.YES)
    saved(qtbot, session)
    qtbot.waitUntil(view.used.isVisible)
    assert view.figures.item(0, 1).text() == "0 · 0 · 1 · 19"
    assert "1 answer was changed after unblinding and is not used" in view.sentence.text()
    choose_now(view.used)
    qtbot.waitUntil(lambda: view.figures.item(0, 1).text() == "1 · 0 · 0 · 19")
    assert "are not blind" in view.sentence.text()


def test_the_results_use_what_was_locked_until_chosen_otherwise(qtbot: QtBot, session: Session) -> None:
    session.answers.answer("clonic", Presence.YES)
    saved(qtbot, session)
    dialog = ResultsDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog._results is not None and not dialog.work.running)
    assert dialog.used.isVisible()
    assert dialog.told.text().startswith("1 answer was changed after unblinding and is not used")
    choose_now(dialog.used)
    qtbot.waitUntil(lambda: dialog.told.text().startswith("1 answer was changed after unblinding and counts"))


def test_the_history_labels_the_change(qtbot: QtBot, session: Session) -> None:
    session.answers.answer("clonic", Presence.YES)
    saved(qtbot, session)
    view = displayed(qtbot, HistoryView(session))
    qtbot.waitUntil(lambda: view.table.rowCount() > 3)
    assert "after unblinding" in view.table.item(0, 3).text()
    said = [view.table.item(row, 3).text() for row in range(view.table.rowCount())]
    assert sum("after unblinding" in one for one in said) == 1
