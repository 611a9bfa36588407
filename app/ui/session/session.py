"""The open recording, the cursor and the selection: what every view reads and where every intent goes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.errors import UserError
from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import FEATURE, Presence, Span
from app.ui.session.answers import Step
from app.ui.session.background import close_all
from app.ui.session.cameras import Cameras
from app.ui.session.denoising import Denoised
from app.ui.session.labels import Labels
from app.ui.session.model_reading import ModelReading
from app.ui.session.opening import Opening
from app.ui.session.playing import SPEEDS
from app.ui.session.readers import Readers
from app.ui.session.safekeeping import Safekeeping
from app.ui.session.state import Changed, Overlay
from app.ui.theme import THEMES, Mode

if TYPE_CHECKING:
    from app.core.enhance.pose_track import PoseTrack
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.recording.waveform import Waveform
    from app.ui.player.player import Player

log = logging.getLogger(__name__)

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
        super().__init__(parent, make_player=make_player)
        self._models = ModelReading(self)
        self._labels = Labels(self, self._answers, self._kept)
        self._readers = Readers(self, self._answers, self._kept)
        self.cameras = Cameras(self, self._answers, self._kept)
        """Further cameras that are shown beside the recording."""
        self.safekeeping = Safekeeping(self, self._answers)
        """Copies of the study, whether it is whole, and what others change in it."""
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
        close_all(self)
        self.closing.emit()
        if self._player is not None:
            self._player.close()
        self._leave_model()
        self._models.close()
        self._detail.close()
        self._denoising.close()
        self._analysis.close()
        self.safekeeping.copy_before_closing()
        self._answers.clear()

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
        self._shown_reader = reader.key
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
        self._analysis.study_found.connect(self._answers.found)
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
            to_say += filter(None, (self._answers.note, self._answers.new_faults()))
        except UserError as error:
            to_say.append(str(error))
            self._offer = self.safekeeping.way_back(error)
        self._message = " ".join(to_say) or self._message
        player = self._ready_player()
        self.cameras.join(player)
        player.open(recording)
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
            self._shown_reader = reading.reader.key
        self._answers.show(reading)
        self.changed.emit(Changed.ANSWERS)

    def _on_model_finished(self, reading: Reading) -> None:
        if any(answer.presence is not None for answer in reading.answers.values()):
            self._shown_reader = reading.reader.key
            self._on_answered(reading)

    def _leave_model(self) -> None:
        """End the model's reading of the open recording; what it has said so far is kept."""
        self._models.stop()
        if self._answers.live is not None:
            self._on_model_finished(self._answers.live)

    # keeping

    def _kept(self, change: Callable[[], None], what: Changed) -> bool:
        """Make a change of the study; True when it is on disk, else the reason shows as a message."""
        try:
            change()
        except UserError as error:
            self._status = "not saved"
            self.safekeeping.tell(error)
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
        self._status = nothing if step is None else f"{done}: {step.phrase}" if step.phrase else done
        of_a_feature = step is not None and step.feature is not None
        beside = Changed.ANSWERS if of_a_feature else Changed.ANSWERS | Changed.PATIENT
        self.changed.emit(beside | Changed.STATUS)
        if step is not None and step.feature is not None:
            self.select(step.feature)
        if self.patient != patient:
            self.analyse_again()


__all__ = ["SPEEDS", "Changed", "Overlay", "Session"]
