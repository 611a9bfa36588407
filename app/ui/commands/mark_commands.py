"""The commands for marks that need a typed name."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.study.seizure_marks import PHASES
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.session.session import Session


class MarkDialogs(QObject):
    """Opens the dialog for the name of a phase."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        session.requests.phase.connect(self.ask_phase)

    def commands(self) -> tuple[Command, ...]:
        """The rows of the menus."""
        row = rows_of(Menu.SEIZURE)
        return (
            row(
                "phase",
                "Phase begins here…",
                ("Shift+P",),
                "Mark a phase and name it; on a phase's mark, rename it.",
                self.ask_phase,
                parted=True,
            ),
        )

    def ask_phase(self) -> None:
        """A name for a phase that begins at the cursor, also one that does already."""
        from app.ui.dialogs.phase import PhaseDialog

        marks, own = self._session.labels.marks, self._session.answers.my_reading
        if self._session.study.read_only or self._session.opened.recording is None:
            return
        seconds = self._session.playback.cursor
        known = marks.at_cursor("phase")
        used = [mark.label for mark in own.marks if mark.label]
        names = list(dict.fromkeys((*used, *PHASES)))
        # What comes next is offered first.
        left = [name for name in PHASES if name not in used]
        name = known.label if known is not None else left[0] if left else ""
        question = "Name of the phase that begins here" if known is None else "New name of this phase"
        dialog = PhaseDialog(question, name, names, self._window)

        def keep(label: str) -> None:
            if known is not None:
                marks.name(known, label)
            else:
                marks.add_phase(seconds, label)

        dialog.named.connect(keep)
        dialog.open()
