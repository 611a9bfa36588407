"""The open recording, the cursor and the selection: what every view reads and where every intent goes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Flag, auto
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.core.errors import UserError
from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURE, FEATURES, Presence, Span
from app.ui.theme import DARK, THEMES, Mode, Theme

if TYPE_CHECKING:
    from app.core.enhance.pose_track import Box, PoseTrack
    from app.core.recording.recording import Recording
    from app.core.recording.waveform import Waveform

log = logging.getLogger(__name__)

SPEEDS: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
"""The speeds that slower and faster go through."""


class Changed(Flag):
    """What has changed; several can be told at once."""

    RECORDING = auto()
    CURSOR = auto()
    FRAME = auto()
    SELECTION = auto()
    ANSWERS = auto()
    POSE = auto()
    WAVEFORM = auto()
    PLAYING = auto()
    LOOP = auto()
    WORK = auto()
    OVERLAY = auto()
    PATIENT = auto()
    STATUS = auto()
    THEME = auto()
    VISIBLE = auto()


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is drawn over the picture."""

    skeleton: bool = True
    face: bool = False
    trails: bool = False


class Session(QObject):
    """One open recording and everything the window shows of it.

    Views read the properties when `changed` names them and call the intents; they never hold one
    another. Lives in the GUI thread; `changed` is always emitted there.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._cursor = 0.0
        self._image: QImage | None = None
        self._frame_time = 0.0
        self._frame_number = -1
        self._playing = False
        self._speed = 1.0
        self._muted = False
        self._loop: Span | None = None
        self._feature = FEATURES[0].id
        self._mine = _empty_reading()
        self._others: tuple[Reading, ...] = ()
        self._pose: PoseTrack | None = None
        self._waveform: Waveform | None = None
        self._work: Progress | None = None
        self._overlay = Overlay()
        self._patient: Box | None = None
        self._drawing_patient = False
        self._status = ""
        self._message = ""
        self._silent = ""
        self._visible = Span(0.0, 0.0)
        self._theme = DARK

    # state, read only

    @property
    def recording(self) -> Recording | None:
        return self._recording

    @property
    def duration(self) -> float:
        """Seconds of the open recording, 0 without one."""
        return self._recording.duration if self._recording else 0.0

    @property
    def cursor(self) -> float:
        """Seconds on the recording's clock."""
        return self._cursor

    @property
    def image(self) -> QImage | None:
        """The frame that is shown, at the size asked for with `set_picture_size`."""
        return self._image

    @property
    def frame_time(self) -> float:
        """Presentation time of `image`, in seconds."""
        return self._frame_time

    @property
    def frame_number(self) -> int:
        """Number of `image` in the recording, from 0; -1 without one."""
        return self._frame_number

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def muted(self) -> bool:
        return self._muted

    @property
    def loop(self) -> Span | None:
        return self._loop

    @property
    def feature(self) -> str:
        """Id of the selected feature; there always is one."""
        return self._feature

    @property
    def mine(self) -> Reading:
        """The person's own answers."""
        return self._mine

    @property
    def others(self) -> tuple[Reading, ...]:
        """All other readings of the recording, the first is the one the checklist shows."""
        return self._others

    @property
    def pose(self) -> PoseTrack | None:
        return self._pose

    @property
    def waveform(self) -> Waveform | None:
        return self._waveform

    @property
    def work(self) -> Progress | None:
        """What runs in the background, None when nothing does."""
        return self._work

    @property
    def overlay(self) -> Overlay:
        return self._overlay

    @property
    def patient(self) -> Box | None:
        """The box drawn round the patient, in shares of the picture."""
        return self._patient

    @property
    def drawing_patient(self) -> bool:
        """Whether the next drag on the picture draws the patient's box."""
        return self._drawing_patient

    @property
    def status(self) -> str:
        """One short line on what was last done ("saved 12:03:41")."""
        return self._status

    @property
    def message(self) -> str:
        """One sentence that the person should read, shown until it is closed; empty without one."""
        return self._message

    @property
    def silent(self) -> str:
        """Why no sound is heard; empty when it is."""
        return self._silent

    @property
    def visible(self) -> Span:
        """The part of the clock that the time panels show."""
        return self._visible

    @property
    def theme(self) -> Theme:
        return self._theme

    # the intents on the recording

    def open(self, path: Path) -> None:
        """Open a recording in the background; problems appear as `message`."""

    def cancel_work(self) -> None:
        """Stop the background work; what it has found so far stays."""

    def analyse_again(self) -> None:
        """Let the reader answer again, with the patient's box as it is now."""

    def close(self) -> None:
        """Stop everything; returns when every thread has ended."""

    # the intents on time

    def seek(self, seconds: float, *, exact: bool = True) -> None:
        """Move the cursor; `exact=False` shows the nearest keyframe at once, for dragging."""
        self._cursor = min(max(seconds, 0.0), self.duration)
        self.changed.emit(Changed.CURSOR)

    def play(self) -> None:
        pass

    def pause(self) -> None:
        pass

    def toggle_play(self) -> None:
        if self._playing:
            self.pause()
        else:
            self.play()

    def step(self, frames: int) -> None:
        """One frame forward (+1) or back (-1); pauses."""

    def set_speed(self, speed: float) -> None:
        """Set the playing speed, 0.25–4."""
        self._speed = min(max(speed, SPEEDS[0]), SPEEDS[-1])
        self.changed.emit(Changed.PLAYING)

    def set_muted(self, muted: bool) -> None:
        self._muted = muted
        self.changed.emit(Changed.PLAYING)

    def set_loop(self, span: Span | None) -> None:
        """Repeat a span while playing; None ends it."""
        self._loop = span
        self.changed.emit(Changed.LOOP)

    def show_span(self, span: Span, *, loop: bool = False) -> None:
        """Go to the start of a span; with `loop`, play it over and over."""
        self.seek(span.start)
        if loop:
            self.set_loop(span)
            self.play()

    def set_visible(self, span: Span) -> None:
        """Set the part of the clock that the time panels show."""
        self._visible = span
        self.changed.emit(Changed.VISIBLE)

    def set_picture_size(self, width: int, height: int) -> None:
        """Tell how large the picture is painted, in device pixels."""

    # the intents on answers

    def select(self, feature: str) -> None:
        """Select a feature in every view; an unknown id is a bug (KeyError)."""
        if FEATURE[feature].id != self._feature:
            self._feature = feature
            self.changed.emit(Changed.SELECTION)

    def answer(self, feature: str, presence: Presence | None) -> None:
        """Tick a feature; it is on disk when this returns and only then shows as saved."""
        answer = replace(self._mine.answer(feature), presence=presence)
        self._mine = replace(self._mine, answers={**self._mine.answers, feature: answer})
        self.changed.emit(Changed.ANSWERS)

    def undo(self) -> None:
        pass

    def redo(self) -> None:
        pass

    # the intents on the picture

    def set_overlay(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self.changed.emit(Changed.OVERLAY)

    def set_patient(self, box: Box | None) -> None:
        """Keep the box round the patient with the recording and let the reader answer again."""
        self._patient = box
        self._drawing_patient = False
        self.changed.emit(Changed.PATIENT)

    def draw_patient(self, on: bool) -> None:
        """Let the next drag on the picture draw the patient's box, or not any more."""
        self._drawing_patient = on
        self.changed.emit(Changed.PATIENT)

    # the intents on the window

    def set_theme(self, mode: Mode) -> None:
        self._theme = THEMES[mode]
        self.changed.emit(Changed.THEME)

    def show_message(self, sentence: str) -> None:
        """Show a sentence until it is closed; an empty one closes it."""
        self._message = sentence
        self.changed.emit(Changed.STATUS)


def _empty_reading(recording: RecordingIdentity | None = None) -> Reading:
    return Reading(
        recording or RecordingIdentity("", "", 0.0), ReaderIdentity(ReaderKind.PERSON, "me", "1"), {}
    )


def saved_now() -> str:
    return f"saved {datetime.now().astimezone():%H:%M:%S}"


__all__ = ["SPEEDS", "Changed", "Overlay", "Session", "UserError"]
