"""The background analysis of the open recording: its progress, and the pose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Progress
from app.ui.session.analysis import Analysis
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.sound_detail import SoundDetail
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.enhance.pose_track import PoseTrack

STOPPED = "stopped"
"""What the status line says after Cancel, until the next request."""


class RecordingAnalysis(QObject):
    """Starts the analysis and passes its results to study, sound and views."""

    work_changed = Signal()
    """Something else runs in the background, or is further on; or nothing runs now."""
    pose_found = Signal()
    ended = Signal()

    def __init__(
        self,
        opened: OpenedRecording,
        study: OpenedStudy,
        detail: SoundDetail,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._study = study
        self._status = status
        self._work: Progress | None = None
        self._pose: PoseTrack | None = None
        self.runner = Analysis(self)
        """Runs in the background what is asked for, one request at a time."""
        self.runner.waveform_built.connect(detail.take_waveform)
        self.runner.pose_found.connect(self._on_pose)
        self.runner.answered.connect(study.keep_reading)
        self.runner.fingerprinted.connect(study.keep_sha256)
        self.runner.progressed.connect(self.show_work)
        self.runner.failed.connect(status.show_message)
        self.runner.ended.connect(self._on_ended)

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
        self._pose = None

    def close(self) -> None:
        """Returns when every thread has ended."""
        self.runner.close()

    def show_work(self, work: Progress) -> None:
        """Show the running work and its progress."""
        self._work = work
        self.work_changed.emit()

    def go_on(self) -> None:
        """Start the analysis for the missing results of the open recording."""
        recording, content = self._opened.recording, self._study.content
        if recording is not None:
            kept = (*content.my_reading.known, *(reading.reader for reading in content.others))
            self.runner.analyse(recording, content.patient, kept)

    def start_again(self) -> None:
        """Let the signal reader answer again, with the present patient box."""
        if self._opened.recording is not None:
            self._status.show_message("")
            if self._status.line == STOPPED:
                self._status.say("")
            self.runner.analyse(self._opened.recording, self._study.patient)

    def cancel(self) -> None:
        """Stop the background work; what it has found so far stays."""
        if self.runner.running:
            self._status.say(STOPPED)
            self.runner.cancel()

    def _on_pose(self, pose: PoseTrack) -> None:
        news = self._pose is None or self._pose.found.any()
        self._pose = pose
        if news:
            from app.core.enhance.left_out import left_out_message
            from app.core.enhance.pose_track import NOBODY_FOUND

            self._status.add_message("" if pose.found.any() else NOBODY_FOUND)
            self._status.add_message(left_out_message(pose))
        self.pose_found.emit()

    def _on_ended(self) -> None:
        self._work = None
        self.work_changed.emit()
        self.ended.emit()
