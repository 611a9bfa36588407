"""Help, the order of the menus, words by which commands are found, and contrast as it is painted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from pytestqt.qtbot import QtBot

from app.core.command_words import OTHER_WORDS
from app.core.folders import log_folder
from app.core.semiology import Laterality, Presence
from app.ui.commands.command import Menu
from app.ui.dialogs.guide import GuideDialog
from app.ui.dialogs.palette import found
from app.ui.theme import THEMES, Mode, contrast
from app.ui.views.checklist import ChecklistView
from app.ui.views.checklist_model import MINE, NAME, READER
from app.ui.window import Window
from tests.ui.found_widgets import child
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Window]:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        yield window


def names_in(window: Window, menu: Menu) -> list[str]:
    action = next(one for one in window.menuBar().actions() if one.text() == menu.value)
    shown = action.menu()
    assert shown is not None
    return [one.text() for one in shown.actions() if one.text()]  # type: ignore[attr-defined]


def test_menus_stand_where_people_look_for_them(window: Window) -> None:
    names = [one.text() for one in window.menuBar().actions()]
    assert names[:3] == [Menu.FILE.value, Menu.EDIT.value, Menu.VIEW.value]
    assert names[-1] == Menu.HELP.value
    assert names_in(window, Menu.EDIT)[:2] == ["Undo", "Redo"]
    assert names_in(window, Menu.FILE)[-1] == "Quit"
    assert names_in(window, Menu.HELP)[0] == "User's guide"
    assert names_in(window, Menu.HELP)[-1] == "About Semioscope"


def test_the_guide_names_keys_that_do_what_it_says(window: Window) -> None:
    window.actions_["guide"].trigger()
    guide = child(window, GuideDialog)
    text = guide.page.toPlainText()
    for id_ in ("rest_no", "accept", "rest_as_signal", "lock_next", "who_reads", "disagreement", "onset"):
        command = next(one for one in window.actions_.commands if one.id == id_)
        assert command.keys[0] in text, id_


def test_the_log_folder_is_shown(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(asked.append(url)))  # type: ignore[func-returns-value]
    window.actions_["log_folder"].trigger()
    assert asked == [QUrl.fromLocalFile(str(log_folder()))]
    assert str(log_folder()) in window.session.status.message, "where nothing can open it"


@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ("settings", "rebind"),
        ("repeat", "loop_next"),
        ("next recording", "recording_next"),
        ("user", "who_reads"),
        ("backup", "copies"),
        ("screenshot", "save_picture"),
        ("manual", "guide"),
        ("rest no", "rest_no"),
    ],
)
def test_commands_are_found_by_words_that_people_use(window: Window, typed: str, id_: str) -> None:
    assert id_ in [one.id for one in found(window.actions_.commands, typed)[:5]]


def test_the_words_are_those_of_commands_that_exist(window: Window) -> None:
    assert {*OTHER_WORDS} <= {one.id for one in window.actions_.commands}


def strongest(image: QImage, box: QRect) -> float:
    """The strongest contrast of a pixel in a box with the ground at its upper left corner."""
    ground = image.pixelColor(box.topLeft()).name()
    places = ((x, y) for x in range(box.left(), box.right()) for y in range(box.top(), box.bottom()))
    return max(contrast(image.pixelColor(x, y).name(), ground) for x, y in places)


@pytest.mark.parametrize("mode", THEMES)
def test_what_is_painted_can_be_read_also_in_a_tinted_row(qtbot: QtBot, window: Window, mode: Mode) -> None:
    session = window.session
    session.answers.answer("clonic", Presence.NO)
    session.selection.select("tonic")
    session.labels.set_side(Laterality.LEFT)
    session.selection.select("head_turning")
    session.appearance.set_mode(mode)
    view = child(window, ChecklistView)
    assert {"clonic", "tonic"} <= {*session.consensus.compared.differing}
    image = view.viewport().grab().toImage()
    for feature in ("clonic", "tonic", "figure4"):
        for column, least in ((NAME, 4.5), (READER, 4.5), (MINE, 3.0)):
            index = view.model().index(view._model.row_of[feature], column)
            box = view.visualRect(index).adjusted(1, 1, -1, -1)
            assert strongest(image, box) >= least, (feature, column)
