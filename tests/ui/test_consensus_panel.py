"""The consensus in the window: people alone decide, and what they changed since is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.reading import ReaderKind, person
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.ui.session.session import Session
from app.ui.views.consensus import ConsensusView
from app.ui.views.worklist import WorklistView
from tests.ui.found_widgets import displayed
from tests.ui.session_cases import QuickReader, opened, quick, recording_path, saved, stored

__all__ = ["quick", "recording_path"]

YES, NO = Presence.YES, Presence.NO


def _say(session: Session, name: str, *answers: Answer) -> None:
    """Somebody else changes their answers in another program."""
    folder = session.study.folder
    assert folder is not None
    with Study.open(folder, author=name, create=False, shared=True) as study:
        for answer in answers:
            before = study.reading(1, person(name), viewer=None).answer(answer.feature)
            study.apply(SetAnswer(1, person(name), before, answer))


@pytest.fixture(name="session")
def _session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    """A recording that the signal reader and two persons have read; both say no tonic posture."""
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        saved(qtbot, session)
        _say(session, "Ana", Answer("clonic", YES), Answer("tonic", NO))
        _say(session, "Ben", Answer("clonic", NO), Answer("tonic", NO))
        session.study.read_again()
        qtbot.waitUntil(lambda: len(session.consensus.disputes()) == 1)
        yield session


def _decided(session: Session, feature: str) -> Answer:
    with stored(session) as study:
        return study.reading(1, CONSENSUS, viewer=None).answer(feature)


def test_people_decide_without_what_the_signal_reader_measured(qtbot: QtBot, session: Session) -> None:
    signal = next(one for one in session.answers.others if one.reader.kind is ReaderKind.SIGNAL)
    assert signal.answer("clonic").evidence
    view = displayed(qtbot, ConsensusView(session))
    assert view.persons.isChecked()
    assert "1 feature on which people differ, 1 open" in view.head.text()
    assert view.agreed.text() == "Keep 1 agreed"
    view.table.setCurrentCell(0, 0)
    assert {button.text().split()[-1] for button in view.takes} == {"Ana", "Ben"}
    assert not view.evidence.isVisible()
    view.buttons[YES].click()
    saved(qtbot, session)
    assert _decided(session, "clonic") == Answer("clonic", YES)
    view.decide(YES, Laterality.LEFT)
    saved(qtbot, session)
    assert _decided(session, "clonic") == Answer("clonic", YES, None, (), Laterality.LEFT)


def test_a_reader_that_is_not_compared_is_counted_and_that_is_said(qtbot: QtBot, session: Session) -> None:
    _say(session, "Ben", Answer("tonic", YES))
    session.study.read_again()
    qtbot.waitUntil(lambda: len(session.consensus.disputes()) == 2)
    view = displayed(qtbot, ConsensusView(session))
    assert "not shown" not in view.head.text()
    session.consensus.compared.compare(person("Ben"), on=False)
    assert view.table.rowCount() == 0
    assert "their answers count" in view.head.text()
    assert not view.agreed.isVisible(), "Ana alone has not agreed with anybody, and Ben says otherwise"


def test_the_study_remembers_whether_people_alone_decide(
    qtbot: QtBot, session: Session, quick: type[QuickReader], recording_path: Path
) -> None:
    view = displayed(qtbot, ConsensusView(session))
    view.persons.click()
    assert "readers differ" in view.head.text()
    assert any("Signal" in one.name for one in session.consensus.disputes()[0].statements)
    saved(qtbot, session)
    with stored(session) as study:
        assert not study.settings().people_only
    session.opening.open(recording_path)
    saved(qtbot, session)
    assert not session.consensus.people_only
    assert not view.persons.isChecked()


def test_an_answer_changed_since_is_marked_and_decided_again(qtbot: QtBot, session: Session) -> None:
    view, worklist = displayed(qtbot, ConsensusView(session)), displayed(qtbot, WorklistView(session))
    view.agreed.click()
    view.table.setCurrentCell(0, 0)
    view.decide(NO)
    saved(qtbot, session)
    assert [view.table.item(row, 2).text() for row in range(view.table.rowCount())] == ["✕ no"]
    _say(session, "Ben", Answer("tonic", YES, None, (Span(0.4, 0.8),)))
    session.study.read_again()
    qtbot.waitUntil(lambda: view.table.rowCount() == 2)
    assert "2 features on which people differ, 0 open. Changed since: 1" in view.head.text()
    assert view.table.item(0, 2).text() == "✕ no, changed since"
    assert _decided(session, "tonic").presence is NO, "the decision does not change by itself"
    worklist.read()
    qtbot.waitUntil(lambda: [one.changed_since for one in worklist.model.rows] == [1])
    assert "1 changed" in str(worklist.model.index(0, 2).data())
    view.table.setCurrentCell(1, 0)
    assert view._select_open(), "what was changed is gone to as what is open"
    assert view.current is not None
    assert view.current.feature == "tonic"
    assert "Ben: yes" in view.said.text()
    assert "(when decided: no)" in view.said.text()
    view.decide(NO)
    assert "Changed since" not in view.head.text(), "it shows at once"
    saved(qtbot, session)
    assert view.table.item(0, 2).text() == "✕ no"
    session.undoing.undo()
    qtbot.waitUntil(lambda: view.table.item(0, 2).text() == "✕ no, changed since")


def test_ones_own_change_is_marked_at_once(qtbot: QtBot, session: Session) -> None:
    view = displayed(qtbot, ConsensusView(session))
    session.answers.answer("tonic", NO)
    view.agreed.click()
    saved(qtbot, session)
    session.answers.answer("tonic", YES)
    assert view.table.item(0, 2).text() == "✕ no, changed since"
    session.answers.answer("tonic", NO)
    assert view.table.rowCount() == 1
