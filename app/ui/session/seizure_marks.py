"""The marks of a seizure: where it begins and ends and its phases, placed, moved, named and removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.core.semiology import Span
from app.ui.session.answers import Answers
from app.ui.session.state import Changed

if TYPE_CHECKING:
    # Not at run time: the store is loaded with the first recording, not with the window.
    from app.core.study.marks import Mark  # noqa: TC004 - re-exported for annotations only
    from app.ui.session.session import Session

__all__ = ["PHASES", "Mark", "SeizureMarks", "words_of"]

PHASES = ("aura", "tonic", "clonic", "tonic–clonic", "automatisms", "hypermotor", "postictal")
"""Names that are offered for a phase; any other can be typed."""
_SAME = 0.02
"""Seconds; a mark this near to the cursor is the one that is meant."""


class SeizureMarks:
    """Intents on the person's own marks; one of them can be chosen, to be moved or removed."""

    def __init__(
        self, session: Session, answers: Answers, keep: Callable[[Callable[[], None]], bool]
    ) -> None:
        self._session = session
        self._answers = answers
        self._keep = keep
        self._chosen: Mark | None = None
        self._chosen_with = ""

    @property
    def chosen(self) -> Mark | None:
        """The mark that Del removes; it is let go with the next feature that is selected."""
        same = self._chosen_with == self._session.feature
        return self._chosen if same and self._chosen in self._session.own.marks else None

    def choose(self, mark: Mark | None) -> None:
        self._chosen, self._chosen_with = mark, self._session.feature
        self._session.changed.emit(Changed.SELECTION)

    def at_cursor(self, kind: str | None = None) -> Mark | None:
        """The mark under the cursor, of one kind or of any."""
        session = self._session
        on_frame = session.frame_time if session.frame_number >= 0 else session.cursor
        return next(
            (
                mark
                for mark in session.own.marks
                if kind in (None, mark.kind)
                and min(abs(mark.seconds - session.cursor), abs(mark.seconds - on_frame)) < _SAME
            ),
            None,
        )

    def set(self, kind: str, seconds: float | None) -> None:
        """Where the seizure begins (`onset`) or ends (`end`), of which there is one; None removes it."""
        from app.core.study.marks import Mark, MarkKind

        before = next((mark for mark in self._session.own.marks if mark.kind == kind), None)
        after = None if seconds is None else Mark(MarkKind(kind), self._on_frame(seconds))
        self._change(before, after)

    def add_phase(self, seconds: float, label: str) -> None:
        """A phase begins there; of phases there may be any number."""
        from app.core.study.marks import Mark, MarkKind

        self._change(None, Mark(MarkKind.PHASE, self._on_frame(seconds), label))

    def name(self, mark: Mark, label: str) -> None:
        """The mark is called so from now on."""
        from app.core.study.marks import Mark

        self._change(mark, Mark(mark.kind, mark.seconds, label))

    def move(self, mark: Mark, seconds: float) -> None:
        """The mark stands at another moment, with its name."""
        from app.core.study.marks import Mark

        self._change(mark, Mark(mark.kind, self._on_frame(seconds), mark.label))

    def remove(self, mark: Mark) -> None:
        self._change(mark, None)

    def move_here(self) -> None:
        """The chosen mark to the cursor; which one that was the last step or click says."""
        mark = self.chosen
        if mark is None:
            self._session.tell("choose a mark first, with Shift+PgUp and Shift+PgDown or a click on its flag")
        else:
            self.move(mark, self._session.cursor)

    def remove_here(self) -> None:
        """The chosen mark, else the one under the cursor."""
        mark = self.chosen or self.at_cursor()
        if mark is None:
            self._session.tell("no mark is chosen, and none is under the cursor")
        else:
            self.remove(mark)

    def step(self, direction: int) -> None:
        """Go to the next mark (or the one before) and choose it."""
        here = self._session.cursor
        # The last frame is shown until the recording ends: a mark on it is where the cursor is.
        under = self.at_cursor()
        marks = sorted(
            (mark for mark in self._session.own.marks if mark != under), key=lambda mark: mark.seconds
        )
        if direction < 0:
            found = next((mark for mark in reversed(marks) if mark.seconds < here - _SAME), None)
        else:
            found = next((mark for mark in marks if mark.seconds > here + _SAME), None)
        if found is None:
            where = "before" if direction < 0 else "after"
            self._session.tell(f"no mark {where} the cursor")
            return
        self._session.seek(found.seconds)
        self.choose(found)
        self._session.tell(words_of(found))

    def _change(self, before: Mark | None, after: Mark | None) -> None:
        from app.core.study.edits import SetMark

        if before == after:
            return

        def change() -> None:
            _study, number = self._answers.opened()
            self._answers.apply(SetMark(number, self._answers.me, before, after))

        if self._keep(change):
            self.choose(after)

    def _on_frame(self, seconds: float) -> float:
        return self._session.labels.snapped(Span(seconds, seconds)).start


def words_of(mark: Mark) -> str:
    """What a mark is called: its own name, else what it marks."""
    return mark.label or {"onset": "onset", "end": "end"}.get(mark.kind, "phase")
