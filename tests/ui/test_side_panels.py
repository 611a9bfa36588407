"""Worklist, history, consensus and comparison on a real study of the session."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from app.core.folders import settings_folder
from app.core.reading import person
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import SetAnswer, SetMark
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from app.ui.commands.panel_focus import is_seen
from app.ui.session.session import Session
from app.ui.views.comparison import ComparisonView
from app.ui.views.consensus import ConsensusView
from app.ui.views.history import HistoryView
from app.ui.views.rating_queue import RatingQueueView
from app.ui.views.worklist import WorklistView
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.found_widgets import displayed
from tests.ui.session_cases import (
    QuickReader,
    add_recordings,
    at_rest,
    is_open,
    opened,
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


def test_the_history_tells_of_a_change_and_a_click_goes_there(qtbot: QtBot, session: Session) -> None:
    view = displayed(qtbot, HistoryView(session))
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
    view = displayed(qtbot, ConsensusView(session))
    view.persons.click()
    for feature in ("clonic", "tonic"):
        session.answers.answer(feature, Presence.NO if feature == "clonic" else Presence.YES)
    assert view.table.rowCount() == 2
    view.table.setCurrentCell(0, 0)
    first = view.current.feature
    assert session.selection.feature == first
    qtbot.keyClicks(view.note, "seen by both")
    view.buttons[Presence.YES].click()
    assert view.current.feature != first
    disputes = {one.feature: one for one in session.consensus.disputes()}
    assert disputes[first].decided is Presence.YES
    assert disputes[first].note == "seen by both"
    assert "1 open" in view.head.text()


def test_a_readers_answer_and_onset_are_taken_by_key_and_the_next_recording_follows(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    path = opened_path(session)
    other = write_recording(tmp_path / "second.mp4", frames=40)
    with qtbot.waitSignal(session.worklist._adding.ended):
        session.worklist.add_recordings((other,))
    saved(qtbot, session)
    folder, span = session.study.folder, Span(0.2, 0.4)
    assert path is not None
    assert folder is not None
    said = {
        "Ana": (Answer("tonic", Presence.YES, None, (span,), Laterality.LEFT), 0.1),
        "Ben": (Answer("tonic", Presence.NO), 2.9),
    }
    for name, (answer, onset) in said.items():
        with Study.open(folder, author=name, create=False, shared=True) as study:
            for number in (1, 2):
                study.apply(SetAnswer(number, person(name), Answer("tonic"), answer))
            study.apply(SetMark(1, person(name), None, Mark(MarkKind.ONSET, onset)))
    session.study.read_again()
    view = displayed(qtbot, ConsensusView(session))
    qtbot.waitUntil(lambda: view.table.rowCount() == 2)
    view.table.setCurrentCell(0, 0)
    places = {button.text().split()[-1]: button.property("place") for button in view.takes}
    view.take(places["Ana"])
    saved(qtbot, session)
    with stored(session) as study:
        decided = study.reading(1, CONSENSUS, viewer=None).answer("tonic")
    assert (decided.presence, decided.laterality) == (Presence.YES, Laterality.LEFT)
    assert decided.evidence == (span,)
    assert view.current is None, "the onset is next"
    view.take(places["Ben"])
    qtbot.waitUntil(lambda: opened_path(session) == other)
    qtbot.waitUntil(lambda: view.current is not None and view.current.feature == "tonic")
    with stored(session) as study:
        (mark,) = study.full_reading(1, CONSENSUS, viewer=None).marks
    assert mark.seconds == 2.9
    session.opening.open(path)
    qtbot.waitUntil(lambda: opened_path(session) == path)
    at_rest(qtbot, session)
    qtbot.waitUntil(lambda: view.table.rowCount() == 2)
    assert view.table.item(1, 2).text() != "open"
    view.table.setCurrentCell(1, 0)
    view.open.click()
    qtbot.waitUntil(lambda: view.table.item(1, 2).text() == "open")


def test_the_list_of_one_study_is_not_that_of_another(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    view = displayed(qtbot, WorklistView(session))
    view.read()
    qtbot.waitUntil(lambda: len(view.model.rows) == 1)
    (tmp_path / "another").mkdir()
    other = write_recording(tmp_path / "another" / "third.mp4", frames=40)
    session.opening.open(other)
    qtbot.waitUntil(lambda: opened_path(session) == other)
    assert [item.name for item in view.model.rows] in ([], ["third.mp4"])
    at_rest(qtbot, session)
    qtbot.waitUntil(lambda: [item.name for item in view.model.rows] == ["third.mp4"])


def test_a_note_on_one_recording_is_never_that_of_another(
    qtbot: QtBot, session: Session, recording_path: Path, tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "other.mp4", frames=40)
    for path in (other, recording_path):
        session.opening.open(path)
        qtbot.waitUntil(partial(is_open, session, path))
        at_rest(qtbot, session)
        session.readers.read_blind(False)
        session.consensus.set_people_only(False)
        session.answers.answer("clonic", Presence.NO)
    view = displayed(qtbot, ConsensusView(session))
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
    view = displayed(qtbot, ConsensusView(session))
    assert view.persons.isChecked()
    assert view.agreed.text() == "Keep 2 agreed"
    assert [one.feature for one in view._disputes] == ["clonic"]
    view.persons.click()
    # The signal reader says clonic, and no to everything else, so that it agrees on two further features.
    assert [one.feature for one in view._disputes] == ["tonic", "clonic"]
    assert view.agreed.text() == "Keep 2 agreed"
    view.persons.click()
    view.agreed.click()
    assert not view.agreed.isVisible(), "it shows at once"
    saved(qtbot, session)
    with stored(session) as study:
        decided = study.reading(session.study.recording_number, CONSENSUS, viewer=None)
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


def test_panels_that_are_open_stand_another_recording(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    session.readers.read_blind(False)
    session.answers.answer("clonic", Presence.NO)
    other = write_recording(tmp_path / "second.mp4", frames=25, sound=tone(1.0))
    add_recordings(qtbot, session, other)
    consensus, history = displayed(qtbot, ConsensusView(session)), displayed(qtbot, HistoryView(session))
    comparison, ratings = (
        displayed(qtbot, ComparisonView(session)),
        displayed(qtbot, RatingQueueView(session)),
    )
    consensus.persons.click()
    assert consensus.table.rowCount() == 1
    session.worklist.go_to(2)
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)
    assert consensus.table.rowCount() == 0
    assert history.table.rowCount() >= 1
    assert comparison.isVisible()
    assert ratings.isVisible()
    # While a recording is being opened nothing of any is known, and every panel hears so.
    session.study.of_recording.withhold()
    session.opened.recording_changed.emit()
    assert session.consensus.disputes() == ()
    assert session.consensus.undisputed() == ()
    pages: list[object] = []
    session.study.history(None, None, pages.append)
    assert pages == [None]
    assert not session.consensus.decide("clonic", Presence.YES, "")
    assert "being opened" in session.status.message


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


@pytest.mark.parametrize("name", ["worklist", "history", "filmstrip", "movement", "consensus"])
def test_the_command_that_shows_a_panel_hides_it(qtbot: QtBot, session: Session, name: str) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    dock = window._panels.docks[name]
    window.actions_[f"show_{name}"].trigger()
    qtbot.waitUntil(lambda: dock.isVisible() and is_seen(dock))
    qtbot.wait(20)
    window.actions_[f"show_{name}"].trigger()
    assert dock.isHidden()


def test_a_recording_elsewhere_is_offered_before_it_is_opened(
    qtbot: QtBot, session: Session, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = write_recording(tmp_path_factory.mktemp("elsewhere") / "second.mp4", frames=25, sound=tone(1.0))
    add_recordings(qtbot, session, other)
    (settings_folder() / "opened.json").unlink()  # as on the computer of a colleague
    session.worklist.go_to(2)
    saved(qtbot, session)
    assert session.study.recording_number == 1
    assert session.status.offer is not None
    assert str(other) in session.status.offer.sentence
    session.status.offer.accept()
    qtbot.waitUntil(lambda: session.study.recording_number == 2)
    at_rest(qtbot, session)


def test_another_study_begins_at_the_checklist(
    qtbot: QtBot, session: Session, recording_path: Path, tmp_path: Path
) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.resize(1400, 900)
    window.show()
    same = write_recording(recording_path.with_name("second.mp4"), frames=20)
    add_recordings(qtbot, session, same)
    checklist, consensus = window._docks["checklist"], window._panels.docks["consensus"]
    window.actions_["show_consensus"].trigger()
    qtbot.waitUntil(lambda: is_seen(consensus) and not is_seen(checklist))
    session.opening.open(same)
    qtbot.waitUntil(lambda: opened_path(session) == same)
    at_rest(qtbot, session)
    assert is_seen(consensus), "the same study is gone on with"
    (tmp_path / "other").mkdir()
    other = write_recording(tmp_path / "other" / "first.mp4", frames=20)
    session.opening.open(other)
    qtbot.waitUntil(lambda: opened_path(session) == other)
    qtbot.waitUntil(lambda: is_seen(checklist) and not is_seen(consensus))
    assert not consensus.isHidden(), "its tab stays"


def test_the_tab_that_is_in_front_stays_there_as_the_eeg_comes_and_goes(
    qtbot: QtBot, session: Session
) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.resize(1400, 900)
    window.show()
    checklist, consensus = window._docks["checklist"], window._panels.docks["consensus"]
    window.actions_["show_consensus"].trigger()
    qtbot.waitUntil(lambda: is_seen(consensus))
    eeg = window._docks["eeg"]
    window.actions_["show_eeg"].trigger()
    qtbot.waitUntil(eeg.isVisible)
    checklist.raise_()
    qtbot.waitUntil(lambda: is_seen(checklist))
    window.actions_["show_eeg"].trigger()
    qtbot.waitUntil(lambda: not eeg.isVisible())
    qtbot.wait(50)
    assert is_seen(checklist)
    assert not is_seen(consensus)
