"""Analyse several recordings of the study: a local reader over those that are ticked, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from app.core.jobs import Task
from app.core.plain_text import plain
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import button, form, sentence, side_by_side
from app.ui.dialogs.local_reader_box import LocalReaderBox
from app.ui.memory import Memory
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.core.study.worklist import WorkItem

_ABOUT = (
    "The chosen reader answers the ticked recordings in the background, also while you open others and after "
    "the program was closed; each is kept in the study as soon as it is done. What was done before is not "
    "done again."
)
_NUMBER = Qt.ItemDataRole.UserRole


class BatchDialog(WorkDialog):
    """The recordings of the study to be ticked, which are put into the queue."""

    def __init__(
        self, session: Session, memory: Memory, ticked: frozenset[int], parent: QWidget | None = None
    ) -> None:
        super().__init__(session, "Analyse recordings", "Add to the queue", parent)
        self.reader = LocalReaderBox(memory)
        self.list = QListWidget()
        self.list.setAccessibleName("Recordings to analyse")
        self.choices.addWidget(sentence(_ABOUT))
        self.choices.addWidget(self.list)
        ticks = button("Tick all", self.tick_all), button("Tick none", self.tick_none)
        self.choices.addWidget(side_by_side(*ticks))
        self.choices.addLayout(form((("&Reader", self.reader),)))
        self._ticked = ticked
        self.work.posted.connect(self._show)
        access = self._access()
        if access is not None:
            self.start(lambda task: _list(access, task))

    @property
    def ticked(self) -> frozenset[int]:
        """The numbers of the ticked recordings."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return frozenset(
            int(item.data(_NUMBER)) for item in items if item.checkState() is Qt.CheckState.Checked
        )

    def tick_all(self) -> None:
        self._tick(Qt.CheckState.Checked)

    def tick_none(self) -> None:
        self._tick(Qt.CheckState.Unchecked)

    def _tick(self, state: Qt.CheckState) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                item.setCheckState(state)

    def choose(self) -> None:
        """Put what is ticked into the queue, and show that."""
        access, ticked = self._access(), self.ticked
        if access is None:
            return
        if not ticked:
            self.say("Tick the recordings that are to be analysed.")
            return
        self.session.analysis.queue.order(access.folder, ticked, self.reader.reader)
        self.close()
        self.session.requests.queue.emit()

    def _running(self, on: bool) -> None:
        super()._running(on)
        self.begin.setEnabled(not on and not self.session.study.read_only)

    def _show(self, items: tuple[WorkItem, ...]) -> None:
        self.list.clear()
        for one in items:
            row = QListWidgetItem(plain(one.name, 120) + ("" if one.has_video else " (labels alone)"))
            row.setData(_NUMBER, one.recording_id)
            if one.has_video:
                row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                wanted = not self._ticked or one.recording_id in self._ticked
                row.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
            else:
                row.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(row)


def _list(access: StudyAccess, task: Task) -> tuple[str, ...]:
    task.post(access.worklist())
    return ("",)
