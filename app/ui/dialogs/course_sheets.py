"""The sheets of the clips of a course, which a person looks at before any of them is part of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QWidget

from app.core.plain_text import plain
from app.core.teaching.case_clips import WaitingClip
from app.ui.dialogs.check_clip import SheetPicture
from app.ui.dialogs.form import button, lay_out, sentence, title


class CourseSheetsDialog(QDialog):
    """One sheet after the other: each clip is kept or left out. Return keeps nothing; what was not decided
    when the dialog is closed waits."""

    def __init__(self, waiting: Sequence[WaitingClip], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from app.core.deidentify.prepared_clips import CONFIRMING

        title(self, "Can anybody be recognised?")
        self.waiting = tuple(waiting)
        self.kept: set[str] = set()
        self._number = 0
        self.which, self.found = sentence(bold=True), sentence()
        self.sheet = SheetPicture()
        area = QScrollArea()
        area.setWidget(self.sheet)
        area.setWidgetResizable(True)
        self.stop = button("Stop here", self.reject, tip="No course yet; the clips wait in its folder")
        self.leave_out = button("Leave this one out", self._leave_out, tip="Delete this clip")
        self.keep = button("Keep: I see nobody and no name", self._keep)
        ends = QHBoxLayout()
        ends.addStretch(1)
        for one in (self.stop, self.leave_out, self.keep):
            ends.addWidget(one)
        lay_out(self, self.which, sentence(CONFIRMING), area, self.found, ends, growing=area)
        self.stop.setDefault(True)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(1180, 760)

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
        self.which.setText(f"{plain(clip.case.name, 120)} ({self._number + 1} of {len(self.waiting)})")
        self.found.setText(clip.found)
        self.sheet.show_file(str(clip.sheet))
