"""The commands about whole studies: new, open, and whether a further file goes into the open one."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.exchange.table_files import is_table
from app.core.folders import STUDY_FILE
from app.core.plain_text import plain
from app.core.settings import with_study, with_study_name, without_recent
from app.ui.commands.closing_questions import ClosingQuestions
from app.ui.commands.command import Command, Menu
from app.ui.commands.start_folder import start_folder
from app.ui.memory import Memory
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.views.start_page import StartPage

if TYPE_CHECKING:
    from app.core.study.rename_study import RenamedStudy
    from app.core.study.store import Study


class _Kind(Enum):
    """What was dropped or chosen."""

    STUDY = auto()
    RECORDING = auto()
    SEVERAL = auto()
    """Several files, a folder of them, or a list."""


class StudyDialogs(QObject):
    """Makes and opens studies, and remembers which were open and at which recording."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        memory: Memory,
        patterns: str,
        closing: ClosingQuestions,
    ) -> None:
        super().__init__(window)
        self._closing = closing
        self._page: StartPage | None = None
        self._remarks: tuple[Path, str] = Path(), ""
        """The new study that is opened next, and what is said of it then."""
        self._window, self._session, self._memory, self._patterns = window, session, memory, patterns
        self._known: frozenset[Path] = frozenset()
        self._of: Path | None = None
        """The folder of the study whose recordings are `_known`."""
        self._sorting = Background("look at what was dropped", self, one_at_a_time=True)
        self._sorting.done.connect(self._on_sorted)
        self._sorting.failed.connect(session.status.show_message)
        session.closing.connect(self._sorting.close)
        session.opened.recording_changed.connect(self._ask_recordings)
        session.opened.recording_changed.connect(self._tell_remarks)
        session.study.recordings_changed.connect(self._ask_recordings)
        session.worklist.naming.changed.connect(self._on_named)
        session.worklist.naming.renamed.connect(self._on_renamed)

    def commands(self) -> tuple[Command, ...]:
        """The rows of the menu File."""
        return (
            Command(
                "new_study",
                Menu.FILE,
                "New study…",
                ("Ctrl+Alt+N",),
                "A study of several recordings: by file, folder, list or drop.",
                self.ask_for_study,
                parted=True,
            ),
            Command(
                "open_study",
                Menu.FILE,
                "Open study…",
                ("Ctrl+Alt+O",),
                "Open a study where you left it.",
                self.choose_study,
            ),
            Command(
                "rename_study",
                Menu.FILE,
                "Rename study…",
                (),
                "Give the open study another name; its folder keeps its own.",
                self.ask_for_name,
                needs_recording=True,
            ),
            Command(
                "start_page",
                Menu.FILE,
                "Start page",
                ("Ctrl+Alt+H",),
                "Leave the recording; all is saved, and one key goes back to where it was left.",
                self.to_start_page,
                needs_recording=True,
            ),
            Command(
                "close_study",
                Menu.FILE,
                "Close study",
                ("Ctrl+W",),
                "Close the recording and its study once all is saved.",
                self.close_study,
            ),
        )

    def connect_page(self, page: StartPage) -> None:
        """Let the start page list what was open, and do what it asks."""
        self._page = page
        page.shown.connect(lambda: self._list(page))
        page.study_chosen.connect(self.open_study)
        page.rename_wanted.connect(lambda folder: self._ask_for_name(folder, self._name_of(folder)))
        page.study_named.connect(self._remember_name)
        page.new_study.clicked.connect(self.ask_for_study)
        page.open_study.clicked.connect(self.choose_study)

        def forget(path: Path) -> None:
            self._memory.replace(without_recent(self._memory.settings, path))
            self._list(page)

        page.forgotten.connect(forget)

    def _list(self, page: StartPage) -> None:
        settings = self._memory.settings
        page.show_recent(
            tuple(Path(folder) for folder in [*settings.studies][::-1]),
            tuple(Path(path) for path in settings.recent),
            {Path(folder): name for folder, name in settings.study_names.items()},
        )

    # making and opening

    def ask_for_study(self) -> None:
        """Ask for everything that a new study needs, and open it."""
        self.new_study(())

    def new_study(self, sources: tuple[Path, ...]) -> None:
        """The same with files, folders or lists that were chosen already."""
        from app.ui.dialogs.new_study import NewStudyDialog

        dialog = NewStudyDialog(
            self._session, self._place(), sources, patterns=self._patterns, parent=self._window
        )
        dialog.created.connect(self._on_created)
        dialog.open()

    def _place(self) -> Path:
        """Where a new study is made unless it has recordings elsewhere, or another folder is chosen."""
        return Path(start_folder(self._memory.settings.recent))

    def _on_created(self, folder: Path, remarks: str) -> None:
        self._remember(folder, Path())
        self.open_study(folder)
        if remarks:
            # Said at once, and again when the recording is open: opening takes back what was said before.
            self._remarks = folder, remarks
            self._session.status.show_message(remarks)

    def _tell_remarks(self) -> None:
        folder, remarks = self._remarks
        if self._session.opened.recording is not None and remarks:
            self._remarks = Path(), ""
            if folder == self._session.study.folder and remarks not in self._session.status.message:
                self._session.status.add_message(remarks)

    def choose_study(self) -> None:
        """Open a study whose folder is chosen in a dialog."""
        from PySide6.QtWidgets import QFileDialog

        studies = [*self._memory.settings.studies]
        start = str(Path(studies[-1]).parent) if studies else str(Path.home())
        name = QFileDialog.getExistingDirectory(
            self._window, "Open study: its folder “Name.semioscope”", start
        )
        if name:
            self.open_study(Path(name))

    def open_study(self, folder: Path) -> None:
        """Open a study, by its folder or the file in it, at the recording that was open last in it."""
        if folder.name == STUDY_FILE:
            folder = folder.parent
        left = self._memory.settings.studies.get(str(folder.absolute()), "")
        self._session.worklist.enter(folder, Path(left) if left else None)

    # what it is called

    def ask_for_name(self) -> None:
        """Ask for another name of the open study."""
        naming, folder = self._session.worklist.naming, self._session.study.folder
        if naming.refusal or folder is None:
            self._session.status.show_message(naming.refusal)
        else:
            self._ask_for_name(folder, naming.name)

    def _ask_for_name(self, folder: Path, name: str) -> None:
        from app.ui.dialogs.rename_study import RenameStudyDialog

        dialog = RenameStudyDialog(name, self._session.appearance.theme, self._window)
        dialog.named.connect(lambda wanted: self._session.worklist.naming.rename(folder, wanted))
        dialog.open()

    def _name_of(self, folder: Path) -> str:
        return self._memory.settings.study_names.get(str(folder.absolute())) or folder.stem

    def _remember_name(self, folder: Path, name: str) -> None:
        if name != self._name_of(folder):
            self._memory.replace(with_study_name(self._memory.settings, folder, name))

    def _on_named(self) -> None:
        folder, name = self._session.study.folder, self._session.worklist.naming.name
        if folder is not None and name:
            self._remember_name(folder, name)

    def _on_renamed(self, renamed: RenamedStudy) -> None:
        self._remember_name(renamed.folder, renamed.after)
        if self._page is not None:
            self._list(self._page)

    # leaving it

    def to_start_page(self) -> None:
        """Leave the open recording, whose study stays open."""
        close = self._session.opening.close_recording
        if not self._closing.asks_before_recording(close):
            close()

    def close_study(self) -> None:
        """Close the open recording and its study, once everything is on disk or the person says so."""
        session = self._session
        if session.study.folder is None:
            session.status.say("no study is open")
            return
        close = session.opening.close_study
        if not self._closing.asks_before_study(close):
            close()

    # further files

    def take(self, paths: tuple[Path, ...]) -> None:
        """Open what was dropped or chosen; with a study open, ask once whether it goes into that."""
        self._sorting.start(lambda _task: (_kind_of(paths), paths))

    def _on_sorted(self, sorted_: tuple[_Kind, tuple[Path, ...]]) -> None:
        kind, paths = sorted_
        if kind is _Kind.STUDY:
            self.open_study(paths[0])
        elif self._study_is_open() and paths[0] not in self._known:
            self._ask_where(kind, paths)
        elif self._study_is_open():
            self._take_in(kind, paths)
        else:
            self._open_apart(kind, paths)

    def _study_is_open(self) -> bool:
        folder = self._session.study.folder
        here = folder is not None and folder == self._of
        return here and (len(self._known) > 1 or str(folder) in self._memory.settings.studies)

    def _ask_where(self, kind: _Kind, paths: tuple[Path, ...]) -> None:
        folder = self._session.study.folder
        assert folder is not None
        name, file = plain(self._session.worklist.naming.name, 60), plain(paths[0].name, 60)
        what = f"“{file}”" if len(paths) == 1 else f"“{file}” and {len(paths) - 1} more"
        alone = "Open &alone" if kind is _Kind.RECORDING else "&New study of these…"
        elsewhere = partial(self._open_apart, kind, paths)
        from app.ui.dialogs.form import choice

        choice(
            self._window,
            "Into this study?",
            f"The study “{name}” is open. Where does {what} belong?",
            (("Into &this study", partial(self._take_in, kind, paths)), (alone, elsewhere)),
        )

    def _open_apart(self, kind: _Kind, paths: tuple[Path, ...]) -> None:
        if kind is _Kind.RECORDING:
            self._session.opening.open(paths[0])
        else:
            self.new_study(paths)

    def _take_in(self, kind: _Kind, paths: tuple[Path, ...]) -> None:
        folder = self._session.study.folder
        if folder is None:
            return
        if kind is _Kind.RECORDING:
            self._session.worklist.take_in(paths[0], folder)
        else:
            self._session.worklist.add_recordings(paths)

    # what was open

    def _ask_recordings(self) -> None:
        """Know the recordings of the open study, and remember it if it has several."""
        folder, recording = self._session.study.folder, self._session.opened.recording
        if folder is None or recording is None:
            self._of = None
            return
        path = recording.path

        def known(study: Study) -> frozenset[Path]:
            from app.core.study.place import named_path

            return frozenset(
                named_path(row.path, study.folder) for row in study.recordings() if row.has_video
            )

        def show(paths: frozenset[Path]) -> None:
            if folder == self._session.study.folder:
                self._of, self._known = folder, paths
                if len(paths) > 1 or str(folder.absolute()) in self._memory.settings.studies:
                    self._remember(folder, path)

        self._session.study.ask(known, show, lambda _error: None)

    def _remember(self, folder: Path, path: Path) -> None:
        settings = with_study(self._memory.settings, folder, path)
        if path == Path():
            settings = replace(settings, studies={**settings.studies, str(folder.absolute()): ""})
        self._memory.replace(settings)
        self._memory.save_aside()


def _kind_of(paths: tuple[Path, ...]) -> _Kind:
    """What was dropped or chosen, by what is there: a folder's name may have a dot in it."""
    from app.core.batch.recording_list import is_study

    first = paths[0]
    try:
        if is_study(first) or first.name == STUDY_FILE:
            return _Kind.STUDY
        if len(paths) > 1 or is_table(first) or first.is_dir():
            return _Kind.SEVERAL
    except OSError:
        pass  # what cannot be looked at is opened as a file, which says why it cannot be
    return _Kind.RECORDING
