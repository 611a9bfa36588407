"""A session without threads: the real surface, state that a test sets, and a list of the intents called."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from stand_in_labels import StandInLabels, StandInReaders

from app.core.enhance.pose_track import FACE_POINTS, PoseTrack
from app.core.picture_box import Box
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Presence, Span
from app.ui.session.denoising import Denoised
from app.ui.session.look import PLAIN, Aim, Look
from app.ui.session.my_reading import NOTHING
from app.ui.session.session import Changed, Overlay
from app.ui.theme import DARK, THEMES, Mode, Theme

DURATION = 60.0
RATE = 30.0


class StandInSession(QObject):
    """What the views need of a session; `calls` holds (intent, arguments) in order."""

    changed = Signal(object)
    lock_wanted = Signal()
    closing = Signal()
    leaving = Signal()
    phase_wanted = Signal()
    field_wanted = Signal(str)

    @property
    def audible(self) -> bool:
        return self.recording is not None and self.recording.audio is not None

    def __init__(self, duration: float = DURATION) -> None:
        super().__init__()
        self.calls: list[tuple[Any, ...]] = []
        self.duration = duration
        self.recording: Any = a_recording(duration) if duration else None
        self.glimpse: Any = None
        self.offer: Any = None
        self.cursor = 0.0
        self.image: QImage | None = None
        self.frame_time = 0.0
        self.frame_number = -1
        self.playing = False
        self.speed = 1.0
        self.muted = False
        self.loop: Span | None = None
        self.feature = "clonic"
        self.mine = a_reading(ReaderKind.PERSON, "me")
        self.others: tuple[Reading, ...] = ()
        self.pose: PoseTrack | None = None
        self.waveform: Any = None
        self.work: Any = None
        self.overlay = Overlay()
        self.patient: Box | None = None
        self.drawing_patient = False
        self.status = self.message = self.silent = ""
        self.visible = Span(0.0, duration)
        self.theme: Theme = DARK
        self.look = PLAIN
        self.loop_from: float | None = None
        self.spectrogram_shown = False
        self.spectrogram: Any = None
        self._detail: Any = None
        self.volume, self.level = 1.0, 0.0
        self.denoised, self.denoising_share = Denoised.RAW, 0.0
        self.models = StandInModels()
        self.labels: Any = StandInLabels(self)
        self.own: Any = NOTHING
        self.read_only = False
        self.readers: Any = StandInReaders(self)

    @property
    def shown(self) -> Reading | None:
        """The first of the others."""
        return self.others[0] if self.others else None

    def show_reader(self, reader: ReaderIdentity) -> None:
        self.calls.append(("show_reader", reader.name))

    def tell(self, what: Changed, **state: Any) -> None:
        """Set state and say that it changed."""
        for name, value in state.items():
            setattr(self, name, value)
        self.changed.emit(what)

    def said(self, intent: str) -> list[tuple[Any, ...]]:
        """The arguments of every call of one intent."""
        return [call[1:] for call in self.calls if call[0] == intent]

    def seek(self, seconds: float, *, exact: bool = True) -> None:
        self.calls.append(("seek", seconds, exact))
        self.tell(Changed.CURSOR, cursor=min(max(seconds, 0.0), self.duration))

    def play(self) -> None:
        self.calls.append(("play",))
        self.tell(Changed.PLAYING, playing=True)

    def pause(self) -> None:
        self.calls.append(("pause",))
        self.tell(Changed.PLAYING, playing=False)

    def toggle_play(self) -> None:
        if self.playing:
            self.pause()
        else:
            self.play()

    def step(self, frames: int) -> None:
        self.calls.append(("step", frames))

    def set_speed(self, speed: float) -> None:
        self.calls.append(("set_speed", speed))
        self.tell(Changed.PLAYING, speed=speed)

    def set_muted(self, muted: bool) -> None:
        self.calls.append(("set_muted", muted))
        self.tell(Changed.PLAYING, muted=muted)

    def set_loop(self, span: Span | None) -> None:
        self.calls.append(("set_loop", span))
        self.tell(Changed.LOOP, loop=span)

    def show_span(self, span: Span, *, loop: bool = False) -> None:
        self.calls.append(("show_span", span, loop))

    def set_visible(self, span: Span) -> None:
        self.calls.append(("set_visible", span))
        self.tell(Changed.VISIBLE, visible=span)

    def set_picture_size(self, width: int, height: int) -> None:
        self.calls.append(("set_picture_size", width, height))

    def select(self, feature: str) -> None:
        self.calls.append(("select", feature))
        self.tell(Changed.SELECTION, feature=feature)

    def sound_detail(self, visible: Span) -> Any:
        return self._detail if visible.duration > 0 else None

    def set_volume(self, volume: float) -> None:
        self.calls.append(("set_volume", volume))
        self.tell(Changed.PLAYING, volume=volume)

    @property
    def mirrored(self) -> bool:
        return self.look.orientation.mirrored

    def set_look(self, look: Look) -> None:
        self.calls.append(("set_look", look))
        self.tell(Changed.LOOK, look=look)

    def aim(self, aim: Aim) -> None:
        self.set_look(replace(self.look, aim=aim))

    def set_overlay(self, overlay: Overlay) -> None:
        self.calls.append(("set_overlay", overlay))
        self.tell(Changed.OVERLAY, overlay=overlay)

    def set_patient(self, box: Box | None) -> None:
        self.calls.append(("set_patient", box))
        self.tell(Changed.PATIENT, patient=box, drawing_patient=False)

    def draw_patient(self, on: bool) -> None:
        self.calls.append(("draw_patient", on))
        self.tell(Changed.PATIENT, drawing_patient=on)

    def set_theme(self, mode: Mode) -> None:
        self.tell(Changed.THEME, theme=THEMES[mode])


class StandInModels:
    """No model is set up."""

    where = "Local only"
    seen = None

    def segments_of(self, _feature: str) -> tuple[Any, ...]:
        return ()


def a_recording(duration: float, *, sound: bool = True, width: int = 640, height: int = 360) -> Any:
    """What the views read of a recording."""
    return SimpleNamespace(
        name="recording.mp4",
        duration=duration,
        jumps=(),
        gaps=(),
        started_at=None,
        tracks=(),
        video=SimpleNamespace(
            width=width, height=height, rate=RATE, times=np.arange(round(duration * RATE)) / RATE
        ),
        audio=SimpleNamespace(rate=48000, channels=1, start=0.0, duration=duration) if sound else None,
    )


class StandInWaveform:
    """A decaying tone, loud between 20 and 40 s."""

    def envelope(self, start: float, end: float, columns: int) -> tuple[Any, Any]:
        times = np.linspace(start, end, columns, dtype=np.float32)
        loud = np.where((times > 20) & (times < 40), 0.6, 0.08) * (0.7 + 0.3 * np.sin(times * 9))
        return (-loud).astype(np.float32), loud.astype(np.float32)


def a_reading(kind: ReaderKind, name: str, answers: tuple[Answer, ...] = ()) -> Reading:
    return Reading(
        RecordingIdentity("recording.mp4", "0" * 64, DURATION),
        ReaderIdentity(kind, name, "1"),
        {answer.feature: answer for answer in answers},
    )


def yes(feature: str, *spans: tuple[float, float], confidence: int | None = None, why: str = "") -> Answer:
    evidence = tuple(Span(start, end) for start, end in spans)
    return Answer(feature, Presence.YES, confidence, evidence, None, why)


def a_pose_track(seconds: float = DURATION, *, width: int = 640, height: int = 360) -> PoseTrack:
    """A person in the middle of the picture whose left wrist moves at 3 Hz; found in every frame."""
    times = np.arange(round(seconds * RATE)) / RATE
    n = len(times)
    joints = np.full((n, 33, 3), np.nan, np.float32)
    joints[:, :, 2] = 0.9
    for joint, (x, y) in _STANDING.items():
        joints[:, joint, 0] = x * width
        joints[:, joint, 1] = y * height
    joints[:, 15, 1] += (0.08 * height * np.sin(2 * np.pi * 3 * times)).astype(np.float32)
    angle = np.linspace(0, 2 * np.pi, len(FACE_POINTS), endpoint=False)
    face = np.zeros((n, len(FACE_POINTS), 3), np.float32)
    face[:, :, 0] = width * (0.5 + 0.04 * np.cos(angle))
    face[:, :, 1] = height * (0.2 + 0.09 * np.sin(angle))
    return PoseTrack(
        times=times,
        width=width,
        height=height,
        joints=joints,
        world=np.zeros((n, 33, 3), np.float32),
        face=face,
        people=np.ones(n, np.int16),
        brightness=np.full(n, 100, np.float32),
    )


def without(track: PoseTrack, rows: slice) -> PoseTrack:
    """The same track with nobody found in some frames."""
    joints, face = track.joints.copy(), track.face.copy()
    joints[rows] = np.nan
    face[rows] = np.nan
    return replace(track, joints=joints, face=face)


_STANDING = {
    **{0: (0.5, 0.2), 11: (0.57, 0.34), 12: (0.43, 0.34), 13: (0.64, 0.48), 14: (0.36, 0.48)},
    **{15: (0.68, 0.6), 16: (0.33, 0.62), 23: (0.55, 0.62), 24: (0.45, 0.62), 25: (0.57, 0.78)},
    **{26: (0.43, 0.78), 27: (0.58, 0.94), 28: (0.42, 0.94), 31: (0.6, 0.97), 32: (0.4, 0.97)},
}
