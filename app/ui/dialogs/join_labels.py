"""Join labels that the study has without a video with the videos of their name: seen first, then one undo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QTableWidgetItem, QWidget

from app.core.errors import UserError
from app.core.exchange.joined_readings import ContradictionKey, Settlement
from app.core.exchange.table_files import table_patterns
from app.core.jobs import Task
from app.core.plain_text import plain
from app.ui.dialogs.contradiction_table import (
    ContradictionTable,
    clear_rows,
    fit_rows,
    put_texts,
    table_of_choices,
)
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import button, sentence, side_by_side
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.exchange.join_labels import JoinPlan, SeenJoins
    from app.core.exchange.label_joins import LabelJoin
    from app.core.study.access import StudyAccess

_ABOUT = (
    "These labels came without a video and have the name of a video of this study. What is ticked becomes "
    "one: everything that was said of the labels is said of the video. Undo takes it back, a join at a time."
)
_CHOOSE = "A reader has said two things. Nothing is joined until you choose."


class JoinLabelsDialog(WorkDialog):
    """The joins that names propose, to be ticked, with the contradictions that have to be settled first."""

    cancelled = "Cancelled; what was joined before stays joined, and undo takes it back."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Join labels with their video", "Join", self.choose, parent)
        self.plans: tuple[JoinPlan, ...] = ()
        self.ticks: list[QTableWidgetItem] = []
        self._names: Path | None = None
        self._joining = False
        self.table = table_of_choices("Labels and their videos")
        self.table.itemChanged.connect(self._show_contradictions)
        self.title = QLabel(_CHOOSE)
        self.title.setWordWrap(True)
        self.sides = ContradictionTable("What readers have said of both")
        self.sides.chosen.connect(self._show_button)
        self.names = button("Other names…", self.choose_names, tip="A table of what a recording is called")
        self.setMinimumWidth(720)
        self.choices.addWidget(sentence(_ABOUT))
        for part in (self.table, self.title, self.sides, side_by_side(self.names)):
            self.choices.addWidget(part)
        self.work.posted.connect(self._show)
        self.work.ended.connect(self._show_in_window)
        self._look()

    def choose_names(self) -> None:
        """Ask for a table of what recordings are called here and there, and look again."""
        beside = str(self.session.worklist.naming.places.beside)
        name, _ = QFileDialog.getOpenFileName(
            self, "A table of names", beside, f"Tables ({table_patterns()})"
        )
        if name:
            self.use_names(Path(name))

    def use_names(self, table: Path) -> None:
        """Look again, by the names in this table too."""
        self._names = table
        self._look()

    def choose(self) -> None:
        """Join what is ticked."""
        access, ticked = self._access(), self.ticked
        if access is not None and ticked:
            self._joining, settled = True, dict(self.sides.settled)
            joins = [one.join for one in ticked]
            self.start(lambda task: take_joins(access, joins, settled, task, self._names))

    @property
    def ticked(self) -> tuple[JoinPlan, ...]:
        """The joins that are ticked."""
        rows = zip(self.plans, self.ticks, strict=True)
        return tuple(plan for plan, tick in rows if tick.checkState() is Qt.CheckState.Checked)

    def _show_in_window(self) -> None:
        """Let the window show what the study holds after joining, also when not all could be joined."""
        if self._joining:
            self._joining = False
            self.session.study.read_again()

    def _look(self) -> None:
        access, names = self._access(), self._names
        if access is not None:
            self.start(lambda task: see_joins(access, names, task))
        self._show_contradictions()

    def _show(self, seen: SeenJoins) -> None:
        self.plans, self.ticks = (), []
        self.table.blockSignals(True)
        clear_rows(self.table, ("Labels", "Video", "What is joined"), len(seen.plans))
        for row, plan in enumerate(seen.plans):
            texts = plan.join.labels.name, plan.join.video.name, plan.refusal or plan.moved
            put_texts(self.table, row, texts)
            self.ticks.append(self._ticked(row, possible=not plan.refusal))
        self.table.blockSignals(False)
        self.plans = seen.plans
        fit_rows(self.table)
        self._show_contradictions()

    def _ticked(self, row: int, *, possible: bool) -> QTableWidgetItem:
        """The first cell of a row, ticked where the join is possible."""
        item = self.table.item(row, 0)
        assert item is not None
        item.setCheckState(Qt.CheckState.Checked if possible else Qt.CheckState.Unchecked)
        if not possible:
            item.setFlags(item.flags() & ~(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled))
        return item

    def _show_contradictions(self) -> None:
        found = [one for plan in self.ticked for one in plan.unsettled]
        self.sides.show_contradictions(found)
        fit_rows(self.sides)
        self.table.setVisible(bool(self.plans))
        for part in (self.title, self.sides):
            part.setVisible(bool(found))
        self._show_button()

    def _show_button(self) -> None:
        count = len(self.ticked)
        self.begin.setText(f"Join {count}" if count else "Join")
        ready = count > 0 and not self.sides.undecided and not self.session.study.read_only
        self.begin.setEnabled(ready and not self.work.running)

    def _running(self, on: bool) -> None:
        super()._running(on)
        for part in (self.table, self.sides, self.names):
            part.setEnabled(not on)
        if not on:
            self._show_button()


def see_joins(access: StudyAccess, names: Path | None, task: Task) -> tuple[str, ...]:
    from app.core.evaluation.label_tables import names_in
    from app.core.exchange.join_labels import look_at_joins

    with access.open() as study:
        seen = look_at_joins(study, access.viewer, names_in(names))
    task.post(seen)
    remarks = (*seen.doubts, *(one for plan in seen.plans for one in plan.remarks))
    return remarks or (("",) if seen.plans else ("No labels without a video have the name of a video.",))


def take_joins(
    access: StudyAccess,
    joins: list[LabelJoin],
    settled: Mapping[ContradictionKey, int | None],
    task: Task,
    names: Path | None,
) -> tuple[str, ...]:
    """Join them one after the other, each a step that can be undone; gives sentences on them."""
    from app.core.exchange.join_labels import describe_join, join_labels

    said = []
    with access.open() as study:
        for join in joins:
            task.cancel.check()
            try:
                join_labels(study, access.viewer, join, Settlement(settled))
                said.append(plain(describe_join(join), 300))
            except UserError as error:
                said.append(f"“{plain(join.labels.name, 80)}” was left as it is. {error}")
    see_joins(access, names, task)
    return tuple(said)
