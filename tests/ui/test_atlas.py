"""The atlas in the window: search, clips that are drawn, cancelled and played, the study's own recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.phantom.render import render_phantom
from app.core.reading import person
from app.core.semiology import Answer, Presence, Span
from app.core.study.edits import SetAnswer, SetBlindByDefault
from app.core.teaching import atlas_clips
from app.core.teaching.atlas_clips import are_drawn
from app.ui.dialogs.atlas import AtlasDialog
from app.ui.dialogs.atlas_page import NO_EXAMPLE
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.clip_pair import FIRST, QUIET
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, is_open, opened, quick, stored

__all__ = ["quick"]


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips of a few small pictures."""
    for name in ("feature_script", "lookalike_script"):
        monkeypatch.setattr(atlas_clips, name, _made_tiny(getattr(atlas_clips, name)))


def _made_tiny(whole: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda feature: replace(whole(feature), duration=0.4, size=(64, 48))


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], tmp_path: Path) -> Iterator[Session]:
    with opened(qtbot, write_recording(tmp_path / "one.mp4", frames=50)) as session:
        yield session


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    memory = Memory()
    yield memory
    memory.close()


def shown(qtbot: QtBot, session: Session, memory: Memory, folder: Path) -> AtlasDialog:
    dialog = AtlasDialog(session, memory, folder=folder)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog, before_close_func=lambda one: one.done(0))
    dialog.show()
    return dialog


def at_rest(qtbot: QtBot, dialog: AtlasDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.drawing.running and not dialog.reading.running)


@pytest.mark.usefixtures("tiny")
def test_the_clips_of_a_feature_are_drawn_and_played(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    dialog = shown(qtbot, session, memory, tmp_path / "clips")
    dialog.choose("clonic")
    qtbot.waitUntil(lambda: dialog.clips.playing)
    qtbot.waitUntil(lambda: all(one.image is not None for one in dialog.clips.screens))
    assert "scratching" in dialog.clips.captions[1].text()
    assert dialog.clips.heard.currentData() == QUIET
    assert dialog.page.entry is not None
    qtbot.keyClick(dialog, Qt.Key.Key_Space)
    assert not dialog.clips.playing
    dialog.choose("ictal_vocalization")
    qtbot.waitUntil(lambda: dialog.clips.playing)
    assert dialog.clips.heard.currentData() == FIRST
    dialog.clips.speed.setCurrentIndex(dialog.clips.speed.findData(0.5))
    dialog.clips.speed.activated.emit(0)
    assert memory.settings.teaching == {"feature": "ictal_vocalization", "speed": 0.5}
    at_rest(qtbot, dialog)
    dialog.done(0)
    again = shown(qtbot, session, memory, tmp_path / "clips")
    assert (again.feature, again.clips.chosen_speed) == ("ictal_vocalization", 0.5)


@pytest.mark.usefixtures("tiny")
def test_drawing_can_be_cancelled_and_taken_up_again(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.phantom import render

    def never_ready(_script: Any, _out: Path, _truth: Any, report: Any, cancel: Any) -> None:
        while not cancel.wait(0.01):
            pass
        cancel.check()

    monkeypatch.setattr(render, "render_phantom", never_ready)
    folder = tmp_path / "clips"
    dialog = shown(qtbot, session, memory, folder)
    dialog.choose("tonic")
    dialog.stop.click()
    qtbot.waitUntil(dialog.draw.isVisible)
    assert not are_drawn("tonic", folder)
    monkeypatch.setattr(render, "render_phantom", render_phantom)
    dialog.draw.click()
    qtbot.waitUntil(lambda: dialog.clips.playing)
    assert not dialog.draw.isVisible()


@pytest.mark.usefixtures("tiny")
def test_a_clip_that_cannot_be_drawn_is_a_sentence(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.phantom import render

    def full(*_args: Any) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr(render, "render_phantom", full)
    dialog = shown(qtbot, session, memory, tmp_path / "clips")
    at_rest(qtbot, dialog)
    qtbot.waitUntil(dialog.draw.isVisible)
    assert dialog.clips.screens[0].words == "The disk is full."


@pytest.mark.usefixtures("tiny")
def test_the_search_field_finds_and_moves(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    dialog = shown(qtbot, session, memory, tmp_path / "clips")
    qtbot.keyClicks(dialog.search, "versive")
    assert (dialog.list.count(), dialog.feature) == (1, "head_turning")
    dialog.search.setText("nothing of the kind")
    assert (dialog.feature, dialog.page.entry) == ("", None)
    dialog.search.setText("")
    assert dialog.list.count() == 20
    first = dialog.feature
    qtbot.keyClick(dialog.search, Qt.Key.Key_Down)
    assert dialog.feature != first


@pytest.mark.usefixtures("tiny")
def test_recordings_that_readers_agree_on_are_opened_at_the_span(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    dialog = shown(qtbot, session, memory, tmp_path / "clips")
    dialog.choose("tonic")
    at_rest(qtbot, dialog)
    assert dialog.page.buttons == []
    assert NO_EXAMPLE in _texts(dialog)
    access = session.study.access()
    assert access is not None
    with access.open() as study:
        study.apply(SetBlindByDefault(True, False))
        for who in ("Bo", "Carla"):
            said = Answer("tonic", Presence.YES, evidence=(Span(0.5, 1.0),))
            study.apply(SetAnswer(access.number, person(who), Answer("tonic"), said))
    session.study.recordings_changed.emit()
    qtbot.waitUntil(lambda: len(dialog.page.buttons) == 1)
    assert "2 readers" in dialog.page.buttons[0].text()
    dialog.page.buttons[0].click()
    assert session.selection.feature == "tonic"
    assert session.playback.cursor == pytest.approx(0.5, abs=0.05)
    assert is_open(session, tmp_path / "one.mp4")
    with stored(session) as study:
        assert len(study.recordings()) == 1


def _texts(dialog: AtlasDialog) -> str:
    from PySide6.QtWidgets import QLabel

    return " ".join(label.text() for label in dialog.page.findChildren(QLabel))
