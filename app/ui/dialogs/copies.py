"""The dialog of the copies of the study: their list, their checks, and restoring one."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from app.core.errors import UserError
from app.core.jobs import Task
from app.core.plain_text import plain
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import button, question, sentence
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.views.table_style import panel_style, plain_table
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.core.study.access import StudyAccess
    from app.core.study.backup import Backup
    from app.core.study.restoring import InspectedCopy
    from app.core.study.study_copies import ListedCopies

_COLUMNS = ("When", "Made", "Size", "Answers", "Changes", "Last change", "Checked")
_NUMBERS, _RIGHT = (2, 3, 4), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ABOUT = (
    "The study is copied once a day, every hour while it is changed, when it is closed after changes, and "
    "before anything that changes it as a whole. Restoring a copy first keeps the present study as another "
    "copy."
)
_DAMAGED = (
    "The study's files are damaged. Restoring a copy first moves them, unchanged, into the study's folder "
    "“backups”. The copy with the most changes is selected."
)
_CLOSING_SECONDS = 10.0
"""How long restoring waits for the open study to be closed."""
_NONE = "There are no copies yet."
_HEADINGS = "QHeaderView::section:horizontal { padding: 3px 9px; }"
"""Headings begin and end where the text of their cells does."""


class CopiesDialog(WorkDialog):
    """A table of the copies, each checked in the background, and a button that restores one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Copies of the study", "Restore…", self.choose, parent)
        self.setMinimumSize(800, 420)
        self.copies: list[InspectedCopy] = []
        self.about = sentence()
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        for column in _NUMBERS:
            heading = self.table.horizontalHeaderItem(column)
            if heading is not None:
                heading.setTextAlignment(_RIGHT)
        self.table.setAccessibleName("Copies of the study, the latest first")
        plain_table(self.table)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.setStyleSheet(panel_style(session.appearance.theme) + _HEADINGS)
        self.table.itemSelectionChanged.connect(self._show_whether)
        self.copying = button("Copy now", self._copy)
        self.buttons.insertWidget(0, self.copying)
        self.choices.addWidget(self.about)
        self.choices.addWidget(self.table, 1)
        self.page.setStretch(0, 1)
        self.page.setStretch(1, 0)
        self._checking = Background("check of the copies", self)
        self._checking.posted.connect(self._add)
        self._checking.progressed.connect(lambda progress: self.say(progress.what))
        self._checking.done.connect(self._checked)
        self._checking.failed.connect(self.say)
        session.closing.connect(self._checking.close)
        self.work.ended.connect(self._worked)
        self._check()

    @property
    def chosen(self) -> InspectedCopy | None:
        """The copy that is selected."""
        row = self.table.currentRow()
        return self.copies[row] if 0 <= row < len(self.copies) and self.table.selectedItems() else None

    def choose(self) -> None:
        """Restore the selected copy after a confirmation."""
        chosen = self.chosen
        if chosen is None:
            return
        when = chosen.copy.at.astimezone()
        damaged = self.session.study.folder is None
        kept = (
            "The damaged files are kept in the study's folder “backups”"
            if damaged
            else "The present study is kept as a copy first, so that this can be undone"
        )
        question(
            self,
            "Restore a copy",
            f"Restore the study as it was on {when:%Y-%m-%d at %H:%M}?",
            f"This concerns all its recordings and readers. {kept}; the history records who did it and when.",
            yes="Restore",
            do=partial(self.restore, chosen),
        )

    def restore(self, chosen: InspectedCopy) -> None:
        """Start restoring a copy; the window shows the restored study at the end."""
        folder = self.session.safekeeping.folder
        if folder is None:
            self.say(self.session.readers.why_nothing("Open a recording of the study first."))
            return
        author = self.session.readers.me
        self._changes_study = True
        self.session.safekeeping.let_go()
        is_closed = self.session.safekeeping.is_closed
        self.start(lambda task: _restore(folder, chosen.copy, author, task, is_closed))
        # What has begun is one step; there is nothing to cancel in it.
        self.leave.setEnabled(False)

    def show_done(self, sentences: tuple[str, ...]) -> None:
        super().show_done(sentences)
        self._said = self.outcome.text()
        self._check()

    def _copy(self) -> None:
        access = self.session.study.access()
        if access is not None:
            self.start(lambda task: _copy_now(access, task))
            self.leave.setEnabled(False)
            self._show_whether()

    def _worked(self) -> None:
        self.leave.setEnabled(True)
        if self._changes_study:
            self._changes_study = False
            self.session.safekeeping.take_up_again()
        self._show_whether()

    def _check(self) -> None:
        folder = self.session.safekeeping.folder
        self.copies.clear()
        self.table.setRowCount(0)
        self._show_whether()
        if folder is not None:
            self._checking.start(lambda task: _list(folder, task))

    def _add(self, looked: InspectedCopy) -> None:
        from app.core.study.study_copies import describe_purpose

        row = len(self.copies)
        self.copies.append(looked)
        self.table.setRowCount(row + 1)
        cells = (
            f"{looked.copy.at.astimezone():%Y-%m-%d %H:%M}",
            describe_purpose(looked.copy.what),
            f"{looked.size / 1024:,.0f} KiB",
            f"{looked.answers:,}" if looked.study_id else "",
            f"{looked.changes:,}" if looked.study_id else "",
            f"{datetime.fromisoformat(looked.last).astimezone():%Y-%m-%d %H:%M}" if looked.last else "",
            "whole" if not looked.fault else f"not whole: {plain(looked.fault, 120)}",
        )
        for column, text in enumerate(cells):
            item = QTableWidgetItem(text)
            if column in _NUMBERS:
                item.setTextAlignment(_RIGHT)
            item.setToolTip(tool_tip(text))
            self.table.setItem(row, column, item)

    def _checked(self, listed: ListedCopies) -> None:
        self._mark_foreign(listed.foreign)
        if self.session.study.folder is None:
            self._choose_richest()
        self.say(self._said or ("" if self.copies else _NONE))
        self._said = ""

    def _mark_foreign(self, foreign: frozenset[Path]) -> None:
        for row, looked in enumerate(self.copies):
            item = self.table.item(row, _COLUMNS.index("Checked"))
            if looked.copy.path in foreign and item is not None:
                item.setText("of another study")

    def _choose_richest(self) -> None:
        whole = [row for row, looked in enumerate(self.copies) if not looked.fault]
        if whole and self.chosen is None:
            self.table.selectRow(max(whole, key=lambda row: self.copies[row].changes))
            self.begin.setFocus()

    def _show_whether(self) -> None:
        """Enable the buttons that can be pressed."""
        chosen, idle = self.chosen, not self.work.running
        damaged = self.session.study.folder is None and self.session.safekeeping.folder is not None
        self.about.setText(_DAMAGED if damaged else _ABOUT)
        whole = chosen is not None and not chosen.fault
        self.begin.setEnabled(whole and idle and (damaged or not self.session.study.read_only))
        self.copying.setEnabled(idle and not self.session.study.read_only)

    _said = ""
    _changes_study = False

    def reject(self) -> None:
        # While a copy is restored the study is away, and this dialog takes it up again.
        if not self._changes_study:
            super().reject()

    def done(self, result: int) -> None:
        self._checking.leave_to(self.session)
        super().done(result)


def _list(folder: Path, task: Task) -> ListedCopies:
    from app.core.study.study_copies import list_copies

    return list_copies(folder, task.post, report=task.report, cancel=task.cancel)


def _restore(
    folder: Path, copy: Backup, author: str, task: Task, is_closed: Callable[[float], bool]
) -> tuple[str, ...]:
    from app.core.study.study_copies import describe_restored, restore_copy

    if not is_closed(_CLOSING_SECONDS):
        raise UserError("The study is still being written, so it was not restored; try again later.")
    return describe_restored(restore_copy(folder, copy, author, report=task.report))


def _copy_now(access: StudyAccess, task: Task) -> tuple[str, ...]:
    from app.core.study.study_copies import copy_now

    return (f"The study was {copy_now(access, report=task.report)}.",)
