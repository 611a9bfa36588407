"""The commands that attach, find and detach EEG files, and what is done with EEG files that are dropped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.eeg.eeg_beside import SUFFIXES
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.memory import Memory
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.ui.dialogs.attach_eeg import AttachEegDialog


class EegAttaching(QObject):
    """Opens the dialog that attaches an EEG, and remembers the folder of the last one."""

    def __init__(self, window: QWidget, session: Session, memory: Memory) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._memory = memory
        self._dialog: AttachEegDialog | None = None
        self._waiting: Path | None = None
        session.opened.recording_changed.connect(self._attach_waiting)

    def commands(self) -> tuple[Command, ...]:
        row = rows_of(Menu.EEG)
        return (
            row(
                "attach_eeg",
                "Attach an EEG…",
                (),
                "Attach an EDF or BDF file, and bring its clock together with the recording's.",
                self.attach,
            ),
            row("find_eeg", "Find the EEG's file…", (), "Choose where the file lies now.", self.find),
            row(
                "detach_eeg",
                "Detach the EEG",
                (),
                "Let the EEG no longer belong to the recording; can be undone.",
                self.detach,
            ),
        )

    def attach(self, path: Path | None = None) -> None:
        """Show the dialog, with a file that was chosen already."""
        from app.ui.dialogs.attach_eeg import AttachEegDialog

        recording = self._session.opened.recording
        if recording is None:
            return
        if self._dialog is None:
            folder = self._memory.settings.eeg_folder or str(recording.path.parent)
            self._dialog = AttachEegDialog(self._session, folder, path, self._window)
            self._dialog.folder_chosen.connect(lambda chosen: self._memory.change(eeg_folder=chosen))
            self._dialog.destroyed.connect(self._forget_dialog)
        elif path is not None:
            self._dialog.examine(path)
        self._dialog.show()
        self._dialog.raise_()

    def take_dropped(self, paths: Sequence[Path]) -> tuple[Path, ...]:
        """Attach the EEG among files that were dropped, after a recording among them is open; the others."""
        eegs = [path for path in paths if path.name.lower().endswith(SUFFIXES)]
        others = tuple(path for path in paths if path not in eegs)
        if not eegs:
            return others
        if others:
            self._waiting = eegs[0]
        elif self._session.opened.recording is None:
            self._session.status.show_message("Open the recording first; then its EEG can be attached.")
        else:
            self.attach(eegs[0])
        return others

    def find(self) -> None:
        """Ask where the current EEG's file is; a place that the study names is offered first."""
        attached = self._session.attached_eeg
        eeg = attached.current
        if eeg is None:
            self._session.status.say("no EEG is attached")
            return
        start = attached.offered(eeg) or eeg.path
        name, _ = QFileDialog.getOpenFileName(self._window, f"Where is {eeg.name}?", str(start))
        if name:
            attached.find_file(eeg, Path(name))

    def detach(self) -> None:
        """Detach the current EEG."""
        eeg = self._session.attached_eeg.current
        if eeg is None:
            self._session.status.say("no EEG is attached")
        else:
            self._session.attached_eeg.detach(eeg)

    def _attach_waiting(self) -> None:
        if self._session.opened.recording is not None and self._waiting is not None:
            path, self._waiting = self._waiting, None
            self.attach(path)

    def _forget_dialog(self) -> None:
        self._dialog = None
