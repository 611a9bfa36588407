"""The background analysis of the open recording: its progress, the pose, what is measured, and the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Progress
from app.ui.session.analysis import Analysis
from app.ui.session.analysis_queue import AnalysisQueue
from app.ui.session.answers import Answers
from app.ui.session.filmstrip import Filmstrip
from app.ui.session.movement import RecordingMovement
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.picture import ShownPicture
from app.ui.session.signal_traces import SignalTraces
from app.ui.session.sound_detail import SoundDetail
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.enhance.pose_track import PoseTrack

STOPPED = "stopped"
"""What the status line says after Cancel, until the next request."""
AGAIN, DONE_AGAIN = "analysing again", "analysed again"
"""What it says of an analysis that somebody has asked for once more, from its beginning and at its end."""
WHO_READS = "Say first who reads this recording; it is analysed then."


class RecordingAnalysis(QObject):
    """Starts the analysis and passes its results to study, sound and views."""

    work_changed = Signal()
    """Something else runs in the background, or is further on; or nothing runs now."""
    pose_found = Signal()
    ended = Signal()

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        answers: Answers,
        picture: ShownPicture,
        detail: SoundDetail,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._study = study
        self._status = status
        self._work: Progress | None = None
        self._of_analysis: Progress | None = None
        self._again = False
        self._pose: PoseTrack | None = None
        self.traces = SignalTraces(opened=opened, study=study, answers=answers, picture=picture, parent=self)
        """What the signal reader measured."""
        self.movement = RecordingMovement(opened, self)
        self.filmstrip = Filmstrip(opened, self)
        self.runner = Analysis(self)
        """Runs in the background what is asked for, one request at a time."""
        self.runner.waveform_built.connect(detail.take_waveform)
        self.runner.pose_found.connect(self._on_pose)
        self.runner.answered.connect(study.keep_reading)
        self.runner.fingerprinted.connect(study.keep_sha256)
        self.runner.progressed.connect(self._on_progress)
        self.runner.opening_progressed.connect(self.show_work)
        self.runner.failed.connect(self._on_failed)
        self.runner.ended.connect(self._on_ended)
        self.runner.opening_ended.connect(self._on_opening_ended)
        study.reader_known.connect(self.go_on)
        self.queue = AnalysisQueue(status, self)
        """Works off what else is to be analysed."""
        self._of_this = False
        """Whether what runs is the analysis of the open recording; not while another file is being opened."""
        self.hands_on = False
        """Whether an analysis that another recording interrupts goes on in the queue."""

    @property
    def work(self) -> Progress | None:
        """The running background work; None without any."""
        return self._work

    @property
    def pose(self) -> PoseTrack | None:
        """The pose of the patient; None until it has been found."""
        return self._pose

    def reset(self) -> None:
        """Forget what was found of the former recording."""
        self._of_this = False
        self._pose = None
        self.traces.take_pose(None)
        self.movement.take_pose(None)

    def close(self) -> None:
        """Begin nothing further."""
        self.filmstrip.close()
        self.queue.close()

    def interrupt(self) -> None:
        """Another recording is shown from now on, or none: end what runs for this one, and go on in the queue
        with it."""
        folder, number = self._study.folder, self._study.recording_number
        unfinished, self._of_this = self._of_this and self.runner.analysing, False
        self._again, self._of_analysis = False, None
        self.runner.drop_analysis()
        if self.hands_on and unfinished and folder is not None and number and not self._study.read_only:
            self.queue.order(folder, frozenset({number}))

    def show_work(self, work: Progress) -> None:
        """Show the running work and its progress."""
        self._work = work
        self.queue.wait_for_screen(True)
        self.work_changed.emit()

    def go_on(self, further: str = "") -> None:
        """Start the analysis for the missing results of the open recording, and then let the local reader of
        the name `further` answer, if any; not before it is known who reads."""
        recording, content = self._opened.recording, self._study.content
        if recording is not None and not self._study.candidates:
            self._of_this = True
            kept = (*content.my_reading.known, *(reading.reader for reading in content.others))
            self.runner.analyse(recording, content.patient, kept, further)

    def start_again(self) -> None:
        """Let the signal reader answer again, with the present patient box; as `go_on`. It is said that it
        has begun, and when it is over: with what is kept of the recording that is soon."""
        if self._opened.recording is None:
            return
        if self._study.candidates:
            self._status.show_message(WHO_READS)
            return
        self._of_this = True
        self._status.show_message("")
        self.runner.analyse(self._opened.recording, self._study.patient)
        self._again = True
        self._status.say(AGAIN)
        self._on_progress(Progress("Analysing again", 0.0))

    def cancel(self) -> None:
        """Stop the background work; what it has found so far stays."""
        if self.runner.running:
            self._again = self._again and self.runner.opening
            self._status.say(STOPPED)
            self.runner.cancel()

    def leave(self) -> None:
        """Stop the background work for a recording that is closed; nothing more comes of it."""
        self.runner.drop()
        self._again = False
        self._on_ended()

    def _on_pose(self, pose: PoseTrack) -> None:
        news = self._pose is None or self._pose.found.any()
        self._pose = pose
        if news:
            from app.core.readers.who_was_found import found_message

            self._status.add_message(found_message(pose))
        self.traces.take_pose(pose)
        self.movement.take_pose(pose)
        self.pose_found.emit()

    def _on_progress(self, progress: Progress) -> None:
        """Show how far the analysis is, once no other file is being opened."""
        self._of_analysis = progress
        if not self.runner.opening:
            self.show_work(progress)

    def _on_failed(self, sentence: str) -> None:
        self._again = self._again and self.runner.opening
        self._status.show_message(sentence)

    def _on_ended(self) -> None:
        again, self._again = self._again, False
        if again and self._status.line == AGAIN:  # what was said meanwhile, as "saved", stays
            self._status.say(DONE_AGAIN)
        self._of_this, self._of_analysis = False, None
        self._at_rest()

    def _on_opening_ended(self) -> None:
        """What runs for the open recording goes on being shown."""
        if self.runner.analysing and self._of_analysis is not None:
            self.show_work(self._of_analysis)
        elif not self.runner.analysing:
            self._at_rest()

    def _at_rest(self) -> None:
        if not self.runner.opening:
            self._work = None
            self.queue.wait_for_screen(False)
            self.work_changed.emit()
        self.ended.emit()
