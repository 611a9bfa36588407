"""Drawing the places that are covered: a frame of the recording, chosen with a slider, and what undoes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QSlider, QVBoxLayout, QWidget

from app.core.semiology import Span
from app.core.timeline.clock_text import clock
from app.ui.dialogs.drawn_places import DrawnPlaces
from app.ui.dialogs.form import button, sentence, side_by_side
from app.ui.session.places_to_cover import PlacesToCover
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.picture_box import Box

_PAGES = 20
"""Steps of Page Up and Page Down through the stretch."""
_AS_RECORDED = "Shown as recorded; faces and text are covered when the clip is made."
_ELSEWHERE = "Drawn on the mirrored or on another picture of this recording, and not covered"
_STEP = 100
"""Milliseconds of an arrow key."""


class PlaceDrawing(QWidget):
    """Shows the frame of the player and moves it through the stretch of the clip; when the drawing ends the
    player goes back to where it was."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._playback = session.playback
        self._before = session.playback.cursor
        self._moved = self._ended = False
        self._kept = PlacesToCover(session.opened, session.study, session.picture.drawn_covers)
        self._recording, self._covers = session.opened.recording, self._kept.covers()
        self.places = DrawnPlaces(self._covers)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Time of the frame")
        self.slider.setSingleStep(_STEP)
        self.time = QLabel()
        self.about = sentence(_AS_RECORDED, small=True)
        self.drawn = sentence()
        self.undo = button("&Undo", self.places.undo, tip="The last change of the places (Ctrl+Z)")
        self.remove = button(
            "&Remove", self.places.remove, tip="The chosen place, else the last one (Delete)"
        )
        undoing = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self)
        undoing.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        undoing.activated.connect(self.places.undo)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.places, 1)
        column.addWidget(self.about)
        column.addWidget(side_by_side(self.slider, self.time, growing=self.slider))
        column.addWidget(side_by_side(self.drawn, self.undo, self.remove, growing=self.drawn))
        self.slider.valueChanged.connect(self._seek)
        self.slider.sliderReleased.connect(self._seek)
        self.places.changed.connect(self._count)
        self._playback.frame_shown.connect(self._show)
        self._playback.moved.connect(self._follow)
        self._show()
        self._count()

    @property
    def stored(self) -> tuple[Box, ...]:
        """The places that the study held when it was last looked at."""
        return self._kept.shown

    def set_stretch(self, span: Span) -> None:
        """Let the slider go through this stretch of the recording."""
        with QSignalBlocker(self.slider):
            self.slider.setRange(round(1000 * span.start), max(round(1000 * span.end) - 1, 0))
            self.slider.setPageStep(max(round(1000 * span.duration / _PAGES), _STEP))
        self._follow(self._playback.cursor)

    def end(self) -> None:
        """Show no further frames, let the player be where it was, and keep what was drawn."""
        if self._moved and not self._ended:
            self._playback.seek(self._before)
        if not self._ended:
            self.keep()
        self._ended = True

    def keep(self) -> None:
        """Keep what is drawn now with the recording, as one change that undo takes back."""
        self._kept.keep(self._covers, self._recording)

    def _seek(self) -> None:
        self._moved = True
        self._playback.pause()
        self._playback.seek(self.slider.value() / 1000, exact=not self.slider.isSliderDown())

    def _show(self) -> None:
        if self._ended:
            return
        self.places.show_frame(self._playback.image)

    def _follow(self, seconds: float) -> None:
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(1000 * seconds))
        self.time.setText(clock(seconds))

    def _count(self) -> None:
        count = len(self.places.places)
        self.remove.setEnabled(count > 0)
        self.undo.setEnabled(self.places.can_undo)
        places = "1 place that you drew is" if count == 1 else f"{count} places that you drew are"
        drawn = f"{places} covered in every frame."
        drawn = drawn if count else "Drag over the picture to cover a place in every frame."
        other = self._kept.elsewhere()
        self.drawn.setText(f"{drawn} {_ELSEWHERE}: {other}." if other else drawn)
