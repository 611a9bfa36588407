"""Rating a study's explanations one after the other, with the keys of the real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.semiology import FEATURES, Presence
from app.ui.session.rating_round import RatingRound
from app.ui.session.session import Session
from app.ui.views.rating_queue import RatingQueueView
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.found_widgets import cell_text, docked
from tests.ui.session_cases import (
    QuickReader,
    add_recordings,
    at_rest,
    opened,
    opened_name,
    quick,
    recording_path,
    saved,
    stored,
)

__all__ = ["quick", "recording_path"]

pytestmark = pytest.mark.usefixtures("statistics_are_loaded")


def tick(session: Session) -> None:
    """Answer as the quick reader does, so that all of its answers are right."""
    for feature in FEATURES:
        session.answers.answer(feature.id, Presence.YES if feature.id == "clonic" else Presence.NO)


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path, tmp_path: Path) -> Iterator[Window]:
    """A window on a study of two recordings, both read by the person and by the signal reader."""
    other = write_recording(tmp_path / "second.mp4", frames=40, sound=tone(1.6))
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        tick(session)
        add_recordings(qtbot, session, other)
        session.worklist.go_to(2)
        qtbot.waitUntil(lambda: session.study.recording_number == 2)
        at_rest(qtbot, session)
        tick(session)
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        yield window


def number_of(ratings: RatingRound) -> int:
    assert ratings.current is not None
    return ratings.current.number


def view_of(window: Window, qtbot: QtBot) -> RatingQueueView:
    next(one for one in window.actions_.commands if one.id == "show_rating").slot()
    view = docked(window, "rating", RatingQueueView)
    qtbot.waitUntil(lambda: bool(window.session.rating_round.work.items))
    return view


def press(qtbot: QtBot, window: Window, key: Qt.Key) -> None:
    qtbot.keyClick(window.focusWidget() or window, key)


def test_the_queue_is_rated_by_keys_and_goes_on_where_it_stopped(qtbot: QtBot, window: Window) -> None:
    session, ratings = window.session, window.session.rating_round
    view = view_of(window, qtbot)
    # Two true positives (clonic in both) and, of the features that are only ever no, none.
    count = len(ratings.work.items)
    assert count == 2
    assert {item.feature for item in ratings.work.items} == {"clonic"}
    assert "0 of 2" in view.progress.text()
    view.begin.click()
    qtbot.waitUntil(lambda: ratings.ready)
    first = ratings.current
    assert first is not None
    assert session.selection.feature == "clonic"
    assert session.playback.cursor == pytest.approx(0.2)
    assert "left wrist" in view.card.words.text()
    before = {feature.id: session.answers.mine.answer(feature.id) for feature in FEATURES}
    press(qtbot, window, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: ratings.current is not None and number_of(ratings) != first.number)
    qtbot.waitUntil(lambda: ratings.ready)
    at_rest(qtbot, session)
    assert ratings.rated == 1
    assert "1 of 2" in view.progress.text()
    qtbot.waitUntil(lambda: [cells[0].text for name, cells in ratings.work.rows if name == "All"] == ["1"])
    press(qtbot, window, Qt.Key.Key_N)
    assert number_of(ratings) != first.number
    press(qtbot, window, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: ratings.ready and number_of(ratings) == first.number)
    at_rest(qtbot, session)
    # None of these keys did what it does elsewhere: a side, an answer, clearing it.
    assert {feature.id: session.answers.mine.answer(feature.id) for feature in FEATURES} == before
    assert view.card.anchors[4].isChecked()
    view.begin.click()
    assert not ratings.running
    assert view.begin.text() == "Continue"
    view.begin.click()
    qtbot.waitUntil(lambda: ratings.ready and number_of(ratings) != first.number)
    at_rest(qtbot, session)
    view.card.anchors[2].click()
    qtbot.waitUntil(lambda: view.begin.text() == "Again" and bool(ratings.work.rows))
    rows = {
        view.results.table.verticalHeaderItem(row).text(): row for row in range(view.results.table.rowCount())
    }
    qtbot.waitUntil(lambda: cell_text(view.results.table, rows["All"], 0) == "2")
    cells = [cell_text(view.results.table, rows["Clonic"], column) for column in range(6)]
    assert cells == ["2", "·", "1", "·", "1", "·"]
    view.results.table.setCurrentCell(rows["All"], 7)
    assert "1 of 2 explanations are rated 3 or more" in view.results.sentence.text()
    assert "n = 2" in view.results.sentence.text()


def test_after_the_round_the_keys_are_the_windows_again(qtbot: QtBot, window: Window) -> None:
    session, ratings = window.session, window.session.rating_round
    view = view_of(window, qtbot)
    view.begin.click()
    qtbot.waitUntil(lambda: ratings.ready)
    at_rest(qtbot, session)
    ratings.end()
    session.selection.select("tonic")
    press(qtbot, window, Qt.Key.Key_Backspace)
    assert session.answers.mine.answer("tonic").presence is None
    session.undoing.undo()
    assert session.answers.mine.answer("tonic").presence is Presence.NO


def test_keys_pressed_while_the_queue_is_read_answer_nothing(qtbot: QtBot, window: Window) -> None:
    session, ratings = window.session, window.session.rating_round
    mine = session.answers.mine
    next(one for one in window.actions_.commands if one.id == "show_rating").slot()
    view = docked(window, "rating", RatingQueueView)
    assert not ratings.work.items, "the queue is still being read"
    assert view.begin.isVisible()
    assert view.begin.text() == "Begin"
    qtbot.mouseClick(view.begin, Qt.MouseButton.LeftButton)
    assert view.begin.text() == "Stop"
    said: list[str] = []
    session.status.line_changed.connect(lambda: said.append(session.status.line))
    for key in (Qt.Key.Key_3, Qt.Key.Key_Backspace, Qt.Key.Key_N):
        press(qtbot, window, key)
    assert "the explanations are still being read" in said
    assert session.answers.mine == mine
    qtbot.waitUntil(lambda: ratings.ready)
    assert ratings.rated == 0


def test_a_round_whose_queue_cannot_be_read_leaves_the_keys_to_the_answers(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_anything: object) -> None:
        raise UserError("The study cannot be read.")

    monkeypatch.setattr("app.ui.session.rating_round.load_queue", refused)
    ratings = window.session.rating_round
    ratings.begin()
    assert ratings.has_keys
    qtbot.waitUntil(lambda: not ratings.has_keys)
    assert not ratings.running


def test_a_rating_that_is_undone_is_to_be_given_again(qtbot: QtBot, window: Window) -> None:
    session, ratings = window.session, window.session.rating_round
    view_of(window, qtbot)
    ratings.begin()
    qtbot.waitUntil(lambda: ratings.ready)
    at_rest(qtbot, session)
    item = ratings.current
    assert item is not None
    session.ratings.rate_explanation(item.reader, item.feature, 5)
    assert ratings.rated == 1
    session.undoing.undo()
    assert ratings.rated == 0


def test_sealed_explanations_are_in_no_queue(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot) as session:
        session.readers.ask_for_new_studies(True)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        session.readers.read_blind(True)
        tick(session)
        view = RatingQueueView(session)
        qtbot.addWidget(view)
        view.show()
        qtbot.waitUntil(lambda: view.results.about.text().startswith("Explanations can be rated once"))
        session.rating_round.read()
        qtbot.waitUntil(lambda: not session.rating_round._reading.running)
        assert session.rating_round.work.items == ()
        assert session.readers.lock_and_reveal()
        saved(qtbot, session)
        session.rating_round.read()
        qtbot.waitUntil(lambda: bool(session.rating_round.work.items))


def test_what_one_person_rates_is_not_shown_to_the_next(qtbot: QtBot, window: Window) -> None:
    session, ratings = window.session, window.session.rating_round
    view = view_of(window, qtbot)
    ratings.begin()
    qtbot.waitUntil(lambda: ratings.ready)
    at_rest(qtbot, session)
    session.readers.read_blind(True)
    session.readers.become("Somebody Else")
    assert not ratings.running
    assert ratings.work.items == ()
    press(qtbot, window, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: not ratings._reading.running)
    assert ratings.work.items == (), "sealed from whom reads now"
    assert view.results.table.isHidden()
    saved(qtbot, session)
    with stored(session) as study:
        assert study.ratings(viewer=None) == ()


def test_a_queue_that_was_being_read_for_somebody_else_is_not_shown(qtbot: QtBot, window: Window) -> None:
    session, ratings = window.session, window.session.rating_round
    session.readers.read_blind(True)
    ratings.read()
    session.readers.become("Somebody Else")
    qtbot.waitUntil(lambda: not ratings._reading.running)
    assert ratings.work.items == ()


def test_a_round_ends_with_its_study(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    session, ratings = window.session, window.session.rating_round
    view_of(window, qtbot)
    ratings.begin()
    qtbot.waitUntil(lambda: ratings.ready)
    at_rest(qtbot, session)
    (tmp_path / "another").mkdir()
    session.opening.open(write_recording(tmp_path / "another" / "third.mp4", frames=45, sound=tone(1.8)))
    qtbot.waitUntil(lambda: opened_name(session) == "third.mp4")
    at_rest(qtbot, session)
    assert session.study.recording_number == 1
    assert not ratings.running
    ratings.rate(3)
    saved(qtbot, session)
    with stored(session) as study:
        assert study.ratings(viewer=None) == (), "its number in another study is another recording's"
