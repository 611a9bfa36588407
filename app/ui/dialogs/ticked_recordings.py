"""The recordings of a study, to be ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.core.plain_text import plain
from app.ui.dialogs.form import button, side_by_side
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.study.worklist import WorkItem

_NUMBER = Qt.ItemDataRole.UserRole


class TickedRecordings(QWidget):
    """A list with a tick for each recording that has a video, and buttons for all and none. At first the
    recordings in `wanted` are ticked, all where it is empty."""

    changed = Signal()
    """What is ticked."""

    def __init__(self, what_for: str, wanted: frozenset[int]) -> None:
        super().__init__()
        self._wanted = wanted
        self.list = QListWidget()
        self.list.setAccessibleName(what_for)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemChanged.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.list)
        ticks = button("Tick all", self.tick_all), button("Tick none", self.tick_none)
        column.addWidget(side_by_side(*ticks))

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of the ticked recordings."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return frozenset(
            int(item.data(_NUMBER)) for item in items if item.checkState() is Qt.CheckState.Checked
        )

    def tick_all(self) -> None:
        self._tick(Qt.CheckState.Checked)

    def tick_none(self) -> None:
        self._tick(Qt.CheckState.Unchecked)

    def show_recordings(self, items: tuple[WorkItem, ...]) -> None:
        """Show these, in their order."""
        self.list.clear()
        for one in items:
            row = QListWidgetItem(plain(one.name, 120) + ("" if one.has_video else " (labels alone)"))
            row.setData(_NUMBER, one.recording_id)
            row.setToolTip(tool_tip(row.text()))
            if one.has_video:
                row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                wanted = not self._wanted or one.recording_id in self._wanted
                row.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
            else:
                row.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(row)

    def _tick(self, state: Qt.CheckState) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                item.setCheckState(state)
