"""Play, pause, frames and speed of the clip that is practised."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from app.core.plain_text import plain
from app.core.timeline.clock_text import clock
from app.ui.session.appearance import WindowAppearance
from app.ui.session.practice import Practice
from app.ui.theme import body_font, small_font
from app.ui.views.elided_label import ElidedLabel
from app.ui.views.icons import icon
from app.ui.views.tool_tip import tool_tip


class PracticeTransport(QWidget):
    """The row below the picture; `play` plays or pauses."""

    def __init__(self, practice: Practice, appearance: WindowAppearance, play: Callable[[], None]) -> None:
        super().__init__()
        self._practice = practice
        self._appearance = appearance
        clip = practice.clip
        self.back = _button("One frame back", lambda: clip.playback.step(-1))
        self.play = _button("Play or pause", play)
        self.forward = _button("One frame forward", lambda: clip.playback.step(1))
        self.loop = _button("Stop repeating", clip.loop.forget)
        self.time, self.speed, self.silent, self.left = QLabel(), QLabel(), ElidedLabel(), QLabel()
        self._arrange()
        clip.playback.moved.connect(self._show_time)
        clip.playback.playing_changed.connect(self._show_icons)
        clip.playback.speed_changed.connect(self._show_time)
        clip.loop.changed.connect(self._show_icons)
        clip.opened.recording_changed.connect(self._show_time)
        clip.opened.recording_changed.connect(self._show_silent)
        clip.heard_changed.connect(self._show_silent)
        practice.changed.connect(self._show_left)
        practice.ticked.connect(self._show_left)
        appearance.theme_changed.connect(self._show_icons)
        self._show_icons()
        self._show_time()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        for one in (self.back, self.play, self.forward, self.loop):
            row.addWidget(one)
        self.time.setFont(body_font())
        self.speed.setFont(small_font())
        self.silent.setFont(small_font())
        self.left.setFont(body_font())
        self.left.setAccessibleName("Time left for this card")
        row.addSpacing(8)
        row.addWidget(self.time)
        row.addSpacing(12)
        row.addWidget(self.speed)
        row.addSpacing(12)
        row.addWidget(self.silent)
        row.addStretch(1)
        row.addWidget(self.left)

    def _show_time(self) -> None:
        clip = self._practice.clip
        self.setEnabled(clip.opened.recording is not None)
        self.time.setText(f"{clock(clip.playback.cursor, 1)} / {clock(clip.opened.duration, 1)}")
        self.speed.setText(f"{clip.playback.speed:g}×")

    def _show_silent(self) -> None:
        self.silent.setText(plain(self._practice.clip.silent, 120))

    def _show_icons(self) -> None:
        theme, clip = self._appearance.theme, self._practice.clip
        names = {
            self.back: "step_back",
            self.play: "pause" if clip.playback.playing else "play",
            self.forward: "step_forward",
            self.loop: "loop",
        }
        for one, name in names.items():
            one.setIcon(icon(name, theme))
        self.loop.setVisible(clip.loop.span is not None)
        self._show_left()

    def _show_left(self) -> None:
        seconds = self._practice.seconds_left
        self.left.setVisible(seconds is not None)
        if seconds is not None:
            self.left.setText(f"{clock(seconds, 0)} left" if seconds else "The time is up: answer now")
            colour = self._appearance.theme.text if seconds else self._appearance.theme.caution
            self.left.setStyleSheet(f"color: {colour};")


def _button(words: str, slot: Callable[[], object]) -> QToolButton:
    made = QToolButton()
    made.setIconSize(QSize(18, 18))
    made.setAccessibleName(words)
    made.setToolTip(tool_tip(words))
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.clicked.connect(lambda _on=False: slot())
    return made
