"""The reader that is shown with the person: every view is told once, when something else is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.reading import ReaderKind
from app.ui.session.session import Session
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
