"""Rating a study's explanations one after the other: where the person is in the queue, and their steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.agreement.rating_items import RatingItem, RatingWork
from app.core.jobs import Task
from app.ui.session.answers import Answers
from app.ui.session.background import Background
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.ratings import Ratings
from app.ui.session.status import StatusLine
from app.ui.session.worklist import Worklist

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess


class RatingRound(QObject):
    """The queue is read in a background thread; each rating is on disk when `rate` returns."""

    changed = Signal()
    """The queue, its results, the explanation that is rated now, or its score."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        answers: Answers,
        ratings: Ratings,
        worklist: Worklist,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._study = study
        self._answers = answers
        self._ratings = ratings
        self._worklist = worklist
        self._status = status
        self.work = RatingWork()
        self._place = -1
        self._trail: list[int] = []
        self._wanted = ("", "")
        self._of: tuple[Path, str, bool] | None = None
        self._everybody = False
        self._again = False
        self._beginning = False
        self._figures_stale = False
        self._reading = Background("queue of explanations", self, one_at_a_time=True)
        self._reading.done.connect(self._loaded)
        self._reading.failed.connect(status.show_message)
        self._reading.ended.connect(self._on_ended)
        answers.ratings_changed.connect(self._follow)
        answers.seal_changed.connect(self._follow)
        study.recordings_changed.connect(self._follow)
        opened.recording_changed.connect(self._follow)
        study.saved.connect(self._on_saved)

    # what is shown

    @property
    def current(self) -> RatingItem | None:
        """The explanation that is rated now; None while no round is under way."""
        return self.work.items[self._place] if 0 <= self._place < len(self.work.items) else None

    @property
    def running(self) -> bool:
        return self.current is not None

    @property
    def reading(self) -> bool:
        """Whether the queue is being read."""
        return self._reading.running

    @property
    def beginning(self) -> bool:
        """Whether the round was begun and its queue is still being read."""
        return self._beginning

    @property
    def has_keys(self) -> bool:
        """Whether keys rate: from the moment at which a round is begun, so that no key of it ever answers."""
        return self.running or self.beginning

    @property
    def rated(self) -> int:
        """The number of explanations in the queue that the person has rated."""
        return sum(item.score is not None for item in self.work.items)

    @property
    def ready(self) -> bool:
        """Whether the recording of the current explanation is open, so that it can be judged."""
        current = self.current
        return current is not None and self._study.recording_number == current.number

    @property
    def can_go_back(self) -> bool:
        return bool(self._trail)

    @property
    def everybody(self) -> bool:
        """Whether the results are of all persons' ratings."""
        return self._everybody

    # intents

    def read(self, reader: str | None = None, reference: str | None = None) -> None:
        """Read the queue and its results anew, of another reader or against another reference."""
        self._wanted = (
            self._wanted[0] if reader is None else reader,
            self._wanted[1] if reference is None else reference,
        )
        if (reader, reference) != (None, None):
            self.end()
        access = self._study.access()
        if access is not None:
            self._of = access.whose
            wanted, everybody = self._wanted, self._everybody
            self._reading.start(lambda task: load_queue(access, wanted, everybody, task))

    def show_everybody(self, on: bool) -> None:
        self._everybody = on
        self.read()

    def begin(self) -> None:
        """Go to the first explanation that is not rated, through all again when there is none."""
        self._beginning = self._study.access() is not None
        self.read()
        self.changed.emit()

    def rate(self, score: int) -> None:
        """Keep the score (1–5) and go on to the next that is not rated."""
        current = self.current
        if current is None:
            if self.beginning:
                self._status.say("the explanations are still being read")
            return
        if not self.ready:
            self._status.say("the recording is not open yet")
        elif self._ratings.rate_explanation(current.reader, current.feature, score):
            self._step()

    def skip(self) -> None:
        """Go to the next explanation; the skipped one comes again at the end."""
        if self.current is not None:
            self._step()

    def back(self) -> None:
        """To the explanation that was shown before."""
        if self._trail:
            self._place = self._trail.pop()
            self._show()

    def end(self) -> None:
        """Leave the queue; what is rated is kept, and `begin` goes on there."""
        if self.has_keys:
            self._beginning = False
            self._place = -1
            self._trail.clear()
            self.changed.emit()

    # inside

    def _on_ended(self) -> None:
        """A round whose queue could not be read has not begun."""
        if not self._reading.running:
            self._beginning = False
            self.changed.emit()

    def _loaded(self, work: RatingWork) -> None:
        if self._is_others():
            return
        before = self.current
        self.work = work
        self._take_scores()  # which may not have been on the disk yet
        if before is not None:
            same = (place for place, item in enumerate(work.items) if _about(item) == _about(before))
            self._place = next(same, -1)
        if self._beginning:
            self._beginning = False
            self._trail.clear()
            left = self._left()
            self._again = not left
            self._place = left[0] if left else 0 if work.items else -1
            self._show()
        self.changed.emit()

    def _left(self) -> list[int]:
        return [place for place, item in enumerate(self.work.items) if item.score is None]

    def _step(self) -> None:
        here = self._place
        if self._again:
            following = here + 1 if here + 1 < len(self.work.items) else -1
        else:
            left = [place for place in self._left() if place != here]
            following = next((place for place in left if place > here), left[0] if left else -1)
            if following < 0 and self.work.items[here].score is None:
                self._status.say("this is the only one that is left")
                return
        if following < 0:
            self.end()
            self.read()
            return
        self._trail.append(here)
        self._place = following
        self._show()

    def _show(self) -> None:
        current = self.current
        if current is not None:
            at = current.evidence[0] if current.evidence else None
            self._worklist.go_to(current.number, current.feature, reader=current.reader, at=at)
        self.changed.emit()

    def _follow(self) -> None:
        if self._of is None:
            return
        if self._is_others():
            self._forget()
        elif self.work.items:
            self._take_scores()
            self.changed.emit()

    def _is_others(self) -> bool:
        """Whether the queue is of another study or person."""
        access = self._study.access()
        return access is None or access.whose != self._of

    def _forget(self) -> None:
        self._of, self.work = None, RatingWork()
        self._beginning = False
        self._place = -1
        self._trail.clear()
        self.changed.emit()
        self.read()

    def _take_scores(self) -> None:
        """The scores of the open recording as the study has them: given here, elsewhere, or undone."""
        number = self._study.recording_number
        kept = [one for one in self._answers.my_reading.ratings if one.current]

        def taken(item: RatingItem) -> RatingItem:
            if item.number != number:
                return item
            scores = (
                one.rating.score
                for one in kept
                if one.explained.feature == item.feature and one.explained.reader.is_same_version(item.reader)
            )
            return replace(item, score=next(scores, None))

        items = tuple(taken(item) for item in self.work.items)
        if items != self.work.items:
            self.work = replace(self.work, items=items)
            self._figures_stale = True

    def _on_saved(self) -> None:
        """Count a rating in the results as soon as it is on the disk."""
        if self._figures_stale:
            self._figures_stale = False
            self.read()


def _about(item: RatingItem) -> tuple[int, str, str, str]:
    return item.number, item.feature, item.reader.name, item.reader.version


def load_queue(access: StudyAccess, wanted: tuple[str, str], everybody: bool, task: Task) -> RatingWork:
    """The queue of the explanations that the person may see."""
    from app.core.agreement.rate_explanations import load_ratings

    with access.open() as study:
        return load_ratings(study, access.viewer, access.me, wanted, everybody=everybody, cancel=task.cancel)
