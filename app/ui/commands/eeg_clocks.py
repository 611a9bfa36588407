"""The commands that set the clocks of EEG and recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from app.ui.commands.command import Command, Menu, rows_of
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.ui.dialogs.set_clocks import SetClocksDialog

_MARGIN = QPoint(8, 48)


class EegClocks(QObject):
    """Opens the dialog beside the picture, and marks while it is open or not."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._dialog: SetClocksDialog | None = None
        session.clock_marks.dialog_wanted.connect(self.open)

    def commands(self) -> tuple[Command, ...]:
        row = rows_of(Menu.EEG, needs_eeg=True)
        return (
            row(
                "set_clocks",
                "Set the clocks…",
                ("Alt+0",),
                "Bring the clocks of EEG and recording together by marks, and see how exact it is.",
                self.open,
                parted=True,
            ),
            row(
                "mark_picture",
                "Mark the picture's moment",
                ("Alt+1",),
                "The frame under the cursor is one side of a pair of marks.",
                self._mark_picture,
            ),
            row(
                "mark_trace",
                "Mark the trace's moment",
                ("Alt+2",),
                "The chosen moment of the trace is the other side.",
                self._mark_trace,
            ),
        )

    def open(self) -> None:
        """Show the dialog."""
        from app.ui.dialogs.set_clocks import SetClocksDialog

        if self._session.attached_eeg.current is None:
            self._session.status.say("no EEG is attached")
            return
        if self._dialog is None:
            self._dialog = SetClocksDialog(self._session, self._window)
            self._dialog.destroyed.connect(self._forget)
            self._dialog.move(self._place(self._dialog))
        self._dialog.show()
        self._dialog.raise_()

    def asks(self, then: Callable[[], object]) -> bool:
        """Ask about marks that are not applied, if there are any, and call `then` when they may be lost;
        whether it was asked."""
        if self._dialog is None or not self._session.clock_marks.is_unapplied:
            return False
        self._dialog.raise_()
        self._dialog.ask(then)
        return True

    def _place(self, dialog: QWidget) -> QPoint:
        """Over the panels at the right: picture and trace are to be seen."""
        left = self._window.width() - dialog.sizeHint().width() - _MARGIN.x()
        return self._window.mapToGlobal(QPoint(max(left, 0), _MARGIN.y()))

    def _mark_picture(self) -> None:
        self.open()
        self._session.clock_marks.mark_picture()

    def _mark_trace(self) -> None:
        marks = self._session.clock_marks
        moment = marks.trace_moment
        self.open()
        if moment is None:
            self._session.status.say("click in the trace first, then mark its moment", of_eeg=True)
        else:
            marks.mark_trace(moment)

    def _forget(self) -> None:
        self._dialog = None
