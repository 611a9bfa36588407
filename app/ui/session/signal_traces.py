"""What the signal reader measured in the open recording, computed in the background once somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.jobs import Progress, Task
from app.core.mirroring import mirrored_traces
from app.ui.session.answers import Answers
from app.ui.session.computed import Computed
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.picture import ShownPicture

if TYPE_CHECKING:
    from app.core.enhance.pose_track import PoseTrack
    from app.core.reading import Reading
    from app.core.timeline.traces import RecordingTraces


class SignalTraces(Computed):
    """Has traces only while the signal reader's answers may be seen: what is sealed is forgotten at once."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        answers: Answers,
        picture: ShownPicture,
        parent: QObject | None = None,
    ) -> None:
        super().__init__("traces", parent)
        self._opened = opened
        self._study = study
        self._answers = answers
        self._picture = picture
        self._pose: PoseTrack | None = None
        self._wanted = False
        self._of: Reading | None = None
        """The reading whose traces these are, or are being computed."""
        self._stored: RecordingTraces | None = None
        self._found: RecordingTraces | None = None
        self._runner.done.connect(self.take)
        for happened in (answers.readings_changed, answers.seal_changed, opened.recording_changed):
            happened.connect(self._follow)
        picture.mirrored_changed.connect(self._show_sides)

    @property
    def found(self) -> RecordingTraces | None:
        """The traces, with left and right as the picture shows them; None without any."""
        return None if self._reading() is None else self._found

    @property
    def readable(self) -> bool:
        """Whether there are answers of the signal reader that the person may see."""
        return self._reading() is not None

    def want(self, wanted: bool) -> None:
        """Somebody looks at the traces, or no longer; what is being computed is finished."""
        self._wanted = wanted
        self._follow()

    def take_pose(self, pose: PoseTrack | None) -> None:
        """Another pose has been found, of which everything is measured anew, or there is none now."""
        if pose is not self._pose:
            self._pose = pose
            self._forget()
            self._follow()

    def _reading(self) -> Reading | None:
        """The answers of the signal reader as they are stored; None where they are sealed."""
        if self._answers.my_reading.sealed:
            return None
        others = self._study.content.others
        return next((one for one in others if one.reader.is_rule_based), None)

    def _follow(self) -> None:
        reading = self._reading()
        if self._of is not None and not _says_the_same(reading, self._of):
            self._forget()
        if self._wanted and reading is not None and self._of is None:
            self._compute(reading)
        self.changed.emit()

    def _forget(self) -> None:
        self._runner.drop()
        self._of = self._stored = self._found = self.progress = None
        self.problem = ""

    def _compute(self, reading: Reading) -> None:
        recording, patient = self._opened.recording, self._study.patient
        # Without the pose that the analysis is still looking for it would be looked for twice.
        if recording is None or (recording.video is not None and self._pose is None):
            return
        self._of = reading
        self.progress = Progress("Measuring movement, face and voice", 0.0)

        def work(task: Task) -> RecordingTraces:
            from app.core.readers.signal.traces.behind_answers import traces_behind

            return traces_behind(reading, recording, patient, report=task.report, cancel=task.cancel)

        self._runner.start(work)

    def take(self, found: RecordingTraces) -> None:
        """Show these traces; they are shown only while the answers behind them may be seen."""
        self._stored = found
        self._show_sides()

    def _show_sides(self) -> None:

        stored = self._stored
        mirrored = stored is not None and self._picture.mirrored
        self._found = mirrored_traces(stored) if mirrored and stored is not None else stored
        self.changed.emit()


def _says_the_same(one: Reading | None, other: Reading) -> bool:
    """Whether two readings have the same answers, although one may know the file's fingerprint only now."""
    return one is other or (one is not None and one.answers == other.answers)
