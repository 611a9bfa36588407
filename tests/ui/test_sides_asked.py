"""A side is asked where a feature can be on one side of the body, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.semiology import FEATURES, Answer, Laterality
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.ui.session.session import Session
from app.ui.views.consensus import ConsensusView
from app.ui.views.my_answer import MyAnswer
from tests.ui.found_widgets import displayed
from tests.ui.session_cases import QuickReader, opened, quick, recording_path, saved
from tests.ui.test_consensus_panel import NO, YES, _say

__all__ = ["quick", "recording_path"]

LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT


@pytest.fixture(name="session")
def _session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        saved(qtbot, session)
        yield session


def test_the_buttons_say_why_a_feature_has_no_side(qtbot: QtBot, session: Session) -> None:
    view = displayed(qtbot, MyAnswer(session))
    for feature in FEATURES:
        session.selection.select(feature.id)
        for button in view.sides.values():
            assert button.isEnabled() is feature.has_side
            assert ("no side is asked" in button.toolTip()) is not feature.has_side


def test_a_key_answers_nothing_where_no_side_is_asked(session: Session) -> None:
    session.selection.select("blank_stare")
    session.labels.toggle_side(LEFT)
    assert session.answers.mine.answer("blank_stare") == Answer("blank_stare")
    assert session.status.line == "Blank stare is not on one side of the body, so no side is asked"
    session.selection.select("tonic")
    session.labels.toggle_side(LEFT)
    assert session.answers.mine.answer("tonic") == Answer("tonic", YES, None, (), LEFT)


def test_a_side_of_an_import_can_be_removed(qtbot: QtBot, session: Session) -> None:
    view, folder = displayed(qtbot, MyAnswer(session)), session.study.folder
    assert folder is not None
    before, after = Answer("blank_stare"), Answer("blank_stare", YES, None, (), LEFT)
    with Study.open(folder, author="Ana", create=False, shared=True) as study:
        study.apply(SetAnswer(1, session.study.me, before, after))
    session.study.read_again()
    session.selection.select("blank_stare")
    qtbot.waitUntil(view.sides[LEFT].isChecked)
    view.sides[LEFT].click()
    assert session.answers.mine.answer("blank_stare") == Answer("blank_stare", YES)
    assert not view.sides[LEFT].isEnabled()


def test_a_key_of_the_consensus_decides_nothing_there(qtbot: QtBot, session: Session) -> None:
    for name, said in (("Ana", YES), ("Ben", NO)):
        _say(session, name, Answer("blank_stare", said))
    session.study.read_again()
    view = displayed(qtbot, ConsensusView(session))
    qtbot.waitUntil(lambda: view.table.rowCount() == 1)
    view.table.setCurrentCell(0, 0)
    view.decide(YES, LEFT)
    assert view.table.item(0, 2).text() == "open"
    assert session.status.line.startswith("Blank stare is not on one side of the body")
    assert session.status.line.endswith("nothing is decided")
    _say(session, "Ana", Answer("blank_stare", YES, None, (), RIGHT))
    session.study.read_again()
    qtbot.waitUntil(lambda: "right" in view.said.text())
    view.decide(YES, LEFT)
    assert view.table.item(0, 2).text() == "✓ yes", "somebody gave it a side"
