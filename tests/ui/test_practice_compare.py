"""A feature beside what looks alike, while the key is shown: drawn, cancelled, played, left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.phantom import render
from app.core.phantom.render import render_phantom
from app.core.semiology import Answer, Span
from app.core.teaching import atlas_clips
from app.core.teaching.atlas_clips import are_drawn
from app.core.teaching.course import CourseRules
from app.ui.dialogs import practice_compare
from app.ui.session.practice import PracticeStage
from tests.core.teaching_courses import YES, a_key
from tests.ui.found_widgets import now
from tests.ui.practice_cases import PractisingPerson, clip_course, practising_person

Key = Qt.Key
TONIC = CourseRules(("tonic",), hints=True)
EXPERT = Answer("tonic", YES, None, (Span(0.5, 1.5),))


@pytest.fixture
def person(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PractisingPerson]:
    """Somebody who is asked the first card, with clips of a few small pictures."""
    for name in ("feature_script", "lookalike_script"):
        monkeypatch.setattr(atlas_clips, name, _made_tiny(getattr(atlas_clips, name)))
    clip_course(tmp_path / "c", [a_key(EXPERT) for _ in range(3)], TONIC)
    monkeypatch.setattr(practice_compare, "clips_folder", lambda: tmp_path / "drawn")
    with practising_person(qtbot) as person:
        person.begin(tmp_path / "c")
        yield person
        person.window.close()


def _made_tiny(whole: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda feature: replace(whole(feature), duration=0.4, size=(64, 48))


def has_pair(person: PractisingPerson) -> bool:
    clips = person.window.compared.clips
    return clips is not None and clips.has_pair


def never_ready(_script: Any, _out: Path, _truth: Any, _report: Any, cancel: Any) -> None:
    while not cancel.wait(0.01):
        pass
    cancel.check()


def test_nothing_is_compared_before_the_key_is_shown(person: PractisingPerson) -> None:
    person.press(Key.Key_L, shift=True)
    assert not person.window.comparing
    person.press(Key.Key_Y)
    person.press(Key.Key_L, shift=True)
    assert not person.window.comparing
    assert person.window.compared.clips is None
    assert not person.window.feedback.compare.isVisible()


def test_the_feature_is_seen_beside_its_lookalike(qtbot: QtBot, person: PractisingPerson) -> None:
    person.press(Key.Key_Y, Key.Key_Return)
    person.press(Key.Key_L, shift=True)
    qtbot.waitUntil(lambda: has_pair(person))
    assert "Resembles it: pushing with one arm" in person.words
    assert "Drawn patients" in person.words
    assert not person.practice.clip.playback.playing
    clips = person.window.compared.clips
    assert clips is not None
    assert now(clips.playing)
    person.press(Key.Key_Space)
    assert not now(clips.playing)
    assert not person.practice.clip.playback.playing, "the keys are those of what is shown"
    person.press(Key.Key_Escape)
    assert not now(person.window.comparing)
    person.press(Key.Key_Space)
    assert person.practice.clip.playback.playing


def test_the_button_compares_and_return_goes_on(qtbot: QtBot, person: PractisingPerson) -> None:
    person.press(Key.Key_Y, Key.Key_Return)
    person.window.feedback.compare.click()
    qtbot.waitUntil(lambda: has_pair(person))
    person.press(Key.Key_Return)
    assert not person.sees(PracticeStage.FEEDBACK)
    assert not person.window.comparing
    assert not has_pair(person)


def test_repeating_the_experts_span_shows_the_clip_again(qtbot: QtBot, person: PractisingPerson) -> None:
    person.press(Key.Key_Y, Key.Key_Return)
    person.press(Key.Key_L, shift=True)
    qtbot.waitUntil(lambda: has_pair(person))
    person.press(Key.Key_R)
    assert not person.window.comparing
    assert person.practice.clip.loop.span == Span(0.5, 1.5)


def test_drawing_is_cancelled_and_taken_up_again(
    qtbot: QtBot, person: PractisingPerson, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    compared = person.window.compared
    monkeypatch.setattr(render, "render_phantom", never_ready)
    person.press(Key.Key_Y, Key.Key_Return)
    person.press(Key.Key_L, shift=True)
    compared.stop.click()
    qtbot.waitUntil(compared.draw.isVisible)
    assert not are_drawn("tonic", tmp_path / "drawn")
    monkeypatch.setattr(render, "render_phantom", render_phantom)
    compared.draw.click()
    qtbot.waitUntil(lambda: has_pair(person))


@pytest.mark.parametrize("end", ["close", "next"])
def test_leaving_stops_the_drawing(
    qtbot: QtBot, person: PractisingPerson, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(render, "render_phantom", never_ready)
    person.press(Key.Key_Y, Key.Key_Return)
    person.press(Key.Key_L, shift=True)
    threads = list(person.window.compared.work._threads)
    assert threads
    if end == "close":
        person.window.close()
    else:
        person.press(Key.Key_Return)
    qtbot.waitUntil(lambda: not any(one.is_alive() for one in threads))
    assert not person.window.compared.work.running


def test_clips_that_cannot_be_drawn_are_a_sentence(
    qtbot: QtBot, person: PractisingPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr(render, "render_phantom", full)
    person.press(Key.Key_Y, Key.Key_Return)
    person.press(Key.Key_L, shift=True)
    qtbot.waitUntil(person.window.compared.draw.isVisible)
    clips = person.window.compared.clips
    assert clips is not None
    assert clips.screens[0].words == "The disk is full."
