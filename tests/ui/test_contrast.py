"""Text ≥ 4.5:1 and controls ≥ 3:1 (WCAG 2.2, 1.4.3 and 1.4.11) in everything the window shows, light and
dark, measured on pixels. What is disabled is exempt, as in WCAG; the desktop's own dialogs for files are not
ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.semiology import Presence
from app.ui.dialogs.import_labels import ImportDialog
from app.ui.theme import THEMES, Mode, apply
from app.ui.window import Window
from tests.core.read_study import fill_study
from tests.core.teaching_courses import plain_keys
from tests.media import write_recording
from tests.ui.access_keys import shared_access_keys
from tests.ui.control_contrast import controls_of, focused_ones
from tests.ui.eeg_cases import attach, write_eeg
from tests.ui.painted_things import Painted, painted_by
from tests.ui.pixel_contrast import pixels_of, sign_contrast, text_contrast
from tests.ui.practice_cases import Key, PractisingPerson, clip_course, person
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path, saved
from tests.ui.trace_cases import Measuring, measuring

__all__ = ["measuring", "person", "quick", "recording_path"]

TEXT, CONTROL = 4.5, 3.0

pytestmark = [
    pytest.mark.usefixtures("statistics_are_loaded"),
    pytest.mark.timeout(600),  # every dialog of the program is opened
]


@pytest.fixture(params=list(THEMES), ids=[mode.value for mode in THEMES])
def window(
    qtbot: QtBot,
    quick: type[QuickReader],
    measuring: Measuring,
    recording_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Window]:
    """The window on a recording that has answers of several readers and an EEG, in a study of several."""
    mode: Mode = request.param
    other = write_recording(recording_path.with_name("second.mp4"), frames=20)
    eeg = write_eeg(recording_path.parent / "eeg" / "night.edf")
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        session.worklist.add_recordings((other,))
        saved(qtbot, session)
        access = session.study.access()
        assert access is not None
        with access.open() as study:
            fill_study(study, [row.id for row in study.recordings()])
        session.study.read_again()
        window = Window(session)
        qtbot.addWidget(window)
        session.appearance.set_mode(mode)
        window.resize(1920, 1080)
        with qtbot.waitActive(window):
            window.show()
        attach(qtbot, session, eeg)
        for feature, presence in (("clonic", Presence.YES), ("tonic", Presence.NO)):
            session.answers.answer(feature, presence)
        session.selection.select("clonic")
        at_rest(qtbot, session)
        yield window
        window.close()


def faults_in(window: QWidget) -> list[str]:
    """What cannot be seen well enough, each in a sentence."""
    window.grab()  # the first painting may still lay something out
    pixels = pixels_of(window)
    found = []
    for one in painted_by(window):
        if is_exempt(window, one):
            continue
        measure, bar = (text_contrast, TEXT) if one.text else (sign_contrast, CONTROL)
        ratio = measure(pixels, one.place, one.colour)
        if ratio < bar:
            what = f"“{one.text}”" if one.text else f"a sign in {one.colour.name()}"
            found.append(f"{ratio:.2f} {what} {_called(one.widget)} at {one.place.getRect()}")
    controls = [*controls_of(window), *focused_ones(window)]
    return found + [
        f"{ratio:.2f} {what} of {_called(widget)}" for ratio, what, widget in controls if ratio < CONTROL
    ]


def _called(widget: QWidget) -> str:
    parent = widget.parent()
    words = getattr(widget, "text", str)() or widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} “{words}” in {type(parent).__name__}"


def is_exempt(window: QWidget, painted: Painted) -> bool:
    """Whether it belongs to something disabled."""
    widget = painted.widget
    if not widget.isEnabled():
        return True
    at = widget.mapFrom(window, painted.place.center())
    if isinstance(widget, QMenu):
        action = widget.actionAt(at)
        return action is not None and not action.isEnabled()
    if isinstance(widget, QTabBar):
        return not widget.isTabEnabled(widget.tabAt(at))
    view = widget.parent()
    if isinstance(view, QAbstractItemView) and view.viewport() is widget:
        index = view.indexAt(at)
        return index.isValid() and not view.model().flags(index) & index.flags().ItemIsEnabled
    return False


def test_a_text_and_a_control_that_can_hardly_be_seen_are_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setStyleSheet("QWidget { background: #ffffff; color: #000000; } QLineEdit { border: none; }")
    good, faint, field, plain = QLabel("readable"), QLabel("faint"), QLineEdit(), QPushButton()
    faint.setStyleSheet("color: #8a8a8a;")
    plain.setText("on")
    plain.setCheckable(True)
    plain.setStyleSheet("QPushButton { border: none; }")
    silent = QWidget()
    silent.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    silent.setFixedSize(40, 20)
    column = QVBoxLayout(window)
    for widget in (good, faint, field, plain, silent):
        column.addWidget(widget)
    with qtbot.waitActive(window):
        window.show()
    told = "\n".join(faults_in(window))
    assert "“faint”" in told
    assert "readable" not in told
    assert "frame of QLineEdit" in told
    assert "on or off of QPushButton" in told
    assert "keyboard of QWidget" in told
    for widget in (faint, field, plain, silent):
        widget.setEnabled(False)
    faint.setStyleSheet("color: #8a8a8a;")
    assert faults_in(window) == []


@pytest.mark.parametrize("mode", THEMES, ids=[mode.value for mode in THEMES])
def test_the_boxes_of_a_list_can_be_seen(qtbot: QtBot, mode: Mode) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply(application, THEMES[mode])
    window = QDialog()
    qtbot.addWidget(window)
    rows = QListWidget()
    for name in ("tonic", "clonic"):
        row = QListWidgetItem(name)
        row.setCheckState(Qt.CheckState.Unchecked)
        rows.addItem(row)
    QVBoxLayout(window).addWidget(rows)
    with qtbot.waitActive(window):
        window.show()
    assert faults_in(window) == []
    rows.setStyleSheet("QListView::indicator { border: 1px solid #808080; background: #808080; }")
    rows.setStyleSheet(f"{rows.styleSheet()} QListView {{ background: #7a7a7a; }}")
    assert "box of QListWidget" in "\n".join(faults_in(window))


def test_the_window_can_be_seen(window: Window) -> None:
    assert not faults_in(window)


def test_every_panel_can_be_seen(qtbot: QtBot, window: Window) -> None:
    shown = [command for command in window.actions_.commands if command.id.startswith("show_")]
    assert len(shown) > 5
    faults = {}
    for command in shown:
        window.actions_.run(command)
        at_rest(qtbot, window.session)
        qtbot.waitUntil(lambda: not _waits(window) and not window.session.rating_round.reading)
        faults[command.id] = faults_in(window)
        window.actions_.run(command)
    assert not _told(faults)


def test_every_menu_can_be_seen(window: Window) -> None:
    faults = {}
    for menu in window.menuBar().findChildren(QMenu):
        menu.popup(QPoint(0, 0))
        faults[menu.title()] = faults_in(menu)
        menu.close()
    assert len(faults) > 10
    assert not _told(faults)


EXPECTED = {
    "ModelSettingsDialog",
    "ExportDialog",
    "ImportDialog",
    "ResultsDialog",
    "CoursesDialog",
    "BatchDialog",
}
"""Dialogs that must have been measured, lest the test looks at nothing."""


def test_every_dialog_can_be_seen(qtbot: QtBot, window: Window) -> None:
    faults: dict[str, list[str]] = {}
    wanted = [command for command in window.actions_.commands if command.name.endswith("…")]
    assert len(wanted) > 30

    def look() -> None:
        for dialog in _dialogs():
            if not _waits(dialog):
                if not isinstance(dialog, QFileDialog):
                    name = type(dialog).__name__
                    faults.setdefault(name, []).extend(_faults_on_all_pages(dialog))
                dialog.reject()

    looking = QTimer()
    looking.timeout.connect(look)
    looking.start(50)
    for command in wanted:
        window.actions_.run(command)
        qtbot.waitUntil(lambda: not _dialogs())
    looking.stop()
    assert set(faults) >= EXPECTED
    assert not _told(faults)


def test_an_import_that_is_looked_at_can_be_seen(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    rows = "seizure,Bo,tonic,yes,0.1,0.2\nseizure,Bo,clonic,no,,\nseizure,Bo,clonic,yes,,\n"
    table.write_text("recording,reader,feature,presence,start,end\n" + rows, "utf-8")
    dialog = ImportDialog(window.session)
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.show()
    dialog.format.setCurrentIndex(dialog.format.findData("csv-long"))
    dialog.preview_from(table)
    qtbot.waitUntil(lambda: not dialog.work.running)
    assert dialog.panel.isVisible()
    assert not faults_in(dialog)
    dialog.close()


@pytest.mark.parametrize("mode", THEMES, ids=[mode.value for mode in THEMES])
def test_practising_can_be_seen(person: PractisingPerson, tmp_path: Path, mode: Mode) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply(application, THEMES[mode])
    person.appearance.set_mode(mode)
    clip_course(tmp_path / "c", plain_keys(3))
    person.begin(tmp_path / "c")
    assert not faults_in(person.window)
    person.press(Key.Key_Y, Key.Key_Return)
    assert not faults_in(person.window)


def _faults_on_all_pages(dialog: QDialog) -> list[str]:
    """Those of a dialog, on each of its tabs, and the keys that two of its parts share."""
    found = faults_in(dialog) + shared_access_keys(dialog)
    for tabs in dialog.findChildren(QTabWidget):
        for number in range(tabs.count()):
            if tabs.isTabEnabled(number) and number != tabs.currentIndex():
                tabs.setCurrentIndex(number)
                found += faults_in(dialog) + shared_access_keys(dialog)
    return found


def _dialogs() -> list[QDialog]:
    shown = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog)]
    return [dialog for dialog in shown if dialog.isVisible()]


def _waits(window: QWidget) -> bool:
    """Whether work of the window or of a panel in it runs."""
    works = [getattr(widget, "work", None) for widget in (window, *window.findChildren(QWidget))]
    return any(getattr(work, "running", False) for work in works)


def _told(faults: dict[str, list[str]]) -> str:
    """The faults by where they are, each once."""
    lines = {f"{place}: {fault}" for place, found in faults.items() for fault in found}
    return "\n".join(sorted(lines))
