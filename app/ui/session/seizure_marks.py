"""The marks of a seizure: where it begins and ends and its phases, placed, moved, named and removed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.core.semiology import Span
from app.core.study.marks import Mark, MarkKind
from app.core.study.seizure_marks import mark_at, mark_name, next_mark
from app.ui.session.answers import Answers
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.playback import Playback
from app.ui.session.selection import Selection
from app.ui.session.status import StatusLine


class SeizureMarks(QObject):
    """Changes of the person's marks; one of them can be chosen, to be moved or removed."""

    mark_chosen = Signal()
    """Another mark is chosen, or none."""

    def __init__(
        self,
        *,
        playback: Playback,
        study: OpenedStudy,
        answers: Answers,
        selection: Selection,
        status: StatusLine,
        snapped: Callable[[Span], Span],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._playback = playback
        self._study = study
        self._answers = answers
        self._status = status
        self._snapped = snapped
        self._chosen: Mark | None = None
        selection.selected.connect(self._let_go)

    @property
    def all(self) -> tuple[Mark, ...]:
        """The person's marks, in their order in time."""
        return self._answers.my_reading.marks

    @property
    def chosen(self) -> Mark | None:
        """The mark that Del removes; none once another feature is selected."""
        return self._chosen if self._chosen in self.all else None

    def choose(self, mark: Mark | None) -> None:
        self._chosen = mark
        self.mark_chosen.emit()

    def _let_go(self) -> None:
        """Choose no mark once another feature is selected."""
        if self._chosen is not None:
            self.choose(None)

    def at_cursor(self, kind: str | None = None) -> Mark | None:
        """The mark under the cursor, of one kind or of any."""
        cursor, playback = self._playback.cursor, self._playback
        # The last frame is shown until the recording ends: a mark on it is where the cursor is.
        on_frame = playback.frame_time if playback.frame_number >= 0 else cursor
        return mark_at(self.all, (cursor, on_frame), kind)

    def set(self, kind: str, seconds: float | None) -> None:
        """Where the seizure begins (`onset`) or ends (`end`), of which there is one; None removes it."""
        before = next((mark for mark in self.all if mark.kind == kind), None)
        after = None if seconds is None else Mark(MarkKind(kind), self._on_frame(seconds))
        self._change(before, after)

    def add_phase(self, seconds: float, label: str) -> None:
        """A phase begins there; of phases there may be any number."""
        self._change(None, Mark(MarkKind.PHASE, self._on_frame(seconds), label))

    def name(self, mark: Mark, label: str) -> None:
        """The mark is called so from now on."""
        self._change(mark, Mark(mark.kind, mark.seconds, label))

    def move(self, mark: Mark, seconds: float) -> None:
        """The mark is at another moment, with its name."""
        self._change(mark, Mark(mark.kind, self._on_frame(seconds), mark.label))

    def remove(self, mark: Mark) -> None:
        self._change(mark, None)

    def move_here(self) -> None:
        """The chosen mark to the cursor; the last step or click has chosen it."""
        mark = self.chosen
        if mark is None:
            self._status.say("choose a mark first, with Shift+PgUp and Shift+PgDown or a click on its flag")
        else:
            self.move(mark, self._playback.cursor)

    def remove_here(self) -> None:
        """The chosen mark, else the one under the cursor."""
        mark = self.chosen or self.at_cursor()
        if mark is None:
            self._status.say("no mark is chosen, and none is under the cursor")
        else:
            self.remove(mark)

    def step(self, direction: int) -> None:
        """Go to the next mark (or the one before) and choose it."""
        found = next_mark(self.all, self._playback.cursor, direction, without=self.at_cursor())
        if found is None:
            where = "before" if direction < 0 else "after"
            self._status.say(f"no mark {where} the cursor")
            return
        self._playback.seek(found.seconds)
        self.choose(found)
        self._status.say(mark_name(found))

    def _change(self, before: Mark | None, after: Mark | None) -> None:
        from app.core.study.edits import SetMark

        study = self._study
        if before != after and study.apply(lambda: SetMark(study.opened()[1], study.me, before, after)):
            self.choose(after)

    def _on_frame(self, seconds: float) -> float:
        return self._snapped(Span(seconds, seconds)).start
