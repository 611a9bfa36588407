"""From asking a model to its answers, in a background thread and next to the analysis of the recording.

Which model is asked is said before (`chosen_model.py`).

1. `prepare` makes the plan and its clips; nothing is sent.
2. `start` writes down first that the person allowed this destination for this study, where they have just
   done so; nothing is sent before.
3. It runs the plan. What comes is shown as it grows (`_on_reading`), and kept when it gets no further
   (`_on_finished`), also when the run was stopped or another recording is opened (`leave`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.jobs import Progress, Task
from app.core.readers.models.reading_stage import ReadingStage, Status
from app.core.reading import Reading
from app.ui.session.answers import Answers
from app.ui.session.background import Background
from app.ui.session.chosen_model import ChosenModel
from app.ui.session.model_leftovers import ModelLeftovers
from app.ui.session.model_saw import ModelSaw
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.overnight import OvernightJobs
from app.ui.session.readers import why_nothing
from app.ui.session.reading_part import ReadingPart
from app.ui.session.recording_analysis import RecordingAnalysis
from app.ui.session.sending_permissions import REVOKED, SendingPermissions
from app.ui.session.status import StatusLine
from app.ui.session.study_scores import StudyScores

if TYPE_CHECKING:
    from app.core.privacy.destination import Destination
    from app.core.readers.models.blind_control import BlindControl
    from app.core.readers.models.model_run import ModelRun
    from app.core.readers.models.provider import TokensUsed
    from app.core.readers.models.reading_state import Cell, Planned, Prepared
    from app.core.recording.recording import Recording

_FIXED = "The study cannot be changed, so no model is asked: its answers could not be kept."
COUNTED = "How often the model says yes to nothing stands with each of its answers."
TOGETHER = 60
"""Milliseconds in which reports of a run are gathered, so that the window is not painted for each request."""
GROWN_TOGETHER = 90
"""The same of answers, which come several at a time; longer, so that not both are shown in one turn."""


class ModelReading(QObject):
    """The reading of the open recording by the chosen model. Lives in the GUI thread."""

    run_changed = Signal()
    """Stage, progress, plan or what has become of the requests."""
    progress_wanted = Signal()
    """Somebody wants to see what the model was asked, segment by segment."""
    again_wanted = Signal()
    """Somebody wants to ask for what has no answer yet."""
    refused_wanted = Signal()
    """Somebody wants to ask again where an answer was refused."""
    clip_wanted = Signal(str)
    """Somebody wants to see what the model saw, beginning with the clip of this name."""
    moment_wanted = Signal(str, float)
    """Somebody wants to see what the model saw: the clip of this name, from a moment (s) of the recording."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        answers: Answers,
        part: ReadingPart,
        analysis: RecordingAnalysis,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._study = study
        self._answers = answers
        self.part = part
        self._analysis = analysis
        self._status = status
        self.chosen = ChosenModel(self)
        self.chosen.not_stored.connect(status.show_message)
        self.sending = SendingPermissions(
            opened=opened, study=study, chosen=self.chosen, status=status, parent=self
        )
        self.sending.revoked.connect(self.stop_sending_to)
        self.overnight = OvernightJobs(
            opened=opened,
            study=study,
            chosen=self.chosen,
            sending=self.sending,
            status=status,
            parent=self,
        )
        self.stage = ReadingStage.IDLE
        self.progress: Progress | None = None
        self.planned: Planned | None = None
        self.cost_unaccepted = False
        """Whether the plan takes so many requests that its cost is to be accepted first."""
        self.prepared: Prepared | None = None
        self.cells: tuple[Cell, ...] = ()
        self.used: TokensUsed | None = None
        """What the server counted in the last run."""
        self.remark = ""
        """What else there is to be said of the last run."""
        self.problem = ""
        """Why the last preparation or run ended early; "" when it did not."""
        self._refused_too = self._long_too = self._blind = False
        self._control: BlindControl | None = None
        self._of_control: Reading | None = None
        """What has been answered to the control so far, which is shown nowhere."""
        self._run: ModelRun | None = None
        self._of: Recording | None = None
        self._grown: Reading | None = None
        """What has been answered so far and is not shown yet."""
        self._work = Background("reading by the model", self, one_at_a_time=True)
        self._leftovers = ModelLeftovers(opened, study, self.chosen, self)
        self.saw = ModelSaw(opened, study, answers, lambda: self.stage.asking, self)
        """What the shown reader was shown and said, segment by segment, where it is a model."""
        self.study_scores = StudyScores(opened, study, answers, self)
        """How well the models of the study answer its own recordings."""
        self.chosen.replaced.connect(self._on_replaced)
        self._listen_to_work()
        self._soon = QTimer(self, singleShot=True, interval=TOGETHER)
        self._soon.timeout.connect(self.run_changed)
        self._grown_soon = QTimer(self, singleShot=True, interval=GROWN_TOGETHER)
        self._grown_soon.timeout.connect(self._show_grown)
        analysis.work_changed.connect(self._go_on)

    def _listen_to_work(self) -> None:
        self._work.progressed.connect(self._on_progress)
        self._work.posted.connect(self._on_posted)
        self._work.done.connect(self._on_done)
        self._work.failed.connect(self._on_failed)
        self._work.ended.connect(self._on_ended)

    # 1. and 2. before anything is sent

    @property
    def refusal(self) -> str:
        """The reason why no model can be asked now; "" when one can."""
        if self._opened.recording is None:
            return "Open a recording first."
        if self.chosen.local_only:
            return "No model is set up: nothing leaves this computer."
        fixed = self._study.folder is None or self._study.read_only
        return why_nothing(self._study, _FIXED if fixed else "")

    def prepare(self, *, refused_too: bool = False, long_too: bool = False, blind: bool = False) -> None:
        """Make the plan and its clips in the background; nothing is sent.

        With `refused_too` the plan asks again also where an answer was refused. Of a reading that takes many
        requests only the plan is made, unless its cost was accepted (`long_too`). `blind` plans the control:
        black frames and silence instead of the recording.
        """
        if self.stage.asking or self.stage is ReadingStage.PREPARING:
            return
        if self.refusal:
            self.problem = self.refusal
            self.run_changed.emit()
            return
        self.forget_plan()
        self._refused_too, self._long_too, self._blind = refused_too, long_too, blind
        self._set(ReadingStage.WAITING)
        self._go_on()

    def _go_on(self) -> None:
        """Start the work that waited for the analysis, once it has ended."""
        recording, access = self._opened.recording, self._study.access()
        if self.stage is not ReadingStage.WAITING or self._analysis.work is not None:
            return
        if recording is None or access is None:
            self.problem = self.refusal
            self._set(ReadingStage.IDLE)
            return
        from app.core.readers.models.model_work import AskedOf, prepared_reading

        choice, patient, key_for = self.part.of(self.chosen.choice), self._study.patient, self.chosen.keys.key
        asked = AskedOf(
            self.part.marked, self.part.orientation, self._refused_too, self._long_too, self._blind
        )

        def work(task: Task) -> Prepared | Planned:
            return prepared_reading(choice, recording, access, patient, task, key_for=key_for, asked=asked)

        self._set(ReadingStage.PREPARING)
        self._work.start(work)

    def _on_replaced(self) -> None:
        """What is under way goes on as it was allowed."""
        if not self.stage.asking:
            self.forget_plan()

    def forget_plan(self) -> None:
        """Stop preparing and forget the plan; what was made stays on disk."""
        if self.stage.asking:
            return
        if self.stage is ReadingStage.PREPARING:
            self._work.cancel()
        self.planned = self.prepared = None
        self.cost_unaccepted = False
        self.problem, self.progress = "", None
        self._set(ReadingStage.IDLE)

    # 3. the run

    def start(self, *, allowed: bool = False) -> None:
        """Ask the model what has no answer yet. Without a permission the run itself refuses; `allowed` is
        that the person has just attested and allowed this destination for this study, which is kept first."""
        prepared, recording, access = self.prepared, self._opened.recording, self._study.access()
        if prepared is None or recording is None or access is None or self.stage is not ReadingStage.READY:
            return
        if self.sending.is_revoked(prepared.plan.study_folder, prepared.plan.destination):
            self._on_failed(REVOKED)
            return
        plan, again, keys, control = prepared.plan, prepared.again, self.chosen.keys, prepared.control
        shown = recording if control is None else control.shown

        def work(task: Task) -> Reading:
            from app.core.readers.models.model_work import allowed_plan, read_by_model

            if allowed:
                task.post(allowed_plan(plan, again, task.cancel))
            return read_by_model(plan, shown, access, keys.key, task, again=again)

        self._of, self._control, self._of_control = recording, control, None
        self._grown = None  # what a former run has reported last is of that one
        self.remark = ""
        self.problem, self.progress = "", None
        self._set(ReadingStage.RUNNING)
        self._work.start(work)

    def pause_or_resume(self) -> None:
        """Begin no further request, or go on after a pause."""
        if self.stage is ReadingStage.PAUSED:
            self.resume()
        else:
            self.pause()

    def pause(self) -> None:
        """Begin no further request; those under way are waited for."""
        if self._run is not None and self.stage is ReadingStage.RUNNING:
            self._run.pause()
            self._set(ReadingStage.PAUSED)

    def resume(self) -> None:
        if self._run is not None and self.stage is ReadingStage.PAUSED:
            self._run.resume()
            self._set(ReadingStage.RUNNING)

    def stop(self) -> None:
        """Stop preparing or asking; what was answered is kept, the rest can be asked later."""
        if self.stage.asking:
            self._set(ReadingStage.STOPPING)
            self._work.cancel()
        else:
            self.forget_plan()

    def stop_sending_to(self, destination: Destination) -> None:
        """A permission was taken back: what runs under it ends, and a plan asks for it anew."""
        if self.planned is not None and self.planned.plan.destination == destination:
            if self.stage.asking:
                self.stop()
            self.planned = self.sending.as_allowed(self.planned)
            self.run_changed.emit()

    def close(self) -> None:
        """Say nothing further of a run; what was revoked is removed."""
        self._soon.stop()
        self._grown_soon.stop()
        self.sending.close()

    @property
    def ran_blind(self) -> bool:
        """Whether the requests of the last run showed nothing of the recording."""
        return self._control is not None

    @property
    def failures(self) -> tuple[Cell, ...]:
        """The requests that brought no answer, or not a whole one."""
        return tuple(cell for cell in self.cells if cell.status in {Status.FAILED, Status.PARTLY})

    def _on_progress(self, progress: Progress) -> None:
        self.progress = progress
        if not self._soon.isActive():
            self._soon.start()

    def _show_grown(self) -> None:
        grown, self._grown = self._grown, None
        if grown is not None:
            self._on_reading(grown)

    def _on_posted(self, what: object) -> None:
        from app.core.readers.models.model_work import Begun, Partial, Running
        from app.core.readers.models.provider import TokensUsed
        from app.core.readers.models.reading_state import Planned

        if isinstance(what, Planned):
            self.planned = self.sending.as_allowed(what)
            if self.stage.asking:  # the person has just allowed it
                self.sending.look()
        elif isinstance(what, tuple):
            self.cells = what
        elif isinstance(what, TokensUsed):
            self.used = what
        elif isinstance(what, str):
            self.remark = what
        elif isinstance(what, Reading):
            self._grown = what
            if not self._grown_soon.isActive():
                self._grown_soon.start()
        elif isinstance(what, Partial):
            self._on_finished(what.reading)
        elif isinstance(what, Begun):
            self.cells = tuple(
                replace(cell, status=Status.ASKING) if cell.key == what.key else cell for cell in self.cells
            )
        elif isinstance(what, Running):
            self._run = what.run
        if not self._soon.isActive():
            self._soon.start()

    def _on_reading(self, reading: Reading) -> None:
        """Show a growing reading; what is said of nothing is not shown as an answer."""
        if not self._is_of_opened():
            return
        if self._control is not None:
            self._of_control = self._control.signed(reading)
        else:
            if self._study.of_recording.live is None:
                self._answers.show_reader(reading.reader)
            self._study.show_reading(reading)

    def _on_finished(self, reading: Reading) -> None:
        """Store a reading that has ended: complete, stopped or failed."""
        self._of_control = self._grown = None
        if self._is_of_opened():
            self._keep(reading if self._control is None else self._control.signed(reading))

    def _keep(self, reading: Reading) -> None:
        if not any(answer.presence is not None for answer in reading.answers.values()):
            return
        if reading.reader.is_control:
            self._study.keep_reading(reading)
            self.study_scores.count()
            self._status.show_message(COUNTED)
        else:
            self._answers.show_reader(reading.reader)
            self._study.keep_reading(reading)

    def _is_of_opened(self) -> bool:
        """What comes late must not be taken for answers to the recording that is open by then."""
        return self._of is self._opened.recording

    def leave(self) -> None:
        """End the model's reading of the open recording; what it has answered so far is kept."""
        self.stop()
        self._show_grown()
        control, self._of_control = self._of_control, None
        for reading in (self._study.of_recording.live, control if self._is_of_opened() else None):
            if reading is not None:
                self._keep(reading)

    def _on_done(self, result: object) -> None:
        from app.core.readers.models.reading_state import Planned, Prepared

        if isinstance(result, Prepared):
            self.prepared = result
            self._set(ReadingStage.READY)
        elif isinstance(result, Planned):
            self.planned, self.cost_unaccepted = self.sending.as_allowed(result), True
        elif isinstance(result, Reading):
            self._on_finished(result)

    def _on_failed(self, sentence: str) -> None:
        self.problem = sentence
        self._status.show_message(sentence)
        self.run_changed.emit()

    def _on_ended(self) -> None:
        self._run = None
        self.progress = None
        if self.stage is ReadingStage.PREPARING or self.stage.asking:
            self.prepared = None
            self._set(ReadingStage.IDLE)
        self.saw.find()
        self.run_changed.emit()

    def _set(self, stage: ReadingStage) -> None:
        self.stage = stage
        self.sending.show_run(self.prepared.plan.destination if stage.asking and self.prepared else None)
        self.run_changed.emit()
