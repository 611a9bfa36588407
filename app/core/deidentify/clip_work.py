"""How much work a de-identified clip is, so that its first pictures already say how long it takes.

The unit is a picture that is hidden: in processor time of an 854 × 480 clip one is 0.10 s, a picture in
which text is looked for 0.31 s, one that is checked for faces 0.41 s, the pose in a frame 0.02 s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.core.deidentify.clip_choice import FaceHiding
from app.core.jobs import Progress, Report, TimeEstimate
from app.core.recording.recording import Recording
from app.core.semiology import Span

POSE_OF_A_FRAME = 0.25
_TEXT_OF_A_PICTURE = 3.0
_TEXT_PICTURES = 36
_CHECK_OF_A_PICTURE = 4.0
_CHECKS_A_SECOND, _LEAST_CHECKS = 3.0, 24


@dataclass(frozen=True, slots=True)
class ClipWork:
    """The three parts of the work on a clip, in pictures that are hidden."""

    text: float
    hide: float
    check: float

    @property
    def total(self) -> float:
        return self.text + self.hide + self.check


def work_of_clip(recording: Recording, span: Span, faces: FaceHiding) -> ClipWork:
    """The work on the clip of this stretch; text is looked for in the whole recording and in the stretch."""
    video = recording.video
    number = 1.0 if video is None else max(video.n * span.duration / max(recording.duration, 1e-3), 1.0)
    whole = span == Span(0.0, recording.duration)
    searched = 0.0 if faces is FaceHiding.FIGURE else _TEXT_PICTURES * (1 if whole else 2)
    checks = checked_pictures(span.duration, round(number))
    return ClipWork(searched * _TEXT_OF_A_PICTURE, number, checks * _CHECK_OF_A_PICTURE)


def checked_pictures(seconds: float, frames: int) -> int:
    """How many pictures of a clip of this length are searched for faces that still show."""
    return min(max(round(seconds * _CHECKS_A_SECOND), _LEAST_CHECKS), frames)


class ClipProgress:
    """Says how far the work on one clip is; what remains only once something is done whose time was not spent
    on getting ready."""

    def __init__(
        self, work: ClipWork, report: Report, estimate: Callable[[float], TimeEstimate] = TimeEstimate
    ) -> None:
        """`estimate` makes one that begins at a share."""
        self._work, self._report, self._make = work, report, estimate
        self._estimate: TimeEstimate | None = None

    def text(self, what: str, share: float) -> None:
        self._step(what, self._work.text * share)

    def hide(self, what: str, share: float) -> None:
        self._step(what, self._work.text + self._work.hide * share)

    def check(self, what: str, share: float) -> None:
        self._step(what, self._work.text + self._work.hide + self._work.check * share)

    def _step(self, what: str, work: float) -> None:
        done = min(work / self._work.total, 1.0)
        if self._estimate is None:
            self._estimate = self._make(done)
        self._report(Progress(what, done, self._estimate.remaining(done)))
