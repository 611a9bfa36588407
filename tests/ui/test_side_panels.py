"""Worklist, history, consensus and comparison on a real study of the session."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from app.core.agreement.standing import Standing, compare_presences
from app.core.folders import settings_folder
from app.core.semiology import FEATURES, Presence, Span
from app.core.study.consensus import CONSENSUS
from app.ui.commands.panel_focus import is_seen
from app.ui.session.session import Session
from app.ui.views.comparison import ComparisonView
from app.ui.views.consensus import ConsensusView
from app.ui.views.history import HistoryView
from app.ui.views.rating_queue import RatingQueueView
from app.ui.views.worklist import WorklistView
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.found_widgets import docked
from tests.ui.session_cases import (
    QuickReader,
    at_rest,
    is_open,
    opened,
    opened_name,
    opened_path,
    quick,
    recording_path,
    saved,
    stored,
)

__all__ = ["quick", "recording_path"]

pytestmark = pytest.mark.usefixtures("statistics_are_loaded")


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        yield session


def choose(box: QComboBox, words: str) -> None:
    """As by hand."""
    box.setCurrentText(words)
    box.activated.emit(box.currentIndex())


def rows_of(menu: QMenu) -> dict[str, Any]:
    """What a menu offers, by its words; menus within it as menus."""
    return {action.text(): action.menu() or action for action in menu.actions() if action.text()}


def shown(qtbot: QtBot, view: Any) -> Any:
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    return view


def test_the_history_tells_of_a_change_and_a_click_goes_there(qtbot: QtBot, session: Session) -> None:
    view = shown(qtbot, HistoryView(session))
    session.answers.answer("clonic", Presence.NO)
    saved(qtbot, session)
    cells = [view.table.item(0, column).text() for column in range(7)]
    assert cells[1:6] == [session.readers.me, "Clonic", "answer", "unanswered", "no"]
    session.answers.answer("tonic", Presence.YES)
    session.undoing.undo()
    saved(qtbot, session)
    assert view.table.item(0, 3).text() == "answer, undone"
    rows = view.table.rowCount()
    session.selection.select("clonic")
    view.only.setChecked(True)
    saved(qtbot, session)
    assert 0 < view.table.rowCount() < rows
    session.selection.select("tonic")
    view.only.setChecked(False)
    saved(qtbot, session)
    view.table.itemClicked.emit(view.table.item(2, 0))
    assert session.selection.feature == "clonic"


def test_disagreements_are_stepped_through_decided_and_kept(qtbot: QtBot, session: Session) -> None:
    view = shown(qtbot, ConsensusView(session))
    for feature in ("clonic", "tonic"):
        session.answers.answer(feature, Presence.NO if feature == "clonic" else Presence.YES)
    assert view.table.rowCount() == 2
    view.table.setCurrentCell(0, 0)
    first = view.current.feature
    assert session.selection.feature == first
    view.note.setText("seen by both")
    view.buttons[Presence.YES].click()
    assert view.current.feature != first
    disputes = {one.feature: one for one in session.consensus.disputes()}
    assert disputes[first].decided is Presence.YES
    assert disputes[first].note == "seen by both"
    assert "1 open" in view.head.text()


def test_the_list_of_one_study_is_not_that_of_another(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    view = shown(qtbot, WorklistView(session))
    view._read()
    qtbot.waitUntil(lambda: len(view.model.items) == 1)
    (tmp_path / "another").mkdir()
    other = write_recording(tmp_path / "another" / "third.mp4", frames=40)
    session.opening.open(other)
    qtbot.waitUntil(lambda: opened_path(session) == other)
    assert [item.name for item in view.model.items] in ([], ["third.mp4"])
    at_rest(qtbot, session)
    qtbot.waitUntil(lambda: [item.name for item in view.model.items] == ["third.mp4"])


def test_a_note_on_one_recording_is_never_that_of_another(
    qtbot: QtBot, session: Session, recording_path: Path, tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "other.mp4", frames=40)
    for path in (other, recording_path):
        session.opening.open(path)
        qtbot.waitUntil(partial(is_open, session, path))
        at_rest(qtbot, session)
        session.readers.read_blind(False)
        session.answers.answer("clonic", Presence.NO)
    view = shown(qtbot, ConsensusView(session))
    view.activateWindow()
    view.table.setCurrentCell(0, 0)
    view.note.setFocus()
    qtbot.waitUntil(view.note.hasFocus)
    qtbot.keyClicks(view.note, "seen by both")
    session.opening.open(other)
    qtbot.waitUntil(lambda: opened_path(session) == other)
    assert view.current is not None
    assert view.note.text() == ""
    at_rest(qtbot, session)


def test_what_persons_agree_on_is_kept_at_once(qtbot: QtBot, session: Session) -> None:
    mine = session.readers.me
    for name, clonic in (("Ana", Presence.YES), (mine, Presence.NO)):
        assert session.readers.become(name)
        saved(qtbot, session)
        session.answers.answer("clonic", clonic)
        session.answers.answer("tonic", Presence.YES)
        session.labels.add_span("tonic", Span(0.2, 0.4) if name == "Ana" else Span(0.8, 1.0))
        session.answers.answer("figure4", Presence.NO)
    session.answers.answer("pelvic_thrusting", Presence.NO)
    view = shown(qtbot, ConsensusView(session))
    assert view.agreed.text() == "Keep 2 agreed"
    # The signal reader says clonic, and no to everything else.
    assert [one.feature for one in view._disputes] == ["tonic", "clonic"]
    view.persons.setChecked(True)
    assert [one.feature for one in view._disputes] == ["clonic"]
    view.persons.setChecked(False)
    view.agreed.click()
    assert not view.agreed.isVisible(), "it shows at once"
    saved(qtbot, session)
    with stored(session) as study:
        decided = study.reading(session.study.recording_number, CONSENSUS)
    assert {name for name, one in decided.answers.items() if one.presence} == {"tonic", "figure4"}
    assert [round(span.start, 1) for span in decided.answer("tonic").evidence] == [0.2, 0.8]
    assert not view.agreed.isVisible()
    session.undoing.undo()
    saved(qtbot, session)
    assert session.status.line == "undone: 2 decisions (all agreed)"
    assert view.agreed.text() == "Keep 2 agreed"
    session.undoing.redo()
    saved(qtbot, session)
    assert session.status.line.startswith("redone: 2 decisions")
    assert not view.agreed.isVisible()


def test_the_consensus_can_be_the_reference(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    offered: list[str] = []

    def choose(_parent: Any, _title: str, _label: str, names: list[str], _now: int, _edit: bool) -> Any:
        offered[:] = names
        return "Consensus", True

    monkeypatch.setattr(QInputDialog, "getItem", choose)
    session.answers.answer("clonic", Presence.NO)
    window.actions_["reference"].trigger()
    saved(qtbot, session)
    assert "no such reader" in session.status.message
    assert session.consensus.decide("clonic", Presence.NO, "")
    window.actions_["reference"].trigger()
    assert offered == ["no reference reader", "Consensus", session.readers.me]
    assert session.consensus.reference == "Consensus"
    saved(qtbot, session)
    with stored(session) as study:
        assert study.settings().reference == CONSENSUS
    assert session.consensus.set_reference("")
    saved(qtbot, session)
    with stored(session) as study:
        assert study.settings().reference is None


def test_the_worklist_lists_filters_and_opens(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    view = shown(qtbot, WorklistView(session))
    several: list[bool] = []
    view.several.connect(several.append)
    other = write_recording(tmp_path / "second.mp4", frames=25, sound=tone(1.0))
    session.answers.answer("clonic", Presence.NO)
    session.worklist.add_recordings((other, tmp_path / "missing.mp4"))
    qtbot.waitUntil(lambda: view.model.rowCount() == 2)
    qtbot.waitUntil(lambda: "missing" in session.status.message)
    session.worklist.go_to(next(item.recording_id for item in view.model.items if item.name == "second.mp4"))
    qtbot.waitUntil(lambda: opened_name(session) == "second.mp4")
    at_rest(qtbot, session)
    qtbot.waitUntil(lambda: view.model.rowCount() == 2)
    assert several[-1] is True
    table = view.table.model()
    assert {table.index(row, 0).data() for row in range(2)} == {"seizure.mp4", "▸ second.mp4"}
    view.text.setText("seiz")
    assert table.rowCount() == 1
    assert table.index(0, 1).data() == "1 of 20"
    choose(view.status, "locked")
    assert table.rowCount() == 0
    choose(view.status, "any status")
    view.table.doubleClicked.emit(table.index(0, 0))
    qtbot.waitUntil(lambda: opened_name(session) == "seizure.mp4")
    at_rest(qtbot, session)
    view.text.clear()
    table.sort(0, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: table.rowCount() == 2)
    assert "seizure" in table.index(0, 0).data()


def test_the_next_gap_is_found_in_the_whole_study(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    session.readers.read_blind(False)
    for feature in FEATURES:
        session.answers.answer(feature.id, Presence.YES if feature.id == "clonic" else Presence.NO)
    other = write_recording(tmp_path / "second.mp4", frames=25, sound=tone(1.0))
    session.worklist.add_recordings((other,))
    qtbot.waitUntil(lambda: "2 recordings" in session.status.line)
    session.worklist.to_unanswered()
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)
    assert session.selection.feature == FEATURES[0].id
    for feature in FEATURES:
        session.answers.answer(feature.id, Presence.YES if feature.id in ("clonic", "tonic") else Presence.NO)
    session.worklist.to_unanswered()
    qtbot.waitUntil(lambda: "all features of all recordings" in session.status.line)
    session.worklist.go_to(1)
    qtbot.waitUntil(lambda: session.study.recording_number == 1)
    at_rest(qtbot, session)
    session.worklist.to_disagreement()
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    assert session.selection.feature == "tonic"
    at_rest(qtbot, session)


def test_panels_that_are_open_stand_another_recording(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    session.readers.read_blind(False)
    session.answers.answer("clonic", Presence.NO)
    other = write_recording(tmp_path / "second.mp4", frames=25, sound=tone(1.0))
    session.worklist.add_recordings((other,))
    qtbot.waitUntil(lambda: "2 recordings" in session.status.line)
    consensus, history = shown(qtbot, ConsensusView(session)), shown(qtbot, HistoryView(session))
    comparison, ratings = shown(qtbot, ComparisonView(session)), shown(qtbot, RatingQueueView(session))
    assert consensus.table.rowCount() == 1
    session.worklist.go_to(2)
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)
    assert consensus.table.rowCount() == 0
    assert history.table.rowCount() >= 1
    assert comparison.isVisible()
    assert ratings.isVisible()
    # While a recording is being opened nothing of any is known, and every panel is told.
    session.study.of_recording.withhold()
    session.opened.recording_changed.emit()
    assert session.consensus.disputes() == ()
    assert session.consensus.undisputed() == ()
    pages: list[object] = []
    session.study.history(None, None, pages.append)
    assert pages == [None]
    assert not session.consensus.decide("clonic", Presence.YES, "")
    assert "being opened" in session.status.message


def test_filters_are_kept_chosen_deleted_and_undone(
    qtbot: QtBot, session: Session, recording_path: Path
) -> None:
    view = shown(qtbot, WorklistView(session))
    session.answers.answer("clonic", Presence.NO)
    qtbot.waitUntil(lambda: view.model.rowCount() == 1 and view.model.items[0].answered == 1)
    view.text.setText("seiz")
    choose(view.status, "started")
    view.fill_menu()
    rows_of(rows_of(view.menu)["Read by"])["signal"].trigger()
    assert view.asks.text() == "read by signal · 1 of 1"
    view.save("  mine  to do ")
    assert view.asks.text() == "mine to do · 1 of 1"
    saved(qtbot, session)
    assert session.status.line == "filter “mine to do” is saved in this study"
    view.fill_menu()
    rows_of(view.menu)["Show everything"].trigger()
    assert (view.text.text(), view.status.currentText(), view.asks.text()) == ("", "any status", "")
    rows_of(rows_of(view.menu)["Status"])["done"].trigger()
    rows_of(rows_of(view.menu)["Status"])["locked"].trigger()
    assert view.status.currentText() == "several"
    assert view.asks.text() == "0 of 1"
    view.save("finished")
    # Kept in the study: another view of another day has them.
    other = shown(qtbot, WorklistView(session))
    other.fill_menu()
    rows_of(other.menu)["mine to do"].trigger()
    assert (other.text.text(), other.status.currentText()) == ("seiz", "started")
    rows_of(rows_of(other.menu)["Delete"])["mine to do"].trigger()
    assert set(session.worklist.saved_filters()) == {"finished"}
    session.undoing.undo()
    assert set(session.worklist.saved_filters()) == {"finished", "mine to do"}
    session.answers.answer("tonic", Presence.YES)
    session.undoing.undo()
    assert session.answers.mine.answer("tonic").presence is None
    session.undoing.undo()
    assert set(session.worklist.saved_filters()) == {"mine to do"}
    session.undoing.redo()
    assert set(session.worklist.saved_filters()) == {"finished", "mine to do"}
    session.undoing.undo()
    session.undoing.undo()
    session.undoing.undo()
    assert session.answers.mine.answer("clonic").presence is None
    assert session.worklist.saved_filters() == {}


def test_the_worklist_is_sorted_as_the_last_time(qtbot: QtBot, quick: type[QuickReader]) -> None:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        worklist = docked(window, "worklist", WorklistView)
        assert worklist.sort == ""
        worklist.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        window.close()
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        worklist = docked(window, "worklist", WorklistView)
        assert worklist.sort == "-Agree"
        assert worklist.table.horizontalHeader().sortIndicatorSection() == 2
        window.close()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (None, None, Standing.NOTHING),
        (Presence.YES, None, Standing.ONE_SIDED),
        (None, Presence.NOT_ASSESSABLE, Standing.ONE_SIDED),
        (Presence.NOT_ASSESSABLE, Presence.YES, Standing.NOT_ASSESSABLE),
        (Presence.YES, Presence.YES, Standing.AGREE),
        (Presence.YES, Presence.NO, Standing.DISAGREE),
    ],
)
def test_how_two_answers_stand(one: Presence | None, other: Presence | None, expected: Standing) -> None:
    assert compare_presences(one, other) is expected
    assert compare_presences(other, one) is expected
    withheld = one is None or other is None
    assert compare_presences(one, other, sealed=True) is (Standing.SEALED if withheld else expected)


def test_readers_are_compared_each_figure_with_its_sentence(qtbot: QtBot, session: Session) -> None:
    for feature in FEATURES:
        session.answers.answer(feature.id, Presence.NO)
    view = shown(qtbot, ComparisonView(session))
    qtbot.waitUntil(lambda: view.figures.rowCount() == 21)
    assert {view.first.currentText(), view.second.currentText()} == {session.readers.me, "signal"}
    heads = [view.figures.horizontalHeaderItem(column).text() for column in range(6)]
    assert heads == ["n", "Counts", "Same", "κ", "AC1", "PABAK"]
    assert view.figures.verticalHeaderItem(0).text() == "All features"
    assert view.figures.item(0, 0).text() == "20"
    assert view.first.currentText() == session.readers.me
    assert view.figures.item(0, 1).text() == "0 · 0 · 1 · 19"
    assert view.figures.item(0, 2).text().startswith("95%")
    view.figures.setCurrentCell(0, 3)
    assert "κ" in view.sentence.text()
    assert "n = 20" in view.sentence.text()
    view.as_grid.setChecked(True)
    model = view.grid.model()
    words = [model.index(0, column).data() for column in range(20)]
    clonic = [feature.id for feature in FEATURES].index("clonic")
    assert words[clonic] == "≠ differ"
    assert words.count("= same") == 19
    view.grid.setCurrentIndex(model.index(0, clonic))
    assert "one says yes, the other no" in view.sentence.text()
    view.grid.clicked.emit(model.index(0, clonic))
    assert session.selection.feature == "clonic"
    assert session.playback.cursor == pytest.approx(0.2)


def test_one_recording_is_compared_with_its_features_as_the_cases(qtbot: QtBot, session: Session) -> None:
    session.labels.add_span("clonic", Span(0.2, 0.8))
    session.answers.answer("tonic", Presence.NO)
    session.answers.answer("pelvic_thrusting", Presence.YES)
    view = shown(qtbot, ComparisonView(session))
    view.over.setCurrentText("this recording")
    view.over.activated.emit(1)
    qtbot.waitUntil(lambda: view.figures.columnCount() == 6)
    rows = {view.figures.verticalHeaderItem(row).text(): row for row in range(view.figures.rowCount())}
    assert view.figures.item(rows["All 20: n"], 0).text() == "3"
    assert view.figures.item(rows["All 20: Same"], 0).text() == "67%*"
    said = [view.figures.item(rows["Clonic"], column).text() for column in (0, 1, 2)]
    assert said[:2] == ["✓ yes", "✓ yes"]
    assert said[2] == "0.40"
    assert view.figures.item(rows["Tonic"], 2).text() == "–"
    view.figures.setCurrentCell(rows["All 20: κ"], 0)
    assert "n = 3" in view.sentence.text()


def test_who_counts_together_can_be_chosen(qtbot: QtBot, session: Session) -> None:
    mine = session.readers.me
    for name in ("Ana", "Bo"):
        assert session.readers.become(name)
        saved(qtbot, session)
        for feature in FEATURES[:6]:
            session.answers.answer(feature.id, Presence.YES if name == "Bo" else Presence.NO)
    session.readers.become(mine)
    view = shown(qtbot, ComparisonView(session))
    qtbot.waitUntil(lambda: view.figures.columnCount() == 12)
    assert view.together.text() == "3 readers ▾"
    names = [action.text() for action in view.together.menu().actions()]
    assert set(names) == {"Ana", "Bo", "signal"}
    next(action for action in view.together.menu().actions() if action.text() == "signal").trigger()
    qtbot.waitUntil(lambda: view.figures.columnCount() == 10)
    assert view.together.text() == "2 readers ▾"


def test_what_one_person_may_compare_is_not_shown_to_the_next(qtbot: QtBot, session: Session) -> None:
    session.readers.read_blind(False)
    session.answers.answer("clonic", Presence.YES)
    view = shown(qtbot, ComparisonView(session))
    qtbot.waitUntil(lambda: view.figures.rowCount() > 0 and view.grid.model().rowCount() > 0)
    session.readers.read_blind(True)
    view.hide()
    session.readers.become("Somebody Else")
    assert view.figures.rowCount() == 0
    assert view.grid.model().rowCount() == 0
    assert view.scope.text() == ""


def test_sealed_answers_are_not_compared(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot) as session:
        session.readers.ask_for_new_studies(True)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        session.readers.read_blind(True)
        session.answers.answer("clonic", Presence.NO)
        view = shown(qtbot, ComparisonView(session))
        qtbot.waitUntil(lambda: "sealed" in view.sentence.text())
        assert "signal" not in [view.first.itemText(row) for row in range(view.first.count())]


def test_panels_are_hidden_until_they_are_wanted(qtbot: QtBot, quick: type[QuickReader]) -> None:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        history = window._panels.docks["history"]
        assert not history.isVisible()
        window.actions_["show_history"].trigger()
        qtbot.waitUntil(lambda: is_seen(history))
        assert window.actions_["show_history"].isChecked()
        window._docks["timeline"].raise_()
        qtbot.waitUntil(lambda: not is_seen(history))
        window.actions_["show_history"].trigger()
        qtbot.waitUntil(lambda: is_seen(history))
        window.actions_["show_history"].trigger()
        assert not history.isVisible()


def test_a_recording_elsewhere_is_offered_before_it_is_opened(
    qtbot: QtBot, session: Session, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = write_recording(tmp_path_factory.mktemp("elsewhere") / "second.mp4", frames=25, sound=tone(1.0))
    session.worklist.add_recordings((other,))
    qtbot.waitUntil(lambda: "2 recordings" in session.status.line)
    (settings_folder() / "opened.json").unlink()  # as on the computer of a colleague
    session.worklist.go_to(2)
    saved(qtbot, session)
    assert session.study.recording_number == 1
    assert session.status.offer is not None
    assert str(other) in session.status.offer.sentence
    session.status.offer.accept()
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)
