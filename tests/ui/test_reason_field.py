"""The reason in the consensus panel: what is typed is kept, whatever else happens, and never elsewhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.semiology import Answer, Laterality
from app.core.study.consensus import CONSENSUS
from app.core.study.store import Study
from app.ui.session.session import Session
from app.ui.views.consensus import ConsensusView
from tests.media import write_recording
from tests.ui.found_widgets import cell_text, displayed
from tests.ui.session_cases import add_recordings, at_rest, is_open, quick, recording_path, saved, stored
from tests.ui.test_consensus_panel import NO, YES, _say, _session

__all__ = ["_session", "quick", "recording_path"]


@pytest.fixture(name="view")
def _view(qtbot: QtBot, session: Session) -> ConsensusView:
    """Two features on which people differ; the first, tonic, is chosen, and *clonic* follows."""
    _say(session, "Ben", Answer("tonic", YES))
    session.study.read_again()
    qtbot.waitUntil(lambda: len(session.consensus.disputes()) == 2)
    view = displayed(qtbot, ConsensusView(session))
    assert isinstance(view, ConsensusView)
    view.table.setCurrentCell(0, 0)
    return view


def write(qtbot: QtBot, view: ConsensusView, text: str) -> None:
    """Type without leaving the field."""
    view.note.selectAll()
    qtbot.keyClicks(view.note, text)
    assert view.note.text() == text


def reasons(qtbot: QtBot, session: Session) -> dict[str, str]:
    saved(qtbot, session)
    with stored(session) as study:
        return dict(study.full_reading(1, CONSENSUS, viewer=None).notes)


def test_return_keeps_the_reason_of_what_is_open(qtbot: QtBot, session: Session, view: ConsensusView) -> None:
    write(qtbot, view, "ask Cy")
    qtbot.keyClick(view.note, Qt.Key.Key_Return)
    assert reasons(qtbot, session) == {"tonic": "ask Cy"}
    assert cell_text(view.table, 0, 2) == "open"
    session.undoing.undo()
    assert view.note.text() == ""
    assert reasons(qtbot, session) == {}


def test_another_row_keeps_it_with_its_feature(qtbot: QtBot, session: Session, view: ConsensusView) -> None:
    write(qtbot, view, "ask Cy")
    view.table.setCurrentCell(1, 0)
    assert view.note.text() == ""
    write(qtbot, view, "seen")
    session.selection.select("tonic")
    assert view.note.text() == "ask Cy"
    assert reasons(qtbot, session) == {"tonic": "ask Cy", "clonic": "seen"}


def test_what_is_read_of_the_study_replaces_nothing_that_is_typed(
    qtbot: QtBot, session: Session, view: ConsensusView
) -> None:
    assert not view.note.hasFocus()
    write(qtbot, view, "ask")
    _say(session, "Ana", Answer("figure4", NO))
    session.study.read_again()
    saved(qtbot, session)
    session.answers.answer("oral_automatisms", NO)
    saved(qtbot, session)
    assert view.note.text() == "ask"
    assert reasons(qtbot, session) == {}
    qtbot.keyClicks(view.note, " Cy")
    view.note.keep()
    assert reasons(qtbot, session) == {"tonic": "ask Cy"}


@pytest.mark.parametrize("way", ["hide", "leave"])
def test_leaving_the_field_or_the_panel_keeps_it(
    qtbot: QtBot, session: Session, view: ConsensusView, way: str
) -> None:
    view.activateWindow()
    view.note.setFocus()
    qtbot.waitUntil(view.note.hasFocus)
    write(qtbot, view, "ask Cy")
    if way == "hide":
        view.hide()
    else:
        view.table.setFocus()
    qtbot.waitUntil(lambda: reasons(qtbot, session) == {"tonic": "ask Cy"})


def test_another_recording_is_given_nothing_of_it(
    qtbot: QtBot, session: Session, view: ConsensusView, tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "other.mp4", frames=40)
    add_recordings(qtbot, session, other)
    write(qtbot, view, "ask Cy")
    session.opening.open(other)
    qtbot.waitUntil(partial(is_open, session, other))
    at_rest(qtbot, session)
    assert view.note.text() == ""
    assert reasons(qtbot, session) == {"tonic": "ask Cy"}
    with stored(session) as study:
        assert study.full_reading(2, CONSENSUS, viewer=None).notes == {}


def test_closing_keeps_it(qtbot: QtBot, session: Session, view: ConsensusView) -> None:
    write(qtbot, view, "ask Cy")
    folder = session.study.folder
    assert folder is not None
    session.close()
    with Study.open_for_viewing(folder) as study:
        assert study.full_reading(1, CONSENSUS, viewer=None).notes == {"tonic": "ask Cy"}


def test_a_decision_takes_it_along_and_it_changes_nothing_of_the_decision(
    qtbot: QtBot, session: Session, view: ConsensusView
) -> None:
    write(qtbot, view, "ask Cy")
    view.decide(YES, Laterality.LEFT)
    assert view.current is not None
    assert view.current.feature == "clonic"
    assert reasons(qtbot, session) == {"tonic": "ask Cy"}
    view.table.setCurrentCell(0, 0)
    write(qtbot, view, "Cy has seen it")
    view.note.keep()
    assert reasons(qtbot, session) == {"tonic": "Cy has seen it"}
    with stored(session) as study:
        assert study.reading(1, CONSENSUS, viewer=None).answer("tonic") == Answer(
            "tonic", YES, None, (), Laterality.LEFT
        )


def test_leaving_it_open_keeps_the_reason(qtbot: QtBot, session: Session, view: ConsensusView) -> None:
    view.decide(YES)
    view.table.setCurrentCell(0, 0)
    write(qtbot, view, "not sure after all")
    view.open.click()
    assert view.note.text() == "not sure after all"
    assert reasons(qtbot, session) == {"tonic": "not sure after all"}
    assert cell_text(view.table, 0, 2) == "open"
