"""Personal keys: presets, conflicts, what is kept, held keys, the palette, going to a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from app.core.settings import load_settings
from app.ui.commands.command import normal
from app.ui.commands.keymap import PRESETS, Keymap
from app.ui.dialogs.go_to import GoToDialog, place_of
from app.ui.dialogs.keys import KeysDialog
from app.ui.dialogs.palette import Palette, found, rank
from app.ui.dialogs.rebinding import RebindingDialog
from app.ui.window import Window
from tests.ui.found_widgets import centre, now
from tests.ui.session_cases import QuickReader, at_rest, opened, player_of, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.resize(1280, 800)
        with qtbot.waitActive(window):
            window.show()
        session.readers.ask_for_new_studies(False)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        centre(window).setFocus()
        yield window


@pytest.mark.parametrize("preset", list(PRESETS))
def test_in_no_preset_a_key_means_two_things(window: Window, preset: str) -> None:
    commands = window.actions_.commands
    ids = {command.id for command in commands}
    assert set(PRESETS[preset]) <= ids, "a preset names commands that there are"
    keys = [normal(key) for command in commands for key in Keymap(preset).keys_of(command)]
    assert all(keys), "every key is one that Qt knows"
    assert len(keys) == len(set(keys)), sorted(key for key in keys if keys.count(key) > 1)


@given(
    strategies.lists(
        strategies.tuples(
            strategies.integers(0, 30), strategies.sampled_from(["Y", "K", "Ctrl+J", "F9", "["])
        ),
        max_size=8,
    )
)
def test_however_keys_are_given_none_means_two_things(changes: list[tuple[int, str]]) -> None:
    from app.ui.commands.command import Command, Menu

    commands = [
        Command(f"c{n}", Menu.PLAY, f"c{n}", (key,), "x.", lambda: None)
        for n, key in enumerate(["Y", "K", "[", "]", "A", "B", "C", "D", "E", "F", "G", "H"])
    ]
    keymap = Keymap()
    for place, key in changes:
        command = commands[place % len(commands)]
        keymap = keymap.with_keys(command, (key,), commands)
        assert keymap.keys_of(command) == (normal(key),)
    keys = [normal(key) for command in commands for key in keymap.keys_of(command)]
    assert len(keys) == len(set(keys))


def test_a_free_key_is_given_and_kept(qtbot: QtBot, window: Window) -> None:
    dialog = RebindingDialog(window.actions_, window)
    dialog.changed.connect(window._tools._keep_keys)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.choose("mirror")
    dialog.new_key.click()
    assert dialog.new_key.isChecked()
    QTest.keyClick(dialog.new_key, Qt.Key.Key_F12)
    assert window.actions_["mirror"].shortcuts() == [QKeySequence("F12")]
    dialog.choose("skeleton")
    dialog.new_key.click()
    QTest.keyClick(dialog.new_key, Qt.Key.Key_F5)
    tips = [button.toolTip() for button in window.findChildren(QToolButton)]
    assert any(tip.startswith("Skeleton  (F5)") for tip in tips), "the tip names the key of now"
    dialog.close()
    window.close()
    assert load_settings().keys == {"mirror": ("F12",), "skeleton": ("F5",)}


def test_a_taken_key_is_asked_about_and_can_be_reset(qtbot: QtBot, window: Window) -> None:
    dialog = RebindingDialog(window.actions_, window)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.choose("mirror")
    dialog.new_key.click()
    QTest.keyClick(dialog.new_key, Qt.Key.Key_Space)
    assert "Play or pause" in dialog.words.text()
    assert dialog.take.isVisible()
    keymap = window.actions_.keymap
    by_id = {command.id: command for command in window.actions_.commands}
    assert keymap.keys_of(by_id["play"]) == ("Space", "K"), "nothing is taken without being asked"
    dialog.take.click()
    assert window.actions_.keys_of(by_id["mirror"]) == ("Space",)
    assert window.actions_.keys_of(by_id["play"]) == ("K",)
    dialog.choose("play")
    dialog.reset.click()
    assert window.actions_.keys_of(by_id["play"]) == ("Space", "K")
    assert window.actions_.keys_of(by_id["mirror"]) == ()
    dialog.reset_all.click()
    assert window.actions_.keys_of(by_id["mirror"]) == ("Shift+M",)


def test_a_preset_holds_at_once_and_the_list_shows_it(qtbot: QtBot, window: Window) -> None:
    dialog = RebindingDialog(window.actions_, window)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.preset.setCurrentText("BORIS")
    dialog.preset.textActivated.emit("BORIS")
    assert QKeySequence("/") in window.actions_["frame_back"].shortcuts()
    listed = KeysDialog(window.actions_.commands, window.actions_.keymap)
    qtbot.addWidget(listed)
    words = " ".join(label.text() for label in listed.findChildren(QLabel))
    assert "/" in words


def test_a_held_key_steps_at_the_recordings_rate_and_stops(qtbot: QtBot, window: Window) -> None:
    player = player_of(window.session)
    before = len(player.said("step"))
    place = centre(window)
    QTest.keyPress(place, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: len(player.said("step")) >= before + 3)
    assert now(window.actions_._held._run) is not None
    QTest.keyRelease(place, Qt.Key.Key_Period)
    assert window.actions_._held._run is None
    assert set(player.said("step")) == {(1,)}


def test_a_tap_is_one_step(window: Window) -> None:
    QTest.keyClick(centre(window), Qt.Key.Key_Comma)
    assert player_of(window.session).said("step") == [(-1,)]
    assert window.actions_._held._run is None


def test_the_palette_finds_runs_and_closes(qtbot: QtBot, window: Window) -> None:
    commands = window.actions_.commands
    assert found(commands, "mute")[0].id == "mute"
    assert found(commands, "zoom fa")[0].id == "aim_face"
    assert found(commands, "") == list(commands)
    assert found(commands, "qqqq") == []
    assert rank(commands[0], "") == 0
    a_word = next(one for one in commands if " a " in f" {one.plain_name.casefold()} ")
    begun = next(one for one in commands if one.plain_name.casefold().startswith("a"))
    assert rank(begun, "a") == 3, "one letter is the beginning of a word"
    assert rank(a_word, "a") in {3, 4}
    assert [one.id for one in found(commands, "light")[:2]] == ["theme", "lighter"]
    palette = Palette(window.actions_, window)
    with qtbot.waitActive(palette):
        palette.show_over(window)
    QTest.keyClicks(palette._field, "mute")
    assert palette.names()[0] == "Mute"
    QTest.keyClick(palette._field, Qt.Key.Key_Return)
    assert window.session.sound.muted
    QApplication.sendPostedEvents(None, 0)


def test_the_palette_moves_with_the_arrows(qtbot: QtBot, window: Window) -> None:
    palette = Palette(window.actions_, window)
    qtbot.addWidget(palette)
    with qtbot.waitActive(palette):
        palette.show_over(window)
    first = palette._list.currentRow()
    qtbot.waitUntil(palette.isActiveWindow)
    QTest.keyClick(palette._field, Qt.Key.Key_Down)
    assert palette._list.currentRow() > first


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("1.2", 1.2),
        ("0:01.5", 1.5),
        ("0,4 s", 0.4),
        ("frame 25", 1.0),
        ("#5", 0.2),
        ("+0.5", 1.5),
        ("-9", 0.0),
    ],
)
def test_a_place_is_understood(window: Window, typed: str, seconds: float) -> None:
    recording = window.session.opened.recording
    assert recording is not None
    assert place_of(typed, recording, 1.0) == pytest.approx(seconds, abs=1e-3)


@pytest.mark.parametrize("typed", ["", "x", "99", "frame 5000", "1:2:3:4", "--1"])
def test_a_place_that_is_none_is_said(window: Window, typed: str) -> None:
    recording = window.session.opened.recording
    assert recording is not None
    words = place_of(typed, recording, 1.0)
    assert isinstance(words, str)
    assert words.endswith(".")


def test_going_to_a_time(qtbot: QtBot, window: Window) -> None:
    dialog = GoToDialog(window.session, window)
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClicks(dialog.field, "frame 30")
    assert "frame 30" in dialog.words.text()
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert window.session.playback.cursor == pytest.approx(1.2)
    assert window.session.opened.recording is not None


def test_the_loop_is_set_with_two_keys(window: Window) -> None:
    session, place = window.session, centre(window)
    session.playback.seek(0.4)
    QTest.keyClicks(place, "[")
    assert now(session.loop.span) is None
    assert session.loop.begun == 0.4
    session.playback.seek(1.0)
    QTest.keyClicks(place, "]")
    assert session.loop.span is not None
    assert (session.loop.span.start, session.loop.span.end) == (0.4, 1.0)
    session.playback.seek(0.6)
    QTest.keyClicks(place, "[")
    assert (session.loop.span.start, session.loop.span.end) == (0.6, 1.0), "the other end stays"
    QTest.keyClick(place, Qt.Key.Key_Escape)
    assert session.loop.span is None


def test_events_are_reached_with_keys(window: Window) -> None:
    session, place = window.session, centre(window)
    control = Qt.KeyboardModifier.ControlModifier
    session.selection.select("clonic")
    QTest.keyClick(place, Qt.Key.Key_Right, control)
    assert session.playback.cursor == 0.2
    QTest.keyClick(place, Qt.Key.Key_Right, control)
    assert session.playback.cursor == 1.0
    QTest.keyClick(place, Qt.Key.Key_Right, control)
    assert session.playback.cursor == 1.0
    assert "no evidence" in session.status.line
    QTest.keyClick(place, Qt.Key.Key_Left, control)
    assert session.playback.cursor == 0.2
    session.selection.select("tonic")
    QTest.keyClick(place, Qt.Key.Key_Right, control | Qt.KeyboardModifier.ShiftModifier)
    assert (session.playback.cursor, session.selection.feature) == (1.0, "clonic")


def test_the_own_jump_is_used(window: Window) -> None:
    window.session.playback.set_jump_seconds(0.7)
    QTest.keyClick(centre(window), Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.session.playback.cursor == pytest.approx(0.7)


def test_going_on_is_kept(qtbot: QtBot, window: Window) -> None:
    window.actions_["advance"].trigger()
    window.close()
    assert load_settings().go_on is False
