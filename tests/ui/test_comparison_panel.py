"""The panel that compares readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.agreement.standing import Standing, compare_presences
from app.core.semiology import FEATURES, Presence, Span
from app.ui.session.session import Session
from app.ui.views.comparison import ComparisonView
from tests.ui.found_widgets import displayed
from tests.ui.session_cases import (
    QuickReader,
    at_rest,
    opened,
    quick,
    recording_path,
    saved,
)

__all__ = ["quick", "recording_path"]

pytestmark = pytest.mark.usefixtures("statistics_are_loaded")


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        yield session


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
    view = displayed(qtbot, ComparisonView(session))
    qtbot.waitUntil(lambda: view.figures.rowCount() == 21)
    assert {view.first.currentText(), view.second.currentText()} == {session.readers.me, "Signal reader"}
    heads = [view.figures.horizontalHeaderItem(column).text() for column in range(6)]
    assert heads == ["n", "Counts", "Same", "κ", "AC1", "PABAK"]
    assert view.figures.verticalHeaderItem(0).text() == "All features"
    assert view.figures.item(0, 0).text() == "20"
    assert view.first.currentText() == session.readers.me
    assert view.figures.item(0, 1).text() == "0 · 0 · 1 · 19"
    assert view.figures.item(0, 2).text().startswith("95%")
    assert view.legend.isVisible(), "what stands in the cells is said at sight"
    heads = view.figures.verticalHeader()
    names = (view.figures.verticalHeaderItem(row).text() for row in range(view.figures.rowCount()))
    assert all(heads.fontMetrics().horizontalAdvance(name) + 8 < heads.width() for name in names)
    view.figures.setCurrentCell(0, 3)
    assert "κ" in view.sentence.text()
    assert "n = 20" in view.sentence.text()
    view.page.setCurrentText("Recording by recording")
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
    view = displayed(qtbot, ComparisonView(session))
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
    view = displayed(qtbot, ComparisonView(session))
    qtbot.waitUntil(lambda: view.figures.columnCount() == 12)
    assert view.together.text() == "3 readers ▾"
    names = [action.text() for action in view.together.menu().actions()]
    assert set(names) == {"Ana", "Bo", "Signal reader"}
    next(action for action in view.together.menu().actions() if action.text() == "Signal reader").trigger()
    qtbot.waitUntil(lambda: view.figures.columnCount() == 10)
    assert view.together.text() == "2 readers ▾"


def test_what_one_person_may_compare_is_not_shown_to_the_next(qtbot: QtBot, session: Session) -> None:
    session.readers.read_blind(False)
    session.answers.answer("clonic", Presence.YES)
    view = displayed(qtbot, ComparisonView(session))
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
        view = displayed(qtbot, ComparisonView(session))
        qtbot.waitUntil(lambda: "sealed" in view.sentence.text())
        assert "signal" not in [view.first.itemText(row) for row in range(view.first.count())]
