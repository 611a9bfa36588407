"""The commands that attach, find and detach EEG files and list their videos, and dropped EEG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from app.core.plain_text import plain
from app.core.saving_places import SaveKind
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.session.session import Session
from app.ui.session.status import Offer

if TYPE_CHECKING:
    from app.ui.dialogs.attach_eeg import AttachEegDialog

VIDEOS = "Videos of this EEG…"


class EegAttaching(QObject):
    """Opens the dialog that attaches an EEG, and remembers the folder of the last one."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._dialog: AttachEegDialog | None = None
        self._waiting: tuple[Path, list[Path]] | None = None
        self._further: list[Path] = []
        session.opened.recording_changed.connect(self._attach_waiting)

    def commands(self) -> tuple[Command, ...]:
        row = rows_of(Menu.EEG, needs_eeg=True)
        return (
            rows_of(Menu.EEG)(
                "attach_eeg",
                "Attach an EEG…",
                (),
                "Attach an EDF or BDF file, and bring its clock together with the recording's.",
                self.attach,
            ),
            row(
                "next_eeg",
                "Next attached EEG",
                (),
                "Show the next of the EEG files that are attached to the recording.",
                self.show_next,
            ),
            row("find_eeg", "Find the EEG's file…", (), "Choose where the file lies now.", self.find),
            row(
                "reopen_eeg",
                "Open the EEG again",
                (),
                "Read its file again, as after it has grown or come back.",
                self.open_again,
            ),
            row(
                "detach_eeg",
                "Detach the EEG",
                (),
                "Let the EEG no longer belong to the recording; can be undone.",
                self.detach,
            ),
            Command(
                "eeg_videos",
                Menu.EEG,
                "Videos of an EEG…",
                (),
                "List the videos beside the EEG, or beside one that you choose, and the gaps between them.",
                self.show_videos,
                parted=True,
            ),
        )

    def attach(self, path: Path | None = None) -> None:
        """Show the dialog, with a file that was chosen already."""
        from app.ui.dialogs.attach_eeg import AttachEegDialog

        recording = self._session.opened.recording
        if recording is None:
            return
        if self._dialog is None:
            folder = self._folder or str(recording.path.parent)
            self._dialog = dialog = AttachEegDialog(self._session, folder, path, self._window)
            dialog.folder_chosen.connect(lambda chosen: self._take(Path(chosen)))
            dialog.further_chosen.connect(self._add_further)
            dialog.finished.connect(lambda result: self._on_finished(dialog, result))
        elif path is not None:
            self._dialog.examine(path)
        self._dialog.show_further(len(self._further))
        self._dialog.show()
        self._dialog.raise_()

    @property
    def _folder(self) -> str:
        """The folder in which an EEG was chosen last, "" before the first time."""
        return self._session.worklist.naming.places.folders.get(SaveKind.EEG, "")

    def _take(self, folder: Path) -> None:
        self._session.worklist.naming.places.take(SaveKind.EEG, folder / "any.edf")

    def show_videos(self, path: Path | None = None) -> None:
        """List the videos of this EEG, else of the current one, without one of a file that is asked for."""
        from PySide6.QtWidgets import QFileDialog

        from app.ui.dialogs.attach_eeg import PATTERNS
        from app.ui.dialogs.videos_of_eeg import VideosOfEegDialog

        current = self._session.attached_eeg.current
        eeg = path if path is not None or current is None else current.path
        name = str(eeg or "")
        if not name:
            folder = self._folder or str(Path.home())
            kinds = f"EEG files ({PATTERNS});;All files (*)"
            name, _ = QFileDialog.getOpenFileName(self._window, "Videos of an EEG", folder, kinds)
        if name:
            self._take(Path(name).parent)
            dialog = VideosOfEegDialog(self._session, Path(name), self._window)
            dialog.video_chosen.connect(self._open_with_eeg)
            dialog.show()

    def _open_with_eeg(self, video: Path, eeg: Path) -> None:
        self._waiting = video, [eeg]
        self._session.opening.open(video)

    def take_dropped(self, paths: Sequence[Path]) -> tuple[Path, ...]:
        """Attach the EEG files that were dropped or chosen one after the other, after a recording among them
        is open; gives the others."""
        from app.core.eeg.eeg_beside import is_called_an_eeg

        eegs = [path for path in paths if is_called_an_eeg(path)]
        others = tuple(path for path in paths if path not in eegs)
        if not eegs:
            return others
        if others:
            self._waiting = others[0], eegs
        elif self._session.opened.recording is None:
            self._offer_videos(eegs[0])
        else:
            self._further = eegs
            self._attach_next()
        return others

    def _offer_videos(self, eeg: Path) -> None:
        """Say what an EEG is opened with, where no recording is."""
        sentence = (
            f"“{plain(eeg.name, 60)}” is an EEG. It is shown with its video: open that first, then choose "
            "EEG → Attach an EEG…"
        )
        self._session.status.make_offer(Offer(sentence, VIDEOS, lambda: self.show_videos(eeg)))

    def show_next(self) -> None:
        """Show the EEG that begins after the current one; after the last the first."""
        attached = self._session.attached_eeg
        files, eeg = attached.files, attached.current
        if eeg is None or len(files) < 2:
            self._session.status.say("no other EEG is attached")
            return
        place = (files.index(eeg) + 1) % len(files)
        attached.choose(files[place])
        self._session.status.show_message(
            f"EEG {place + 1} of {len(files)}: {plain(files[place].name, 80)}", of_eeg=True
        )

    def find(self) -> None:
        """Ask where the current EEG's file is; a place that the study names is offered first."""
        from PySide6.QtWidgets import QFileDialog

        attached = self._session.attached_eeg
        eeg = attached.current
        if eeg is None:
            self._session.status.say("no EEG is attached")
            return
        start = attached.offered(eeg) or eeg.path
        name, _ = QFileDialog.getOpenFileName(self._window, f"Where is {eeg.name}?", str(start))
        if name:
            attached.find_file(eeg, Path(name))

    def open_again(self) -> None:
        """Read the current EEG's file again."""
        attached = self._session.attached_eeg
        eeg = attached.current
        if eeg is None:
            self._session.status.say("no EEG is attached")
        else:
            self._session.status.show_message("")
            attached.read_again(eeg)

    def detach(self) -> None:
        """Detach the current EEG."""
        eeg = self._session.attached_eeg.current
        if eeg is None:
            self._session.status.say("no EEG is attached")
        else:
            self._session.attached_eeg.detach(eeg)

    def _attach_waiting(self) -> None:
        recording = self._session.opened.recording
        if recording is None or self._waiting is None:
            return
        (video, eegs), self._waiting = self._waiting, None
        if self._dialog is not None:
            self._dialog.reject()  # it asks about the recording before
        if recording.path == video:
            self._further = eegs
            self._attach_next()

    def _add_further(self, paths: list[Path]) -> None:
        self._further = [*self._further, *paths]
        if self._dialog is not None:
            self._dialog.show_further(len(self._further))

    def _on_finished(self, dialog: AttachEegDialog, result: int) -> None:
        """Go on with the next of several files; *Cancel* leaves all of them."""
        if dialog is not self._dialog:
            return
        self._dialog = None
        if result != QDialog.DialogCode.Accepted:
            self._further.clear()
        self._attach_next()

    def _attach_next(self) -> None:
        """Show the dialog for the next file that is not attached yet."""
        attached = {one.path for one in self._session.attached_eeg.files}
        while self._further:
            path = self._further.pop(0)
            if path not in attached:
                self.attach(path)
                return
