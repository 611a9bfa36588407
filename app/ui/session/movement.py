"""How much moves in the open recording, computed in the background once somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.jobs import Progress, Task
from app.ui.session.background import Background
from app.ui.session.computed import Computed
from app.ui.session.opened_recording import OpenedRecording

if TYPE_CHECKING:
    from app.core.enhance.pose_track import PoseTrack
    from app.core.recording.movement import PictureMovement
    from app.core.recording.recording import Recording
    from app.core.timeline.traces import TraceCurve


class RecordingMovement(Computed):
    """The movement of the picture (mean change of luma) and of the patient's limbs (shoulder widths/s)."""

    def __init__(self, opened: OpenedRecording, parent: QObject | None = None) -> None:
        super().__init__("search for movement", parent)
        self._opened = opened
        self._pose: PoseTrack | None = None
        self._wanted = False
        self._of: Recording | None = None
        self._picture: TraceCurve | None = None
        self._limbs: TraceCurve | None = None
        self._runner.done.connect(self._on_done)
        self._limb_runner = Background("search for movement of the limbs", self)
        self._limb_runner.done.connect(self._on_limbs)
        self._limb_runner.failed.connect(self._on_failed)
        self._limb_runner.ended.connect(self.changed)
        opened.recording_changed.connect(self._on_recording)

    @property
    def picture(self) -> TraceCurve | None:
        """The movement in the picture; None until it has been found."""
        return self._picture

    @property
    def limbs(self) -> TraceCurve | None:
        """The movement of the patient's limbs; None until the pose has been found."""
        return self._limbs

    def want(self, wanted: bool) -> None:
        """Somebody looks at the movement, or no longer; what is being computed is finished."""
        self._wanted = wanted
        if wanted:
            self._measure_limbs()
            self._compute()

    def cancel(self) -> None:
        """Compute no further; `compute_again` begins anew."""
        if self._runner.running:
            self.problem = "The search for movement was cancelled."
            self._runner.cancel()

    def compute_again(self) -> None:
        """Compute what was cancelled or failed."""
        self._of = None
        self._measure_limbs()
        self._compute()

    def _on_recording(self) -> None:
        if self._opened.recording is self._of and self._of is not None:
            return
        # The process of the recording that was closed is ended.
        self._runner.drop()
        self._of = self._picture = self.progress = None
        self.problem = ""
        if self._wanted:
            self._compute()
        self.changed.emit()

    def _compute(self) -> None:
        recording = self._opened.recording
        if recording is None or recording.video is None or recording is self._of:
            return
        self._of, self.problem = recording, ""
        self.progress = Progress("Finding movement", 0.0)

        def work(task: Task) -> PictureMovement:
            from app.core.recording.movement import picture_movement

            return picture_movement(recording, report=task.report, cancel=task.cancel)

        self._runner.start(work)
        self.changed.emit()

    def take_pose(self, pose: PoseTrack | None) -> None:
        """The pose has been found, or that of the former recording is forgotten."""
        self._limb_runner.drop()
        self._pose, self._limbs = pose, None
        if self._wanted:
            self._measure_limbs()

    def _measure_limbs(self) -> None:
        import numpy as np

        track = self._pose
        if track is None or self._limbs is not None or self._limb_runner.running:
            return

        def work(_task: Task) -> TraceCurve:
            from app.core.enhance.limb_movement import limb_movement
            from app.core.timeline.traces import TraceCurve

            times = np.asarray(track.times, np.float64)
            return TraceCurve("limbs", None, times, limb_movement(track))

        self._limb_runner.start(work)

    def _on_limbs(self, found: TraceCurve) -> None:
        self._limbs = found

    def _on_done(self, found: PictureMovement) -> None:
        from app.core.timeline.traces import TraceCurve

        self._picture = TraceCurve("picture", None, found.times, found.energy)
