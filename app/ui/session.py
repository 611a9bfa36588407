"""The open recording, the cursor and the selection: what every view reads and where every intent goes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from app.core.errors import UserError
from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import FEATURE, Presence, Span
from app.ui.answers import Step, reader_key
from app.ui.cameras import Cameras
from app.ui.denoising import Denoised
from app.ui.labels import Labels
from app.ui.model_reading import ModelReading
from app.ui.opening import Opening
from app.ui.readers import Readers
from app.ui.safekeeping import Safekeeping
from app.ui.state import Changed, Overlay
from app.ui.theme import THEMES, Mode

if TYPE_CHECKING:
    from app.core.enhance.pose_track import Box, PoseTrack
    from app.core.recording.recording import Recording
    from app.core.recording.waveform import Waveform
    from app.ui.player.player import Player

log = logging.getLogger(__name__)

SPEEDS: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""The speeds that slower and faster go through."""
STOPPED = "stopped"
"""What the status line says after Cancel, until the next request."""


class Session(Opening):
    """One open recording and everything the window shows of it.

    Views read the properties when `changed` names them and call the intents; they never hold one
    another.
    """

    def __init__(
        self, parent: QObject | None = None, *, make_player: Callable[[QObject], Player] | None = None
    ) -> None:
        super().__init__(parent)
        self._models = ModelReading(self)
        self._labels = Labels(self, self._answers, self._kept)
        self._readers = Readers(self, self._answers, self._kept)
        self.cameras = Cameras(self, self._answers, self._kept)
        """Further cameras that are shown beside the recording."""
        self.safekeeping = Safekeeping(self, self._answers)
        """Daily copies of the study, and what others change in it."""
        self._make_player = make_player or _make_player
        self._connect_analysis()
        self._connect_models()

    @property
    def models(self) -> ModelReading:
        """The chosen model and its reading of the open recording."""
        return self._models

    @property
    def labels(self) -> Labels:
        """The person's own labels in full."""
        return self._labels

    @property
    def audible(self) -> bool:
        """Whether there is any sound to be heard, the recording's own or that of a camera."""
        own = self.recording is not None and self.recording.audio is not None
        return own or self.cameras.heard is not None

    @property
    def readers(self) -> Readers:
        """Who reads, what is sealed from them, and the other recordings of the study."""
        return self._readers

    @property
    def denoised(self) -> Denoised:
        """Whether what is heard has its steady noise reduced; a further camera is heard as recorded."""
        state = super().denoised
        other = self.cameras.heard is not None and state is not Denoised.RAW
        return Denoised.UNABLE if other else state

    # the intents on the recording

    def cancel_work(self) -> None:
        """Stop the background work; what it has found so far stays."""
        if self._analysis.running:
            self._status = STOPPED
            self._analysis.cancel()

    def analyse_again(self) -> None:
        """Let the reader answer again, with the patient's box as it is now."""
        if self._recording is not None:
            self.show_message("")
            if self._status == STOPPED:
                self._status = ""
            self._analysis.analyse(self._recording, self.patient)

    def close(self) -> None:
        """Stop everything; returns when every thread has ended."""
        self.closing.emit()
        if self._player is not None:
            self._player.close()
        self._leave_model()
        self._models.close()
        self._detail.close()
        self._denoising.close()
        self._analysis.close()
        self._answers.clear()

    # the intents on time

    def seek(self, seconds: float, *, exact: bool = True) -> None:
        """Move the cursor; `exact=False` shows the nearest keyframe at once, for dragging."""
        if self._player is None:
            return
        seconds = min(max(seconds, 0.0), self.duration)
        self._player.seek(seconds, exact)
        self._moved(seconds)

    def play(self) -> None:
        if self._player is not None and not self._playing:
            self._player.play()

    def pause(self) -> None:
        if self._player is not None and self._playing:
            self._player.pause()

    def toggle_play(self) -> None:
        if self._playing:
            self.pause()
        else:
            self.play()

    def step(self, frames: int) -> None:
        """One frame forward (+1) or back (-1); pauses."""
        if self._player is not None:
            self.pause()
            self._player.step(frames)

    def set_speed(self, speed: float) -> None:
        """Set the playing speed, 0.1–8."""
        self._speed = min(max(speed, SPEEDS[0]), SPEEDS[-1])
        if self._player is not None:
            self._player.set_speed(self._speed)
        self.changed.emit(Changed.PLAYING)

    def change_speed(self, steps: int) -> None:
        """Go `steps` up or down in `SPEEDS`."""
        nearest = min(range(len(SPEEDS)), key=lambda index: abs(SPEEDS[index] - self._speed))
        self.set_speed(SPEEDS[min(max(nearest + steps, 0), len(SPEEDS) - 1)])

    def set_muted(self, muted: bool) -> None:
        self._muted = muted
        if self._player is not None:
            self._player.set_muted(muted)
        self.changed.emit(Changed.PLAYING)

    def set_loop(self, span: Span | None) -> None:
        """Repeat a span while playing; None ends it."""
        self._loop = span
        if self._player is not None:
            self._player.set_loop(span)
        self.changed.emit(Changed.LOOP)

    def show_span(self, span: Span, *, loop: bool = False) -> None:
        """Go to the start of a span; with `loop`, play it over and over."""
        if self._loop is not None and not loop:
            self.set_loop(None)
        self.seek(span.start)
        if loop and span.duration > 0:
            self.set_loop(span)
            self.play()

    def set_visible(self, span: Span) -> None:
        """Set the part of the clock that the time panels show; it is kept inside the recording."""
        length = min(span.duration, self.duration)
        start = min(max(span.start, 0.0), self.duration - length)
        self._visible = Span(start, start + length)
        self.changed.emit(Changed.VISIBLE)

    def set_picture_size(self, width: int, height: int) -> None:
        """Tell how large the picture is painted, in device pixels."""
        self._picture_size = (width, height)
        if self._player is not None:
            self._player.set_size(width, height)

    # the intents on answers

    def select(self, feature: str) -> None:
        """Select a feature in every view; an unknown id is a bug (KeyError)."""
        if FEATURE[feature].id != self._feature:
            self._feature = feature
            self._mark = None
            self.changed.emit(Changed.SELECTION)

    def select_step(self, steps: int) -> None:
        """Select the feature `steps` below (or above) in the order of the checklist."""
        order = self._labels.listed
        self.select(order[min(max(order.index(self._feature) + steps, 0), len(order) - 1)])

    def show_reader(self, reader: ReaderIdentity) -> None:
        """Show this reader beside the person's own answers, from now on."""
        self._shown_reader = reader_key(reader)
        self.changed.emit(Changed.ANSWERS)

    def answer(self, feature: str, presence: Presence | None) -> None:
        """Tick a feature; it is on disk when this returns and only then shows as saved."""
        self._kept(lambda: self._answers.set_presence(feature, presence), Changed.ANSWERS)

    def mark_start(self) -> None:
        """Let the person's evidence for the selected feature begin at the cursor."""
        if self._recording is not None:
            self._mark = self._cursor
            self._status = "evidence begins here; O ends it"
            self.changed.emit(Changed.STATUS | Changed.SELECTION)

    def mark_end(self) -> None:
        """Let it end at the cursor and keep it; an unanswered feature becomes *yes*."""
        if self._mark is None:
            self._status = "I begins the evidence first"
            self.changed.emit(Changed.STATUS)
            return
        span = Span(min(self._mark, self._cursor), max(self._mark, self._cursor))
        self._mark = None
        self._kept(lambda: self._answers.add_evidence(self._feature, span), Changed.ANSWERS)

    def undo(self) -> None:
        """Take back the last change of the answers or of the patient's box."""
        self._stepped(self._answers.undo, "nothing to undo", "undone")

    def redo(self) -> None:
        self._stepped(self._answers.redo, "nothing to redo", "redone")

    # the intents on the picture

    def set_overlay(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self.changed.emit(Changed.OVERLAY)

    def set_patient(self, box: Box | None) -> None:
        """Keep the box round the patient with the recording and let the reader answer again."""
        self._drawing_patient = False
        if box == self.patient:
            self.changed.emit(Changed.PATIENT)
        elif self._kept(lambda: self._answers.set_patient(box), Changed.PATIENT):
            self.analyse_again()

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

    # what the background work has found

    def _connect_analysis(self) -> None:
        self._analysis.opened.connect(self._on_opened)
        self._analysis.rendered.connect(self.open)
        self._analysis.waveform_built.connect(self._on_waveform)
        self._analysis.pose_found.connect(self._on_pose)
        self._analysis.answered.connect(self._on_answered)
        self._analysis.fingerprinted.connect(self._on_fingerprint)
        self._analysis.progressed.connect(self._on_progress)
        self._analysis.failed.connect(self.show_message)
        self._analysis.ended.connect(self._on_ended)

    def _on_opened(self, recording: Recording) -> None:
        cursor = self._arrived()
        self._take(recording)
        self._labels.forget_hold()
        to_say = [warning.text for warning in recording.warnings]
        try:
            self._answers.open(recording)
            if self._answers.note:
                to_say.append(self._answers.note)
        except UserError as error:
            to_say.append(str(error))
        self._message = " ".join(to_say) or self._message
        self._ready_player().open(recording)
        if cursor:
            self.seek(cursor)
        self.changed.emit(~Changed.THEME & ~Changed.OVERLAY)
        self._resume_analysis()

    def _resume_analysis(self) -> None:
        if self._recording is not None:
            kept = (*self.own.known, *(reading.reader for reading in self.others))
            self._analysis.analyse(self._recording, self.patient, kept)

    def _on_waveform(self, waveform: Waveform | None) -> None:
        self._waveform = waveform
        self.changed.emit(Changed.WAVEFORM)

    def _on_pose(self, pose: PoseTrack) -> None:
        news = self._pose is None or self._pose.found.any()
        self._pose = pose
        if news and not pose.found.any():
            from app.core.enhance.pose_track import NOBODY_FOUND

            self.show_message(" ".join(filter(None, (self._message, NOBODY_FOUND))))
        self.changed.emit(Changed.POSE)

    def _on_answered(self, reading: Reading) -> None:
        status = self._status
        if self._kept(lambda: self._answers.keep(reading), Changed.ANSWERS):
            # "saved" speaks of what the person has done.
            self._status = status
            self.changed.emit(Changed.STATUS)

    def _on_fingerprint(self, sha256: str) -> None:
        try:
            self._answers.keep_sha256(sha256)
        except UserError as error:
            self.show_message(str(error))

    def _on_progress(self, progress: Progress) -> None:
        self._work = progress
        self.changed.emit(Changed.WORK)

    def _on_ended(self) -> None:
        self._work = None
        self.changed.emit(Changed.WORK | Changed.STATUS)
        if self._opening and not self._go_back():
            # The other recording could not be opened: go on with the one that is open.
            self._resume_analysis()

    # what the model's reading tells

    def _connect_models(self) -> None:
        self._models.changed.connect(lambda: self.changed.emit(Changed.MODEL))
        self._models.arrived.connect(self._on_arrived)
        self._models.finished.connect(self._on_model_finished)
        self._models.refused.connect(self.show_message)
        self.changed.connect(self._tell_models)

    def _tell_models(self, changed: Changed) -> None:
        if changed & (Changed.ANSWERS | Changed.RECORDING):
            self._models.look_at(self.shown)
        if changed & Changed.RECORDING:
            self._models.clean_up()
        if changed & Changed.WORK:
            self._models.go_on()

    def _on_arrived(self, reading: Reading) -> None:
        if self._answers.live is None:
            self._shown_reader = reader_key(reading.reader)
        self._answers.show(reading)
        self.changed.emit(Changed.ANSWERS)

    def _on_model_finished(self, reading: Reading) -> None:
        if any(answer.presence is not None for answer in reading.answers.values()):
            self._shown_reader = reader_key(reading.reader)
            self._on_answered(reading)

    def _leave_model(self) -> None:
        """End the model's reading of the open recording; what it has said so far is kept."""
        self._models.stop()
        if self._answers.live is not None:
            self._on_model_finished(self._answers.live)

    # what the player tells

    def _ready_player(self) -> Player:
        if self._player is None:
            player = self._make_player(self)
            player.frame_shown.connect(self._on_frame)
            player.position_changed.connect(self._moved)
            player.playing_changed.connect(self._on_playing)
            player.silent.connect(self._on_silent)
            player.failed.connect(self.show_message)
            if self._picture_size != (0, 0):
                player.set_size(*self._picture_size)
            player.set_speed(self._speed)
            player.set_muted(self._muted)
            self.tune(player)
            self.cameras.join(player)
            self._player = player
        return self._player

    def _on_frame(self, image: QImage, seconds: float, number: int) -> None:
        if self._recording is None:
            return  # of one that has been put aside
        self._image, self._frame_time, self._frame_number = image, seconds, number
        self.changed.emit(Changed.FRAME)

    def _moved(self, seconds: float) -> None:
        if seconds == self._cursor or self._recording is None:
            return
        self._cursor = seconds
        self.changed.emit(Changed.CURSOR)

    def _on_playing(self, playing: bool) -> None:
        self._playing = playing
        self.changed.emit(Changed.PLAYING)

    def _on_silent(self, reason: str) -> None:
        self._silent = reason
        self.changed.emit(Changed.STATUS)

    # keeping

    def _kept(self, change: Callable[[], None], what: Changed) -> bool:
        """Make a change of the study; True when it is on disk, else the reason shows as a message."""
        try:
            change()
        except UserError as error:
            self._status = "not saved"
            self.show_message(str(error))
            self.changed.emit(what)
            return False
        self._status = f"saved {datetime.now().astimezone():%H:%M:%S}"
        self.changed.emit(what | Changed.STATUS)
        return True

    def _stepped(self, go: Callable[[], Step | None], nothing: str, done: str) -> None:
        patient = self.patient
        try:
            step = go()
        except UserError as error:
            self.show_message(str(error))
            return
        self._status = nothing if step is None else done
        of_a_feature = step is not None and step.feature is not None
        beside = Changed.ANSWERS if of_a_feature else Changed.ANSWERS | Changed.PATIENT
        self.changed.emit(beside | Changed.STATUS)
        if step is not None and step.feature is not None:
            self.select(step.feature)
        if self.patient != patient:
            self.analyse_again()


def _make_player(parent: QObject) -> Player:
    # Sound and decoding are loaded with the first recording, not with the window.
    from app.ui.player.player import Player

    return Player(parent)


__all__ = ["SPEEDS", "Changed", "Overlay", "Session"]
