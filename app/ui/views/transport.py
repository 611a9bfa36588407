"""The strip below the picture: play, step, speed, the time, the loop, the overlay, the sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QToolTip, QWidget

from app.core.timeline.clock_text import TimeForm, clock, span_text, time_of_day, written
from app.ui.session.denoising import Denoised
from app.ui.session.playback import SPEEDS
from app.ui.session.session import Session
from app.ui.theme import Theme, body_font
from app.ui.views.icons import icon
from app.ui.views.tool_tip import tool_tip
from app.ui.views.volume import VolumeSlider

_SIDE = 30
_ROOMY = 620
"""Pixels of width from which the duration and the loop's times are shown too."""

_FORM_NAMES = {
    TimeForm.CLOCK: "Clock",
    TimeForm.SECONDS: "Seconds",
    TimeForm.FRAME: "Frame number",
    TimeForm.DAY: "Time of day",
}
_FIRST_KEYS = {
    "play": "Space",
    "frame_back": ",",
    "frame_forward": ".",
    "slower": "J",
    "faster": "L",
    "skeleton": "S",
    "face": "A",
    "trails": "T",
    "draw_patient": "B",
    "mute": "M",
    "denoised": "Shift+D",
}
"""What stands in the tips until the window says which keys the person has chosen."""

_OVERLAYS = (
    ("skeleton", "Skeleton", "Pose drawn over the patient: left solid, right dashed"),
    ("face", "Face outline", "Outline of face, eyes, brows and lips"),
    ("trails", "Trails of the wrists", "Where the wrists were in the last 2 seconds"),
)


class TransportView(QWidget):
    """Buttons for what the session does with time, sound and overlay; nothing is kept here."""

    time_form_chosen = Signal(str)
    """How the person wants the time to be written, as the settings say."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._form = TimeForm.CLOCK
        self._keys = dict(_FIRST_KEYS)
        self._icons: dict[QToolButton, str] = {}
        self._make_buttons()
        self._time = self._time_button()
        self._speed = self._speed_button()
        self._duration = QLabel()
        self._duration.setFont(body_font())
        self._lay_out()
        self.setAccessibleName("Transport")
        session.playback.moved.connect(self._show_time)
        session.playback.frame_shown.connect(self._show_time)
        session.playback.playing_changed.connect(self._show_playing)
        session.playback.speed_changed.connect(self._show_playing)
        session.sound.volume_changed.connect(self._show_sound)
        session.sound.heard_changed.connect(self._show_sound)
        session.loop.changed.connect(self._show_loop)
        session.picture.overlay_changed.connect(self._show_overlay)
        session.patient.drawing_changed.connect(self._show_overlay)
        session.opened.recording_changed.connect(self._show_all)
        session.appearance.theme_changed.connect(self._recolour)
        self._recolour()
        self._show_all()
        self._write_tips()

    # making

    def _button(self, name: str, words: str, tip: str, *, checkable: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setIconSize(QSize(18, 18))
        button.setFixedHeight(_SIDE)
        button.setMinimumWidth(_SIDE)
        button.setCheckable(checkable)
        button.setAccessibleName(words)
        button.setToolTip(tool_tip(tip))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._icons[button] = name
        return button

    def _make_buttons(self) -> None:
        session = self._session
        self._back = self._button("step_back", "One frame back", "")
        self._back.clicked.connect(lambda: session.playback.step(-1))
        self._play = self._button("play", "Play", "")
        self._play.clicked.connect(session.playback.toggle_play)
        self._forward = self._button("step_forward", "One frame forward", "")
        self._forward.clicked.connect(lambda: session.playback.step(1))
        self._loop = self._button("loop", "Loop", "", checkable=True)
        self._loop.clicked.connect(self._end_loop)
        self._overlays = {name: self._button(name, words, "", checkable=True) for name, words, _ in _OVERLAYS}
        for name, button in self._overlays.items():
            button.toggled.connect(lambda on, name=name: self._switch_overlay(name, on))
        self._patient = self._button("patient", "Draw a box around the patient", "", checkable=True)
        self._patient.clicked.connect(session.patient.draw)
        self._sound = self._button("sound", "Sound", "")
        self._sound.clicked.connect(lambda: session.sound.set_muted(not session.sound.muted))
        self._volume = VolumeSlider(session, self)
        self._denoised = QLabel(self)
        self._denoised.setContentsMargins(4, 0, 2, 0)

    def _time_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("time")
        button.setFont(body_font())
        button.setFixedHeight(_SIDE)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.clicked.connect(self._copy_time)
        menu = QMenu(button)
        group = QActionGroup(menu)
        self._forms: dict[TimeForm, QAction] = {}
        for form, name in _FORM_NAMES.items():
            action = self._forms[form] = _choice(menu, group, name, chosen=form is self._form)
            action.triggered.connect(lambda _=False, form=form: self._choose_time_form(form))
        button.setMenu(menu)
        return button

    def _speed_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("speed")
        button.setFont(body_font())
        button.setFixedHeight(_SIDE)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMinimumWidth(QFontMetrics(button.font()).horizontalAdvance("0.25×") + 30)
        menu = QMenu(button)
        group = QActionGroup(menu)
        self._speeds = {speed: _choice(menu, group, _speed_words(speed)) for speed in reversed(SPEEDS)}
        for speed, action in self._speeds.items():
            action.triggered.connect(lambda _=False, speed=speed: self._session.playback.set_speed(speed))
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(2)
        for widget in (self._back, self._play, self._forward):
            row.addWidget(widget)
        row.addSpacing(6)
        row.addWidget(self._time)
        row.addWidget(self._duration)
        row.addStretch()
        row.addWidget(self._speed)
        row.addWidget(self._loop)
        row.addSpacing(8)
        for button in (*self._overlays.values(), self._patient):
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self._sound)
        row.addWidget(self._volume)
        row.addWidget(self._denoised)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Show these keys, by the command's id, in the tips."""
        self._keys.update({name: keys.get(name, "") for name in _FIRST_KEYS})
        self._write_tips()

    def _tip(self, words: str, command: str) -> str:
        key = self._keys[command]
        return f"{words}  ({key})" if key else words

    def _write_tips(self) -> None:
        self._back.setToolTip(tool_tip(self._tip("One frame back", "frame_back")))
        self._forward.setToolTip(tool_tip(self._tip("One frame forward", "frame_forward")))
        slower, faster = self._keys["slower"] or "–", self._keys["faster"] or "–"
        self._speed.setToolTip(tool_tip(f"Speed  ({slower} slower, {faster} faster)"))
        for name, words, tip in _OVERLAYS:
            self._overlays[name].setToolTip(tool_tip(f"{self._tip(words, name)}\n{tip}"))
        patient = self._tip("Draw a box around the patient", "draw_patient")
        self._patient.setToolTip(tool_tip(f"{patient}\nfor a picture with several people"))
        self._show_playing()

    # what a click does

    def _end_loop(self) -> None:
        self._session.loop.set(None)
        self._show_loop()

    def _switch_overlay(self, name: str, on: bool) -> None:
        if getattr(self._session.picture.overlay, name) is not on:
            self._session.picture.set_overlay(replace(self._session.picture.overlay, **{name: on}))

    def _copy_time(self) -> None:
        QGuiApplication.clipboard().setText(self._time.text())
        place = self._time.mapToGlobal(self._time.rect().topLeft())
        QToolTip.showText(place, tool_tip(f"Copied: {self._time.text()}"), self._time)

    def _choose_time_form(self, form: TimeForm) -> None:
        self.set_time_form(form)
        self.time_form_chosen.emit(form.value)

    def set_time_form(self, form: TimeForm) -> None:
        """Write the time as a clock, in seconds or as the frame's number."""
        self._form = form
        self._forms[form].setChecked(True)
        self._size_time()
        self._show_time()

    # the session

    def _show_all(self) -> None:
        self._show_recording()
        self._show_time()
        self._show_playing()
        self._show_loop()
        self._show_overlay()

    def _show_recording(self) -> None:
        recording, duration = self._session.opened.recording, self._session.opened.duration
        opened = recording is not None
        for widget in (self._back, self._play, self._forward, self._time, self._speed):
            widget.setEnabled(opened)
        picture = recording is not None and recording.video is not None
        for button in (*self._overlays.values(), self._patient):
            button.setEnabled(picture)
        self._duration.setText(f"/ {clock(duration, 1)}" if opened else "")
        known = recording is not None and recording.started_at is not None
        self._forms[TimeForm.DAY].setEnabled(known)
        if self._form is TimeForm.DAY and not known:
            self.set_time_form(TimeForm.CLOCK)
        self._size_time()

    def _size_time(self) -> None:
        """Make room for the longest time, so that nothing moves while it runs."""
        video = self._session.opened.recording.video if self._session.opened.recording else None
        longest = written(self._session.opened.duration, self._form, None if video is None else video.times)
        if self._form is TimeForm.DAY:
            longest = "00:00:00.000"
        plain = "".join("0" if character.isdigit() else character for character in longest)
        self._time.setFixedWidth(QFontMetrics(self._time.font()).horizontalAdvance(plain) + 36)
        self._time.setToolTip("Copy the time; the arrow chooses its format")

    def _show_time(self) -> None:
        session = self._session
        if session.opened.recording is None:
            text = "–"
        elif self._form is TimeForm.FRAME:
            text = f"frame {session.playback.frame_number}" if session.playback.frame_number >= 0 else "–"
        elif self._form is TimeForm.DAY and session.opened.recording.started_at is not None:
            text = time_of_day(session.opened.recording.started_at, session.playback.cursor)
        else:
            text = written(session.playback.cursor, self._form, None)
        if text != self._time.text():
            self._time.setText(text)
            self._time.setAccessibleName(f"Time {text}, copy")

    def _show_playing(self) -> None:
        session = self._session
        words = "Pause" if session.playback.playing else "Play"
        self._icons[self._play] = words.lower()
        self._play.setIcon(icon(words.lower(), session.appearance.theme))
        self._play.setAccessibleName(words)
        self._play.setToolTip(tool_tip(self._tip(words, "play")))
        self._speed.setText(_speed_words(session.playback.speed))
        self._speed.setAccessibleName(f"Speed {_speed_words(session.playback.speed)}")
        for speed, action in self._speeds.items():
            action.setChecked(speed == session.playback.speed)
        self._show_sound()

    def _show_sound(self) -> None:
        session = self._session
        recording = session.opened.recording
        audible = session.sound.audible and not session.sound.silent
        name = "sound" if audible and not session.sound.muted else "muted"
        self._icons[self._sound] = name
        self._sound.setIcon(icon(name, session.appearance.theme))
        self._sound.setEnabled(audible)
        why = session.sound.silent or ("No sound in this recording" if recording is not None else "Sound")
        state = self._tip("Unmute" if session.sound.muted else "Mute", "mute")
        self._sound.setToolTip(tool_tip(state if audible else why))
        self._sound.setAccessibleName(state.partition(" ")[0] if audible else why)
        self._show_denoised(session.sound.denoised)

    def _show_denoised(self, state: Denoised) -> None:
        looking = f"denoising {round(100 * self._session.sound.denoising_share)} %"
        words = {Denoised.LOOKING: looking, Denoised.ON: "denoised", Denoised.UNABLE: "not denoised"}
        self._denoised.setVisible(state is not Denoised.RAW)
        self._denoised.setText(words.get(state, ""))
        tip = f"The sound is heard {state.value}"
        self._denoised.setToolTip(tool_tip(self._tip(tip, "denoised")))
        self._denoised.setAccessibleName(tip)

    def _show_loop(self) -> None:
        loop = self._session.loop.span
        self._loop.setChecked(loop is not None)
        self._loop.setEnabled(loop is not None)
        wide = loop is not None and self.width() >= _ROOMY
        style = Qt.ToolButtonStyle
        self._loop.setToolButtonStyle(style.ToolButtonTextBesideIcon if wide else style.ToolButtonIconOnly)
        self._loop.setText(span_text(loop) if loop is not None else "")
        tip = "Nothing is looped\nDouble click a bar of the timeline to loop it"
        self._loop.setToolTip(
            tool_tip(tip if loop is None else f"Looping {span_text(loop)}\nClick to go on after it  (Esc)")
        )
        self._loop.setAccessibleName("No loop" if loop is None else f"End the loop {span_text(loop)}")

    def _show_overlay(self) -> None:
        for name, button in self._overlays.items():
            button.setChecked(getattr(self._session.picture.overlay, name))
        self._patient.setChecked(self._session.patient.drawing)

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(_style(theme))
        for button, name in self._icons.items():
            button.setIcon(icon(name, theme))

    @property
    def _first_to_go(self) -> tuple[QWidget, ...]:
        """What gives way where the window is narrow, the first first: menus and keys have it, too."""
        return (self._patient, *reversed(self._overlays.values()), self._speed, self._loop)

    def minimumSizeHint(self) -> QSize:
        least, spacing = super().minimumSizeHint(), self._row.spacing()
        go = (*self._first_to_go, self._duration, self._volume, self._denoised)
        shown = [_width_of(one) + spacing for one in go if not one.isHidden()]
        return QSize(least.width() - sum(shown), least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room, spacing = self.width() - self.minimumSizeHint().width(), self._row.spacing()
        for one in reversed(self._first_to_go):
            room -= _width_of(one) + spacing
            one.setVisible(room >= 0)
        self._duration.setVisible(self.width() >= _ROOMY)
        self._volume.setVisible(self.width() >= _ROOMY)
        widest = QFontMetrics(self._denoised.font()).horizontalAdvance("denoising 100 %") + 6
        self._denoised.setMinimumWidth(widest if self.width() >= _ROOMY else 0)
        self._show_loop()


def _width_of(widget: QWidget) -> int:
    """How wide it is at least while it is shown."""
    return max(widget.minimumSizeHint().width(), widget.minimumWidth())


def _choice(menu: QMenu, group: QActionGroup, words: str, *, chosen: bool = False) -> QAction:
    action = menu.addAction(words)
    action.setCheckable(True)
    action.setChecked(chosen)
    group.addAction(action)
    return action


def _speed_words(speed: float) -> str:
    return f"{speed:g}×"


def _style(theme: Theme) -> str:
    """Quiet buttons; one that is on is underlined as well as grounded."""
    return f"""
    QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 4px; }}
    QToolButton {{ padding: 2px 5px; }}
    QToolButton:hover {{ background: {theme.raised}; }}
    QToolButton:checked {{ background: {theme.raised}; border-bottom: 2px solid {theme.text}; }}
    QToolButton:focus {{ border: 1px solid {theme.text}; }}
    QToolButton#time {{ color: {theme.text}; padding-right: 20px; }}
    QToolButton#time::menu-button {{ border: none; width: 16px; }}
    QToolButton#speed {{ color: {theme.text}; padding-right: 16px; }}
    QToolButton#speed::menu-indicator {{ subcontrol-position: right center; right: 4px; }}
    QToolButton#time:disabled, QToolButton#speed:disabled {{ color: {theme.edge}; }}
    QLabel {{ color: {theme.muted}; }}
    """
