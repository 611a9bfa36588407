"""The common part of the dialogs of export, import and report: progress, cancel, result."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.exchange.format_names import FORMAT_NAMES
from app.core.jobs import Progress
from app.core.plain_text import breakable, plain
from app.core.times import remaining_words
from app.ui.dialogs.form import button, sentence
from app.ui.session.background import Background, Work
from app.ui.session.session import Session
from app.ui.views.focus_chain import focus_chain

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess

_MOST_SENTENCES = 6


class WorkDialog(QDialog):
    """Choices and a button of the text `start`, which asks for the place and begins (`choose`); the work runs
    in a background thread, gives the sentences that are shown when it is done, and can be cancelled."""

    cancelled: ClassVar = "Cancelled; nothing was written."

    def __init__(
        self,
        session: Session,
        title: str,
        start: str,
        choose: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.setWindowTitle(title)
        self.setMinimumWidth(520)
        self.work = Background(title.lower(), self)
        self.work.progressed.connect(self._progressed)
        self.work.done.connect(self._forget_cancelling)
        self.work.failed.connect(self._forget_cancelling)
        self.work.done.connect(self.show_done)
        self.work.failed.connect(self.say)
        self.work.ended.connect(lambda: self._running(False))
        session.closing.connect(self.work.close)
        self._cancelled = False
        self.outcome = sentence()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setFormat("%p %")
        self.bar.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar.hide()
        self.begin = QPushButton(start)
        self.begin.setDefault(True)
        self.begin.clicked.connect(choose)
        self.leave = QPushButton("Close")
        self.leave.clicked.connect(self._leave)
        self.page = QVBoxLayout(self)
        self.page.setContentsMargins(16, 14, 16, 12)
        self.page.setSpacing(10)
        self.choices = QVBoxLayout()
        self.choices.setSpacing(10)
        self.page.addLayout(self.choices)
        self.page.addStretch(1)
        self.page.addWidget(self.bar)
        self.page.addWidget(self.outcome)
        self.buttons = QHBoxLayout()
        tip = "Open the folder of what was written in the system's file manager"
        self.show_folder = button("Show the folder", self._open_folder, tip=tip)
        self.show_folder.hide()
        self._target: Path | None = None
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.show_folder)
        ends = QDialogButtonBox()  # in the order of the desktop, as in every dialog
        ends.addButton(self.begin, QDialogButtonBox.ButtonRole.AcceptRole)
        ends.addButton(self.leave, QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.addWidget(ends)
        self.page.addLayout(self.buttons)

    def _access(self, otherwise: str = "Open a recording of the study first.") -> StudyAccess | None:
        """The study of the open recording; without one the dialog says that nobody has said who reads, or
        `otherwise`."""
        access = self.session.study.access()
        if access is None:
            self.say(self.session.readers.why_nothing(otherwise))
        return access

    def start(self, work: Work, *, writes: Path | None = None) -> None:
        """Run it; once it is done, the folder of what it `writes` is offered."""
        self.say("")
        self._target = writes
        self.show_folder.hide()
        self._running(True)
        self.work.start(work)

    def show_done(self, sentences: tuple[str, ...]) -> None:
        """Show the result, with at most a few of the remarks after the first sentence."""
        more = len(sentences) - _MOST_SENTENCES
        rest = (f"… and {more} more.",) if more > 0 else ()
        self.say("\n".join((*sentences[:_MOST_SENTENCES], *rest)))
        self.show_folder.setVisible(self._target is not None)

    def _open_folder(self) -> None:
        if self._target is not None:
            folder = self._target if self._target.is_dir() else self._target.parent
            if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
                self.say(f"The folder is {folder}.")

    def say(self, sentence: str) -> None:
        self.outcome.setText(breakable(plain(sentence, 1500)))

    def _progressed(self, progress: Progress) -> None:
        self.bar.setValue(round(1000 * progress.done))
        self.say(" · ".join(filter(None, (progress.what, self.left_words(progress)))))

    def left_words(self, progress: Progress) -> str:
        """How long it still takes, "" where that is not known."""
        return remaining_words(progress.remaining)

    def _running(self, on: bool) -> None:
        if not on and self._cancelled:
            self.say(self.cancelled)
        self._cancelled = False
        self.bar.setVisible(on)
        self.begin.setEnabled(not on)
        self.leave.setText("Cancel" if on else "Close")

    def _forget_cancelling(self, _came: object) -> None:
        """It came too late: the work has ended by itself."""
        self._cancelled = False

    def _leave(self) -> None:
        if self.work.running:
            self._cancelled = True
            self.work.cancel()
        else:
            self.close()

    def showEvent(self, event: QShowEvent) -> None:
        stops = self._put_buttons_last()
        if stops and self.focusWidget() in (None, self.begin, self.leave):
            stops[0].setFocus()  # Qt takes the button that is free while a list is being read: Close
        self.fit()
        super().showEvent(event)

    def fit(self) -> None:
        """Be as high as what is shown needs: Qt gives a dialog at most two thirds of a small screen, and no
        more for a sentence that is wrapped and comes later."""
        self.resize(self.width(), max(self.height(), self.page.heightForWidth(self.width())))

    def _put_buttons_last(self) -> list[QWidget]:
        """Let Tab go through the choices, which are made after the buttons, before it goes to these.
        Returns the choices that can take the keyboard."""
        added = [self.buttons.itemAt(number) for number in range(self.buttons.count())]
        extra = [item.widget() for item in added if item is not None]
        ends = [*(one for one in extra if isinstance(one, QPushButton)), self.begin, self.leave]
        stops = [
            one
            for one in focus_chain(self)
            if one not in ends and self.isAncestorOf(one) and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        for before, after in pairwise([*stops[-1:], *ends]):
            QWidget.setTabOrder(before, after)
        return [one for one in stops if one.isEnabled() and one.isVisibleTo(self)]

    def done(self, result: int) -> None:
        self.work.leave_to(self.session)
        super().done(result)


class ExchangeDialog(WorkDialog):
    """A dialog with a choice of the format, and what a file of it preserves."""

    def __init__(
        self,
        session: Session,
        title: str,
        start: str,
        choose: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, title, start, choose, parent)
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        for id_, name in FORMAT_NAMES.items():
            self.format.addItem(name, id_)
        self.format.currentIndexChanged.connect(self._show_kept)
        self.kept = sentence()
        self.choices.addWidget(self.format)
        self.choices.addWidget(self.kept)
        self._show_kept()

    @property
    def format_id(self) -> str:
        return str(self.format.currentData())

    def _show_kept(self) -> None:
        self.kept.setText(self.describe_kept())

    def describe_kept(self) -> str:
        """A sentence on what a file of the chosen format keeps."""
        from app.core.exchange.formats import describe_fidelity

        return describe_fidelity(self.format_id)
