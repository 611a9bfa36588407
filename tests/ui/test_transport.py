"""The transport: every button does one thing, says its name, and shows what is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.core.semiology import Span
from app.core.timeline.clock_text import TimeForm
from app.ui.session.picture import Overlay
from app.ui.session.playback import SPEEDS
from app.ui.session.session import Session
from app.ui.theme import DARK, LIGHT, Mode
from app.ui.views.icons import _ICONS, icon
from app.ui.views.transport import TransportView
from app.ui.views.volume import VolumeSlider, meter_share
from tests.ui.found_widgets import now
from tests.ui.shown_session import a_recording, player_of, show, shown_session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path) as session:
        yield session


@pytest.fixture
def view(session: Session, qtbot: QtBot) -> TransportView:
    widget = TransportView(session)
    qtbot.addWidget(widget)
    widget.resize(760, 40)
    widget.show()
    return widget


def named(view: TransportView, start: str) -> QToolButton:
    """The one button whose accessible name begins so."""
    (button,) = [
        button for button in view.findChildren(QToolButton) if button.accessibleName().startswith(start)
    ]
    return button


def test_every_button_has_a_name_and_a_tool_tip(view: TransportView) -> None:
    buttons = view.findChildren(QToolButton)
    assert len(buttons) == 11
    assert all(button.accessibleName() and button.toolTip() for button in buttons)


def test_play_and_pause(session: Session, view: TransportView) -> None:
    named(view, "Play").click()
    assert session.playback.playing
    named(view, "Pause").click()
    assert not session.playback.playing


def test_steps(session: Session, view: TransportView) -> None:
    named(view, "One frame back").click()
    named(view, "One frame forward").click()
    assert player_of(session).said("step") == [(-1,), (1,)]


def test_speeds(session: Session, view: TransportView) -> None:
    menu = named(view, "Speed").menu()
    assert [action.text() for action in menu.actions()] == [f"{speed:g}×" for speed in reversed(SPEEDS)]
    menu.actions()[-1].trigger()
    assert session.playback.speed == 0.1
    assert named(view, "Speed").text() == "0.1×"
    assert [action.isChecked() for action in menu.actions()][-1]


def test_the_time_in_each_of_its_forms_is_copied(
    session: Session, view: TransportView, tmp_path: Path
) -> None:
    began = datetime(2026, 3, 1, 14, 3, 22)  # noqa: DTZ001 - the camera's own clock
    show(session, a_recording(tmp_path, started_at=began))
    session.playback.seek(41.2333)
    player_of(session).frame_shown.emit(QImage(4, 4, QImage.Format.Format_RGB32), 41.2333, 1237)
    button = named(view, "Time")
    texts = []
    for form in TimeForm:
        view.set_time_form(form)
        button.click()
        texts.append(QGuiApplication.clipboard().text())
    assert texts == ["00:41.233", "41.233 s", "frame 1237", "14:04:03.233"]
    show(session, a_recording(tmp_path))
    session.playback.seek(41.2333)
    assert named(view, "Time").text() == "00:41.233", "no time of day is made up"


def test_the_volume_is_set_and_the_level_shown(qtbot: QtBot, session: Session, view: TransportView) -> None:
    slider = view.findChild(VolumeSlider)
    assert isinstance(slider, VolumeSlider)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert session.sound.volume == 0.95
    player_of(session).level = 0.5
    session.playback.play()
    qtbot.waitUntil(lambda: slider._shown == 0.5)
    player_of(session).level = 0.0
    session.playback.pause()
    qtbot.waitUntil(lambda: slider._shown == 0.0 and not slider._timer.isActive())
    assert meter_share(1.0) == 1.0
    assert meter_share(0.0) == 0.0
    assert 0.4 < meter_share(0.05) < 0.6


def test_nothing_moves_while_the_time_runs(session: Session, view: TransportView) -> None:
    places = set()
    for seconds in (0.0, 11.111, 58.888):
        session.playback.seek(seconds)
        places.add((named(view, "Time").width(), named(view, "Speed").x()))
    assert len(places) == 1


def test_overlay_switches(session: Session, view: TransportView) -> None:
    assert named(view, "Skeleton").isChecked()
    named(view, "Face outline").click()
    named(view, "Skeleton").click()
    assert session.picture.overlay == Overlay(skeleton=False, face=True, trails=False)
    session.picture.set_overlay(Overlay(skeleton=False, face=False, trails=True))
    assert named(view, "Trails").isChecked()
    assert not named(view, "Face").isChecked()
    assert session.picture.overlay == Overlay(skeleton=False, face=False, trails=True)


def test_the_loop_is_shown_and_ended(session: Session, view: TransportView) -> None:
    assert not named(view, "No loop").isEnabled()
    session.loop.set(Span(12.4, 31))
    button = named(view, "End the loop 00:12.4–00:31.0")
    assert button.isChecked()
    assert button.text() == "00:12.4–00:31.0"
    button.click()
    assert session.loop.span is None
    assert not named(view, "No loop").isChecked()


def test_sound(session: Session, view: TransportView) -> None:
    named(view, "Mute").click()
    assert now(session.sound.muted)
    named(view, "Unmute").click()
    assert not session.sound.muted
    player_of(session).silent.emit("No sound device was found")
    assert named(view, "No sound device was found").isEnabled() is False


def test_no_sound_in_the_recording(session: Session, view: TransportView, tmp_path: Path) -> None:
    show(session, a_recording(tmp_path, sound=False))
    assert not named(view, "No sound in this recording").isEnabled()


def test_the_patients_box(session: Session, view: TransportView) -> None:
    button = named(view, "Draw a box")
    button.click()
    assert session.patient.drawing
    session.patient.draw(False)
    assert not button.isChecked()


def test_nothing_can_be_played_when_nothing_is_open(qtbot: QtBot) -> None:
    session = Session()
    view = TransportView(session)
    qtbot.addWidget(view)
    assert not any(button.isEnabled() for button in view.findChildren(QToolButton))
    assert named(view, "Time").text() == "–"
    session.close()


def test_fits_a_narrow_column(view: TransportView) -> None:
    view.resize(520, 40)
    assert view.minimumSizeHint().width() <= 520


def test_the_theme_changes_at_once(session: Session, view: TransportView) -> None:
    before = named(view, "Play").icon().cacheKey()
    session.appearance.set_mode(Mode.LIGHT)
    assert named(view, "Play").icon().cacheKey() != before


@pytest.mark.parametrize("name", _ICONS)
def test_icons_are_crisp_at_any_size_and_follow_the_theme(name: str) -> None:
    for theme in (DARK, LIGHT):
        image = icon(name, theme).pixmap(QSize(18, 18), 2.0).toImage()
        assert image.size() == QSize(36, 36)
        inked = [
            image.pixelColor(x, y)
            for x in range(36)
            for y in range(36)
            if image.pixelColor(x, y).alpha() == 255
        ]
        assert len(inked) > 20
        assert all(colour.name() == theme.muted for colour in inked)
    on = icon(name, DARK).pixmap(QSize(18, 18), 1.0, QIcon.Mode.Normal, QIcon.State.On).toImage()
    colours = {
        on.pixelColor(x, y).name() for x in range(18) for y in range(18) if on.pixelColor(x, y).alpha()
    }
    assert DARK.text in colours


def test_an_unknown_icon_is_a_bug() -> None:
    with pytest.raises(KeyError):
        icon("hammer", DARK)
