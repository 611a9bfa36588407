"""The commands: keys are their own, do what they say, and are off while somebody is typing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QScrollArea,
    QSpinBox,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.semiology import FEATURES, Presence, Span
from app.ui.commands.actions import Actions, is_single_key
from app.ui.commands.key_watch import KeyWatch, is_text_field
from app.ui.commands.session_commands import Advance, Command, Menu, loop_evidence, session_commands
from app.ui.dialogs.keys import KeysDialog, even_columns
from app.ui.session.session import Session
from app.ui.window import Window
from tests.ui.found_widgets import now
from tests.ui.session_cases import QuickReader, opened, player_of, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        yield session


@pytest.fixture
def watch(qtbot: QtBot) -> KeyWatch:
    window = QMainWindow()
    qtbot.addWidget(window)
    return KeyWatch(window)


@pytest.fixture
def page(qtbot: QtBot, session: Session, watch: KeyWatch) -> QWidget:
    """A window with a text field and the session's commands."""
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    for field in (QLineEdit(), QTextEdit(), QSpinBox()):
        column.addWidget(field)
    plain = QWidget()
    plain.setObjectName("plain")
    plain.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    column.addWidget(plain)
    commands = session_commands(session, Advance(), watch)
    page.actions_ = Actions(page, session, commands, watch)  # type: ignore[attr-defined]
    page.show()
    qtbot.waitActive(page)
    plain.setFocus()
    return page


def test_no_key_means_two_things(session: Session, watch: KeyWatch) -> None:
    keys = [
        QKeySequence(key).toString()
        for row in session_commands(session, Advance(), watch)
        for key in row.keys
    ]
    assert all(keys), "every key is one that Qt knows"
    assert len(keys) == len(set(keys))


def test_every_command_says_what_it_does(session: Session, watch: KeyWatch) -> None:
    rows = session_commands(session, Advance(), watch)
    assert len({row.id for row in rows}) == len(rows)
    for row in rows:
        assert row.name
        assert row.help.endswith(".")


@pytest.mark.parametrize(
    ("key", "presence"),
    [("n", Presence.NO), ("u", Presence.NOT_ASSESSABLE)],
)
def test_a_key_answers_and_goes_on(page: QWidget, session: Session, key: str, presence: Presence) -> None:
    first, second = FEATURES[0].id, FEATURES[1].id
    session.selection.select(first)
    QTest.keyClicks(_plain(page), key)
    assert session.answers.mine.answer(first).presence is presence
    assert session.selection.feature == second
    QTest.keyClicks(_plain(page), key.upper(), Qt.KeyboardModifier.ShiftModifier)
    assert session.answers.mine.answer(second).presence is presence
    assert session.selection.feature == second, "Shift stays"


def test_what_cannot_be_kept_does_not_go_on(
    page: QWidget, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UserError("The study is open in another window, so it can be looked at here but not changed.")

    monkeypatch.setattr(session.study.of_recording, "submit", refuse)
    session.selection.select("tonic")
    QTest.keyClicks(_plain(page), "y")
    assert session.selection.feature == "tonic"
    assert session.answers.mine.answer("tonic").presence is None
    assert "another window" in session.status.message


def test_going_on_can_be_switched_off(page: QWidget, session: Session) -> None:
    session.selection.select("tonic")
    _actions(page)["advance"].trigger()
    QTest.keyClicks(_plain(page), "y")
    assert session.selection.feature == "tonic"
    QTest.keyClick(_plain(page), Qt.Key.Key_Backspace)
    assert session.answers.mine.answer("tonic").presence is None


def test_three_features_in_three_keys(page: QWidget, session: Session) -> None:
    session.selection.select(FEATURES[0].id)
    QTest.keyClicks(_plain(page), "nun")
    answered = [session.answers.mine.answer(feature.id).presence for feature in FEATURES[:3]]
    assert answered == [Presence.NO, Presence.NOT_ASSESSABLE, Presence.NO]
    QTest.keyClick(_plain(page), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.answers.mine.answer(FEATURES[2].id).presence is None


def test_arrows_select_and_stop_at_the_ends(page: QWidget, session: Session) -> None:
    session.selection.select(FEATURES[0].id)
    QTest.keyClick(_plain(page), Qt.Key.Key_Up)
    assert session.selection.feature == FEATURES[0].id
    QTest.keyClick(_plain(page), Qt.Key.Key_Down)
    assert session.selection.feature == FEATURES[1].id


def test_keys_of_time(page: QWidget, session: Session) -> None:
    plain = _plain(page)
    QTest.keyClick(plain, Qt.Key.Key_Right)
    assert session.playback.cursor == 1.0
    QTest.keyClick(plain, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert session.playback.cursor == session.opened.duration
    QTest.keyClick(plain, Qt.Key.Key_Home)
    assert now(session.playback.cursor) == 0.0
    QTest.keyClick(plain, Qt.Key.Key_Space)
    assert now(session.playback.playing)
    QTest.keyClicks(plain, "k")
    assert not session.playback.playing
    QTest.keyClicks(plain, "jj")
    assert session.playback.speed == 0.5
    QTest.keyClicks(plain, "l")
    assert session.playback.speed == 0.75
    QTest.keyClicks(plain, ",.")
    assert player_of(session).said("step") == [(-1,), (1,)]
    QTest.keyClicks(plain, "m")
    assert session.sound.muted


def test_keys_of_the_picture(page: QWidget, session: Session) -> None:
    QTest.keyClicks(_plain(page), "sat")
    assert (
        session.picture.overlay.skeleton,
        session.picture.overlay.face,
        session.picture.overlay.trails,
    ) == (False, True, True)
    assert not _actions(page)["skeleton"].isChecked()
    QTest.keyClicks(_plain(page), "b")
    assert session.patient.drawing
    assert _actions(page)["draw_patient"].isChecked()


@pytest.mark.parametrize("kind", [QLineEdit, QTextEdit, QSpinBox])
def test_typing_is_text_and_nothing_else(page: QWidget, session: Session, kind: type[QWidget]) -> None:
    field = page.findChild(kind)
    assert isinstance(field, QWidget)
    assert is_text_field(field)
    field.setFocus()
    session.selection.select("tonic")
    QTest.keyClicks(field, "yn .")
    assert session.answers.mine.answers == {}
    assert session.selection.feature == "tonic"
    assert not session.playback.playing
    if isinstance(field, QLineEdit):
        assert field.text() == "yn ."
    session.answers.answer("clonic", Presence.YES)
    _plain(page).setFocus()
    QTest.keyClicks(_plain(page), "y")
    assert session.answers.mine.answer("tonic").presence is Presence.YES


def test_which_keys_are_single() -> None:
    assert is_single_key("Y")
    assert is_single_key("Shift+Y")
    assert is_single_key("Space")
    assert is_single_key("F")
    assert not is_single_key("Ctrl+O")
    assert not is_single_key("F11")


def test_evidence_is_repeated_before_and_after(page: QWidget, session: Session) -> None:
    session.selection.select("clonic")
    QTest.keyClicks(_plain(page), "r")
    assert now(session.loop.span) == Span(0.2, 0.6)
    QTest.keyClicks(_plain(page), "r")
    assert now(session.loop.span) == Span(1.0, 1.4)
    QTest.keyClicks(_plain(page), "r")
    assert now(session.loop.span) == Span(1.0, 1.4), "there is no later one"
    QTest.keyClicks(_plain(page), "p")
    assert now(session.loop.span) == Span(0.2, 0.6)
    session.loop.forget()
    session.selection.select("tonic")
    loop_evidence(session, 1)
    assert session.loop.span is None


def test_without_a_recording_its_commands_are_off(qtbot: QtBot, watch: KeyWatch) -> None:
    with opened(qtbot) as session:
        page = QWidget()
        qtbot.addWidget(page)
        actions = Actions(page, session, session_commands(session, Advance(), watch), watch)
        assert not actions["play"].isEnabled()
        assert not actions["yes"].isEnabled()
        assert actions["skeleton"].isEnabled()


def test_the_list_of_keys_has_a_place_for_every_menu(qtbot: QtBot) -> None:
    rows = [Command(menu.name, menu, f"of {menu.name}", ("Z",), "", lambda: None) for menu in Menu]
    dialog = KeysDialog(rows)
    qtbot.addWidget(dialog)
    words = {label.text() for label in dialog.findChildren(QLabel)}
    assert {f"of {menu.name}" for menu in Menu} <= words


@pytest.mark.parametrize(("width", "columns"), [(1280, 3), (960, 2), (1920, 4)])
def test_the_list_of_keys_never_scrolls_sideways(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch, width: int, columns: int
) -> None:
    class Screen:
        def availableGeometry(self) -> QRect:
            return QRect(0, 0, width, 800)

    monkeypatch.setattr(KeysDialog, "screen", lambda _self: Screen())
    window = Window(session)
    qtbot.addWidget(window)
    dialog = KeysDialog(window.actions_.commands, window.actions_.keymap)
    qtbot.addWidget(dialog)
    dialog.resize(10, 400)
    dialog.show()
    area = dialog.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    page = area.widget()
    assert page is not None
    assert dialog.width() <= width
    assert page.minimumSizeHint().width() <= area.viewport().width()
    assert len(page.findChildren(QGridLayout)) == columns


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(1, 4))
def test_columns_are_even_and_keep_the_order(lengths: list[int], count: int) -> None:
    parts = [list(range(length)) for length in lengths]
    columns = even_columns(parts, count)
    assert [part for column in columns for part in column] == parts
    assert len(columns) <= count


def test_the_list_of_keys_names_every_command_with_keys(
    qtbot: QtBot, session: Session, watch: KeyWatch
) -> None:
    rows = session_commands(session, Advance(), watch)
    dialog = KeysDialog(rows)
    qtbot.addWidget(dialog)
    dialog.show()
    shown = [label.text() for label in dialog.findChildren(QLabel)]
    for row in rows:
        if row.keys:
            assert row.name.rstrip("…") in shown
    assert "Checklist" in shown
    assert all(menu in Menu for menu in {row.menu for row in rows})


def _plain(page: QWidget) -> QWidget:
    found = page.findChild(QWidget, "plain")
    assert isinstance(found, QWidget)
    return found


def _actions(page: QWidget) -> Actions:
    actions: Any = page.actions_  # type: ignore[attr-defined]
    assert isinstance(actions, Actions)
    return actions
