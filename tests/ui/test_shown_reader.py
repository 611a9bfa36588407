"""The reader that is shown with the person: every view hears of it once, when something else is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QPainter
from pytestqt.qtbot import QtBot

from app.core.reading import ReaderKind
from app.core.timeline.timeline_rows import Row
from app.ui.session.session import Session
from app.ui.views import timeline_paint
from app.ui.views.timeline import TimelineView
from tests.ui.found_widgets import displayed
from tests.ui.shown_session import a_reading, read_by, shown_session, yes


@pytest.mark.usefixtures("qtbot")
def test_a_reader_whose_answers_are_to_come_is_told_of_with_them(tmp_path: Path) -> None:
    with shown_session(tmp_path) as session:
        read_by(session, a_reading(ReaderKind.SIGNAL, "Signal reader", (yes("clonic"),)))
        model = a_reading(ReaderKind.MODEL, "model", (yes("tonic", (1, 2)),))
        told: list[str] = []
        session.answers.readings_changed.connect(lambda: told.append(_shown(session)))
        session.answers.show_reader(model.reader)
        assert told == []
        session.study.show_reading(model)
        assert told == ["model"]
        session.answers.show_reader(model.reader)
        assert told == ["model"], "it is shown already"
        session.answers.show_reader(session.answers.others[-1].reader)
        assert told == ["model", "Signal reader"]


def _shown(session: Session) -> str:
    shown = session.answers.shown
    return "" if shown is None else shown.reader.name


def test_an_answer_that_comes_paints_its_row_of_the_timeline(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[str] = []

    def told(painter: QPainter, row: Row, *what: Any, **how: Any) -> None:
        painted.append(row.feature)
        timeline_paint.paint_name(painter, row, *what, **how)

    monkeypatch.setattr("app.ui.views.timeline.paint_name", told)
    with shown_session(tmp_path) as session:
        view = displayed(qtbot, TimelineView(session))
        view.resize(800, 700)
        for answers in ((yes("clonic"),), (yes("clonic"), yes("tonic", (1, 2)))):
            session.study.show_reading(a_reading(ReaderKind.MODEL, "model", answers))
            painted.clear()
            shown = view.grab().toImage()
        assert painted == ["tonic"]
        view.refresh()
        assert shown == view.grab().toImage()
