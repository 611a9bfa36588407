"""The sheets of the clips of a course, which a person looks at before any of them is part of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.core.plain_text import plain
from app.core.teaching.case_clips import WaitingClip
from app.ui.dialogs.check_clip import KEEP, SheetDialog
from app.ui.dialogs.form import button


class CourseSheetsDialog(SheetDialog):
    """One sheet after the other: each clip is kept or left out. Return keeps nothing; what was not decided
    when the dialog is closed waits."""

    def __init__(self, waiting: Sequence[WaitingClip], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.waiting = tuple(waiting)
        self.kept: set[str] = set()
        self._number = 0
        self.stop = button("Stop here", self.reject, tip="No course yet; the clips wait in its folder")
        self.leave_out = button("Leave this one out", self._leave_out, tip="Delete this clip")
        self.keep = button(KEEP, self._keep)
        self.put_together(self.stop, self.leave_out, self.keep, waits=(self.keep,), pauses=(self.leave_out,))
        self._show()

    def _keep(self) -> None:
        self.kept.add(self.waiting[self._number].case.id)
        self._next()

    def _leave_out(self) -> None:
        self.kept.discard(self.waiting[self._number].case.id)
        self._next()

    def _next(self) -> None:
        self._number += 1
        if self._number == len(self.waiting):
            self.accept()
        else:
            self._show()

    def _show(self) -> None:
        clip = self.waiting[self._number]
        name = f"{plain(clip.case.name, 120)} ({self._number + 1} of {len(self.waiting)})"
        self.show_sheet(str(clip.sheet), name, clip.found)
