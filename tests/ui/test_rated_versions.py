"""A rating belongs to one version of a reader: what a later version says has not been rated yet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.ui.session_cases import QuickReader, opened, quick, recording_path, saved

__all__ = ["quick", "recording_path"]


def test_a_later_version_is_not_rated(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> None:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        session.selection.select("clonic")
        session.ratings.rate(2)
        saved(qtbot, session)
        said = session.answers.shown
        assert said is not None
        later = replace(said.reader, version="2")
        answer = replace(said.answer("clonic"), explanation="right wrist moved at 2.0 Hz")
        session.study.keep_reading(replace(said, reader=later, answers={**said.answers, "clonic": answer}))
        saved(qtbot, session)
        assert session.answers.shown is not None
        assert session.answers.shown.reader == later
        assert session.ratings.score is None
        session.ratings.rate(4)
        saved(qtbot, session)
        assert session.ratings.score == 4
