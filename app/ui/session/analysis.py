"""The background work for the open recording: open it, find the pose, let the reader answer.

One thread per opening. Everything it finds carries the opening's number, and what comes late from an
earlier opening is dropped, so a slow recording can never write over the recording that is open now.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.readers.local_readers import local_reader
from app.core.study.named_places import remember_opened
from app.ui.session.background import Background
from app.ui.session.preview_frame import preview_frame

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.reading import ReaderIdentity
    from app.core.recording.recording import Recording

_REPORTS_PER_SECOND = 10.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the work: its name and its share of the whole."""

    what: str
    share: float


_NEEDED_BY_THE_WINDOW = (
    "app.ui.player.player",
    "app.core.study.edits_made",
    "app.core.study.expected_content",
    "app.core.study.leaving_study",
)

OPENING = Stage("Opening the recording", 1.0)


class CombinedProgress:
    """Turns the reports of the stages into one: what runs, the share of all, the seconds that remain."""

    def __init__(self, stages: tuple[Stage, ...], report: Report) -> None:
        self._stages = stages
        self._report = report
        self._total = sum(stage.share for stage in stages)

    def of(self, stage: Stage) -> Report:
        """The report that one stage is given; it reports the start of the stage at once."""
        before = sum(other.share for other in self._stages[: self._stages.index(stage)]) / self._total
        share = stage.share / self._total
        begun = time.monotonic()
        reported, next_report = "", 0.0

        def remaining(own: float | None) -> float | None:
            """What the stage says of itself, and as much for the later ones as their share is of this one."""
            if own is None:
                return None
            return own + (time.monotonic() - begun + own) * max(0.0, 1.0 - before - share) / share

        def report(progress: Progress) -> None:
            nonlocal reported, next_report
            what, now = progress.what or stage.what, time.monotonic()
            if what == reported and now < next_report and progress.done < 1.0:
                return  # each report is painted
            reported, next_report = what, now + 1.0 / _REPORTS_PER_SECOND
            done = before + share * min(max(progress.done, 0.0), 1.0)
            self._report(Progress(what, done, remaining(progress.remaining)))

        report(Progress(stage.what, 0.0))
        return report


OpenStudy = Callable[["Recording", CancelToken], object]
"""Opens the study of a recording; waits for its disk."""

Post = Callable[[str, object], None]
"""Hands something found to the GUI thread: its kind (a name of a signal of `Analysis`) and itself."""


class Analysis(QObject):
    """Opens recordings and analyses the open one, each in a separate thread: a file that cannot be opened
    leaves the analysis of the open recording alone. A new request of either stops the one before it.

    All signals are emitted in the thread this object lives in, and only for the latest request.
    """

    rendered = Signal(object)
    """The path of the demonstration recording."""
    previewed = Signal(object)
    """A PreviewFrame of the recording, before it is open."""
    study_opened = Signal(object)
    """What came of opening the study of the recording that is opened next; that may take a second or two."""
    opened = Signal(object)
    """The Recording."""
    waveform_built = Signal(object)
    pose_found = Signal(object)
    answered = Signal(object)
    fingerprinted = Signal(str)
    progressed = Signal(object)
    opening_progressed = Signal(object)
    failed = Signal(str)
    ended = Signal()
    """The analysis is over."""
    opening_ended = Signal()
    """The opening, or the rendering of the demonstration, is over."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opening = Background("opening", self)
        self._opening.posted.connect(self._on_posted)
        self._opening.failed.connect(self.failed)
        self._opening.ended.connect(self.opening_ended)
        self._background = Background("analysis", self)
        self._background.posted.connect(self._on_posted)
        self._background.failed.connect(self.failed)
        self._background.ended.connect(self.ended)

    @property
    def running(self) -> bool:
        return self._opening.running or self._background.running

    @property
    def opening(self) -> bool:
        return self._opening.running

    @property
    def analysing(self) -> bool:
        return self._background.running

    def open(
        self, path: Path, box: tuple[int, int], open_study: OpenStudy, picture: int | None = None
    ) -> None:
        """Open a recording and its study, with a preview frame of at most `box` pixels.

        `picture` is the track that is shown, None that of the camera. `analyse` asks for what follows.
        """
        wanted = _Wanted(path, box, open_study, picture)
        _start(self._opening, "opening", lambda post, cancel: _open(wanted, post, cancel))

    def analyse(
        self,
        recording: Recording,
        patient: Box | None,
        kept: tuple[ReaderIdentity, ...] = (),
        further: str = "",
    ) -> None:
        """Build waveform and pose and let the reader answer, unless its answers are `kept` already; then the
        local reader of the name `further`, if any."""
        _start(
            self._background,
            "analysis",
            lambda post, cancel: _analyse(Job(recording, patient, kept, further, post, cancel)),
        )

    def render_demonstration(self) -> None:
        """Render the demonstration recording, unless it is there already; `rendered` carries its path."""
        _start(self._opening, "demonstration", _render_demonstration)

    def cancel(self) -> None:
        """Stop the opening that runs, else the analysis, at its next step; the signal of its end follows."""
        (self._opening if self.opening else self._background).cancel()

    def drop(self) -> None:
        """Stop what runs at its next step; nothing of it is delivered afterwards, not even its end."""
        self._opening.drop()
        self._background.drop()

    def drop_analysis(self) -> None:
        """The same for the analysis alone."""
        self._background.drop()

    def _on_posted(self, posted: tuple[str, object]) -> None:
        kind, found = posted
        getattr(self, kind).emit(found)


def _start(background: Background, name: str, work: Callable[[Post, CancelToken], None]) -> None:
    background.start(lambda task: work(lambda kind, found: task.post((kind, found)), task.cancel), name)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be opened, with the arguments of `Analysis.open`."""

    path: Path
    box: tuple[int, int]
    open_study: OpenStudy
    picture: int | None


def _open(wanted: _Wanted, post: Post, cancel: CancelToken) -> None:
    from app.core.recording.probe import open_recording

    path, picture = wanted.path, wanted.picture
    preview = preview_frame(path, wanted.box) if picture is None else None  # it is of the camera's track
    cancel.check()
    if preview is not None:
        post("previewed", preview)
    # What the window needs as soon as the recording is open is loaded here, not in its thread.
    for module in _NEEDED_BY_THE_WINDOW:
        import_module(module)
    progress = CombinedProgress((OPENING,), lambda report: post("opening_progressed", report))
    recording = open_recording(path, picture=picture, report=progress.of(OPENING), cancel=cancel)
    remember_opened(path)
    post("study_opened", wanted.open_study(recording, cancel))
    post("opened", recording)


@dataclass(frozen=True, slots=True)
class Job:
    """What every stage is given."""

    recording: Recording
    patient: Box | None
    kept: tuple[ReaderIdentity, ...]
    further: str
    post: Post
    cancel: CancelToken


Work = Callable[[Job, Report], None]


def _analyse(job: Job) -> None:
    stages = _WORK | ({_FURTHER: _further_reading} if job.further else {})
    progress = CombinedProgress(tuple(stages), lambda report: job.post("progressed", report))
    failed: set[Work] = set()
    for stage, work in stages.items():
        job.cancel.check()
        if _NEEDS.get(work) in failed:
            continue
        try:
            work(job, progress.of(stage))
        except UserError as error:
            # One part that cannot be done must not take the others with it.
            failed.add(work)
            job.post("failed", str(error))


def _waveform(job: Job, report: Report) -> None:
    from app.core.recording.waveform import build_waveform

    job.post("waveform_built", build_waveform(job.recording, report=report, cancel=job.cancel))


def _pose(job: Job, report: Report) -> None:
    from app.core.enhance.pose import pose_track

    if job.recording.video is not None:
        track = pose_track(job.recording, patient=job.patient, report=report, cancel=job.cancel)
        job.post("pose_found", track)


def _reading(job: Job, report: Report) -> None:
    from app.core.readers.signal.reader import SignalReader, of_picture

    reader = SignalReader(patient=job.patient)
    if of_picture(reader.identity, job.recording) not in job.kept:
        job.post("answered", reader.read(job.recording, report=report, cancel=job.cancel))


def _further_reading(job: Job, report: Report) -> None:

    reader = local_reader(job.further)(job.patient)
    job.post("answered", reader.read(job.recording, report=report, cancel=job.cancel))


def _fingerprint(job: Job, report: Report) -> None:
    from app.core.recording.identity import content_sha256

    job.post("fingerprinted", content_sha256(job.recording.path, report=report, cancel=job.cancel))


_WORK: dict[Stage, Work] = {
    Stage("Drawing the sound", 0.02): _waveform,
    Stage("Finding pose and face", 0.92): _pose,
    Stage("Answering the 20 features", 0.05): _reading,
    Stage("Computing the fingerprint", 0.01): _fingerprint,
}
"""The stages in their order; pose takes most of the time on every machine that was tried."""

_FURTHER = Stage("Answering by the trained reader", 0.05)

_NEEDS: dict[Work, Work] = {_reading: _pose, _further_reading: _pose}
"""What is not even tried when something else has failed: the reader would only look for the pose again."""


def _render_demonstration(post: Post, cancel: CancelToken) -> None:
    from app.core.phantom.demonstration_file import demonstration_recording

    stage = Stage("Rendering the demonstration", 1.0)
    progress = CombinedProgress((stage,), lambda report: post("opening_progressed", report))
    post("rendered", demonstration_recording(report=progress.of(stage), cancel=cancel))
