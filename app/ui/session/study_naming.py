"""What the open study is called, and giving it or another study another name."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.plain_text import plain
from app.ui.session.background import Background
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.saving_places import SavingPlaces
from app.ui.session.status import Offer, StatusLine

if TYPE_CHECKING:
    from app.core.study.edits import Edit
    from app.core.study.rename_study import RenamedStudy

_SHOWN = 60
"""Characters of a name in a sentence."""


class StudyNaming(QObject):
    """A study that is open is renamed by an edit, which undo takes back as long as its recording is open; any
    other one in the background, and its former name is offered then."""

    changed = Signal()
    """The open study is called otherwise, or another study is open."""
    renamed = Signal(object)
    """This study (a `RenamedStudy`), which is not open, is called otherwise."""

    def __init__(
        self, opened: OpenedRecording, study: OpenedStudy, status: StatusLine, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._study = study
        self._status = status
        self.places = SavingPlaces(opened, study, lambda: self.name, self)
        """Where files are proposed to be saved, and under which name."""
        self._shown: tuple[Path | None, str] = None, ""
        self._renaming = Background("renaming of the study", self)
        self._renaming.done.connect(self._on_renamed)
        self._renaming.failed.connect(status.show_message)
        opened.recording_changed.connect(self._look)
        study.content_changed.connect(lambda _before, _now: self._look())
        study.reread.connect(self._look)

    @property
    def name(self) -> str:
        """What the open study is called, "" without one."""
        return self._shown[1]

    @property
    def is_worth_showing(self) -> bool:
        """Whether the name says more than that of the recording, beside which a study is made by itself."""
        folder, recording = self._study.folder, self._opened.recording
        if folder is None or recording is None:
            return False
        return self._study.content.study_name is not None or not folder.name.startswith(recording.path.stem)

    @property
    def refusal(self) -> str:
        """Why the open study cannot be renamed, "" when it can be."""
        study = self._study
        if study.folder is None or not study.recording_number:
            return "Open a recording of the study first, and say who reads."
        return study.of_recording.note if study.read_only else ""

    def rename(self, folder: Path, name: str) -> None:
        """Give the study in `folder` this name; a message says why it cannot have it."""
        if folder != self._study.folder or not self._study.recording_number:
            me = self._study.me.name
            self._renaming.start(lambda _task: _rename(folder, name, me))
            return

        def edit() -> Edit | None:
            from app.core.study.rename_study import renaming

            return renaming(folder, self._study.content.study_name, name)

        said = f"the study is called “{plain(name.strip(), _SHOWN)}” now"
        self._study.apply(edit, done=said)

    def _on_renamed(self, renamed: RenamedStudy) -> None:
        before, after = plain(renamed.before, _SHOWN), plain(renamed.after, _SHOWN)
        self.renamed.emit(renamed)
        if before != after:
            back = partial(self.rename, renamed.folder, renamed.before)
            self._status.make_offer(Offer(f"“{before}” is called “{after}” now.", "Undo", back))

    def _look(self) -> None:
        """Tell if the open study is called otherwise."""
        folder = self._study.folder
        now = folder, "" if folder is None else self._name_in(folder)
        if now != self._shown:
            self._shown = now
            self.changed.emit()

    def _name_in(self, folder: Path) -> str:
        from app.core.study.study_name import name_of_folder

        return self._study.content.study_name or name_of_folder(folder)


def _rename(folder: Path, name: str, author: str) -> RenamedStudy:
    from app.core.study.rename_study import rename_study

    return rename_study(folder, name, author)
