"""A model's reading of the open recording: prepared, allowed, run and kept, beside the window's thread.

Nothing is sent before `allow` was called for this study and destination. The analysis of the recording goes
on beside it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from app.core.jobs import Progress
from app.core.plain_text import plain
from app.core.readers.models.model_choice import ModelChoice, load_choice, save_choice
from app.core.reading import ReaderKind, Reading
from app.core.settings import author_of, load_settings
from app.ui.session.background import Background, Task
from app.ui.session.model_keys import Keys
from app.ui.session.model_state import (
    Cell,
    Planned,
    Prepared,
    Preview,
    SegmentLine,
    Stage,
    Status,
    segment_lines,
)
from app.ui.session.model_work import (
    Begun,
    Partial,
    Running,
    cleaned_up,
    destination_of,
    planned,
    prepared_reading,
    read_by_model,
)

if TYPE_CHECKING:
    from app.core.privacy.destination import Destination
    from app.core.readers.models.model_run import ModelRun
    from app.core.readers.models.reading_files import ReadingFiles
    from app.core.recording.recording import Recording
    from app.ui.session.state import State

LOCAL = "Local only"
INCOMPLETE = "Nothing is sent: the model is not set up completely"
TOGETHER = 60
"""Milliseconds in which what a run tells is gathered, so that the window is not painted for each request."""

log = logging.getLogger(__name__)


class ModelReading(QObject):
    """The chosen model and its reading of the open recording. Lives in the GUI thread."""

    changed = Signal()
    """Stage, progress, plan, cells, choice or what is known of the shown reading."""
    arrived = Signal(object)
    """A Reading as far as it has come."""
    finished = Signal(object)
    """A Reading that gets no further by itself: complete, stopped or failed."""
    refused = Signal(str)
    """Why preparing or asking ended, in one sentence."""
    progress_wanted = Signal()
    """Somebody wants to see what the model was asked, segment by segment."""
    again_wanted = Signal()
    """Somebody wants to ask for what has no answer yet."""
    refused_wanted = Signal()
    """Somebody wants to ask again where an answer was refused."""
    look_wanted = Signal(str)
    """Somebody wants to see what the model saw, beginning with the clip of this name."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._state = state
        self.choice = load_choice()
        self.stage = Stage.IDLE
        self.progress: Progress | None = None
        self.planned: Planned | None = None
        self.prepared: Prepared | None = None
        self.cells: tuple[Cell, ...] = ()
        self.problem = ""
        """Why the last preparation or run ended early; "" when it did not."""
        self.keys = Keys()
        self._destination: Destination | None = None
        self._incomplete = False
        self._refused_too = False
        self._run: ModelRun | None = None
        self._of: Recording | None = None
        self._looked: tuple[Reading, ReadingFiles | None] | None = None
        self._place = Background("settings of the model", self)
        self._work = Background("reading by the model", self)
        self._look = Background("look at what the model saw", self)
        self._cleaning = Background("cleaning up after models", self)
        self._cleaned: Path | None = None
        self.trial = Background("test of the connection", self)
        self.vault = Background("key vault", self)
        self._place.done.connect(self._on_place)
        self._place.failed.connect(self._on_no_place)
        self._work.progressed.connect(self._on_progress)
        self._work.posted.connect(self._on_posted)
        self._work.done.connect(self._on_done)
        self._work.failed.connect(self._on_failed)
        self._work.ended.connect(self._on_ended)
        self._look.done.connect(self._on_looked)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(TOGETHER)
        self._soon.timeout.connect(self.changed)
        self._find_destination()

    # what is chosen

    @property
    def where(self) -> str:
        """Where data may go, in words."""
        if self.choice.local_only:
            return LOCAL
        if self._incomplete:
            return INCOMPLETE
        return (
            f"May send to {plain(self._destination.shown, 60)}"
            if self._destination
            else "May send to a model"
        )

    @property
    def destination(self) -> Destination | None:
        """Where the chosen model answers from; None while local only or not known yet."""
        return self._destination

    def choose(self, choice: ModelChoice) -> None:
        """Remember how a model is asked from now on. Raises UserError when it cannot be kept."""
        save_choice(choice)
        if choice != self.choice and not self.stage.asking:
            self.forget_plan()
        self.choice = choice
        self._find_destination()
        self.changed.emit()

    def _find_destination(self) -> None:
        self._destination, self._incomplete = None, False
        if self.choice.local_only:
            return
        choice = self.choice
        self._place.start(lambda _task: destination_of(choice))

    def _on_place(self, found: Destination) -> None:
        self._destination = found
        self.changed.emit()

    def _on_no_place(self, sentence: str) -> None:
        log.info("the chosen model cannot be asked: %s", sentence)
        self._incomplete = True
        self.changed.emit()

    # before anything is sent

    @property
    def refusal(self) -> str:
        """Why no model can be asked now; "" when one can."""
        if self._state.recording is None:
            return "Open a recording first."
        if self.choice.local_only:
            return "No model is set up: nothing leaves this computer."
        if self._state.study_folder is None or self._state.read_only:
            return "The study cannot be changed, so no model is asked: its answers could not be kept."
        return ""

    def prepare(self, *, refused_too: bool = False) -> None:
        """Make the plan and its clips in the background; nothing is sent.

        With `refused_too` the plan asks again also where an answer was refused.
        """
        if self.stage.asking or self.stage is Stage.PREPARING:
            return
        if self.refusal:
            self.problem = self.refusal
            self.changed.emit()
            return
        self.forget_plan()
        self._refused_too = refused_too
        self._set(Stage.WAITING)
        self.go_on()

    def go_on(self) -> None:
        """Begin what had to wait for the analysis, if it is over."""
        recording, folder = self._state.recording, self._state.study_folder
        if self.stage is not Stage.WAITING or self._state.work is not None:
            return
        if recording is None or folder is None:
            self._set(Stage.IDLE)
            return
        choice, patient, refused_too = self.choice, self._state.patient, self._refused_too
        key_for = self.keys.key

        def work(task: Task) -> Prepared:
            return prepared_reading(
                choice, recording, folder, patient, task, key_for=key_for, refused_too=refused_too
            )

        self._set(Stage.PREPARING)
        self._work.start(work)

    def forget_plan(self) -> None:
        """Stop preparing and forget the plan; what was made stays on disk."""
        if self.stage.asking:
            return
        if self.stage is Stage.PREPARING:
            self._work.cancel()
        self.planned = self.prepared = None
        self.problem, self.progress = "", None
        self._set(Stage.IDLE)

    def allow(self) -> None:
        """Write down that the person attested and allowed this destination for this study."""
        from app.core.privacy.gate import allow

        if self.planned is not None:
            plan = self.planned.plan
            allow(plan.study_folder, plan.destination, author_of(load_settings()))
            self.planned = planned(plan, self.planned.again)
            self.changed.emit()

    # the run

    def start(self) -> None:
        """Ask the model what has no answer yet. Without a permission the run itself refuses."""
        prepared, recording = self.prepared, self._state.recording
        if prepared is None or recording is None or self.stage is not Stage.READY:
            return
        plan, again, keys = prepared.plan, prepared.again, self.keys

        def work(task: Task) -> Reading:
            return read_by_model(plan, recording, keys.key, task, again=again)

        self._of = recording
        self.problem, self.progress = "", None
        self._set(Stage.RUNNING)
        self._work.start(work)

    def pause(self) -> None:
        """Begin no further request; those under way are waited for."""
        if self._run is not None and self.stage is Stage.RUNNING:
            self._run.pause()
            self._set(Stage.PAUSED)

    def resume(self) -> None:
        if self._run is not None and self.stage is Stage.PAUSED:
            self._run.resume()
            self._set(Stage.RUNNING)

    def stop(self) -> None:
        """Stop preparing or asking; what was answered is kept, the rest can be asked later."""
        if self.stage.asking:
            self._set(Stage.STOPPING)
            self._work.cancel()
        else:
            self.forget_plan()

    def stop_sending_to(self, destination: Destination) -> None:
        """A permission was taken back: what runs under it ends, and a plan asks for it anew."""
        if self.planned is not None and self.planned.plan.destination == destination:
            if self.stage.asking:
                self.stop()
            self.planned = planned(self.planned.plan, self.planned.again)
            self.changed.emit()

    def close(self) -> None:
        """Stop everything; returns when every thread has ended."""
        self._soon.stop()
        for background in (self._work, self._look, self._cleaning, self._place, self.trial, self.vault):
            background.close()

    @property
    def failures(self) -> tuple[Cell, ...]:
        """The requests that brought no answer, or not a whole one."""
        return tuple(cell for cell in self.cells if cell.status in {Status.FAILED, Status.PARTLY})

    def _on_progress(self, progress: Progress) -> None:
        self.progress = progress
        self._tell_soon()

    def _tell_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _on_posted(self, what: object) -> None:
        if isinstance(what, Planned):
            self.planned = what
        elif isinstance(what, tuple):
            self.cells = what
        elif isinstance(what, Reading):
            self._tell(self.arrived, what)
        elif isinstance(what, Partial):
            self._tell(self.finished, what.reading)
        elif isinstance(what, Begun):
            self.cells = tuple(
                replace(cell, status=Status.ASKING) if cell.key == what.key else cell for cell in self.cells
            )
        elif isinstance(what, Running):
            self._run = what.run
        self._tell_soon()

    def _tell(self, signal: SignalInstance, reading: Reading) -> None:
        # What comes late must not be taken for answers to the recording that is open by then.
        if self._of is self._state.recording:
            signal.emit(reading)

    def _on_done(self, result: object) -> None:
        if isinstance(result, Prepared):
            self.prepared = result
            self.planned = planned(result.plan, result.again)
            self._set(Stage.READY)
        elif isinstance(result, Reading):
            self._tell(self.finished, result)

    def _on_failed(self, sentence: str) -> None:
        self.problem = sentence
        self.refused.emit(sentence)
        self.changed.emit()

    def _on_ended(self) -> None:
        self._run = None
        self.progress = None
        if self.stage is Stage.PREPARING or self.stage.asking:
            self.prepared = None
            self._set(Stage.IDLE)
        self.look_at(self._state.shown)
        self.changed.emit()

    def _set(self, stage: Stage) -> None:
        self.stage = stage
        self.changed.emit()

    def clean_up(self) -> None:
        """Remove what killed programs left of this study's readings, once in a run of the program."""
        folder = self._state.study_folder
        if folder is None or self._state.read_only or folder == self._cleaned:
            return
        self._cleaned = folder
        choice, key_for = self.choice, self.keys.key
        self._cleaning.start(lambda task: cleaned_up(choice, folder, key_for, task))

    # what the shown reader saw

    def look_at(self, reading: Reading | None) -> None:
        """Find the clips and segments of the reading that is shown, if it is a model's."""
        folder = self._state.study_folder
        # A growing reading is looked at when it has ended: a thread for each answer would be felt.
        growing = self.stage.asking
        if reading is None or reading.reader.kind is not ReaderKind.MODEL or folder is None or growing:
            self._looked = None
            return
        if self._looked is not None and self._looked[0] == reading:
            return

        def work(_task: Task) -> object:
            from app.core.readers.models.reading_files import reading_files_of

            return reading, reading_files_of(reading, folder)

        self._look.start(work)

    def _on_looked(self, found: tuple[Reading, ReadingFiles | None]) -> None:
        self._looked = found
        self.changed.emit()

    def segments_of(self, feature: str) -> tuple[SegmentLine, ...]:
        """What each segment said of a feature to the shown reading; empty while that is not known."""
        kept = self._looked[1] if self._looked is not None else None
        return segment_lines(kept.of(feature), kept.clips) if kept is not None else ()

    @property
    def seen(self) -> Preview | None:
        """What the shown reader was shown, None when it is not a model or its clips are gone."""
        if self._looked is None or self._looked[1] is None or not self._looked[1].clips:
            return None
        kept = self._looked[1]
        return Preview(kept.clips_folder, kept.clips, {}, kept.as_video, kept=True)
