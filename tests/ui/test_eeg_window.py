"""The EEG in the window: the panel comes with it, keys, what is remembered, the attached file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from app.core.eeg.channel_kind import ChannelKind
from app.core.settings import load_settings
from app.ui.dialogs.eeg_calibration import CalibrationDialog
from app.ui.views.eeg_panel import EegPanel
from app.ui.window import Window
from tests.ui.eeg_cases import IN_SYNC, attach, write_eeg
from tests.ui.found_widgets import centre
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path
from tests.ui.shown_eeg import displayed, flat, read_whole_page, write_made_eeg

__all__ = ["quick", "recording_path"]

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Window]:
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


def _dock(window: Window) -> QDockWidget:
    dock = window.findChild(QDockWidget, "eeg")
    assert isinstance(dock, QDockWidget)
    return dock


def test_the_panel_comes_with_an_attached_eeg_and_goes_with_it(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    session = window.session
    assert not _dock(window).isVisible()
    eeg = attach(qtbot, session, write_eeg(tmp_path / "a.edf"))
    assert _dock(window).isVisible()
    file = session.eeg.file
    assert file is not None
    assert (file.sync, file.is_complete) == (IN_SYNC.sync, True)
    assert [note.text for note in file.annotations] == ["Video start", "Spasm"]
    read_whole_page(qtbot, session)
    session.eeg.bad_wanted.emit("EEG Fp1-REF", True)
    marked = session.eeg.file
    assert marked is not None
    assert marked.bad == {"EEG Fp1-REF"}
    found = session.attached_eeg.find(eeg.fingerprint)
    assert found is not None
    session.attached_eeg.detach(found)
    assert not _dock(window).isVisible()
    assert not session.eeg.rows


def test_the_panel_is_made_when_it_is_first_shown(window: Window) -> None:
    assert _dock(window).widget() is None
    QTest.keyClick(window, Qt.Key.Key_E, CTRL)
    panel = _dock(window).widget()
    assert isinstance(panel, EegPanel)
    menu = panel.toolbar.more.menu()
    assert menu is not None
    assert menu.title().replace("&", "") == "EEG"


def test_the_panel_can_be_asked_for_without_an_eeg(window: Window) -> None:
    QTest.keyClick(window, Qt.Key.Key_E, CTRL)
    assert _dock(window).isVisible()
    assert window.actions_["show_eeg"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_E, CTRL)
    assert not _dock(window).isVisible()


def test_every_choice_has_a_key(window: Window, tmp_path: Path) -> None:
    path = write_made_eeg(tmp_path / "long.edf", [(0.0, flat(120))])
    display = window.session.eeg
    with displayed(window.session, path):
        display.position.go_to(40.0)
        QTest.keyClick(window, Qt.Key.Key_PageDown, CTRL)
        assert display.position.start == 50.0
        QTest.keyClick(window, Qt.Key.Key_PageUp, ALT)
        assert display.position.start == 49.0
        QTest.keyClick(window, Qt.Key.Key_Minus, CTRL)
        assert display.position.seconds == 15.0
        QTest.keyClick(window, Qt.Key.Key_Plus)
        assert display.choices.sensitivity[ChannelKind.EEG] == 5.0
        QTest.keyClick(window, Qt.Key.Key_Minus)
        assert display.choices.sensitivity[ChannelKind.EEG] == 7.0
        QTest.keyClick(window, Qt.Key.Key_Up, ALT)
        QTest.keyClick(window, Qt.Key.Key_5, ALT)
        filters = display.choices.filters[ChannelKind.EEG]
        assert (filters.low_cut, filters.notch) == (0.53, 50.0)
        shown = display.montage
        QTest.keyClick(window, Qt.Key.Key_F4)
        assert display.montage != shown
        assert display.rows, "a montage of which nothing can be shown is passed over"
        QTest.keyClick(window, Qt.Key.Key_F4, Qt.KeyboardModifier.ShiftModifier)
        assert display.montage == shown


def test_choices_are_remembered_for_all_files_and_for_one(window: Window, tmp_path: Path) -> None:
    path = write_made_eeg(tmp_path / "one.edf", [(0.0, flat(30))])
    other = write_made_eeg(tmp_path / "other.edf", [(0.0, flat(30))])
    display = window.session.eeg
    with displayed(window.session, path):
        display.set_filters(high_cut=35.0)
        display.choose_montage("as_recorded")
        display.hide_row(display.keys[3])
        hidden = display.of_file.hidden
    with displayed(window.session, other):
        assert display.choices.filters[ChannelKind.EEG].high_cut == 35.0
        assert not display.of_file.hidden
    with displayed(window.session, path):
        assert display.of_file.hidden == hidden
        assert display.montage.title == "As recorded"
    window.close()
    assert load_settings().eeg["filters"]["EEG"][1] == 35.0


def test_millimetres_are_those_of_a_ruler(qtbot: QtBot, window: Window) -> None:
    dialog = CalibrationDialog(window.session, 96.0, window)
    qtbot.addWidget(dialog)
    dialog.length.setValue(80.0)
    dialog.accept()
    assert window.session.eeg.choices.dots_per_inch == pytest.approx(120.0)
